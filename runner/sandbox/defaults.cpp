#include "runner/sandbox/defaults.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace copse::runner::sandbox {
namespace {

namespace json = boost::json;

void preset(json::object& object, std::string_view key, json::value value) {
  json::value* present = object.if_contains(key);
  if (present == nullptr) {
    object.emplace(key, std::move(value));
  } else if (present->is_null()) {
    *present = std::move(value);
  }
}

void preset_text(json::object& object, std::string_view key, std::string_view text) {
  preset(object, key, json::value(json::string(text)));
}

json::object* object_at(json::object& parent, std::string_view key) {
  json::value* value = parent.if_contains(key);
  return value != nullptr && value->is_object() ? &value->get_object() : nullptr;
}

json::object& object_made(json::object& parent, std::string_view key) {
  preset(parent, key, json::object{});
  json::value& value = parent[key];
  return value.is_object() ? value.get_object() : value.emplace_object();
}

template <typename Visit>
void each_object(json::object& parent, std::string_view key, Visit visit) {
  json::value* list = parent.if_contains(key);
  if (list == nullptr || !list->is_array()) return;
  for (json::value& item : list->get_array()) {
    if (item.is_object()) visit(item.get_object());
  }
}

/// A quantity written as a number (`cpu: 2`) is kept as text, as the server does; halves become
/// milli.
void name_quantity(json::value& value) {
  if (value.is_int64())
    value = std::to_string(value.get_int64());
  else if (value.is_uint64())
    value = std::to_string(value.get_uint64());
  else if (value.is_double())
    value = fmt::format("{:.0f}m", value.get_double() * 1000);
}

void default_resources(json::object& container) {
  json::object& resources = object_made(container, "resources");
  for (const char* part : {"limits", "requests"}) {
    if (json::object* amounts = object_at(resources, part)) {
      for (auto& amount : *amounts) name_quantity(amount.value());
    }
  }
  const json::object* limits = object_at(resources, "limits");
  if (limits == nullptr) return;
  const json::object copy = *limits;
  json::object& requests = object_made(resources, "requests");
  for (const auto& [key, value] : copy) preset(requests, key, value);
}

void default_probe(json::object& container, std::string_view key) {
  json::object* probe = object_at(container, key);
  if (probe == nullptr) return;
  preset(*probe, "timeoutSeconds", 1);
  preset(*probe, "periodSeconds", 10);
  preset(*probe, "successThreshold", 1);
  preset(*probe, "failureThreshold", 3);
  if (json::object* get = object_at(*probe, "httpGet")) {
    preset(*get, "path", "/");
    preset(*get, "scheme", "HTTP");
  }
}

std::string_view pull_policy(std::string_view image) {
  const std::size_t slash = image.rfind('/');
  const std::string_view last = slash == std::string_view::npos ? image : image.substr(slash);
  if (last.find('@') != std::string_view::npos) return "IfNotPresent";
  const std::size_t colon = last.rfind(':');
  return colon == std::string_view::npos || last.substr(colon) == ":latest" ? "Always"
                                                                            : "IfNotPresent";
}

void default_container(json::object& container) {
  preset(container, "terminationMessagePath", "/dev/termination-log");
  preset(container, "terminationMessagePolicy", "File");
  preset_text(container, "imagePullPolicy", pull_policy(text_at(container, "image")));
  default_resources(container);
  for (const char* probe : {"livenessProbe", "readinessProbe", "startupProbe"})
    default_probe(container, probe);
  each_object(container, "ports", [](json::object& port) { preset(port, "protocol", "TCP"); });
  each_object(container, "env", [](json::object& variable) {
    json::object* source = object_at(variable, "valueFrom");
    json::object* reference = source == nullptr ? nullptr : object_at(*source, "fieldRef");
    if (reference != nullptr) preset(*reference, "apiVersion", "v1");
  });
}

void default_volume(json::object& volume) {
  for (const char* kind : {"configMap", "secret", "projected", "downwardAPI"}) {
    if (json::object* source = object_at(volume, kind)) preset(*source, "defaultMode", 420);
  }
  if (json::object* path = object_at(volume, "hostPath")) preset(*path, "type", "");
  // A volume without a source is an emptyDir (API defaulting).
  if (volume.size() == 1 && volume.contains("name")) volume["emptyDir"] = json::object{};
}

void default_pod_spec(json::object& spec) {
  each_object(spec, "volumes", default_volume);
  each_object(spec, "initContainers", default_container);
  each_object(spec, "containers", default_container);
  preset(spec, "restartPolicy", "Always");
  preset(spec, "terminationGracePeriodSeconds", 30);
  preset(spec, "dnsPolicy", "ClusterFirst");
  if (const std::string account{text_at(spec, "serviceAccountName")}; !account.empty()) {
    preset_text(spec, "serviceAccount", account);
  } else if (const std::string old{text_at(spec, "serviceAccount")}; !old.empty()) {
    preset_text(spec, "serviceAccountName", old);
  }
  preset(spec, "securityContext", json::object{});
  preset(spec, "schedulerName", "default-scheduler");
}

void generate_labels(json::object& labels, std::string_view uid, std::string_view name) {
  for (const char* key : {"batch.kubernetes.io/controller-uid", "controller-uid"})
    preset_text(labels, key, uid);
  for (const char* key : {"batch.kubernetes.io/job-name", "job-name"})
    preset_text(labels, key, name);
}

void default_job_spec(json::object& spec) {
  const bool counts_completions = spec.contains("completions") || spec.contains("parallelism");
  preset(spec, "parallelism", 1);
  if (!counts_completions) preset(spec, "completions", 1);
  preset(spec, "backoffLimit", spec.contains("backoffLimitPerIndex") ? 2147483647 : 6);
  preset(spec, "completionMode", "NonIndexed");
  preset(spec, "suspend", false);
  preset(spec, "podReplacementPolicy",
         spec.contains("podFailurePolicy") ? "Failed" : "TerminatingOrFailed");
  preset(spec, "manualSelector", false);
}

void take_template_labels(json::object& job) {
  const json::value* labels = member(job, "spec.template.metadata.labels");
  if (labels == nullptr) return;
  const json::value copy = *labels;
  json::object& metadata = object_made(job, "metadata");
  const json::object* own = object_at(metadata, "labels");
  if (own == nullptr || own->empty()) metadata["labels"] = copy;
}

// A member added to an object moves the others: no reference into it is kept across an insertion.
void default_job(json::object& job, std::string_view uid, std::string_view name) {
  object_made(job, "metadata");
  json::object& spec = object_made(job, "spec");
  default_job_spec(spec);
  const bool generates = !flag_at(spec, "manualSelector");
  if (generates) {
    preset_text(object_made(object_made(spec, "selector"), "matchLabels"),
                "batch.kubernetes.io/controller-uid", uid);
  }
  json::object& pod_template = object_made(spec, "template");
  default_pod_spec(object_made(pod_template, "spec"));
  json::object& template_metadata = object_made(pod_template, "metadata");
  // Where the template has labels of its own, a Job without labels shares them with it (in the real
  // server they are one map), the generated ones included.
  const bool shares = object_at(template_metadata, "labels") != nullptr;
  if (generates) generate_labels(object_made(template_metadata, "labels"), uid, name);
  if (shares) take_template_labels(job);
}

void default_event(json::object& event) {
  preset(event, "source", json::object{});
  preset(event, "type", "Normal");
}

}  // namespace

