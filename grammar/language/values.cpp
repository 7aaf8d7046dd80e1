#include "grammar/language/values.hpp"

#include "engine/glob.hpp"
#include "engine/instant.hpp"
#include "engine/patterns.hpp"
#include "grammar/language/units.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace copse::grammar::language {
namespace {

// Of what `m` may be the unit, a duration comes first.
constexpr std::array<std::string_view, 5> duration_units{"ms", "s", "m", "h", "d"};

std::string_view unit_of(std::string_view number) {
  const std::size_t end = number.find_first_not_of("+-.0123456789");
  return end == std::string_view::npos ? std::string_view{} : number.substr(end);
}

std::string_view example(Type type) {
  switch (type) {
    case Type::integer:
      return "a whole number such as `75`";
    case Type::decimal:
      return "a number such as `1.5`";
    case Type::boolean:
      return "`true` or `false`";
    case Type::duration:
      return "a duration such as `10m`";
    case Type::quantity:
      return "a quantity such as `16Gi` or `500m`";
    case Type::text:
    case Type::interval:
    case Type::any:
      break;
  }
  return "a text in quotes";
}

std::optional<engine::Number> number_of(Type type, std::string_view text) {
  switch (type) {
    case Type::integer:
    case Type::decimal:
      return engine::parse_number(text);
    case Type::duration:
      return engine::parse_duration(text);
    case Type::quantity:
      return engine::parse_quantity(text);
    default:
      return std::nullopt;
  }
}

constexpr std::uint32_t a_percent = engine::share_unit / 100;
constexpr std::uint32_t share_step = engine::nanos_a_unit / a_percent;

// What is meant by a share without a unit: below 1 a fraction, `0.05` is `5%`. Empty where that
// comes to no share.
std::string percentage(engine::Number number, std::string_view text) {
  if (number < engine::Number{} || number > engine::Number{100, 0}) return {};
  const bool is_fraction = number.whole == 0 && number.nanos > 0;
  if (!is_fraction) return number.nanos % share_step == 0 ? std::string(text) + "%" : "";
  if (text.size() > std::string_view("0.000001").size()) return {};  // it is read to nine digits
  const std::uint64_t nanos = std::uint64_t{number.nanos} * 100;
  return engine::in_words({static_cast<std::int64_t>(nanos / engine::nanos_a_unit),
                           static_cast<std::uint32_t>(nanos % engine::nanos_a_unit)}) +
         "%";
}

}  // namespace

Type type_of(const engine::Source& source, const Literal& literal) {
  if (literal.kind == LiteralKind::boolean) return Type::boolean;
  if (literal.kind != LiteralKind::number) return Type::text;
  const std::string_view unit = unit_of(spelled(source, literal.span));
  if (unit.empty()) return Type::decimal;
  const bool is_duration =
      std::find(duration_units.begin(), duration_units.end(), unit) != duration_units.end();
  return is_duration ? Type::duration : Type::quantity;
}

bool Literals::add(const Literal& literal, const Asked& asked, Values& to) {
  switch (literal.kind) {
    case LiteralKind::text:
    case LiteralKind::glob:
    case LiteralKind::regex:
      return add_text(literal, asked, to);
    case LiteralKind::boolean:
      if (asked.type != Type::boolean) return refuse(literal, asked);
      to.numbers.push_back({spelled(source_, literal.span) == "true" ? 1 : 0, 0});
      return true;
    case LiteralKind::number:
      return add_number(literal, asked, to);
    case LiteralKind::clock:
      break;
  }
  return refuse(literal, asked);
}

bool Literals::add_text(const Literal& literal, const Asked& asked, Values& to) {
  if (asked.type != Type::text) return refuse(literal, asked);
  std::string text = literal_text(source_, literal);
  if (literal.kind == LiteralKind::text) {
    to.texts.push_back(std::move(text));
    return true;
  }
  const bool is_glob = literal.kind == LiteralKind::glob;
  engine::Pattern pattern{is_glob ? engine::Pattern::Kind::glob : engine::Pattern::Kind::regex,
                          std::move(text)};
  if (auto fault = engine::pattern_fault(pattern)) {
    if (!is_first(literal)) return false;
    complaints_.say("P0536", literal.span,
                    std::string("the ") + (is_glob ? "glob" : "regex") + " cannot be used",
                    is_glob ? "`*` any run, `?` one character, `[a-z]` a class; `\\` before one of "
                              "these takes it as it is"
                            : "regexes are RE2's: no back references, no look-around",
                    std::move(*fault));
    return false;
  }
  if (is_glob) {
    engine::GlobLiterals literals = engine::glob_literals(pattern.text);
    if (literals.is_literal) {
      to.texts.push_back(std::move(literals.prefix));
      return true;
    }
  }
  to.patterns.push_back(std::move(pattern));
  return true;
}

