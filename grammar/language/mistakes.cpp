#include "grammar/language/mistakes.hpp"

#include "engine/json_fault.hpp"
#include "engine/number.hpp"
#include "grammar/language/fault_place.hpp"
#include "grammar/language/units.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace copse::grammar::language {
namespace {

class Mistakes : public FaultPlace {
 public:
  explicit Mistakes(const FaultPlace& place) : FaultPlace(place) {}

  [[nodiscard]] std::optional<Mistake> run() const {
    if (fault_.code == "P0502") return no_end();
    if (fault_.code == "P0507") return no_statement();
    if (is(no_name)) return name();
    if (is(message<rules::allowed>)) return allowed();
    if (is(message<rules::override_word>)) return near({"override"});
    if (is(message<rules::assign>)) return assign();
    if (is(message<rules::effect>)) return effect();
    if (is(message<rules::setting>)) return setting();
    if (is(no_value)) return value();
    if (auto made = task_brace()) return made;
    if (is(message<rules::test_line>)) return test_line();
    return condition_mistake(*this);
  }

 private:
  std::optional<Mistake> no_end() const {
    const std::size_t line = text_.rfind('\n', at_ == 0 ? 0 : at_ - 1);
    std::size_t quote = text_.substr(0, at_).rfind('"');
    while (quote != std::string_view::npos && quote > 0 && text_[quote - 1] == '\\')
      quote = text_.rfind('"', quote - 1);
    if (quote == std::string_view::npos || (line != std::string_view::npos && quote < line))
      return std::nullopt;
    return Mistake{"", fault_.help, {quote, at_}, std::nullopt, {}};
  }

  std::optional<Mistake> no_statement() const {
    if (rest_.starts_with("/*")) return said("", "a comment begins with `#` in each line", 2);
    for (const std::string_view sign : {"//", "--"}) {
      if (rest_.starts_with(sign))
        return with("", "a comment begins with `#`", sign.size(), {at_, at_ + sign.size()}, "#");
    }
    if (rest_.starts_with('}')) return left_out(1, "no block is open here");
    if (const std::string_view statement = misspelt_statement(rest_); !statement.empty())
      return instead(word_.size(), statement);
    // `allow override cpu memory`
    const std::size_t last = text_.substr(0, at_).find_last_not_of(" \t");
    if (word_.empty() || last == std::string_view::npos || !is_name_character(text_[last]))
      return std::nullopt;
    return Mistake{"a comma is missing between two names",
                   "add `,`",
                   {at_, at_ + word_.size()},
                   Span{last + 1, last + 1},
                   ","};
  }

  std::optional<Mistake> name() const {
    if (const auto text = in_single_quotes(); !text.empty()) return single_quotes(text);
    if (word_.empty()) return std::nullopt;
    if (is_statement_word(word_)) return said("", fault_.help, word_.size());
    return in_quotes();
  }

  // A comma behind which no name stands, or what stands before the end of the line.
  std::optional<Mistake> allowed() const {
    if (!word_.empty()) return std::nullopt;
    const std::size_t end = end_of_before();
    const std::size_t begin = text_[end - 1] == ',' ? end - 1 : end;
    return Mistake{"", fault_.help, {begin, end}, std::nullopt, {}};
  }

  std::optional<Mistake> assign() const {
    if (rest_.starts_with(":=")) return instead(2, "=");
    if (rest_.starts_with(':')) return instead(1, "=");
    return std::nullopt;
  }

  // The word that begins the outcome under way.
  [[nodiscard]] std::string_view outcome_word() const {
    const std::size_t before = text_.substr(0, at_).find_last_of("{;\n");
    if (before == std::string_view::npos || before < statement_) return {};
    const std::size_t first = text_.find_first_not_of(blanks, before + 1);
    return first == std::string_view::npos ? "" : first_word(text_.substr(first));
  }

  [[nodiscard]] bool takes_key() const {
    constexpr std::array<std::string_view, 4> keyed{"label", "annotation", "node", "env"};
    return std::find(keyed.begin(), keyed.end(), outcome_word()) != keyed.end();
  }

  std::optional<Mistake> effect() const {
    const std::size_t colon = text_.substr(0, at_).rfind(':');
    if (!takes_key() || colon == std::string_view::npos || colon < statement_) return std::nullopt;
    return Mistake{
        "a key is set by `=`", meant("="), {colon, colon + 1}, Span{colon, colon + 1}, " ="};
  }

  [[nodiscard]] Mistake not_closed() const {
    const std::size_t end = end_of_before();
    return unless_in_comment({block_not_closed.title, "add `}`", {end, end}, Span{end, end}, " }"});
  }

  // `cpu 2-4`
  [[nodiscard]] std::optional<Mistake> range_by_dash() const {
    const std::size_t dash = word_.find('-');
    const std::string_view of = outcome_word();
    const bool is_amount = of == "cpu" || of == "memory" || of == "storage";
    if (!is_amount || dash == std::string_view::npos || !blanks.contains(text_[at_ - 1]))
      return std::nullopt;
    const std::string from(word_.substr(0, dash));
    const std::string to(word_.substr(dash + 1));
    if (!engine::parse_quantity(from) || !engine::parse_quantity(to)) return std::nullopt;
    return instead(word_.size(), from + ".." + to, "a range is written with `..`");
  }

  std::optional<Mistake> setting() const {
    if (rest_.empty()) return not_closed();
    if (rest_.starts_with(',')) return instead(1, ";");
    if (auto made = range_by_dash()) return made;
    if (!quoted().empty() && takes_key())
      return with("`=` is missing", "write `label \"team\" = \"search\"`", quoted().size(),
                  {at_, at_}, "= ");
    if (outcome_word() == "when" || outcome_word() == "if")
      return said("a condition stands before the block", "write `rule \"…\" when … { … }`", 1);
    return std::nullopt;
  }

