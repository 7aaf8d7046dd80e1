#include "grammar/language/mistakes.hpp"

#include "engine/diagnostic.hpp"
#include "grammar/language/builder.hpp"
#include "grammar/language/messages.hpp"
#include "grammar/language/syntax.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace copse::grammar::language {
namespace {

using engine::Span;

constexpr std::string_view blanks = " \t\r\n";
constexpr std::string_view digits = "0123456789";
constexpr std::array<std::string_view, 16> units{"ms", "s", "m", "h",  "d",  "k",  "M",  "G",
                                                 "T",  "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi"};

std::string lower(std::string_view text) {
  std::string made(text);
  for (char& c : made) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return made;
}

std::string in_code(std::string_view text) {
  return "`" + std::string(text) + "`";
}

std::string meant(std::string_view text) {
  return "did you mean " + in_code(text) + "?";
}

class Look {
 public:
  Look(std::string_view text, std::size_t statement, const Fault& fault, std::size_t at)
      : text_(text), statement_(statement), fault_(fault), at_(at) {
    // A word that goes on where one of the language ends: `expects`.
    while (at_ > statement_ && at_ < text_.size() && is_name_character(text_[at_]) &&
           is_name_character(text_[at_ - 1]))
      --at_;
    rest_ = text_.substr(std::min(at_, text_.size()));
    word_ = first_word(rest_);
  }

  std::optional<Mistake> run() {
    if (fault_.code == "P0502") return no_end();
    if (fault_.code == "P0507") return no_statement();
    if (is(message<rules::question_rest>)) return question();
    if (is(message<rules::compared>)) return compared();
    if (is(no_condition)) return condition();
    if (is(message<rules::list_or_name>)) return list();
    if (is(message<rules::list_end>)) return list_end();
    if (is(message<rules::list_items>) && !rest_.empty() && (rest_[0] == '{' || rest_[0] == '('))
      return said("", "a list stands in brackets: `[\"a\", \"b\"]`", 1);
    if (is(message<rules::like_pattern>) && !quoted().empty())
      return with("", meant("glob" + std::string(quoted())), quoted().size(), {at_, at_}, "glob");
    if (is(message<rules::moment>)) return moment();
    if (is(message<rules::days>)) return day(word_, at_);
    if (is(message<rules::salt>) && !word_.empty()) return in_quotes();
    if (is(no_name)) return name();
    if (is(message<rules::override_word>)) return near({"override"});
    if (is(message<rules::assign>)) return assign();
    if (is(message<rules::effect>)) return effect();
    if (is(message<rules::setting>)) return setting();
    if (is(no_value)) return value();
    if (is(message<rules::test_line>)) return test_line();
    if (is(no_block)) return block();
    if (is(no_close)) return joint();
    return std::nullopt;
  }

 private:
  [[nodiscard]] bool is(const Message& message) const { return fault_.title == message.title; }

  [[nodiscard]] Mistake said(std::string title, std::string help, std::size_t size) const {
    return {std::move(title), std::move(help), {at_, at_ + size}, std::nullopt, {}};
  }

  [[nodiscard]] Mistake with(std::string title, std::string help, std::size_t size, Span fix_at,
                             std::string fix) const {
    return {std::move(title), std::move(help), {at_, at_ + size}, fix_at, std::move(fix)};
  }

  // The word, or sign, that stands here is another one.
  [[nodiscard]] Mistake instead(std::size_t size, std::string_view fix,
                                std::string title = {}) const {
    return with(std::move(title), meant(fix), size, {at_, at_ + size}, std::string(fix));
  }

  [[nodiscard]] Mistake left_out(std::size_t size, std::string title) const {
    return with(std::move(title), "leave it out", size, {at_, at_ + size}, "");
  }

  [[nodiscard]] std::optional<Mistake> near(std::vector<std::string_view> words) const {
    const std::string small = lower(word_);
    const std::string_view found = word_.empty() ? "" : engine::nearest(small, words);
    if (found.empty() || found == word_) return std::nullopt;
    return instead(word_.size(), found);
  }

  // Of a word that goes on with other characters only a person knows where it ends.
  [[nodiscard]] Mistake in_quotes() const {
    const std::size_t end = at_ + word_.size();
    const bool is_whole =
        end == text_.size() || std::string_view(" \t\r\n,;)]}").contains(text_[end]);
    if (!is_whole || word_ == "when") return said("", "a text stands in quotes", word_.size());
    return instead(word_.size(), "\"" + std::string(word_) + "\"");
  }

