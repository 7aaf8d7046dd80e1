#pragma once
// What is said when a rule of the grammar does not find what has to stand there. Private to
// parse.cpp. A rule that must match and has no row does not compile.

#include "grammar/language/rules.hpp"

namespace copse::grammar::language {

struct Message {
  const char* title;
  const char* help = "";
  const char* code = "P0501";
};

inline constexpr const char* statement_help =
    "a policy is made of: policy, templates, allow, attribute, list, profile, rule, default, test";

inline constexpr const char* outcome_help =
    "outcomes are template, runner, namespace, use, cpu, memory, storage, label, annotation, node, "
    "tolerate, env, javaOpts, priorityClass, deadline, grace";

inline constexpr Message no_condition{
    "a condition is missing",
    "such as `type == \"compact\"`, `dataSource in vip`, `has tags.team`, `canary(\"salt\", 5%)`"};
inline constexpr Message no_close{"a parenthesis is not closed", "add `)`"};
inline constexpr Message no_name{"a name in quotes is missing"};
inline constexpr Message no_bare_name{"a name is missing", "letters, digits, `_` and `-`"};
inline constexpr Message no_value{"a value is missing",
                                  "a text in quotes, a number, or an attribute with `else`"};
inline constexpr Message no_attribute{"an attribute is missing",
                                      "such as `type`, `dataSource`, `tags.team`"};
inline constexpr Message no_time_of_day{"a time of day is missing", "such as `22:00`"};
inline constexpr Message no_block{"a block is missing", "write `{ … }`"};

inline constexpr Message block_not_closed{"the block is not closed"};

template <class Rule>
inline constexpr Message message = Rule::message_is_missing;

// These always match.
template <>
inline constexpr Message message<rules::gap>{""};
template <>
inline constexpr Message message<rules::blank>{""};
template <class... Rules>
inline constexpr Message message<rules::peg::opt<Rules...>>{""};
template <class... Rules>
inline constexpr Message message<rules::peg::star<Rules...>>{""};

template <>
inline constexpr Message message<rules::escape>{
    "there is no such escape",
    "in a text: \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX; in a pattern (re\"…\") a backslash "
    "stands "
    "for itself",
    "P0503"};
template <>
inline constexpr Message message<rules::text_end>{"the text has no end",
                                                  "close it with `\"` on the same line", "P0502"};
template <>
inline constexpr Message message<rules::segment>{"a name is missing behind the dot"};
template <>
inline constexpr Message message<rules::else_literal>{"a value is missing behind `else`"};
template <>
inline constexpr Message message<rules::one> = no_condition;
template <>
inline constexpr Message message<rules::all> = no_condition;
template <>
inline constexpr Message message<rules::any> = no_condition;
template <>
inline constexpr Message message<rules::condition> = no_condition;
template <>
inline constexpr Message message<rules::compared>{"a value is missing behind the comparison",
                                                  "a text in quotes, or a number"};
template <>
inline constexpr Message message<rules::list_or_name>{
    "a list is missing behind `in`", "write `[\"a\", \"b\"]` or the name of a list"};
template <>
inline constexpr Message message<rules::list_end>{
    "the list is not closed", "items are texts or globs between commas; add `]`"};
template <>
inline constexpr Message message<rules::like_pattern>{
    "a pattern is missing behind `like`", "write `glob\"search_*\"` or `re\"v[0-9]+\"`"};
template <>
inline constexpr Message message<rules::question_rest>{
    "what is asked of the attribute is missing",
    "`==`, `!=`, `<`, `<=`, `>`, `>=` and a value, `in` and a list, or `like` and a pattern"};
template <>
inline constexpr Message message<rules::has_operand> = no_attribute;
template <>
inline constexpr Message message<rules::counted> = no_attribute;
template <>
inline constexpr Message message<rules::salt>{"the salt is missing",
                                              "write `canary(\"salt\", 5%)`"};
template <>
inline constexpr Message message<rules::canary_comma>{"the share is missing",
                                                      "write `canary(\"salt\", 5%)`"};
template <>
inline constexpr Message message<rules::share>{"the share is missing", "such as `5%` or `0.1%`"};
template <>
inline constexpr Message message<rules::open_parenthesis>{"`(` is missing"};
template <>
inline constexpr Message message<rules::close_parenthesis> = no_close;
template <>
inline constexpr Message message<rules::moment> = no_time_of_day;
template <>
inline constexpr Message message<rules::dots>{"`..` is missing", "such as `22:00..06:00`"};
template <>
inline constexpr Message message<rules::days>{"a day is missing",
                                              "mon, tue, wed, thu, fri, sat or sun"};
template <>
inline constexpr Message message<rules::set_to> = no_value;
template <>
inline constexpr Message message<rules::upper>{"the upper end is missing", "such as `2..4`"};
template <>
inline constexpr Message message<rules::effect>{"the effect is missing",
                                                "NoSchedule, PreferNoSchedule or NoExecute"};
template <>
inline constexpr Message message<rules::key> = no_value;
template <>
inline constexpr Message message<rules::setting>{"an outcome or `}` is missing", outcome_help};
template <>
inline constexpr Message message<rules::statement_name> = no_name;
template <>
inline constexpr Message message<rules::bare_name> = no_bare_name;
template <>
inline constexpr Message message<rules::type_name>{
    "a type is missing", "text, integer, decimal, boolean, duration, quantity or interval"};
template <>
inline constexpr Message message<rules::from_word>{"`from` is missing",
                                                   "write `templates from \"folder/\"`"};
template <>
inline constexpr Message message<rules::override_word>{"`override` is missing",
                                                       "write `allow override cpu, memory`"};
template <>
inline constexpr Message message<rules::allowed>{"the name of an override is missing",
                                                 "rules override cpu, memory, storage, label, "
                                                 "annotation, node, tolerate, env, javaOpts, "
                                                 "priorityClass, deadline, grace, namespace"};
template <>
inline constexpr Message message<rules::colon>{"`:` is missing",
                                               "write `attribute rows: integer = spec.rows`"};
template <>
inline constexpr Message message<rules::assign>{"`=` is missing"};
template <>
inline constexpr Message message<rules::attribute_path>{"a path is missing",
                                                        "such as `spec.tuningConfig.type`"};
template <>
inline constexpr Message message<rules::list_items>{"a list is missing", "write `[\"a\", \"b\"]`"};
template <>
inline constexpr Message message<rules::block> = no_block;
template <>
inline constexpr Message message<rules::test_block> = no_block;
template <>
inline constexpr Message message<rules::test_line>{
    "`task`, `now`, `canary`, `expect` or `}` is missing"};
template <>
inline constexpr Message message<rules::json_object>{
    "a task is missing, or its braces do not fit",
    "write a task as JSON: `{ \"type\": \"noop\" }`"};
template <>
inline constexpr Message message<rules::expectation>{
    "what is expected is missing", "such as `rule \"vip\"`, `template \"large\"`, `error`"};
template <>
inline constexpr Message message<rules::test_time>{"a time in quotes is missing",
                                                   "such as `\"2026-11-24T23:00:00+01:00\"`"};
template <>
inline constexpr Message message<rules::on_or_off>{"`on` or `off` is missing"};

template <class Item, class... Rest>
inline constexpr Message message<rules::peg::list_must<Item, Rest...>> = message<Item>;

}  // namespace copse::grammar::language
