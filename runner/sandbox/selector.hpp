#pragma once
// labelSelector and fieldSelector: read once per request, asked once per object.

#include "runner/sandbox/object.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace copse::runner::sandbox {

/// One requirement on a label.
struct LabelTerm {
  /// `among` also stands for `=` and `==` (one value), `not_among` for `!=`: absent labels satisfy
  /// it. `above` and `below` compare whole numbers with `bound`.
  enum class Test : std::uint8_t { among, not_among, present, absent, above, below };
  std::string key;
  Test test = Test::present;
  std::vector<std::string> values;
  std::int64_t bound = 0;
};

/// The whole number that a label or a bound is, if it is one.
[[nodiscard]] std::optional<std::int64_t> whole_number(std::string_view text);

/// One requirement on a field.
struct FieldTerm {
  std::string path;
  std::string value;
  bool equal = true;
};

/// What a list or watch asks for within one resource.
struct Selection {
  std::string ns;  ///< empty: all namespaces
  std::vector<LabelTerm> labels;
  std::vector<FieldTerm> fields;

  [[nodiscard]] bool matches(const Object& object) const;

  /// True when labels or fields narrow it: then a list tells no remainingItemCount.
  [[nodiscard]] bool narrows() const { return !labels.empty() || !fields.empty(); }
};

/// Reads `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1` by the grammar of apimachinery's
/// labels.Parse. The error is the server's text for a 400.
[[nodiscard]] std::expected<std::vector<LabelTerm>, std::string> parse_label_selector(
    std::string_view text);

/// Reads `metadata.name=x,status.phase!=Running`; which fields exist depends on the resource.
[[nodiscard]] std::expected<std::vector<FieldTerm>, std::string> parse_field_selector(
    Resource resource, std::string_view text);

}  // namespace copse::runner::sandbox
