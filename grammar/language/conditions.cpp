#include "grammar/language/conditions.hpp"

#include "engine/patterns.hpp"
#include "grammar/language/units.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace copse::grammar::language {
namespace {

using engine::Verdict;
using Kind = Expression::Kind;

Verdict opposite(Verdict verdict) {
  return verdict == Verdict::yes ? Verdict::no : Verdict::yes;
}

constexpr std::int32_t minutes_a_day = 24 * 60;

engine::Number whole(std::int64_t value) {
  return {value, 0};
}

// The numbers for which the comparison holds.
engine::Range range(Comparison comparison, engine::Number with) {
  switch (comparison) {
    case Comparison::equal:
    case Comparison::unequal:
      break;
    case Comparison::less:
      return {engine::smallest_number, engine::before(with)};
    case Comparison::at_most:
      return {engine::smallest_number, with};
    case Comparison::more:
      return {engine::next(with), engine::largest_number};
    case Comparison::at_least:
      return {with, engine::largest_number};
  }
  return {with, with};
}

bool contains(const engine::Test& test, const Values& value) {
  if (value.numbers.empty())
    return !value.texts.empty() && engine::lists(test, value.texts.front());
  const engine::Number number = value.numbers.front();
  return std::any_of(test.ranges.begin(), test.ranges.end(), [&](const engine::Range& each) {
    return each.first <= number && number <= each.last;
  });
}

}  // namespace

std::optional<Alternatives> Conditions::of(ExpressionId id, bool negated) {
  const Expression& each = file_[id];
  switch (each.kind) {
    case Kind::any_of:
      return negated ? all_of(each, true) : any_of(each, false);
    case Kind::all_of:
      return negated ? any_of(each, true) : all_of(each, false);
    case Kind::negation: {
      const Kind of_what = file_[file_.children[each.first]].kind;
      auto made = of(file_.children[each.first], !negated);
      const bool is_question = of_what != Kind::any_of && of_what != Kind::all_of &&
                               of_what != Kind::negation && of_what != Kind::constant;
      if (made && is_question) made->front().front().span = each.span;
      return made;
    }
    case Kind::constant: {
      const bool is_true = spelled(source_, each.span) == "true";
      return is_true != negated ? Alternatives{{}} : Alternatives{};
    }
    default:
      break;
  }
  auto test = tested(each);
  if (!test) return std::nullopt;
  test->span = each.span;
  // A value of another type counts as absent.
  const bool is_any = test->attribute->type == engine::ValueType::any;
  test->if_ill_typed = is_any ? test->if_other : test->if_absent;
  if (negated) {
    for (Verdict* verdict :
         {&test->if_listed, &test->if_other, &test->if_absent, &test->if_ill_typed})
      *verdict = opposite(*verdict);
  }
  // WHY in steps: a list in braces would copy it twice, and large policies have very many.
  Alternatives made(1);
  made.front().push_back(std::move(*test));
  return made;
}

std::optional<Alternatives> Conditions::any_of(const Expression& whole, bool negated) {
  std::optional<Alternatives> all(std::in_place);
  for (std::uint32_t i = whole.first; i < whole.first + whole.count; ++i) {
    auto part = of(file_.children[i], negated);
    if (!part) {
      all.reset();  // the others are looked at all the same
    } else if (all) {
      std::move(part->begin(), part->end(), std::back_inserter(*all));
    }
  }
  return all;
}

std::optional<Alternatives> Conditions::all_of(const Expression& whole, bool negated) {
  std::optional<Alternatives> all(std::in_place, 1);
  all->front().reserve(whole.count);
  for (std::uint32_t i = whole.first; i < whole.first + whole.count; ++i) {
    auto part = of(file_.children[i], negated);
    if (!part) {
      all.reset();
      continue;
    }
    if (!all) continue;
    if (all->size() == 1 && part->size() == 1) {
      std::ranges::move(part->front(), std::back_inserter(all->front()));
      continue;
    }
    if (all->size() * part->size() > alternative_limit) {
      complaints_.say(
          "P0531", whole.span,
          "the condition comes to more than " + std::to_string(alternative_limit) + " alternatives",
          "give some of them rules of their own, or put texts into lists");
      return std::nullopt;
    }
    Alternatives joined;
    for (const Alternative& left : *all) {
      for (const Alternative& right : *part) {
        joined.push_back(left);
        joined.back().insert(joined.back().end(), right.begin(), right.end());
      }
    }
    all = std::move(joined);
  }
  return all;
}

