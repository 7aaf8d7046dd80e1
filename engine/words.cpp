#include "engine/words.hpp"

#include "engine/json_writer.hpp"
#include "engine/judge.hpp"
#include "engine/murmur3.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace copse::engine {
namespace {

constexpr std::array<std::pair<std::int64_t, std::string_view>, 4> durations{
    {{86'400'000, "d"}, {3'600'000, "h"}, {60'000, "m"}, {1000, "s"}}};

constexpr std::array<std::pair<std::int64_t, std::string_view>, 4> sizes{
    {{std::int64_t{1} << 40U, "Ti"},
     {std::int64_t{1} << 30U, "Gi"},
     {std::int64_t{1} << 20U, "Mi"},
     {std::int64_t{1} << 10U, "Ki"}}};

constexpr std::array<std::string_view, 7> days{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

// In the largest unit that leaves nothing over.
std::string in_units(Number number, const auto& units, std::string_view smallest) {
  if (number.is_integer() && number.whole != 0) {
    for (const auto& [size, unit] : units) {
      if (number.whole % size == 0) return std::to_string(number.whole / size) + std::string(unit);
    }
  }
  return in_words(number) + std::string(smallest);
}

std::string two_digits(std::int64_t number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

// The range between two parts of a domain, both included.
Range range_of(const Domain& domain, std::uint32_t first, std::uint32_t last) {
  const std::size_t from = first - first_listed_atom;
  const std::size_t to = last - first_listed_atom;
  return {domain.bounds[from],
          to + 1 < domain.bounds.size() ? before(domain.bounds[to + 1]) : largest_number};
}

}  // namespace

std::string_view in_words(ValueType type) {
  switch (type) {
    case ValueType::text:
    case ValueType::any:
      break;
    case ValueType::scalar:
      return "text or number";
    case ValueType::integer:
      return "integer";
    case ValueType::decimal:
      return "number";
    case ValueType::boolean:
      return "true or false";
    case ValueType::duration:
      return "duration";
    case ValueType::quantity:
      return "quantity";
    case ValueType::interval_count:
    case ValueType::interval_length:
      return "interval";
  }
  return "text";
}

std::string in_words(const Attribute& attribute, Number number) {
  switch (attribute.origin) {
    case Origin::time_of_day:
      return two_digits(number.whole / 60) + ":" + two_digits(number.whole % 60);
    case Origin::weekday:
      if (number.whole < 1 || number.whole > 7) return in_words(number);
      return std::string(days[static_cast<std::size_t>(number.whole - 1)]);
    case Origin::canary:
      if (number.whole < 0 || number.whole > share_unit) return in_words(number);
      return in_words(Number{number.whole / 10'000,
                             static_cast<std::uint32_t>(number.whole % 10'000 * 100'000)}) +
             "%";
    case Origin::member:
    case Origin::size:
    case Origin::attempt:
      break;
  }
  switch (attribute.type) {
    case ValueType::duration:
    case ValueType::interval_length:
      return in_units(number, durations, "ms");
    case ValueType::quantity:
      return in_units(number, sizes, "");
    case ValueType::boolean:
      return number.whole == 0 ? "false" : "true";
    default:
      return in_words(number);
  }
}

std::string in_words(const Attribute& attribute, const Range& range) {
  // Windows and shares end before what they name.
  const bool is_share = attribute.origin == Origin::canary;
  if ((is_share || attribute.origin == Origin::time_of_day) && range.last != largest_number) {
    const std::string end = in_words(attribute, Number{range.last.whole + 1, 0});
    return is_share ? "< " + end : in_words(attribute, range.first) + ".." + end;
  }
  if (range.first == range.last) return in_words(attribute, range.first);
  const auto bound = [&](Number at) { return in_words(attribute, at); };
  if (range.last == largest_number) {
    if (range.first == smallest_number) return "any";
    return range.first.nanos == 1 ? "> " + bound(before(range.first)) : ">= " + bound(range.first);
  }
  const bool is_below = range.last.nanos == nanos_a_unit - 1;
  const std::string end = is_below ? "< " + bound(next(range.last)) : "<= " + bound(range.last);
  if (range.first == smallest_number) return end;
  if (is_below || range.first.nanos == 1) {
    return (range.first.nanos == 1 ? "> " + bound(before(range.first))
                                   : ">= " + bound(range.first)) +
           " and " + end;
  }
  return bound(range.first) + ".." + bound(range.last);
}

std::string in_words(const Attribute& attribute, const Fact& fact) {
  switch (fact.state()) {
    case Fact::State::text:
      return attribute.type == ValueType::any ? "a value" : quoted(fact.text());
    case Fact::State::number:
      return in_words(attribute, fact.number());
    case Fact::State::counted:
      return in_words(attribute,
                      Number{static_cast<std::int64_t>(
                                 murmur3_salted(attribute.argument, fact.text()) % share_unit),
                             0});
    case Fact::State::absent:
      return "nothing";
    case Fact::State::ill_typed:
      return "something that is no " + std::string(in_words(attribute.type));
  }
  return "";
}

std::string in_words(const Pattern& pattern) {
  std::string text = pattern.kind == Pattern::Kind::glob ? "glob\"" : "re\"";
  for (const char c : pattern.text) {
    if (c == '"') text += '\\';
    text += c;
  }
  return text + '"';
}

std::size_t listed_count(const AtomTest& test) {
  switch (test.kind) {
    case AtomTest::Kind::set:
      return test.values;
    case AtomTest::Kind::ranges:
      return test.values / 2;
    case AtomTest::Kind::patterns:
      return test.values - 1;
  }
  return 0;
}

std::vector<std::string> listed_in_words(const Image& image, const AtomTest& test,
                                         std::size_t limit) {
  const std::size_t attribute = std::to_underlying(test.attribute);
  const Domain& domain = image.domains[attribute];
  const auto text = [&](std::uint32_t atom) { return quoted(domain.table.text(Atom{atom})); };
  std::vector<std::string> all;
  if (test.kind == AtomTest::Kind::set && test.values == 1) return {text(test.first_value)};
  const auto values = image.values.span().subspan(test.first_value, test.values);
  const std::size_t shown = std::min(limit, listed_count(test));
  for (std::size_t i = 0; i < shown; ++i) {
    switch (test.kind) {
      case AtomTest::Kind::set:
        all.push_back(text(values[i]));
        break;
      case AtomTest::Kind::ranges:
        all.push_back(in_words(image.attributes[attribute],
                               range_of(domain, values[2 * i], values[2 * i + 1])));
        break;
      case AtomTest::Kind::patterns: {
        const PatternId id{values[i + 1]};
        const bool is_text = i < values[0];
        all.push_back(
            is_text ? text(values[i + 1])
                    : in_words({domain.patterns.kind(id), std::string(domain.patterns.text(id))}));
        break;
      }
    }
  }
  return all;
}

}  // namespace copse::engine
