// What may not change in an object that is there.
#include "runner/sandbox/validation.hpp"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace copse::runner::sandbox {
namespace {

namespace json = boost::json;

void check_unchanged(std::vector<Cause>& causes, const json::object& before,
                     const json::object& after, const char* member) {
  static const json::value absent;
  const json::value* old_value = before.if_contains(member);
  const json::value* new_value = after.if_contains(member);
  if ((old_value == nullptr ? absent : *old_value) == (new_value == nullptr ? absent : *new_value))
    return;
  causes.push_back(invalid_value(std::string{"spec."} + member,
                                 new_value == nullptr ? "null" : json::serialize(*new_value),
                                 "field is immutable"));
}

/// While a Job is suspended and has not run, the scheduling part of its template may change.
json::object without_scheduling(const json::object& spec, bool may_change) {
  json::object copy = spec;
  json::value* found = copy.if_contains("template");
  if (!may_change || found == nullptr || !found->is_object()) return copy;
  json::object& pod_template = found->get_object();
  if (json::value* metadata = pod_template.if_contains("metadata");
      metadata != nullptr && metadata->is_object()) {
    metadata->get_object().erase("labels");
    metadata->get_object().erase("annotations");
  }
  if (json::value* pod = pod_template.if_contains("spec"); pod != nullptr && pod->is_object()) {
    for (const char* member : {"nodeSelector", "tolerations", "schedulingGates"})
      pod->get_object().erase(member);
  }
  return copy;
}

void check_job_update(std::vector<Cause>& causes, const json::object& before,
                      const json::object& after) {
  const json::object& old_spec = before.at("spec").as_object();
  const json::object& new_spec = after.at("spec").as_object();
  const bool unstarted =
      flag_at(old_spec, "suspend") && text_at(before, "status.startTime").empty();
  const json::object old_fixed = without_scheduling(old_spec, unstarted);
  const json::object new_fixed = without_scheduling(new_spec, unstarted);
  for (const char* member :
       {"completions", "selector", "template", "completionMode", "podFailurePolicy",
        "backoffLimitPerIndex", "managedBy", "successPolicy"}) {
    check_unchanged(causes, old_fixed, new_fixed, member);
  }
}

/// Of a pod's spec only images, deadline, added tolerations and grace may change.
void check_pod_update(std::vector<Cause>& causes, const json::object& before,
                      const json::object& after) {
  json::object old_spec = before.at("spec").as_object();
  json::object new_spec = after.at("spec").as_object();
  for (json::object* spec : {&old_spec, &new_spec}) {
    for (const char* member :
         {"activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds"})
      spec->erase(member);
    for (const char* list : {"containers", "initContainers"}) {
      json::value* items = spec->if_contains(list);
      if (items == nullptr || !items->is_array()) continue;
      for (json::value& item : items->get_array()) item.as_object().erase("image");
    }
  }
  if (old_spec == new_spec) return;
  causes.push_back(
      {"FieldValueForbidden",
       "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"
       "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only "
       "additions "
       "to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if "
       "it "
       "was previously negative)",
       "spec"});
}

/// Finalizers of `after` that `current` does not have, in order of their names.
std::vector<std::string> new_finalizers(const Object& current, const json::object& after) {
  std::vector<std::string> found;
  const json::value* list = member(after, "metadata.finalizers");
  if (list == nullptr || !list->is_array()) return found;
  for (const json::value& item : list->get_array()) {
    if (item.is_string() && !has_finalizer(current, std::string_view{item.get_string()}))
      found.emplace_back(item.get_string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// ValidateObjectMetaAccessorUpdate of apimachinery.
void check_new_metadata(std::vector<Cause>& causes, const Object& current,
                        const json::object& after) {
  const auto added = current.deletion ? new_finalizers(current, after) : std::vector<std::string>{};
  if (!added.empty()) {
    causes.push_back({"FieldValueForbidden",
                      fmt::format("Forbidden: no new finalizers can be added if the object is "
                                  "being deleted, found new finalizers []string{{\"{}\"}}",
                                  fmt::join(added, "\", \"")),
                      "metadata.finalizers"});
  }
  const json::value* metadata = after.if_contains("metadata");
  if (metadata == nullptr || !metadata->is_object()) return;
  check_labels(causes, "metadata.labels", metadata->get_object());
  check_annotations(causes, "metadata.annotations", metadata->get_object());
}

}  // namespace

std::vector<Cause> find_metadata_faults(const Object& current, const json::object& after) {
  std::vector<Cause> causes;
  for (int look = 0; look < 2; ++look) check_new_metadata(causes, current, after);
  return causes;
}

std::vector<Cause> find_update_faults(const Object& current, const json::object& before,
                                      const json::object& after) {
  std::vector<Cause> causes = find_metadata_faults(current, after);
  std::vector<Cause> own = find_faults(current.resource, after);
  std::move(own.begin(), own.end(), std::back_inserter(causes));
  if (current.resource == Resource::jobs) check_job_update(causes, before, after);
  if (current.resource == Resource::pods) check_pod_update(causes, before, after);
  return causes;
}

}  // namespace copse::runner::sandbox