  std::optional<Mistake> value() const {
    if (rest_.starts_with('=') && !rest_.starts_with("==") && !takes_key())
      return left_out(1, "`=` stands behind a key only");
    if (rest_.starts_with(':')) {
      const bool is_apart = rest_.size() > 1 && blanks.contains(rest_[1]);
      return with("an outcome has no `:`", "leave it out", 1, {at_, at_ + 1}, is_apart ? "" : " ");
    }
    const std::string_view word = word_before(at_);
    const std::size_t begin = begin_of(word);
    if (word == "worker" || word == "k8s")
      return Mistake{"",
                     meant("runner " + std::string(word)),
                     {begin, begin + word.size()},
                     Span{begin, begin},
                     "runner "};
    const std::string_view number = word_before(begin);
    const bool is_number = !number.empty() && digits.contains(number.front()) &&
                           number.find_first_not_of(digits) == std::string_view::npos;
    if (is_number) {
      std::size_t from = begin_of(number);
      while (from > statement_ && (digits.contains(text_[from - 1]) || text_[from - 1] == '.'))
        --from;
      const std::size_t number_end = begin_of(number) + number.size();
      const std::string together = number_with_unit(text_.substr(from, number_end - from), word);
      if (together.empty()) return std::nullopt;
      const Span both{from, begin + word.size()};
      return Mistake{"a unit stands right behind its number", meant(together), both, both,
                     together};
    }
    if (const auto text = in_single_quotes(); !text.empty()) return single_quotes(text);
    return std::nullopt;
  }

  // Where the JSON of the task of the test under way begins; npos: there is none.
  [[nodiscard]] std::size_t task_begin() const {
    std::size_t at = text_.find('"', statement_);
    at = at == std::string_view::npos ? at : text_.find('"', at + 1);
    while (at < at_) {
      at = text_.find("task", at + 1);
      if (at == std::string_view::npos || at >= at_) break;
      const std::size_t next = text_.find_first_not_of(blanks, at + 4);
      if (!is_name_character(text_[at - 1]) && next < at_ && text_[next] == '{') return next;
    }
    return std::string_view::npos;
  }

  // A `}` too few or too many in the JSON of a test's task, where it is none.
  std::optional<Mistake> task_brace() const {
    const bool is_of_test = is(message<rules::test_line>) || is(block_not_closed);
    if (!is_of_test || first_word(text_.substr(statement_)) != "test") return std::nullopt;
    const std::size_t begin = task_begin();
    if (begin == std::string_view::npos) return std::nullopt;
    const std::size_t end = end_of_before();
    if (rest_.starts_with(',') && text_[end - 1] == '}')
      return Mistake{"a `}` too many",
                     "the task's JSON ends here, and goes on behind it",
                     {end - 1, end},
                     std::nullopt,
                     {}};
    const auto fault = engine::find_json_fault(text_.substr(begin, at_ - begin));
    if (!fault) return std::nullopt;
    // Where the JSON breaks off, what begins there is the test's.
    const std::size_t broken = begin + static_cast<std::size_t>(fault->begin);
    const std::size_t last = text_.substr(0, broken).find_last_not_of(blanks) + 1;
    const std::string closed = std::string(text_.substr(begin, last - begin)) + "}";
    const bool is_one_missing = last > begin && !engine::find_json_fault(closed);
    if (!is_one_missing) return std::nullopt;
    return Mistake{"this `{` of the task's JSON is not closed",
                   "add `}` behind the last member",
                   {begin, begin + 1},
                   Span{last, last},
                   "}"};
  }

  std::optional<Mistake> test_line() const {
    if (rest_.empty()) return not_closed();
    constexpr std::array<std::string_view, 3> expected{"rule", "error", "template"};
    if (std::find(expected.begin(), expected.end(), word_) != expected.end())
      return with("", "what is expected stands behind `expect`, or `;`", word_.size(), {at_, at_},
                  "expect ");
    return near({"task", "now", "canary", "expect"});
  }
};

}  // namespace

std::optional<Mistake> mistake(std::string_view text, std::size_t statement, const Fault& fault,
                               std::size_t at) {
  return Mistakes({text, statement, fault, at}).run();
}

bool is_statement_word(std::string_view word) {
  return std::find(statement_words.begin(), statement_words.end(), word) != statement_words.end();
}

std::string_view misspelt_statement(std::string_view line) {
  const auto skip = [&](std::string_view part) {
    line.remove_prefix(part.size());
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  };
  const std::string_view word = first_word(line);
  if (word.empty() || is_statement_word(word)) return {};
  const std::string_view near =
      engine::nearest(lower(word), {statement_words.begin(), statement_words.end()});
  skip(word);
  const std::string_view name = first_word(line);
  bool fits = false;
  if (near == "policy" || near == "rule" || near == "test") {
    fits = line.starts_with('"');
  } else if (near == "default") {
    fits = line.starts_with('{');
  } else if (near == "allow") {
    fits = name == "override";
  } else if (near == "templates") {
    fits = name == "from";
  } else if (!name.empty()) {
    skip(name);
    fits = line.starts_with(near == "list" ? '=' : near == "attribute" ? ':' : '{');
  }
  return fits ? near : "";
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

std::string_view first_word(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && is_name_character(text[end])) ++end;
  return text.substr(0, end);
}

}  // namespace copse::grammar::language