  // `'a'` as it is written here; empty: no such text stands here.
  [[nodiscard]] std::string_view in_single_quotes() const {
    const std::size_t end = rest_.starts_with('\'') ? rest_.find_first_of("'\n", 1) : 0;
    return end == 0 || end == std::string_view::npos || rest_[end] == '\n'
               ? ""
               : rest_.substr(0, end + 1);
  }

  // The text in quotes that stands here; empty: none that ends in this line.
  [[nodiscard]] std::string_view quoted() const {
    for (std::size_t i = 1; rest_.starts_with('"') && i < rest_.size() && rest_[i] != '\n'; ++i) {
      if (rest_[i] == '"') return rest_.substr(0, i + 1);
      if (rest_[i] == '\\') ++i;
    }
    return {};
  }

  // Behind what stands before the fault, blanks left out.
  [[nodiscard]] std::size_t end_of_before() const {
    const std::size_t last = text_.substr(0, at_).find_last_not_of(blanks);
    return last == std::string_view::npos || last < statement_ ? at_ : last + 1;
  }

  // `made` as it is, but without a fix where that would stand in a comment.
  [[nodiscard]] Mistake unless_in_comment(Mistake made) const {
    const std::size_t line = text_.rfind('\n', made.fix_at->begin - 1);
    const std::size_t from = line == std::string_view::npos ? 0 : line + 1;
    if (text_.substr(from, made.fix_at->begin - from).contains('#')) made.fix_at.reset();
    return made;
  }

  // The word before the fault, blanks between them left out.
  [[nodiscard]] std::string_view word_before(std::size_t at) const {
    std::size_t end = at;
    while (end > statement_ && blanks.find(text_[end - 1]) != std::string_view::npos) --end;
    std::size_t begin = end;
    while (begin > statement_ && is_name_character(text_[begin - 1])) --begin;
    return text_.substr(begin, end - begin);
  }

  [[nodiscard]] std::size_t begin_of(std::string_view part) const {
    return static_cast<std::size_t>(part.data() - text_.data());
  }

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

  std::optional<Mistake> question() const {
    const std::string_view before = word_before(at_);
    if (before == "and" || before == "or" || before == "when") {
      const std::size_t from = begin_of(before);
      return Mistake{
          before == "when" ? "a second `when`" : in_code(before) + " stands between two conditions",
          "leave it out",
          {from, from + before.size()},
          Span{from, at_},
          ""};
    }
    if (rest_.starts_with("= ") || rest_.starts_with("=\"")) return instead(1, "==");
    if (rest_.starts_with("=~") || rest_.starts_with("~"))
      return said("", "write `like re\"…\"` or `like glob\"…\"`", rest_[0] == '=' ? 2 : 1);
    const std::string small = lower(word_);
    if (small == "is" || small == "eq" || small == "equals") return instead(word_.size(), "==");
    if (small == "in" || small == "like") return instead(word_.size(), small);
    if (small == "not")
      return said("", "`not` stands before the condition: `not (type in …)`", word_.size());
    if (small == "else" && text_[end_of_before() - 1] == '?')
      return said("`?` and `else` both say what absence means",
                  "`?` is false when absent, `else` a value instead: leave one of them out",
                  word_.size());
    if (small == "between")
      return said("", "write `priority >= 5 and priority <= 10`", word_.size());
    if (small == "matches") return said("", "write `like re\"…\"`", word_.size());
    if (small == "contains" || small == "startswith" || small == "endswith")
      return said("",
                  small == "contains"     ? "write `like glob\"*…*\"`"
                  : small == "startswith" ? "write `like glob\"…*\"`"
                                          : "write `like glob\"*…\"`",
                  word_.size());
    return std::nullopt;
  }

  std::optional<Mistake> compared() const {
    if (rest_.starts_with('=') && text_.substr(0, at_).ends_with("=="))
      return left_out(1, "one `=` too many");
    if (const auto text = in_single_quotes(); !text.empty()) return single_quotes(text);
    const std::string small = lower(word_);
    if (small == "null" || small == "none" || small == "nil")
      return said("", "absence is asked by `has`: `not (has tags.team)`", word_.size());
    if (small == "true" || small == "false") return instead(word_.size(), small);
    if (rest_.starts_with("- ")) return said("", "no blank between `-` and its number", 1);
    if (word_.empty()) return std::nullopt;
    Mistake made = in_quotes();
    made.help += made.fix_at ? " " : ": ";
    made.help += "attributes are compared with texts, numbers, `true` and `false`";
    return made;
  }

