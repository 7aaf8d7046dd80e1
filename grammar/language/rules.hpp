#pragma once
// The grammar, in PEGTL's rules. Private to parse.cpp: what each rule makes stands there, and what
// is said when one fails stands in messages.hpp.
//
//   file       = { statement }
//   statement  = policy | templates | allow | attribute | list | profile | rule | default | test
//   rule       = "rule" text [ "when" any ] block
//   any        = all { "or" all }          all = one { "and" one }
//   one        = "not" one | "(" any ")" | canary | within | on | has | true | false | question
//   question   = operand ( comparison literal | "in" list | "like" pattern )
//   operand    = path [ "?" | "else" literal ]
//   block      = "{" [ setting { separator setting } [ ";" ] ] "}"

#include <cstddef>

#include <tao/pegtl.hpp>

namespace copse::grammar::language::rules {

namespace peg = tao::pegtl;

// ---- between words ----

struct comment : peg::seq<peg::one<'#'>, peg::until<peg::at<peg::eolf>>> {};

struct gap : peg::star<peg::sor<peg::one<' ', '\t', '\r', '\n'>, comment>> {};

// Within a line.
struct blank : peg::star<peg::one<' ', '\t'>> {};

struct letter : peg::ranges<'a', 'z', 'A', 'Z', '_', '_'> {};

struct name_rest : peg::ranges<'a', 'z', 'A', 'Z', '0', '9', '_', '_', '-', '-'> {};

struct name : peg::seq<letter, peg::star<name_rest>> {};

// A word of the language, not the beginning of a longer one.
template <char... C>
struct word : peg::seq<peg::string<C...>, peg::not_at<name_rest>> {};

// ---- literals ----

struct escape_letter : peg::one<'"', '\\', '/', 'b', 'f', 'n', 'r', 't'> {};

struct escape_code : peg::seq<peg::one<'u'>, peg::rep<4, peg::xdigit>> {};

struct escape : peg::sor<escape_letter, escape_code> {};

struct bare_character : peg::not_one<'"', '\\', '\n', '\r'> {};

struct text_end : peg::one<'"'> {};

struct text_body
    : peg::star<peg::sor<bare_character, peg::seq<peg::one<'\\'>, peg::must<escape>>>> {};

struct text : peg::seq<peg::one<'"'>, text_body, peg::must<text_end>> {};

struct raw_body
    : peg::star<peg::sor<bare_character, peg::seq<peg::one<'\\'>, peg::not_one<'\n', '\r'>>>> {};

struct glob : peg::seq<peg::string<'g', 'l', 'o', 'b', '"'>, raw_body, peg::must<text_end>> {};

struct regex : peg::seq<peg::string<'r', 'e', '"'>, raw_body, peg::must<text_end>> {};

struct clock : peg::seq<peg::rep_min_max<1, 2, peg::digit>, peg::one<':'>, peg::rep<2, peg::digit>,
                        peg::not_at<name_rest>> {};

// A dot that begins `..` belongs to a range.
struct number : peg::seq<peg::opt<peg::one<'-'>>, peg::plus<peg::digit>,
                         peg::opt<peg::seq<peg::one<'.'>, peg::plus<peg::digit>>>,
                         peg::sor<peg::one<'%'>, peg::star<peg::alnum>>> {};

struct boolean : peg::sor<word<'t', 'r', 'u', 'e'>, word<'f', 'a', 'l', 's', 'e'>> {};

struct pattern : peg::sor<glob, regex> {};

struct literal : peg::sor<text, pattern, clock, number, boolean> {};

// ---- operands ----

struct quoted_segment : peg::seq<peg::one<'"'>, text_body, peg::must<text_end>> {};

struct segment : peg::sor<peg::plus<name_rest>, quoted_segment> {};

struct path
    : peg::seq<name,
               peg::star<peg::seq<peg::one<'.'>, peg::not_at<peg::one<'.'>>, peg::must<segment>>>> {
};

struct operand_path : path {};

struct question_mark : peg::one<'?'> {};

struct else_literal : literal {};

struct otherwise : peg::seq<gap, word<'e', 'l', 's', 'e'>, peg::must<gap, else_literal>> {};

struct operand : peg::seq<operand_path, peg::opt<peg::sor<question_mark, otherwise>>> {};

// ---- conditions ----

struct any;
struct one;

struct open_parenthesis : peg::one<'('> {};

struct close_parenthesis : peg::one<')'> {};

struct comparison : peg::sor<peg::string<'=', '='>, peg::string<'!', '='>, peg::string<'<', '='>,
                             peg::string<'>', '='>, peg::one<'<'>, peg::one<'>'>> {};

struct compared : literal {};

struct compare_rest : peg::seq<comparison, peg::must<gap, compared>> {};

struct item : literal {};

struct list_end : peg::one<']'> {};

struct comma : peg::one<','> {};

template <class Item>
struct items : peg::seq<peg::one<'['>, gap,
                        peg::opt<peg::list<Item, peg::seq<gap, comma, gap>>, gap, peg::opt<comma>>,
                        gap, peg::must<list_end>> {};

struct inline_list : items<item> {};

struct list_name : name {};

struct list_or_name : peg::sor<inline_list, list_name> {};

struct in_rest : peg::seq<word<'i', 'n'>, peg::must<gap, list_or_name>> {};

struct like_pattern : pattern {};

struct like_rest : peg::seq<word<'l', 'i', 'k', 'e'>, peg::must<gap, like_pattern>> {};

struct question_rest : peg::sor<compare_rest, in_rest, like_rest> {};

struct question : peg::seq<operand, peg::must<gap, question_rest>> {};

// `(context.rows else 0) >= 75`: looked at first, since a group of conditions begins like it.
struct is_operand_in_parentheses
    : peg::at<open_parenthesis, gap, operand, gap, close_parenthesis, gap,
              peg::sor<comparison, word<'i', 'n'>, word<'l', 'i', 'k', 'e'>>> {};

struct question_in_parentheses : peg::seq<is_operand_in_parentheses, open_parenthesis, gap, operand,
                                          gap, close_parenthesis, peg::must<gap, question_rest>> {};

struct has_operand : operand {};

struct has : peg::seq<word<'h', 'a', 's'>, peg::must<gap, has_operand>> {};

struct salt : text {};

struct share : number {};

struct counted : operand {};

struct canary_comma : peg::one<','> {};

struct canary
    : peg::seq<word<'c', 'a', 'n', 'a', 'r', 'y'>,
               peg::must<gap, open_parenthesis, gap, salt, gap, canary_comma, gap, share, gap,
                         peg::opt<comma, gap, peg::must<counted>, gap>, close_parenthesis>> {};

struct moment : clock {};

struct dots : peg::string<'.', '.'> {};

struct zone : text {};

struct within : peg::seq<word<'w', 'i', 't', 'h', 'i', 'n'>,
                         peg::must<gap, moment, gap, dots, gap, moment>, peg::opt<gap, zone>> {};

struct day
    : peg::sor<word<'m', 'o', 'n'>, word<'t', 'u', 'e'>, word<'w', 'e', 'd'>, word<'t', 'h', 'u'>,
               word<'f', 'r', 'i'>, word<'s', 'a', 't'>, word<'s', 'u', 'n'>> {};

struct days : peg::list<day, peg::seq<gap, comma, gap>> {};

struct on_days : peg::seq<word<'o', 'n'>, peg::must<gap, days>, peg::opt<gap, zone>> {};

struct not_word : word<'n', 'o', 't'> {};

struct negation : peg::seq<not_word, peg::must<gap, one>> {};

struct group : peg::seq<open_parenthesis, peg::must<gap, any, gap, close_parenthesis>> {};

struct constant : boolean {};

struct one : peg::sor<negation, question_in_parentheses, group, canary, within, on_days, has,
                      constant, question> {};

struct all : peg::list_must<one, peg::seq<gap, word<'a', 'n', 'd'>, gap>> {};

struct any : peg::list_must<all, peg::seq<gap, word<'o', 'r'>, gap>> {};

// ---- outcomes ----

struct setting_word : peg::seq<peg::not_at<peg::sor<word<'t', 'a', 's', 'k'>, word<'n', 'o', 'w'>,
                                                    word<'c', 'a', 'n', 'a', 'r', 'y'>,
                                                    word<'e', 'x', 'p', 'e', 'c', 't'>>>,
                               name> {};

struct value_literal : literal {};

struct value_operand : operand {};

struct value : peg::sor<value_literal, value_operand> {};

struct key : value {};

struct set_to : value {};

struct upper : value {};

struct effect : name {};

struct equals : peg::seq<gap, peg::one<'='>, peg::not_at<peg::one<'='>>, peg::must<gap, set_to>> {};

struct up_to : peg::seq<gap, dots, peg::must<gap, upper>> {};

struct with_effect : peg::seq<gap, peg::one<':'>, peg::must<gap, effect>> {};

struct setting : peg::seq<setting_word, peg::must<blank, key>, peg::opt<equals>,
                          peg::opt<peg::sor<up_to, with_effect>>> {};

struct separator : peg::one<';'> {};

struct block_end : peg::one<'}'> {};

struct block_begin : peg::one<'{'> {};

struct block : peg::seq<block_begin, gap,
                        peg::until<block_end, peg::must<setting>, gap, peg::opt<separator>, gap>> {
};

// ---- statements ----

struct policy_word : word<'p', 'o', 'l', 'i', 'c', 'y'> {};

struct templates_word : word<'t', 'e', 'm', 'p', 'l', 'a', 't', 'e', 's'> {};

struct allow_word : word<'a', 'l', 'l', 'o', 'w'> {};

struct attribute_word : word<'a', 't', 't', 'r', 'i', 'b', 'u', 't', 'e'> {};

struct list_word : word<'l', 'i', 's', 't'> {};

struct profile_word : word<'p', 'r', 'o', 'f', 'i', 'l', 'e'> {};

struct rule_word : word<'r', 'u', 'l', 'e'> {};

struct default_word : word<'d', 'e', 'f', 'a', 'u', 'l', 't'> {};

struct test_word : word<'t', 'e', 's', 't'> {};

// With which the next statement begins where a list of names was left open.
struct statement_word : peg::sor<policy_word, templates_word, allow_word, attribute_word, list_word,
                                 profile_word, rule_word, default_word, test_word> {};

struct statement_name : text {};

struct bare_name : name {};

struct type_name : name {};

// Braces that fit; what stands within is read by whoever needs it. Without recursion: a nesting
// bomb is only long.
struct json_object {
  using rule_t = json_object;
  using subs_t = peg::empty_list;