std::optional<engine::Test> Conditions::tested(const Expression& of) {
  switch (of.kind) {
    case Kind::present:
      return present(of);
    case Kind::canary:
      return canary(of);
    case Kind::within:
      return within(of);
    case Kind::on_days:
      return on_days(of);
    default:
      return compared(of);
  }
}

std::optional<engine::Test> Conditions::present(const Expression& of) {
  auto asked = this->asked(file_.operands[of.operand].name);
  if (!asked || !says_absence(of, file_.operands[of.operand], *asked)) return std::nullopt;
  engine::Test test;
  test.attribute = std::move(asked->attribute);
  if (engine::is_numeric(test.attribute->type)) {
    test.ranges = {{engine::smallest_number, engine::largest_number}};
  } else {
    test.if_other = Verdict::yes;
  }
  return test;
}

std::optional<engine::Test> Conditions::compared(const Expression& of) {
  auto asked = this->asked(file_.operands[of.operand].name);
  const auto listed = literals(of);
  if (!asked || !listed) return std::nullopt;
  const Operand& operand = file_.operands[of.operand];
  if (asked->type == Type::any) {
    const bool is_empty = listed->empty();
    asked->type = is_empty ? Type::text : type_of(source_, listed->front());
    engine::Attribute of_that_type = *asked->attribute;
    of_that_type.type = value_type(asked->type);
    asked->attribute = std::move(of_that_type);
    if (!keeps_dimension(operand.span, *asked)) return std::nullopt;
  }
  if (asked->type == Type::interval) {
    complaints_.say("P0523", operand.span, "an interval has a count and a length",
                    "ask for `" + asked->attribute->name + ".count` or `" + asked->attribute->name +
                        ".length`");
    return std::nullopt;
  }
  const bool is_ordered = of.kind == Kind::compare && of.comparison != Comparison::equal &&
                          of.comparison != Comparison::unequal;
  bool is_sound = says_absence(of, operand, *asked);
  if (is_ordered && asked->type == Type::text && tell_quoted_number(listed->front())) {
    return std::nullopt;
  }
  if (is_ordered && (asked->type == Type::text || asked->type == Type::boolean)) {
    complaints_.say(
        "P0523", of.span,
        asked->type == Type::text ? "texts are not ordered" : "true and false are not ordered",
        asked->type == Type::text ? "`==`, `!=`, `in` and `like` compare texts"
                                  : "compare with `==`");
    return std::nullopt;
  }
  Values values;
  for (const Literal& each : *listed) is_sound = literals_.add(each, *asked, values) && is_sound;
  Values otherwise;
  if (operand.otherwise)
    is_sound = literals_.add(file_.literals[*operand.otherwise], *asked, otherwise) && is_sound;
  if (!is_sound) return std::nullopt;
  engine::Test test;
  test.attribute = std::move(asked->attribute);
  test.values = std::move(values.texts);
  test.patterns = std::move(values.patterns);
  std::sort(values.numbers.begin(), values.numbers.end());
  values.numbers.erase(std::unique(values.numbers.begin(), values.numbers.end()),
                       values.numbers.end());
  for (const engine::Number each : values.numbers)
    test.ranges.push_back(
        range(of.kind == Kind::compare ? of.comparison : Comparison::equal, each));
  if (of.kind == Kind::compare && of.comparison == Comparison::unequal) {
    test.if_listed = Verdict::no;
    test.if_other = Verdict::yes;
  }
  if (operand.otherwise)
    test.if_absent = contains(test, otherwise) ? test.if_listed : test.if_other;
  return test;
}