  [[nodiscard]] Mistake single_quotes(std::string_view text) const {
    if (text.find_first_of("\"\\") != std::string_view::npos)
      return said("texts stand in double quotes", "write `\"…\"`", text.size());
    return instead(text.size(), "\"" + std::string(text.substr(1, text.size() - 2)) + "\"",
                   "texts stand in double quotes");
  }

  std::optional<Mistake> condition() const {
    if (rest_.starts_with("!="))
      return said("", "each comparison names its attribute: `type != \"a\" and type != \"b\"`", 2);
    if (rest_.starts_with('!')) return with("", meant("not"), 1, {at_, at_ + 1}, "not ");
    return std::nullopt;
  }

  std::optional<Mistake> list() const {
    if (rest_.starts_with('(') || rest_.starts_with('{'))
      return said("", "a list stands in brackets: `[\"a\", \"b\"]`", 1);
    if (const std::string text(quoted()); !text.empty()) {
      return with("", meant("[" + text + "]"), text.size(), {at_, at_ + text.size()},
                  "[" + text + "]");
    }
    if (!rest_.empty() && digits.find(rest_[0]) != std::string_view::npos)
      return said("", "a range is two comparisons: `priority >= 5 and priority <= 10`",
                  std::max<std::size_t>(word_.size(), 1));
    return std::nullopt;
  }

  // An item without a comma before it; else the list ends where the last thing of it ends.
  std::optional<Mistake> list_end() const {
    const bool is_item =
        rest_.starts_with('"') || rest_.starts_with("glob\"") || rest_.starts_with("re\"") ||
        (!rest_.empty() && digits.contains(rest_[0])) || word_ == "true" || word_ == "false";
    const std::size_t end = end_of_before();
    if (is_item && text_[end - 1] != ',')
      return unless_in_comment(
          with("a comma is missing between two items", "add `,`", 1, {end, end}, ","));
    if (const auto text = in_single_quotes(); !text.empty()) return single_quotes(text);
    if (!word_.empty() && text_.substr(end, at_ - end).find('\n') == std::string_view::npos &&
        (text_[end - 1] == ',' || text_[end - 1] == '['))
      return in_quotes();
    return unless_in_comment({"", fault_.help, {end, end}, Span{end, end}, "]"});
  }

  std::optional<Mistake> moment() const {
    const std::size_t end = std::min(rest_.find_first_not_of("0123456789:-"), rest_.size());
    std::string written(rest_.substr(0, end));
    const std::size_t dash = written.find('-');
    const bool has_both = dash != std::string::npos && written.substr(0, dash).contains(':') &&
                          written.substr(dash).contains(':');
    if (!has_both) return std::nullopt;
    written.replace(dash, 1, "..");
    return instead(end, written);
  }

  std::optional<Mistake> day(std::string_view word, std::size_t at) const {
    constexpr std::array<std::string_view, 7> in_full{"monday", "tuesday",  "wednesday", "thursday",
                                                      "friday", "saturday", "sunday"};
    const std::string small = lower(word);
    const auto full = std::find_if(in_full.begin(), in_full.end(), [&](std::string_view each) {
      return small.size() >= 3 && each.starts_with(small);
    });
    std::string_view one = full == in_full.end() ? "" : full->substr(0, 3);
    if (one.empty() && small.size() <= 4)
      one = engine::nearest(small, std::vector<std::string_view>(days.begin(), days.end()));
    const Span span{at, at + word.size()};
    if (!one.empty()) return Mistake{"a day is missing", meant(one), span, span, std::string(one)};
    if (small.contains('-'))
      return Mistake{
          "a day is missing", "days stand between commas: `mon, tue, wed`", span, std::nullopt, {}};
    return std::nullopt;
  }

  std::optional<Mistake> name() const {
    if (const auto text = in_single_quotes(); !text.empty()) return single_quotes(text);
    if (word_.empty()) return std::nullopt;
    return in_quotes();
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
    return unless_in_comment(
        {"the block is not closed", "add `}`", {end, end}, Span{end, end}, " }"});
  }

  std::optional<Mistake> setting() const {
    if (rest_.empty()) return not_closed();
    if (rest_.starts_with(',')) return instead(1, ";");
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
    const std::string_view word = word_before(at_);
    const std::size_t begin = begin_of(word);
    if (word == "worker" || word == "k8s")
      return Mistake{"",
                     meant("runner " + std::string(word)),
                     {begin, begin + word.size()},
                     Span{begin, begin},
                     "runner "};
    const bool is_unit = std::find(units.begin(), units.end(), word) != units.end();
    const std::string_view number = is_unit ? word_before(begin) : "";
    if (!number.empty() && number.find_first_not_of("0123456789.") == std::string_view::npos) {
      const std::size_t from = begin_of(number);
      const std::string together = std::string(number) + std::string(word);
      const Span both{from, begin + word.size()};
      return Mistake{"a unit stands right behind its number", meant(together), both, both,
                     together};
    }
    if (const auto text = in_single_quotes(); !text.empty()) return single_quotes(text);
    return std::nullopt;
  }