  template <peg::apply_mode, peg::rewind_mode, template <typename...> class,
            template <typename...> class, typename Input, typename... States>
  static bool match(Input& in, States&&...) {
    const char* at = in.current();
    std::size_t depth = 0;
    bool quoted = false;
    for (; at != in.end(); ++at) {
      if (quoted) {
        if (*at == '\\' && at + 1 != in.end())
          ++at;
        else if (*at == '"')
          quoted = false;
      } else if (*at == '"') {
        quoted = true;
      } else if (*at == '{') {
        ++depth;
      } else if (depth == 0) {
        return false;
      } else if (*at == '}' && --depth == 0) {
        in.bump(static_cast<std::size_t>(at + 1 - in.current()));
        return true;
      }
    }
    return false;
  }
};

struct assign : peg::one<'='> {};

struct colon : peg::one<':'> {};

struct policy : peg::seq<policy_word, peg::must<gap, statement_name>> {};

struct from_word : word<'f', 'r', 'o', 'm'> {};

struct templates : peg::seq<templates_word, peg::must<gap, from_word, gap, statement_name>> {};

struct override_word : word<'o', 'v', 'e', 'r', 'r', 'i', 'd', 'e'> {};

struct allowed : peg::seq<peg::not_at<statement_word>, name> {};

struct allow : peg::seq<allow_word, peg::must<gap, override_word, gap,
                                              peg::list_must<allowed, peg::seq<gap, comma, gap>>>> {
};

struct attribute_path : path {};

struct attribute : peg::seq<attribute_word, peg::must<gap, bare_name, gap, colon, gap, type_name,
                                                      gap, assign, gap, attribute_path>> {};

struct list_items : items<item> {};

struct list : peg::seq<list_word, peg::must<gap, bare_name, gap, assign, gap, list_items>> {};

struct profile : peg::seq<profile_word, peg::must<gap, bare_name, gap, block>> {};

struct condition : any {};

struct when : peg::seq<word<'w', 'h', 'e', 'n'>, peg::must<gap, condition>> {};

struct rule : peg::seq<rule_word, peg::must<gap, statement_name, gap, peg::opt<when>, gap, block>> {
};

struct default_rule : peg::seq<default_word, peg::must<gap, block>> {};

struct task_word : word<'t', 'a', 's', 'k'> {};

struct now_word : word<'n', 'o', 'w'> {};

struct canary_word : word<'c', 'a', 'n', 'a', 'r', 'y'> {};

struct test_task : peg::seq<task_word, peg::must<gap, json_object>> {};

struct test_time : text {};

struct test_now : peg::seq<now_word, peg::must<gap, test_time>> {};

struct on_or_off : peg::sor<word<'o', 'n'>, word<'o', 'f', 'f'>> {};

struct test_canary : peg::seq<canary_word, peg::must<gap, on_or_off>> {};

// `error` stands alone, or with a part of what it says.
struct error_word : word<'e', 'r', 'r', 'o', 'r'> {};

struct error_text : text {};

struct expected_error : peg::seq<error_word, peg::opt<blank, error_text>> {};

struct expectation : peg::sor<expected_error, setting> {};

struct expected : peg::seq<word<'e', 'x', 'p', 'e', 'c', 't'>, peg::must<gap, expectation>,
                           peg::star<gap, separator, gap, expectation>> {};

struct test_line : peg::sor<test_task, test_now, test_canary, expected> {};

struct test_block
    : peg::seq<block_begin, gap,
               peg::until<block_end, peg::must<test_line>, gap, peg::opt<separator>, gap>> {};

struct test : peg::seq<test_word, peg::must<gap, statement_name, gap, test_block>> {};

struct statement
    : peg::sor<rule, list, test, profile, default_rule, attribute, allow, templates, policy> {};

}  // namespace copse::grammar::language::rules
