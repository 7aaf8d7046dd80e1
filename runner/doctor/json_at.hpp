#pragma once
// Looks into answers that may be anything. Internal to doctor.

#include <optional>
#include <string>
#include <string_view>

#include <boost/json.hpp>

namespace copse::runner::doctor {

/// `text` as JSON; null when it is none.
inline boost::json::value json_of(std::string_view text) {
  boost::json::error_code fault;
  boost::json::value parsed = boost::json::parse(text, fault);
  return fault ? boost::json::value() : parsed;
}

/// The value at a JSON pointer, or null.
inline const boost::json::value* json_at(const boost::json::value& root, std::string_view pointer) {
  boost::json::error_code fault;
  return root.find_pointer(pointer, fault);
}

/// The text there; nothing when there is none.
inline std::optional<std::string> text_at(const boost::json::value& root,
                                          std::string_view pointer) {
  const boost::json::value* found = json_at(root, pointer);
  if (found == nullptr || !found->is_string()) return std::nullopt;
  return std::string(found->get_string());
}

}  // namespace copse::runner::doctor
