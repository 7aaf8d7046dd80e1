#include "engine/override.hpp"

#include "engine/json_writer.hpp"
#include "engine/number.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace copse::engine {
namespace {

constexpr std::array<std::pair<std::string_view, Field>, field_count> fields{
    {{"cpu", Field::cpu},
     {"memory", Field::memory},
     {"storage", Field::storage},
     {"label", Field::label},
     {"annotation", Field::annotation},
     {"node", Field::node},
     {"tolerate", Field::tolerate},
     {"env", Field::env},
     {"javaOpts", Field::java_opts},
     {"priorityClass", Field::priority_class},
     {"deadline", Field::deadline},
     {"grace", Field::grace},
     {"namespace", Field::namespace_name}}};

// What Druid's adapter, or copse, sets itself.
constexpr std::array<std::string_view, 4> own_keys{"druid.", "task.", "copse/", "tls.enabled"};
constexpr std::array<std::string_view, 3> effects{"NoSchedule", "PreferNoSchedule", "NoExecute"};

constexpr std::size_t name_limit = 63;
constexpr std::size_t prefix_limit = 253;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Letters, digits and what stands in `inner`; at both ends a letter or digit.
bool is_word(std::string_view text, std::string_view inner) {
  return !text.empty() && is_letter_or_digit(text.front()) && is_letter_or_digit(text.back()) &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return is_letter_or_digit(c) || inner.find(c) != std::string_view::npos;
         });
}

bool is_lower(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool is_dns_subdomain(std::string_view text) {
  return text.size() <= prefix_limit && is_word(text, "-.") && is_lower(text) &&
         text.find("..") == std::string_view::npos;
}

// `example.com/team`, `team`.
bool is_key(std::string_view key) {
  const std::size_t slash = key.find('/');
  const std::string_view word = slash == std::string_view::npos ? key : key.substr(slash + 1);
  const bool has_prefix = slash != std::string_view::npos;
  return word.size() <= name_limit && is_word(word, "-_.") &&
         (!has_prefix || is_dns_subdomain(key.substr(0, slash)));
}

std::optional<std::string> label_fault(std::string_view value) {
  if (value.size() > name_limit)
    return "a label value has at most " + std::to_string(name_limit) + " characters, this has " +
           std::to_string(value.size());
  if (value.empty() || is_word(value, "-_.")) return std::nullopt;
  return "a label value is made of letters, digits, `-`, `_` and `.`, and begins and ends with a "
         "letter or digit";
}

std::optional<std::string> key_fault(const Override& override) {
  if (!is_key(override.key))
    return "a key is made of letters, digits, `-`, `_` and `.`, with a domain and `/` before it or "
           "without";
  const bool is_own = (override.field == Field::label || override.field == Field::annotation) &&
                      std::any_of(own_keys.begin(), own_keys.end(), [&](std::string_view own) {
                        return override.key.starts_with(own);
                      });
  if (override.key == "job-name" || override.key == "controller-uid" ||
      override.key.starts_with("batch.kubernetes.io/"))
    return "Kubernetes sets this key of each Job itself";
  if (is_own || override.key == "task")
    return "keys that begin with `druid.`, `task` or `copse/` are set by Druid and copse";
  return std::nullopt;
}

std::optional<std::string> env_fault(const std::string& key) {
  const bool is_name = !key.empty() && (key.front() < '0' || key.front() > '9') &&
                       std::all_of(key.begin(), key.end(), [](char c) {
                         return is_letter_or_digit(c) || c == '_' || c == '.' || c == '-';
                       });
  if (!is_name) return "a variable's name is made of letters, digits, `_`, `.` and `-`";
  if (std::find(druid_variables.begin(), druid_variables.end(), key) != druid_variables.end())
    return "Druid sets this variable itself";
  return std::nullopt;
}

std::optional<std::string> resource_fault(const Override& override) {
  const auto request = parse_quantity(override.value);
  const auto limit = parse_quantity(override.upper);
  const bool is_cpu = override.field == Field::cpu;
  if (!request || !limit) {
    return is_cpu
               ? "a quantity is a number of cores, such as `2`, or of thousandths, such as `500m`"
               : "a quantity is a number with a unit, such as `512Mi` or `16Gi`";
  }
  if (*request < Number{} || *limit < Number{}) return "a quantity is not below zero";
  if (is_cpu && std::max(*request, *limit) > Number{most_cores, 0})
    return "more than " + std::to_string(most_cores) + " cores: is a unit of memory meant as one?";
  if (!is_cpu && std::min(*request, *limit) < Number{least_bytes, 0})
    return "less than 1Mi, in which no peon runs: without a unit it is bytes, and `m` is a "
           "thousandth";
  if (*limit < *request) return "the limit is below the request";
  return std::nullopt;
}

std::optional<std::string> toleration_fault(const Override& override) {
  if (auto fault = key_fault(override)) return fault;
  if (auto fault = label_fault(override.value)) return fault;
  const bool is_known = override.upper.empty() ||
                        std::find(effects.begin(), effects.end(), override.upper) != effects.end();
  if (is_known) return std::nullopt;
  return "the effect is NoSchedule, PreferNoSchedule or NoExecute";
}

std::optional<std::string> duration_fault(const Override& override) {
  const auto millis = parse_duration(override.value);
  if (!millis || !millis->is_integer() || millis->whole % 1000 != 0)
    return "a duration of whole seconds, such as `30s` or `2h`";
  const std::int64_t least = override.field == Field::deadline ? 1 : 0;
  if (millis->whole / 1000 < least || millis->whole / 1000 > INT32_MAX)
    return "it is from " + std::to_string(least) + " to 2147483647 seconds";
  return std::nullopt;
}

bool is_always_there(const Attribute& each) {
  return each.origin != Origin::member || each == type_attribute() || each == id_attribute() ||
         each == group_id_attribute() || each == priority_attribute() ||
         each == required_capacity_attribute();
}

std::string quoted_value(const Override& override) {
  if (!override.attribute) return quoted(override.value);
  const bool has_else = !override.value.empty() || !is_always_there(*override.attribute);
  return override.attribute->name + (has_else ? " else " + quoted(override.value) : "");
}

}  // namespace