// `context.x? > "10m"`, where no quotes were meant.
bool Conditions::tell_quoted_number(const Literal& literal) {
  const std::string bare = literal.kind == LiteralKind::text ? literal_text(source_, literal) : "";
  const bool is_one =
      engine::parse_number(bare) || engine::parse_duration(bare) || engine::parse_quantity(bare);
  const std::string number = is_one ? bare : duration_meant(bare);
  if (number.empty()) return false;
  complaints_.suggest(complaints_.say("P0523", literal.span, "texts are not ordered",
                                      "did you mean `" + number + "`, without quotes?", "a text"),
                      literal.span, number);
  return true;
}

// A value of the context is what it is compared with: once a duration, it is no quantity.
bool Conditions::keeps_dimension(Span span, const Asked& about) {
  if (about.type != Type::duration && about.type != Type::quantity) return true;
  const auto [at, is_first] =
      dimensions_.try_emplace(about.attribute->name, std::pair(about.type, span));
  if (is_first || at->second.first == about.type) return true;
  const std::string other(in_words(at->second.first));
  complaints_.because(
      complaints_.say("P0523", span,
                      "`" + about.attribute->name + "` is " + other + " elsewhere, and " +
                          std::string(in_words(about.type)) + " here",
                      "compare it with " + other, "with " + std::string(in_words(about.type))),
      at->second.second, "with " + other);
  return false;
}

std::optional<engine::Test> Conditions::canary(const Expression& of) {
  const auto share = literals_.share(file_.literals[of.first + 1]);
  std::optional<Asked> counted(Asked{engine::id_attribute(), Type::text, false});
  if (of.has_operand) {
    const Operand& operand = file_.operands[of.operand];
    counted = asked(operand.name);
    if (!counted || !says_absence(of, operand, *counted)) return std::nullopt;
    if (counted->type != Type::text || operand.otherwise) {
      complaints_.say("P0523", operand.span, "a canary counts texts",
                      "such as `id`, the default, `groupId` or `tags.team?`");
      return std::nullopt;
    }
  }
  if (!share) return std::nullopt;
  engine::Test test;
  test.attribute =
      engine::canary_attribute(counted->attribute, literal_text(source_, file_.literals[of.first]));
  if (*share > 0) test.ranges = {{engine::smallest_number, whole(*share - 1)}};
  return test;
}

std::optional<engine::Test> Conditions::within(const Expression& of) {
  const auto from = literals_.minute(file_.literals[of.first]);
  const auto to = literals_.minute(file_.literals[of.first + 1]);
  const auto where = zone(of, 2);
  if (!from || !to || !where) return std::nullopt;
  if (*from == *to) {
    complaints_.say("P0537", of.span, "the window begins when it ends",
                    "leave it out for the whole day, which is 00:00..24:00");
    return std::nullopt;
  }
  engine::Test test;
  test.attribute = engine::Attribute{.name = "time in " + *where,
                                     .path = {},
                                     .type = engine::ValueType::integer,
                                     .origin = engine::Origin::time_of_day,
                                     .argument = *where};
  if (*from < *to) {
    test.ranges = {{whole(*from), whole(*to - 1)}};
  } else {
    if (*to > 0) test.ranges.push_back({whole(0), whole(*to - 1)});
    if (*from < minutes_a_day) test.ranges.push_back({whole(*from), whole(minutes_a_day - 1)});
  }
  return test;
}

std::optional<engine::Test> Conditions::on_days(const Expression& of) {
  const auto where = zone(of, 0);
  if (!where) return std::nullopt;
  engine::Test test;
  test.attribute = engine::Attribute{.name = "day in " + *where,
                                     .path = {},
                                     .type = engine::ValueType::integer,
                                     .origin = engine::Origin::weekday,
                                     .argument = *where};
  const std::string_view named = spelled(source_, of.word);
  for (std::size_t day = 0; day < days.size(); ++day) {
    const auto number = whole(static_cast<std::int64_t>(day) + 1);
    if (named.find(days[day]) != std::string_view::npos) test.ranges.push_back({number, number});
  }
  return test;
}