bool Literals::add_number(const Literal& literal, const Asked& asked, Values& to) {
  const std::string_view text = spelled(source_, literal.span);
  if (const auto number = number_of(asked.type, text);
      number && (asked.type != Type::integer || number->is_integer())) {
    const bool is_within = *number != engine::smallest_number && *number != engine::largest_number;
    to.numbers.push_back(*number);
    return is_within || engine::in_words(*number) == text || refuse_size(literal);
  }
  const std::string_view unit = unit_of(text);
  const bool is_known = unit.empty() || engine::parse_duration("1" + std::string(unit)) ||
                        engine::parse_quantity("1" + std::string(unit)) || unit == "%";
  if (is_known) return refuse(literal, asked);
  if (!is_first(literal)) return false;
  const bool is_any = asked.attribute->name.starts_with("context.");
  std::string meant;
  if (is_any || asked.type == Type::quantity) meant = quantity_meant(text);
  if (meant.empty() && (is_any || asked.type == Type::duration)) meant = duration_meant(text);
  complaints_.suggest(
      complaints_.say("P0535", literal.span, "there is no unit `" + std::string(unit) + "`",
                      meant.empty() ? "of durations: ms, s, m, h, d; of quantities: m, k, M, G, T, "
                                      "Ki, Mi, Gi, Ti"
                                    : "did you mean `" + meant + "`?",
                      meant.empty() ? "write " + std::string(example(asked.type)) : ""),
      literal.span, meant);
  return false;
}

bool Literals::refuse_size(const Literal& literal) {
  if (!is_first(literal)) return false;
  complaints_.say("P0535", literal.span, "there is no such large number",
                  "numbers end at " + engine::in_words(engine::largest_number) +
                      " (64 bits), durations are milliseconds");
  return false;
}

bool Literals::refuse(const Literal& literal, const Asked& asked) {
  if (!is_first(literal)) return false;
  const std::string is = literal.kind == LiteralKind::clock ? "a time of day"
                         : literal.kind == LiteralKind::glob || literal.kind == LiteralKind::regex
                             ? "a pattern"
                         : spelled(source_, literal.span).ends_with('%')
                             ? "a share"
                             : std::string(in_words(type_of(source_, literal)));
  // `priority == "75"`
  const std::string bare =
      literal.kind == LiteralKind::text ? literal_text(source_, literal) : std::string();
  const auto number = number_of(asked.type, bare);
  const bool is_number = number && (asked.type != Type::integer || number->is_integer());
  complaints_.suggest(
      complaints_.say("P0523", literal.span,
                      "`" + asked.attribute->name + "` is " + std::string(in_words(asked.type)) +
                          ", and is compared with " + is,
                      is_number ? "did you mean `" + bare + "`, without quotes?"
                      : is == "a pattern" && asked.type != Type::text
                          ? "patterns are of texts: compare with `==`, `<` or `>=`"
                          : "write " + std::string(example(asked.type)),
                      is),
      literal.span, is_number ? bare : "");
  return false;
}

std::optional<std::uint32_t> Literals::share(const Literal& literal) {
  std::string_view text = spelled(source_, literal.span);
  const bool is_percent = text.ends_with('%');
  if (is_percent) text.remove_suffix(1);
  const auto percent = engine::parse_number(text);
  if (!is_percent || !percent || *percent < engine::Number{} || *percent > engine::Number{100, 0} ||
      percent->nanos % share_step != 0) {
    const std::string near = is_percent || !percent ? "" : percentage(*percent, text);
    complaints_.suggest(
        complaints_.say("P0533", literal.span, "this is no share of the tasks",
                        near.empty() ? "write a percentage from 0% to 100%, to four digits behind "
                                       "the point: `5%`, `0.5%`"
                                     : "did you mean `" + near + "`?"),
        literal.span, near);
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(percent->whole) * a_percent + percent->nanos / share_step;
}

std::optional<std::int32_t> Literals::minute(const Literal& literal) {
  const std::string_view text = spelled(source_, literal.span);
  const std::size_t colon = text.find(':');
  std::int32_t hour = 0;
  for (const char c : text.substr(0, colon)) hour = hour * 10 + (c - '0');
  std::int32_t minute = 0;
  for (const char c : text.substr(colon + 1)) minute = minute * 10 + (c - '0');
  if (minute < 60 && hour * 60 + minute <= 24 * 60) return hour * 60 + minute;
  complaints_.say("P0537", literal.span, "there is no such time of day", "from 00:00 to 24:00");
  return std::nullopt;
}

std::optional<std::string> Literals::zone(const Literal& literal) {
  std::string name = literal_text(source_, literal);
  if (engine::Zone::named(name)) return name;
  complaints_.say("P0534", literal.span, "there is no time zone `" + name + "`",
                  "a name of the tz database, such as \"Europe/Berlin\" or \"UTC\"");
  return std::nullopt;
}

}  // namespace copse::grammar::language