std::string_view name(Field field) {
  return std::find_if(fields.begin(), fields.end(),
                      [&](const auto& each) { return each.second == field; })
      ->first;
}

std::optional<Field> field_named(std::string_view name) {
  const auto* at = std::find_if(fields.begin(), fields.end(),
                                [&](const auto& each) { return each.first == name; });
  return at == fields.end() ? std::nullopt : std::optional(at->second);
}

bool has_key(Field field) {
  return field == Field::label || field == Field::annotation || field == Field::node ||
         field == Field::tolerate || field == Field::env;
}

bool sets_java_opts(const Override& override) {
  return override.field == Field::java_opts ||
         (override.field == Field::env && override.key == "JAVA_OPTS");
}

bool same_target(const Override& a, const Override& b) {
  if (sets_java_opts(a) && sets_java_opts(b)) return true;
  if (a.field != b.field || a.key != b.key) return false;
  return a.field != Field::tolerate || a.upper == b.upper;
}

bool is_alike(const Override& a, const Override& b) {
  if (!same_target(a, b)) return false;
  const auto same = [&](auto parse) {
    return parse(a.value) == parse(b.value) && parse(a.upper) == parse(b.upper);
  };
  switch (a.field) {
    case Field::cpu:
    case Field::memory:
    case Field::storage:
      return same(parse_quantity);
    case Field::deadline:
    case Field::grace:
      return same(parse_duration);
    default:
      return a.value == b.value && a.upper == b.upper;
  }
}

std::string in_words(const Override& override) {
  std::string text(name(override.field));
  switch (override.field) {
    case Field::cpu:
    case Field::memory:
    case Field::storage:
      return text + " " + override.value +
             (override.upper == override.value ? "" : ".." + override.upper);
    case Field::tolerate:
      text += " " + quoted(override.key);
      if (!override.value.empty() || override.attribute) text += " = " + quoted_value(override);
      return override.upper.empty() ? text : text + ": " + override.upper;
    case Field::label:
    case Field::annotation:
    case Field::node:
    case Field::env:
      return text + " " + quoted(override.key) + " = " + quoted_value(override);
    case Field::deadline:
    case Field::grace:
      return text + " " + override.value;
    case Field::java_opts:
    case Field::priority_class:
    case Field::namespace_name:
      break;
  }
  return text + " " + quoted_value(override);
}

std::optional<std::string> fault_of(const Override& override) {
  switch (override.field) {
    case Field::cpu:
    case Field::memory:
    case Field::storage:
      return resource_fault(override);
    case Field::label:
    case Field::node: {
      auto fault = key_fault(override);
      return fault ? fault : label_fault(override.value);
    }
    case Field::annotation:
      return key_fault(override);
    case Field::tolerate:
      return toleration_fault(override);
    case Field::env:
      return env_fault(override.key);
    case Field::java_opts:
      break;
    case Field::deadline:
    case Field::grace:
      return duration_fault(override);
    case Field::priority_class:
      if (is_dns_subdomain(override.value)) break;
      return "a priority class is made of lower-case letters, digits, `-` and `.`";
    case Field::namespace_name:
      if (override.value.size() <= name_limit && is_word(override.value, "-") &&
          is_lower(override.value))
        break;
      return "a namespace is made of lower-case letters, digits and `-`, at most 63 of them";
  }
  return std::nullopt;
}

}  // namespace copse::engine
