#pragma once
// What a policy may ask about a task.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace copse::engine {

/// As what a value is read.
enum class ValueType : std::uint8_t {
  text,
  integer,          ///< a JSON number without a fraction
  decimal,          ///< any JSON number
  boolean,          ///< 0 or 1
  duration,         ///< milliseconds: a JSON number, or a text in ISO 8601 (`PT10M`)
  quantity,         ///< a JSON number, or a text as Kubernetes writes it (`16Gi`)
  interval_count,   ///< how many intervals a list, or a text, has
  interval_length,  ///< how long they are together, in milliseconds
  any,              ///< only whether it is there
  scalar            ///< a text, or a number or boolean as it is written
};

/// True when its values are numbers, and tests ask for ranges of them.
[[nodiscard]] constexpr bool is_numeric(ValueType type) {
  return type != ValueType::text && type != ValueType::any && type != ValueType::scalar;
}

/// Where a value comes from.
enum class Origin : std::uint8_t {
  member,   ///< of the task's document, at `path`
  size,     ///< bytes of the document
  attempt,  ///< how often the task was tried, from 1
  canary,   ///< MurmurHash3 over `argument`, a zero byte and the text at `path`, modulo a million
  time_of_day,  ///< minutes since midnight in the zone `argument`
  weekday       ///< 1 Monday to 7 Sunday in the zone `argument`
};

/// Names on the way to one value: reading a task goes as deep.
inline constexpr std::size_t path_limit = 64;

/// Something that a policy may ask about a task.
struct Attribute {
  std::string name;  ///< as people write it: `type`, `dataSource`, `tags.team`
  std::vector<std::string>
      path;  ///< member names from the document's root, e.g. context, tags, team
  ValueType type = ValueType::text;
  Origin origin = Origin::member;
  std::string argument = {};  ///< a salt, or a zone

  auto operator<=>(const Attribute&) const = default;
};

/// An attribute that many tests ask for: made once, and copied for nearly nothing. Immutable.
class SharedAttribute {
 public:
  /// One without a name.
  SharedAttribute() : of_(nameless()) {}

  /// Not explicit: each attribute may be shared.
  SharedAttribute(Attribute of) : of_(std::make_shared<const Attribute>(std::move(of))) {}

  const Attribute& operator*() const { return *of_; }

  const Attribute* operator->() const { return of_.get(); }

  operator const Attribute&() const { return *of_; }

  bool operator==(const SharedAttribute& other) const {
    return of_ == other.of_ || *of_ == *other.of_;
  }

  bool operator==(const Attribute& other) const { return *of_ == other; }

 private:
  static const std::shared_ptr<const Attribute>& nameless();

  std::shared_ptr<const Attribute> of_;
};

/// `type`: always there.
[[nodiscard]] Attribute type_attribute();

/// `id`: always there.
[[nodiscard]] Attribute id_attribute();

/// `groupId`: the id where the task has none.
[[nodiscard]] Attribute group_id_attribute();

/// `dataSource`: at the top level; a submitted spec without it keeps it where facts.hpp says.
[[nodiscard]] Attribute data_source_attribute();

/// `priority`: of the context, else Druid's default for the type (facts.hpp).
[[nodiscard]] Attribute priority_attribute();

/// `requiredCapacity`: of the resource, else 1.
[[nodiscard]] Attribute required_capacity_attribute();

/// `tags.NAME`: the text under `context.tags`.
[[nodiscard]] Attribute tag_attribute(std::string name);

/// `context.NAME`: the text of one context key.
[[nodiscard]] Attribute context_attribute(std::string name);

/// Where the text at `counted`'s path falls for `salt`: below share_unit.
[[nodiscard]] Attribute canary_attribute(const Attribute& counted, std::string salt);

/// Parts into which a canary divides tasks: a share of 5 % is 50,000 of them.
inline constexpr std::uint32_t share_unit = 1'000'000;

}  // namespace copse::engine
