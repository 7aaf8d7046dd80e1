#pragma once
// What literals stand for, once it is known what they are compared with.

#include "engine/number.hpp"
#include "engine/policy.hpp"
#include "grammar/language/attributes.hpp"
#include "grammar/language/complaints.hpp"
#include "grammar/language/syntax.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace copse::grammar::language {

/// What some literals list.
struct Values {
  std::vector<std::string> texts;
  std::vector<engine::Pattern> patterns;
  std::vector<engine::Number> numbers;
};

/// The type that a literal says by itself; a unit `m` is of a duration.
[[nodiscard]] Type type_of(const engine::Source& source, const Literal& literal);

class Literals {
 public:
  Literals(const engine::Source& source, Complaints& complaints)
      : source_(source), complaints_(complaints) {}

  /// Adds what `literal` says as a value of `asked`'s type; else P0523 (of another type), P0535 (no
  /// such unit, or beyond 64 bits), P0536 (a pattern that cannot be) and false.
  bool add(const Literal& literal, const Asked& asked, Values& to);

  /// `5%` of engine::share_unit; else P0533.
  [[nodiscard]] std::optional<std::uint32_t> share(const Literal& literal);

  /// Minutes of `22:00`, up to 24:00; else P0537.
  [[nodiscard]] std::optional<std::int32_t> minute(const Literal& literal);

  /// A zone of the tz database; else P0534.
  [[nodiscard]] std::optional<std::string> zone(const Literal& literal);

 private:
  /// False when the literal, of a list that many rules ask, was told of.
  [[nodiscard]] bool is_first(const Literal& literal) {
    return told_.insert(literal.span.begin).second;
  }

  bool add_text(const Literal& literal, const Asked& asked, Values& to);
  bool add_number(const Literal& literal, const Asked& asked, Values& to);
  bool refuse_size(const Literal& literal);
  bool refuse(const Literal& literal, const Asked& asked);

  const engine::Source& source_;
  Complaints& complaints_;
  std::set<std::uint64_t> told_;  // where literals begin that were told of
};

}  // namespace copse::grammar::language