// The literal at that place; UTC when there is none.
std::optional<std::string> Conditions::zone(const Expression& of, std::uint32_t at) {
  if (of.count <= at) return "UTC";
  return literals_.zone(file_.literals[of.first + at]);
}

bool Conditions::says_absence(const Expression& of, const Operand& operand, const Asked& about) {
  const std::string& name = about.attribute->name;
  if (of.kind == Kind::present) {
    if (!operand.may_be_absent && !operand.otherwise) return true;
    complaints_.say("P0522", operand.span, "`has` asks whether it is there",
                    "leave out what follows the name");
    return false;
  }
  const bool is_unequal = of.kind == Kind::compare && of.comparison == Comparison::unequal;
  if (operand.may_be_absent && is_unequal) {
    complaints_.say(
        "P0522", of.span, "true or false when `" + name + "` is absent?",
        "write `not (" + name + "? == …)`, true when absent, or `" + name + " else … != …`");
    return false;
  }
  if (!about.may_be_absent || operand.may_be_absent || operand.otherwise) return true;
  if (about.is_usual && !is_unequal) return true;
  if (is_unequal) {
    const Literal& with = file_.literals[of.first];
    const std::string value(spelled(source_, with.span));
    const std::string whole = "not (" + name + "? == " + value + ")";
    complaints_.suggest(
        complaints_.say("P0521", operand.span,
                        "`" + name + "` may be absent, and nothing says what then",
                        "write `" + whole + "`, true when absent, or `" + name +
                            (with.kind == LiteralKind::text ? " else \"…\" != " : " else … != ") +
                            value + "`, a value instead"),
        of.span, whole);
    return false;
  }
  const bool is_canary = of.kind == Kind::canary;
  complaints_.suggest(
      complaints_.say("P0521", operand.span,
                      "`" + name + "` may be absent, and nothing says what then",
                      "write `" + name + "?`, false when absent" +
                          (is_canary ? "" : ", or `" + name + " else …`, a value instead")),
      {operand.span.end, operand.span.end}, "?");
  return false;
}

std::optional<Asked> Conditions::asked(Span name) {
  const auto at = known_.find(spelled(source_, name));
  if (at != known_.end()) return at->second;
  auto found = ask(source_, name, scope_.attributes, complaints_);
  if (found) known_.emplace(spelled(source_, name), *found);
  return found;
}

void Conditions::look_at_unused_lists() {
  const Asked text{engine::type_attribute(), Type::text, false};
  for (const auto& [name, items] : scope_.lists) {
    if (used_lists_.contains(items.data())) continue;
    for (const Literal& each : items) {
      const bool is_pattern = each.kind == LiteralKind::glob || each.kind == LiteralKind::regex;
      Values ignored;
      if (is_pattern) static_cast<void>(literals_.add(each, text, ignored));
    }
  }
}

std::optional<std::span<const Literal>> Conditions::literals(const Expression& of) {
  if (of.kind != Kind::in_named) return std::span(file_.literals).subspan(of.first, of.count);
  const std::string list(spelled(source_, of.word));
  const auto found = scope_.lists.find(list);
  if (found != scope_.lists.end()) {
    used_lists_.insert(found->second.data());
    return found->second;
  }
  std::vector<std::string_view> known;
  for (const auto& [each, ignored] : scope_.lists) known.push_back(each);
  const std::string_view near = engine::nearest(list, known);
  complaints_.suggest(complaints_.say("P0524", of.word, "there is no list `" + list + "`",
                                      near.empty() ? "add `list " + list + " = [\"…\"]`"
                                                   : "did you mean `" + std::string(near) + "`?"),
                      of.word, near);
  return std::nullopt;
}

}  // namespace copse::grammar::language
