#include "runner/lsp/place.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace copse::runner::lsp {
namespace {

// Where a reading stands: what the next word or sign is.
enum class State : std::uint8_t {
  // Heads of statements.
  statement,
  policy_name,
  from,
  folder,
  override_word,
  field,
  field_rest,
  attribute_name,
  attribute_colon,
  type,
  attribute_assign,
  attribute_path,
  list_name,
  list_assign,
  list_items,
  profile_name,
  rule_name,
  rule_rest,
  test_name,
  block_open,
  // Conditions.
  condition,
  question,
  else_literal,
  compared,
  list,
  items,
  pattern,
  has,
  salt,
  share,
  counted,
  moment,
  dots,
  last_moment,
  day,
  day_rest,
  connective,
  // Blocks.
  outcome,
  template_key,
  runner,
  profile,
  amount,
  value,
  value_rest,
  else_value,
  effect,
  setting_rest,
  test_line,
  test_more,
  task,
  now,
  on_or_off,
  expectation,
  expected_rule
};

// What a state waits for, and what comes behind that where it is not told below.
struct Row {
  State state;
  Slot slot;
  State next;
};

using enum State;

constexpr std::array rows{Row{statement, Slot::statement, statement},
                          Row{policy_name, Slot::nothing, statement},
                          Row{from, Slot::from, folder},
                          Row{folder, Slot::nothing, statement},
                          Row{override_word, Slot::override_word, field},
                          Row{field, Slot::field, field_rest},
                          Row{field_rest, Slot::statement, field_rest},
                          Row{attribute_name, Slot::new_name, attribute_colon},
                          Row{attribute_colon, Slot::nothing, type},
                          Row{type, Slot::type, attribute_assign},
                          Row{attribute_assign, Slot::nothing, attribute_path},
                          Row{attribute_path, Slot::nothing, statement},
                          Row{list_name, Slot::new_name, list_assign},
                          Row{list_assign, Slot::nothing, list_items},
                          Row{list_items, Slot::nothing, list_items},
                          Row{profile_name, Slot::new_name, block_open},
                          Row{rule_name, Slot::new_rule, rule_rest},
                          Row{rule_rest, Slot::when, rule_rest},
                          Row{test_name, Slot::nothing, block_open},
                          Row{block_open, Slot::nothing, block_open},
                          Row{condition, Slot::condition, condition},
                          Row{question, Slot::question, question},
                          Row{else_literal, Slot::nothing, question},
                          Row{compared, Slot::nothing, connective},
                          Row{list, Slot::list, connective},
                          Row{items, Slot::nothing, items},
                          Row{pattern, Slot::nothing, connective},
                          Row{has, Slot::attribute, connective},
                          Row{salt, Slot::nothing, salt},
                          Row{share, Slot::nothing, share},
                          Row{counted, Slot::attribute, connective},
                          Row{moment, Slot::nothing, dots},
                          Row{dots, Slot::nothing, last_moment},
                          Row{last_moment, Slot::nothing, connective},
                          Row{day, Slot::day, day_rest},
                          Row{day_rest, Slot::connective, day_rest},
                          Row{connective, Slot::connective, connective},
                          Row{outcome, Slot::outcome, outcome},
                          Row{template_key, Slot::template_key, setting_rest},
                          Row{runner, Slot::runner, setting_rest},
                          Row{profile, Slot::profile, setting_rest},
                          Row{amount, Slot::nothing, setting_rest},
                          Row{value, Slot::attribute, setting_rest},
                          Row{value_rest, Slot::otherwise, value_rest},
                          Row{else_value, Slot::nothing, setting_rest},
                          Row{effect, Slot::effect, setting_rest},
                          Row{setting_rest, Slot::nothing, setting_rest},
                          Row{test_line, Slot::test_line, test_line},
                          Row{test_more, Slot::test_more, test_more},
                          Row{task, Slot::nothing, task},
                          Row{now, Slot::nothing, test_line},
                          Row{on_or_off, Slot::on_or_off, test_line},
                          Row{expectation, Slot::expectation, expectation},
                          Row{expected_rule, Slot::expected_rule, setting_rest}};

const Row& row(State state) {
  return rows[static_cast<std::size_t>(state)];
}

static_assert([] {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (static_cast<std::size_t>(rows[i].state) != i) return false;
  }
  return rows.back().state == expected_rule;
}());

