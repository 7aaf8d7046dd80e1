#include "adapters/property_value.hpp"

#include "adapters/json_text.hpp"

#include <algorithm>
#include <charconv>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace copse::adapters {
namespace {

namespace json = boost::json;

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

// The structure that the text is, or nothing when Druid takes it for a string.
std::optional<json::value> structure(std::string_view text) {
  if (!text.starts_with('{') && !text.starts_with('[')) return std::nullopt;
  json::error_code error;
  json::value value = json::parse({text.data(), text.size()}, error);
  return error ? std::nullopt : std::optional<json::value>(std::move(value));
}

template <typename Int>
PropertyValue<Int> whole_number(std::string_view text, std::string_view bits) {
  const std::string allowed = "a whole number of " + std::string(bits) + " bits";
  if (text.starts_with('+')) text.remove_prefix(1);
  Int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::unexpected(allowed);
  return value;
}

bool means_nothing(std::string_view text) {
  return text.empty() || text == "null";
}

// A scalar as Java's text of it; nothing for a structure or null.
std::optional<std::string> scalar_text(const json::value& value) {
  switch (value.kind()) {
    case json::kind::string:
      return std::string(value.get_string());
    case json::kind::bool_:
      return value.get_bool() ? "true" : "false";
    case json::kind::int64:
      return std::to_string(value.get_int64());
    case json::kind::uint64:
      return std::to_string(value.get_uint64());
    case json::kind::double_:
      return java_double_text(value.get_double());
    case json::kind::null:
    case json::kind::array:
    case json::kind::object:
      break;
  }
  return std::nullopt;
}

}  // namespace

PropertyValue<bool> boolean_property(std::string_view text) {
  const std::string_view word = without_blanks(text);
  if (word == "true" || word == "True" || word == "TRUE") return true;
  if (means_nothing(word) || word == "false" || word == "False" || word == "FALSE") return false;
  return std::unexpected(std::string("`true` or `false`"));
}

PropertyValue<std::int32_t> int_property(std::string_view text) {
  const std::string_view word = without_blanks(text);
  if (means_nothing(word)) return 0;
  return whole_number<std::int32_t>(word, "32");
}

PropertyValue<std::optional<std::int64_t>> optional_long_property(std::string_view text) {
  const std::string_view word = without_blanks(text);
  if (means_nothing(word)) return std::nullopt;
  const auto value = whole_number<std::int64_t>(word, "64");
  if (!value) return std::unexpected(value.error());
  return *value;
}

PropertyValue<std::string> text_property(std::string_view text) {
  if (structure(text)) return std::unexpected(std::string("a text, and this is a JSON structure"));
  return std::string(text);
}

PropertyValue<std::vector<std::string>> text_list_property(std::string_view text) {
  const std::string allowed = "a JSON array of texts, e.g. `[\"a\",\"b\"]`";
  const auto value = structure(text);
  if (!value || !value->is_array()) return std::unexpected(allowed);
  std::vector<std::string> list;
  for (const json::value& element : value->get_array()) {
    auto element_text = scalar_text(element);
    if (!element_text) return std::unexpected(allowed);
    list.push_back(std::move(*element_text));
  }
  return list;
}

PropertyValue<std::vector<TextEntry>> text_map_property(std::string_view text) {
  const std::string allowed = "a JSON object of texts, e.g. `{\"team\":\"data\"}`";
  const auto value = structure(text);
  if (!value || !value->is_object()) return std::unexpected(allowed);
  std::vector<TextEntry> map;
  for (const auto& member : value->get_object()) {
    auto member_text = scalar_text(member.value());
    if (!member_text && !member.value().is_null()) return std::unexpected(allowed);
    map.push_back({std::string(member.key()), std::move(member_text)});
  }
  return map;
}

}  // namespace copse::adapters
