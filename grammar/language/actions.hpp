#pragma once
// Which call of the Builder belongs to which rule of the grammar. Private to parse.cpp.

#include "grammar/language/builder.hpp"
#include "grammar/language/messages.hpp"

#include <string>
#include <string_view>

#include <tao/pegtl/contrib/limit_depth.hpp>

namespace copse::grammar::language {

template <class Rule>
struct Action : rules::peg::nothing<Rule> {};

/// What has to match and does not is told in the words of messages.hpp.
template <class Rule>
struct Control : rules::peg::normal<Rule> {
  template <class Input>
  [[noreturn]] static void raise(const Input& in, Builder& builder) {
    constexpr Message said = message<Rule>;
    throw Fault{said.code, said.title, said.help, builder.offset(in.current())};
  }
};

// An action that hands the span of what has matched to a member of the Builder.
template <void (Builder::*Member)(Span)>
struct WithSpan {
  template <class Input>
  static void apply(const Input& in, Builder& builder) {
    (builder.*Member)(builder.span(in));
  }
};

template <void (Builder::*Member)()>
struct Plain {
  static void apply0(Builder& builder) { (builder.*Member)(); }
};

template <LiteralKind Kind>
struct AsLiteral {
  template <class Input>
  static void apply(const Input& in, Builder& builder) {
    builder.literal(Kind, builder.span(in));
  }
};

template <LiteralKind Kind>
struct Pending {
  template <class Input>
  static void apply(const Input& in, Builder& builder) {
    builder.pend(Kind, builder.span(in));
  }
};

template <Expression::Kind Kind>
struct AsExpression {
  template <class Input>
  static void apply(const Input& in, Builder& builder) {
    builder.expression(Kind, builder.span(in));
  }
};

template <Expression::Kind Kind>
struct Rest {
  static void apply0(Builder& builder) { builder.rest(Kind); }
};

// A rule with parts: what they push becomes one expression.
template <Expression::Kind Kind>
struct Combining : rules::peg::maybe_nothing {
  template <class Rule, rules::peg::apply_mode A, rules::peg::rewind_mode M,
            template <class...> class ActionOf, template <class...> class ControlOf, class Input>
  static bool match(Input& in, Builder& builder) {
    const std::size_t mark = builder.mark();
    const std::uint64_t begin = builder.offset(in.current());
    if (!rules::peg::match<Rule, A, M, ActionOf, ControlOf>(in, builder)) {
      builder.back_to(mark);
      return false;
    }
    builder.combine(Kind, mark, {begin, builder.offset(in.current())});
    return true;
  }
};

// clang-format off
template <> struct Action<rules::comment> : WithSpan<&Builder::comment> {};

template <> struct Action<rules::text> : AsLiteral<LiteralKind::text> {};
template <> struct Action<rules::glob> : AsLiteral<LiteralKind::glob> {};
template <> struct Action<rules::regex> : AsLiteral<LiteralKind::regex> {};
template <> struct Action<rules::clock> : AsLiteral<LiteralKind::clock> {};
template <> struct Action<rules::number> : AsLiteral<LiteralKind::number> {};
template <> struct Action<rules::boolean> : AsLiteral<LiteralKind::boolean> {};

template <> struct Action<rules::operand_path> : WithSpan<&Builder::operand_path> {};
template <> struct Action<rules::question_mark> : Plain<&Builder::operand_question> {};
template <> struct Action<rules::else_literal> : Plain<&Builder::operand_otherwise> {};
template <> struct Action<rules::operand> : WithSpan<&Builder::operand_done> {};
template <> struct Action<rules::has_operand> : WithSpan<&Builder::operand_done> {};
template <> struct Action<rules::counted> : WithSpan<&Builder::operand_done> {};

template <> struct Action<rules::compared> : Plain<&Builder::pend> {};
template <> struct Action<rules::item> : Plain<&Builder::pend> {};
template <> struct Action<rules::like_pattern> : Plain<&Builder::pend> {};
template <> struct Action<rules::salt> : Pending<LiteralKind::text> {};
template <> struct Action<rules::share> : Pending<LiteralKind::number> {};
template <> struct Action<rules::moment> : Pending<LiteralKind::clock> {};
template <> struct Action<rules::zone> : Pending<LiteralKind::text> {};
template <> struct Action<rules::days> : WithSpan<&Builder::word> {};
template <> struct Action<rules::compare_rest> : Rest<Expression::Kind::compare> {};
template <> struct Action<rules::inline_list> : Rest<Expression::Kind::in_list> {};
template <> struct Action<rules::list_name> : WithSpan<&Builder::in_named> {};
template <> struct Action<rules::like_rest> : Rest<Expression::Kind::like> {};
template <> struct Action<rules::question> : WithSpan<&Builder::question> {};
template <> struct Action<rules::question_in_parentheses> : WithSpan<&Builder::question> {};
template <> struct Action<rules::has> : AsExpression<Expression::Kind::present> {};
template <> struct Action<rules::canary> : AsExpression<Expression::Kind::canary> {};
template <> struct Action<rules::within> : AsExpression<Expression::Kind::within> {};
template <> struct Action<rules::on_days> : AsExpression<Expression::Kind::on_days> {};
template <> struct Action<rules::negation> : Combining<Expression::Kind::negation> {};
template <> struct Action<rules::all> : Combining<Expression::Kind::all_of> {};
template <> struct Action<rules::any> : Combining<Expression::Kind::any_of> {};
template <> struct Action<rules::condition> : Combining<Expression::Kind::any_of> {};
template <> struct Action<rules::when> : Plain<&Builder::condition> {};

template <> struct Action<rules::value_literal> : Plain<&Builder::value_literal> {};
template <> struct Action<rules::value_operand> : Plain<&Builder::value_operand> {};
template <> struct Action<rules::key> : Plain<&Builder::setting_key> {};
template <> struct Action<rules::set_to> : Plain<&Builder::setting_value> {};
template <> struct Action<rules::upper> : Plain<&Builder::setting_upper> {};
template <> struct Action<rules::error_text> : WithSpan<&Builder::setting_text> {};
template <> struct Action<rules::expected_error> : WithSpan<&Builder::setting> {};
template <> struct Action<rules::effect> : WithSpan<&Builder::setting_effect> {};
template <> struct Action<rules::setting> : WithSpan<&Builder::setting> {};
template <> struct Action<rules::block_begin> : WithSpan<&Builder::block_begin> {};
template <> struct Action<rules::block_end> : WithSpan<&Builder::block_end> {};

template <> struct Action<rules::statement_name> : WithSpan<&Builder::statement_name> {};
template <> struct Action<rules::bare_name> : WithSpan<&Builder::bare_name> {};
template <> struct Action<rules::type_name> : WithSpan<&Builder::type_name> {};
template <> struct Action<rules::attribute_path> : WithSpan<&Builder::attribute_path> {};
template <> struct Action<rules::allowed> : WithSpan<&Builder::push_word> {};
template <> struct Action<rules::task_word> : WithSpan<&Builder::task_word> {};
template <> struct Action<rules::now_word> : WithSpan<&Builder::now_word> {};
template <> struct Action<rules::canary_word> : WithSpan<&Builder::canary_word> {};
template <> struct Action<rules::json_object> : WithSpan<&Builder::test_task> {};
template <> struct Action<rules::test_time> : WithSpan<&Builder::test_now> {};
template <> struct Action<rules::on_or_off> : WithSpan<&Builder::test_canary> {};
template <> struct Action<rules::policy> : WithSpan<&Builder::policy> {};
template <> struct Action<rules::templates> : WithSpan<&Builder::templates> {};
template <> struct Action<rules::allow> : WithSpan<&Builder::allow> {};
template <> struct Action<rules::attribute> : WithSpan<&Builder::attribute> {};
template <> struct Action<rules::list> : WithSpan<&Builder::list> {};
template <> struct Action<rules::profile> : WithSpan<&Builder::profile> {};
template <> struct Action<rules::rule> : WithSpan<&Builder::rule> {};
template <> struct Action<rules::default_rule> : WithSpan<&Builder::default_rule> {};
template <> struct Action<rules::test> : WithSpan<&Builder::test> {};

// clang-format on

template <>
struct Action<rules::comparison> {
  template <class Input>
  static void apply(const Input& in, Builder& builder) {
    builder.comparison(std::string_view(in.begin(), in.size()));
  }
};

// `true` alone is a condition: its literal.
template <>
struct Action<rules::constant> {
  template <class Input>
  static void apply(const Input& in, Builder& builder) {
    builder.pend(LiteralKind::boolean, builder.span(in));
    builder.expression(Expression::Kind::constant, builder.span(in));
  }
};

template <>
struct Action<rules::setting_word> {
  template <class Input>
  static void apply(const Input& in, Builder& builder) {
    builder.setting_word(builder.span(in), std::string_view(in.begin(), in.size()));
  }
};

template <>
struct Action<rules::error_word> : Action<rules::setting_word> {};

// Conditions within conditions: what is counted is what takes room on the stack.
template <>
struct Action<rules::one> : rules::peg::maybe_nothing {
  template <class Rule, rules::peg::apply_mode A, rules::peg::rewind_mode M,
            template <class...> class ActionOf, template <class...> class ControlOf, class Input>
  static bool match(Input& in, Builder& builder) {
    const rules::peg::internal::depth_guard within(in.private_depth);
    if (in.private_depth > nesting_limit) {
      throw Fault{
          "P0505",
          "conditions stand more than " + std::to_string(nesting_limit) + " deep within each other",
          "give parts of it to rules of their own", builder.offset(in.current())};
    }
    return rules::peg::match<Rule, A, M, ActionOf, ControlOf>(in, builder);
  }
};

}  // namespace copse::grammar::language