// Which state a word leads to.
struct Way {
  std::string_view word;
  State to;
};

constexpr std::array statement_ways{
    Way{"policy", policy_name},       Way{"templates", from}, Way{"allow", override_word},
    Way{"attribute", attribute_name}, Way{"list", list_name}, Way{"profile", profile_name},
    Way{"rule", rule_name},           Way{"test", test_name}, Way{"default", block_open}};

constexpr std::array condition_ways{
    Way{"not", condition}, Way{"(", condition}, Way{"has", has},         Way{"canary", salt},
    Way{"within", moment}, Way{"on", day},      Way{"true", connective}, Way{"false", connective}};

constexpr std::array question_ways{
    Way{"==", compared},  Way{"!=", compared},      Way{"<", compared}, Way{"<=", compared},
    Way{">", compared},   Way{">=", compared},      Way{"=", compared}, Way{"in", list},
    Way{"like", pattern}, Way{"else", else_literal}};

constexpr std::array setting_ways{Way{"template", template_key}, Way{"runner", runner},
                                  Way{"use", profile}};

constexpr std::array test_ways{Way{"task", task},
                               Way{"now", now},
                               Way{"canary", on_or_off},
                               Way{"expect", expectation},
                               Way{"rule", expected_rule},
                               Way{"error", setting_rest},
                               Way{"template", template_key},
                               Way{"runner", runner}};

constexpr std::array rest_ways{Way{"=", value}, Way{"..", amount}, Way{":", effect},
                               Way{"else", else_value}};

template <std::size_t Count>
std::optional<State> way(const std::array<Way, Count>& ways, std::string_view word) {
  const auto* at = std::ranges::find(ways, word, &Way::word);
  return at == ways.end() ? std::nullopt : std::optional(at->to);
}

class Reading {
 public:
  explicit Reading(std::string_view text) : text_(text) {}

  // What may be written next.
  [[nodiscard]] Slot slot(bool is_on_new_line) const {
    return is_on_new_line && is_within_setting() ? row(block_begin()).slot : row(state_).slot;
  }

  // What `token` is written for.
  [[nodiscard]] Slot slot_of(const Token& token) const {
    if (restarts(token)) return Slot::statement;
    if (token.kind == Token::Kind::word && begins_setting(token)) return row(block_begin()).slot;
    return slot(token.is_on_new_line);
  }

  void take(const Token& token) {
    const std::string_view word = spelled(token);
    if (restarts(token) || state_ == statement) {
      begin(word);
    } else if (state_ < condition) {
      take_head(token, word);
    } else if (state_ < outcome) {
      take_condition(token, word);
    } else {
      take_block(token, word);
    }
  }

 private:
  [[nodiscard]] std::string_view spelled(const Token& token) const {
    return text_.substr(token.span.begin, token.span.end - token.span.begin);
  }

  // A statement's word at the very beginning of a line ends what was left open before it; but a
  // rule may be expected there.
  [[nodiscard]] bool restarts(const Token& token) const {
    if (token.kind != Token::Kind::word || !token.begins_line) return false;
    const std::string_view word = spelled(token);
    const bool is_expected = word == "rule" && (state_ == expectation || state_ == test_more);
    return !is_expected && way(statement_ways, word);
  }

  [[nodiscard]] State block_begin() const { return is_test_ ? test_line : outcome; }

  // An outcome ends with its line, wherever it is.
  [[nodiscard]] bool is_within_setting() const {
    return state_ == template_key || state_ == runner || state_ == profile || state_ == amount ||
           state_ == expected_rule || is_behind_value();
  }

  [[nodiscard]] bool is_behind_value() const {
    return state_ == setting_rest || state_ == value_rest;
  }

  // A word that begins an outcome where a `;` or a `{` was forgotten, or in a new line.
  [[nodiscard]] bool begins_setting(const Token& token) const {
    const std::string_view word = spelled(token);
    if (state_ == block_open || state_ == rule_rest) return word != "when";
    if (is_behind_value()) return word != "else";
    return is_within_setting() && token.is_on_new_line;
  }

  void begin(std::string_view word) {
    if (word == "{") return open();
    state_ = way(statement_ways, word).value_or(statement);
    is_test_ = word == "test";
  }

  void open() { state_ = block_begin(); }