  std::optional<Mistake> test_line() const {
    if (rest_.empty()) return not_closed();
    constexpr std::array<std::string_view, 3> expected{"rule", "error", "template"};
    if (std::find(expected.begin(), expected.end(), word_) != expected.end())
      return with("", "what is expected stands behind `expect`, or `;`", word_.size(), {at_, at_},
                  "expect ");
    return near({"task", "now", "canary", "expect"});
  }

  [[nodiscard]] Mistake written_small(std::string_view small) const {
    return instead(word_.size(), small, "words of the language are written small");
  }

  // What joins conditions elsewhere.
  [[nodiscard]] std::optional<Mistake> joint() const {
    if (rest_.starts_with("&&")) return instead(2, "and");
    if (rest_.starts_with("||")) return instead(2, "or");
    if (rest_.starts_with(",")) {
      const std::size_t next = text_.find_first_not_of(blanks, at_ + 1);
      if (next != std::string_view::npos) {
        const auto made = day(first_word(text_.substr(next)), next);
        if (made) return made;
      }
      return said("a condition does not go on with `,`", "`and` and `or` join conditions", 1);
    }
    const std::string small = lower(word_);
    if (small != word_ && (small == "and" || small == "or")) return written_small(small);
    return near({"and", "or"});
  }

  // A text without its quote goes on to the next one of the line: `type == "noop { template "`.
  [[nodiscard]] std::optional<Mistake> swallowed() const {
    const std::size_t end = end_of_before();
    if (text_[end - 1] != '"') return std::nullopt;
    const std::size_t begin = text_.find_last_of("\"\n", end - 2);
    if (begin == std::string_view::npos || text_[begin] != '"') return std::nullopt;
    const std::size_t brace = text_.substr(0, end).find('{', begin);
    if (brace == std::string_view::npos) return std::nullopt;
    const std::size_t last = text_.find_last_not_of(blanks, brace - 1) + 1;
    return Mistake{"the text goes on to the next quote",
                   "is a `\"` missing before `{`?",
                   {begin, end},
                   Span{last, last},
                   "\""};
  }

  // Here the next statement begins.
  [[nodiscard]] static std::optional<Mistake> no_block_before(std::size_t end) {
    return Mistake{"", no_block.help, {end, end}, std::nullopt, {}};
  }

  // What stands where the condition could go on, or should begin.
  std::optional<Mistake> block() const {
    const std::string_view statement = first_word(text_.substr(statement_));
    if (statement == "default" && word_ == "when")
      return said("`default` has no condition", "it takes what no rule matches", word_.size());
    if (statement == "default" && !quoted().empty())
      return left_out(quoted().size(), "the default has no name");
    const std::size_t end = end_of_before();
    const bool is_next_line = text_.substr(end, at_ - end).contains('\n');
    if (!word_.empty() && statement != "rule" && !is_next_line)
      return said("", "what follows stands in braces: `{ … }`", word_.size());
    if (statement != "rule") return is_next_line ? no_block_before(end) : std::nullopt;
    for (const std::string_view arrow : {"=>", "->", ":", "="}) {
      if (rest_.starts_with(arrow))
        return left_out(arrow.size(), in_code(arrow) + " stands for nothing here");
    }
    if (rest_.starts_with(")")) return left_out(1, "no `(` is open here");
    if (auto made = swallowed()) return made;
    const std::string small = lower(word_);
    if (small == "if" || small == "where") return instead(word_.size(), "when");
    if (small == "then" || small == "do")
      return left_out(word_.size(), in_code(word_) + " stands for nothing here");
    if (word_ == "when") return std::nullopt;
    if (small != word_ && small == "when") return written_small(small);
    if (auto made = joint()) return made;
    if (auto made = near({"when"})) return made;
    if (is_next_line) return no_block_before(end);
    if (word_.empty()) return std::nullopt;
    return said("`when` or a block is missing",
                "a condition begins with `when`, an outcome with `{`", word_.size());
  }

  std::string_view text_;
  std::size_t statement_;
  const Fault& fault_;
  std::size_t at_;
  std::string_view rest_;
  std::string_view word_;
};

}  // namespace

std::optional<Mistake> mistake(std::string_view text, std::size_t statement, const Fault& fault,
                               std::size_t at) {
  return Look(text, statement, fault, at).run();
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
