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

/// Cuts at commas outside parentheses.
std::vector<std::string_view> cut(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  int depth = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '(') ++depth;
    if (i < text.size() && text[i] == ')') --depth;
    if (i == text.size() || (text[i] == ',' && depth == 0)) {
      parts.push_back(trim(text.substr(begin, i - begin)));
      begin = i + 1;
    }
  }
  return parts;
}

std::unexpected<std::string> unparsable(std::string_view what) {
  return std::unexpected{fmt::format("unable to parse requirement: {}", what)};
}

bool is_label_key(std::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.' || c == '/';
  });
}

/// `key in (a,b)` or `key notin (a,b)`.
std::expected<LabelTerm, std::string> parse_set(std::string_view part) {
  const std::size_t open = part.find('(');
  if (part.back() != ')') return unparsable("found '', expected: ',' or ')'");
  const std::string_view head = trim(part.substr(0, open));
  const std::size_t space = head.find_last_of(" \t");
  if (space == std::string_view::npos)
    return unparsable("found '(', expected: in, notin, =, ==, !=, gt, lt");
  const std::string_view word = head.substr(space + 1);
  if (word != "in" && word != "notin") {
    return unparsable(fmt::format("found '{}', expected: in, notin, =, ==, !=, gt, lt", word));
  }
  LabelTerm term{.key = std::string{trim(head.substr(0, space))},
                 .test = word == "in" ? LabelTerm::Test::among : LabelTerm::Test::not_among,
                 .values = {}};
  for (const std::string_view value : cut(part.substr(open + 1, part.size() - open - 2))) {
    term.values.emplace_back(value);
  }
  return term;
}

std::expected<LabelTerm, std::string> parse_label_term(std::string_view part) {
  if (part.find('(') != std::string_view::npos) return parse_set(part);
  const std::size_t equal = part.find('=');
  if (equal == std::string_view::npos) {
    const bool absent = part.starts_with('!');
    return LabelTerm{.key = std::string{trim(absent ? part.substr(1) : part)},
                     .test = absent ? LabelTerm::Test::absent : LabelTerm::Test::present,
                     .values = {}};
  }
  const bool negated = equal > 0 && part[equal - 1] == '!';
  const std::size_t value_at = equal + (part.substr(equal + 1).starts_with('=') ? 2 : 1);
  return LabelTerm{.key = std::string{trim(part.substr(0, equal - (negated ? 1 : 0)))},
                   .test = negated ? LabelTerm::Test::not_among : LabelTerm::Test::among,
                   .values = {std::string{trim(part.substr(value_at))}}};
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
  switch (term.test) {
    case LabelTerm::Test::among:
      return among();
    case LabelTerm::Test::not_among:
      return !among();
    case LabelTerm::Test::present:
      return value != nullptr;
    case LabelTerm::Test::absent:
      return value == nullptr;
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

std::expected<std::vector<LabelTerm>, std::string> parse_label_selector(std::string_view text) {
  std::vector<LabelTerm> terms;
  if (trim(text).empty()) return terms;
  for (const std::string_view part : cut(text)) {
    if (part.empty()) return unparsable("found ',', expected: identifier after ','");
    auto term = parse_label_term(part);
    if (!term) return std::unexpected{std::move(term.error())};
    if (!is_label_key(term->key))
      return unparsable(
          fmt::format("found '{}', expected: !, identifier, or 'end of string'", part));
    terms.push_back(std::move(*term));
  }
  return terms;
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