  void take_head(const Token& token, std::string_view word) {
    const bool is_word = token.kind == Token::Kind::word;
    if (word == "{") {
      open();
    } else if (state_ == field_rest) {
      if (is_word) begin(word);
      if (word == ",") state_ = field;
    } else if (state_ == list_items) {
      if (word == "]") state_ = statement;
    } else if ((state_ == rule_name || state_ == test_name) && is_word) {
      state_ = row(state_).next;  // the name is missing
      take_head(token, word);
    } else if (state_ == rule_rest || state_ == block_open) {
      if (word == "when") {
        state_ = condition;
      } else if (is_word) {
        begin_setting(word);
      }
    } else {
      state_ = row(state_).next;
    }
  }

  void take_condition(const Token& token, std::string_view word) {
    const bool is_sign = token.kind == Token::Kind::sign;
    if (word == "{") return open();
    if (word == "}") {
      state_ = statement;
    } else if (word == "and" || word == "or") {
      state_ = condition;
    } else if (state_ == condition) {
      state_ = way(condition_ways, word).value_or(is_sign ? condition : question);
    } else if (state_ == question) {
      state_ = way(question_ways, word).value_or(question);
    } else if (word == ")") {
      state_ = connective;
    } else if (state_ == list && word == "[") {
      state_ = items;
    } else if (word == "]") {
      state_ = connective;
    } else if (word == ",") {
      if (state_ == day_rest) state_ = day;
      if (state_ == salt || state_ == share) state_ = state_ == salt ? share : counted;
    } else {
      state_ = row(state_).next;
    }
  }

  void take_block(const Token& token, std::string_view word) {
    const bool is_word = token.kind == Token::Kind::word;
    if (state_ == task) return take_task(word);
    if (word == "}") {
      state_ = statement;
    } else if (word == ";") {
      state_ = is_test_ ? test_more : outcome;
    } else if (is_word && (begins_setting(token) || is_setting_awaited())) {
      begin_setting(word);
    } else if (state_ == value && is_word) {
      state_ = value_rest;
    } else if (const auto to = way(rest_ways, word); to && is_behind_value()) {
      state_ = *to;
    } else {
      state_ = row(state_).next;
    }
  }

  [[nodiscard]] bool is_setting_awaited() const {
    return state_ == outcome || state_ == test_line || state_ == test_more || state_ == expectation;
  }

  void begin_setting(std::string_view word) {
    depth_ = 0;
    state_ = (is_test_ ? way(test_ways, word) : way(setting_ways, word)).value_or(amount);
  }

  // A test's task is JSON.
  void take_task(std::string_view word) {
    if (word == "{") ++depth_;
    if (word != "}" || depth_ == 0 || --depth_ > 0) return;
    state_ = test_line;
  }

  std::string_view text_;
  State state_ = statement;
  bool is_test_ = false;
  std::size_t depth_ = 0;  // of a task's braces
};

}  // namespace

Here look(std::string_view text, std::size_t at) {
  using Kind = Token::Kind;
  at = std::min(at, text.size());
  Here here;
  here.typed = {at, at};
  Reading reading(text);
  Tokens tokens(text);
  std::size_t end = 0;
  for (Token token = tokens.next(); token.kind != Kind::none && token.span.begin <= at;
       token = tokens.next()) {
    const bool is_quoted = token.kind == Kind::text || token.kind == Kind::pattern;
    const bool is_before = token.span.begin == at;
    // Behind the quote that ends it nobody types a text.
    const bool is_typed =
        at < token.span.end ||
        (at == token.span.end && token.kind != Kind::sign && !(is_quoted && token.is_closed));
    if (token.kind == Kind::comment) {
      if (is_typed && !is_before) return here;
      continue;
    }
    const Slot slot = reading.slot_of(token);
    if (at <= token.span.end && (token.kind == Kind::word || token.kind == Kind::text)) {
      here.token = token;
      here.fills = slot;
    }
    if (is_before && token.kind != Kind::word) break;
    if (is_typed) {
      here.is_in_text = token.kind == Kind::text;
      if (here.is_in_text || token.kind == Kind::word) {
        // Half a word is not yet the one that begins something else.
        here.slot = slot == Slot::statement ? slot : reading.slot(token.is_on_new_line);
        here.typed.begin = token.span.begin + (is_quoted ? 1 : 0);
      }
      return here;
    }
    reading.take(token);
    end = token.span.end;
  }
  here.slot = reading.slot(text.substr(end, at - end).find('\n') != std::string_view::npos);
  return here;
}

}  // namespace copse::runner::lsp
