#include "runner/sandbox/selector.hpp"

#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>

namespace copse::runner::sandbox {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> cut(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t comma = text.find(',');
    parts.push_back(trim(text.substr(0, comma)));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

std::span<const std::string_view> selectable(Resource resource) {
  static constexpr std::array<std::string_view, 8> pod{
      "spec.nodeName",    "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName",
      "spec.hostNetwork", "status.phase",       "status.podIP",       "status.nominatedNodeName"};
  static constexpr std::array<std::string_view, 1> job{"status.successful"};
  static constexpr std::array<std::string_view, 1> ns{"status.phase"};
  static constexpr std::array<std::string_view, 1> node{"spec.unschedulable"};
  static constexpr std::array<std::string_view, 11> event{"involvedObject.kind",
                                                          "involvedObject.namespace",
                                                          "involvedObject.name",
                                                          "involvedObject.uid",
                                                          "involvedObject.apiVersion",
                                                          "involvedObject.resourceVersion",
                                                          "involvedObject.fieldPath",
                                                          "reason",
                                                          "reportingComponent",
                                                          "source",
                                                          "type"};
  switch (resource) {
    case Resource::pods:
      return pod;
    case Resource::jobs:
      return job;
    case Resource::namespaces:
      return ns;
    case Resource::nodes:
      return node;
    case Resource::events:
      return event;
    case Resource::configmaps:
      return {};
  }
  return {};
}

bool satisfied(const LabelTerm& term, const Pairs& labels) {
  const std::string* value = find(labels, term.key);
  const auto among = [&] {
    return value != nullptr &&
           std::find(term.values.begin(), term.values.end(), *value) != term.values.end();
  };
  const bool compares = term.test == LabelTerm::Test::above || term.test == LabelTerm::Test::below;
  const auto number = compares && value != nullptr ? whole_number(*value) : std::nullopt;
  switch (term.test) {
    case LabelTerm::Test::among:
      return among();
    case LabelTerm::Test::not_among:
      return !among();
    case LabelTerm::Test::present:
      return value != nullptr;
    case LabelTerm::Test::absent:
      return value == nullptr;
    case LabelTerm::Test::above:
      return number && *number > term.bound;
    case LabelTerm::Test::below:
      return number && *number < term.bound;
  }
  return false;
}

}  // namespace

bool Selection::matches(const Object& object) const {
  if (!ns.empty() && object.ns != ns) return false;
  for (const FieldTerm& term : fields) {
    if ((field(object, term.path) == term.value) != term.equal) return false;
  }
  for (const LabelTerm& term : labels) {
    if (!satisfied(term, object.written->labels)) return false;
  }
  return true;
}

std::expected<std::vector<FieldTerm>, std::string> parse_field_selector(Resource resource,
                                                                        std::string_view text) {
  std::vector<FieldTerm> terms;
  if (trim(text).empty()) return terms;
  for (const std::string_view part : cut(text)) {
    const std::size_t equal = part.find('=');
    if (equal == std::string_view::npos) {
      return std::unexpected{
          fmt::format("invalid selector: '{}'; can't understand '{}'", text, part)};
    }
    const bool negated = equal > 0 && part[equal - 1] == '!';
    const std::size_t value_at = equal + (part.substr(equal + 1).starts_with('=') ? 2 : 1);
    FieldTerm term{.path = std::string{trim(part.substr(0, equal - (negated ? 1 : 0)))},
                   .value = std::string{trim(part.substr(value_at))},
                   .equal = !negated};
    const auto known = selectable(resource);
    const bool is_metadata = term.path == "metadata.name" ||
                             (term.path == "metadata.namespace" && info(resource).namespaced);
    if (!is_metadata && std::find(known.begin(), known.end(), term.path) == known.end()) {
      return std::unexpected{
          resource == Resource::jobs
              ? fmt::format("field label \"{}\" not supported for Job", term.path)
              : fmt::format("field label not supported: {}", term.path)};
    }
    terms.push_back(std::move(term));
  }
  return terms;
}

}  // namespace copse::runner::sandbox