void set_defaults(Resource resource, json::object& document, std::string_view uid,
                  std::string_view name) {
  switch (resource) {
    case Resource::jobs:
      default_job(document, uid, name);
      return;
    case Resource::pods: {
      json::object& spec = object_made(document, "spec");
      default_pod_spec(spec);
      set_pod_admission_defaults(spec);
      return;
    }
    case Resource::namespaces:
      preset(object_made(document, "spec"), "finalizers", json::array{"kubernetes"});
      preset_text(object_made(object_made(document, "metadata"), "labels"),
                  "kubernetes.io/metadata.name", name);
      return;
    case Resource::nodes:
      object_made(document, "spec");
      return;
    case Resource::events:
      default_event(document);
      return;
    case Resource::configmaps:
      return;
  }
}

void set_defaults_on_read(Resource resource, json::object& document) {
  if (resource == Resource::jobs) take_template_labels(document);
}

void set_pod_admission_defaults(json::object& spec) {
  preset(spec, "serviceAccountName", "default");
  preset_text(spec, "serviceAccount", std::string{text_at(spec, "serviceAccountName")});
  preset(spec, "enableServiceLinks", true);
  preset(spec, "priority", 0);
  preset(spec, "preemptionPolicy", "PreemptLowerPriority");
  preset(spec, "tolerations", json::array{});
  json::value& tolerations = spec["tolerations"];
  if (!tolerations.is_array()) return;
  for (const char* key : {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"}) {
    bool present = false;
    for (const json::value& item : tolerations.get_array()) {
      present = present || (item.is_object() && text_at(item.get_object(), "key") == key);
    }
    if (present) continue;
    tolerations.get_array().push_back(json::object{
        {"key", key}, {"operator", "Exists"}, {"effect", "NoExecute"}, {"tolerationSeconds", 300}});
  }
}

std::string first_status(Resource resource) {
  switch (resource) {
    case Resource::pods:
      return R"({"phase":"Pending","qosClass":"BestEffort"})";
    case Resource::jobs:
      return "{}";
    case Resource::namespaces:
      return R"({"phase":"Active"})";
    case Resource::nodes:
      return "{}";
    case Resource::events:
    case Resource::configmaps:
      return {};
  }
  return {};
}

}  // namespace copse::runner::sandbox
