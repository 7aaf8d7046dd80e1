#pragma once
// A condition in JSON as a condition of the language. Private to the reader.

#include "grammar/json_form/values.hpp"

#include <cstdint>

namespace copse::grammar::json_form {

class Conditions {
 public:
  Conditions(Document& json, Draft& draft) : json_(json), draft_(draft), values_(json, draft) {}

  /// Puts the condition; P0505 when it is nested too deeply.
  void put(At at) { put(at, 0, loosest); }

 private:
  // How tightly a condition holds together. What is not tighter than what it stands in needs
  // parentheses; in a `not`, what is looser.
  static constexpr int loosest = -1;
  static constexpr int any = 0;
  static constexpr int all = 1;
  static constexpr int negation = 2;

  void put(At at, std::uint32_t depth, int within);
  void parts(At at, std::uint32_t depth, int within, int own);
  void question(const Members& members, At at);
  void in(At at);
  void canary(At at);
  void window(At at);
  void days(At at);
  void zone(const Members& members);
  void path(At at, std::string_view what);
  [[nodiscard]] bool may_contain(At at, std::uint32_t depth);

  Document& json_;
  Draft& draft_;
  Values values_;
};

}  // namespace copse::grammar::json_form
