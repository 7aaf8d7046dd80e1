#include "runner/cli/override_json.hpp"

#include <boost/json.hpp>

namespace copse::runner::cli {
namespace {

namespace json = boost::json;
using engine::Field;
using engine::Override;

json::value value_of(const Override& each) {
  json::object toleration{{"key", each.key}};
  switch (each.field) {
    case Field::cpu:
    case Field::memory:
    case Field::storage:
      return {{"request", each.value}, {"limit", each.upper}};
    case Field::tolerate:
      if (!each.value.empty()) toleration["value"] = each.value;
      if (!each.upper.empty()) toleration["effect"] = each.upper;
      return toleration;
    default:
      return json::string(each.value);
  }
}

std::string text_at(const json::object& object, std::string_view member) {
  const json::value* found = object.if_contains(member);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

bool read(Field field, const json::value& value, std::vector<Override>& to) {
  const auto add = [&](std::string key, std::string text, std::string upper) {
    Override& made = to.emplace_back();
    made.field = field;
    made.key = std::move(key);
    made.value = std::move(text);
    made.upper = std::move(upper);
  };
  if (value.is_string()) {
    add("", std::string(value.get_string()), "");
  } else if (const json::array* list = value.if_array()) {
    for (const json::value& each : *list) {
      if (!each.is_object()) return false;
      const json::object& one = each.get_object();
      add(text_at(one, "key"), text_at(one, "value"), text_at(one, "effect"));
    }
  } else if (const json::object* object = value.if_object()) {
    if (!engine::has_key(field)) {
      add("", text_at(*object, "request"), text_at(*object, "limit"));
      return true;
    }
    for (const auto& [key, text] : *object) {
      if (!text.is_string()) return false;
      add(std::string(key), std::string(text.get_string()), "");
    }
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::string to_json(std::span<const Override> overrides) {
  json::object all;
  for (std::size_t f = 0; f < engine::field_count; ++f) {
    const Field field = static_cast<Field>(f);
    for (const Override& each : overrides) {
      if (each.field != field) continue;
      json::value& at = all[engine::name(field)];
      if (field == Field::tolerate) {
        if (!at.is_array()) at.emplace_array();
        at.get_array().push_back(value_of(each));
      } else if (engine::has_key(field)) {
        if (!at.is_object()) at.emplace_object();
        at.get_object()[each.key] = each.value;
      } else {
        at = value_of(each);
      }
    }
  }
  return json::serialize(all);
}

std::optional<std::vector<Override>> overrides_from_json(std::string_view text) {
  std::vector<Override> all;
  if (text.empty()) return all;
  json::error_code fault;
  const json::value parsed = json::parse(text, fault);
  if (fault || !parsed.is_object()) return std::nullopt;
  for (const auto& [name, value] : parsed.get_object()) {
    const auto field = engine::field_named(name);
    if (!field || !read(*field, value, all)) return std::nullopt;
  }
  return all;
}

}  // namespace copse::runner::cli
