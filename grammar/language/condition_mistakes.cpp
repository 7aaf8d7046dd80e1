#include "engine/instant.hpp"
#include "grammar/language/fault_place.hpp"
#include "grammar/language/syntax.hpp"
#include "grammar/language/units.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace copse::grammar::language {
namespace {

// Of a number with its unit.
constexpr std::string_view number_characters =
    "0123456789.abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ%";

class ConditionMistakes : public FaultPlace {
 public:
  explicit ConditionMistakes(const FaultPlace& place) : FaultPlace(place) {}

  [[nodiscard]] std::optional<Mistake> run() const {
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
    if (is(no_block)) return block();
    if (is(no_close)) return joint();
    return std::nullopt;
  }

 private:
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
    if (const std::string small = lower(before); small != before &&
                                                 (small == "not" || small == "has") &&
                                                 !text_.substr(0, at_).ends_with('.'))
      return told_small(before, small);
    if (rest_.starts_with("=>")) return instead(2, ">=");
    if (rest_.starts_with("=<")) return instead(2, "<=");
    if (rest_.starts_with("= ") || rest_.starts_with("=\"")) return instead(1, "==");
    if (rest_.starts_with("=~") || rest_.starts_with("~"))
      return said("", "write `like re\"…\"` or `like glob\"…\"`", rest_[0] == '=' ? 2 : 1);
    const std::string small = lower(word_);
    if (small == "is") return sql_is();
    if (small == "else" && small != word_) return written_small(small);
    if (small == "eq" || small == "equals") return instead(word_.size(), "==");
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

  // A path, with what says its absence, that ends before the blanks before `at`; empty: quotes and
  // what stands in parentheses are left to a person.
  [[nodiscard]] std::string_view operand_before(std::size_t at) const {
    const std::size_t end = text_.substr(0, at).find_last_not_of(blanks) + 1;
    std::size_t begin = end;
    if (begin > statement_ && text_[begin - 1] == '?') --begin;
    while (begin > statement_ && (is_name_character(text_[begin - 1]) || text_[begin - 1] == '.'))
      --begin;
    const bool is_whole =
        begin > statement_ && (blanks.contains(text_[begin - 1]) || text_[begin - 1] == '(');
    return is_whole ? text_.substr(begin, end - begin) : "";
  }

  // The word behind one that ends at `at`, in the same line.
  [[nodiscard]] std::string_view word_behind(std::size_t at) const {
    const std::size_t next = text_.find_first_not_of(" \t", at);
    return first_word(text_.substr(std::min(next, text_.size())));
  }

  // `is "x"`, `is not "x"`, `is null`, `is not null`
  [[nodiscard]] Mistake sql_is() const {
    std::string_view last = word_behind(at_ + word_.size());
    const bool is_not = lower(last) == "not";
    const std::size_t not_end = begin_of(last) + last.size();
    if (is_not) last = word_behind(not_end);
    if (lower(last) != "null")
      return is_not ? instead(not_end - at_, "!=") : instead(word_.size(), "==");
    const std::size_t end = begin_of(last) + last.size();
    std::string_view name = operand_before(at_);
    if (name.empty())
      return said("", is_not ? "presence is asked by `has`" : "absence is asked by `not has`",
                  end - at_);
    const std::size_t begin = begin_of(name);
    if (name.ends_with('?')) name.remove_suffix(1);
    const std::string asked = (is_not ? "has " : "not has ") + std::string(name);
    return {"", meant(asked), {begin, end}, Span{begin, end}, asked};
  }

  std::optional<Mistake> compared() const {
    if (rest_.starts_with('>') && text_.substr(0, at_).ends_with('<')) {
      const Span both{at_ - 1, at_ + 1};
      return Mistake{"", meant("!="), both, both, "!="};
    }
    const std::size_t before = end_of_before();
    const bool is_ordered = text_[before - 1] == '<' || text_[before - 1] == '>' ||
                            text_.substr(0, before).ends_with("<=") ||
                            text_.substr(0, before).ends_with(">=");
    if (const std::string duration = duration_meant(word_); is_ordered && !duration.empty())
      return if_duration(instead(word_.size(), duration), before);
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

  std::optional<Mistake> condition() const {
    if (rest_.starts_with("!="))
      return said("", "each comparison names its attribute: `type != \"a\" and type != \"b\"`", 2);
    if (rest_.starts_with('!')) return with("", meant("not"), 1, {at_, at_ + 1}, "not ");
    return value_first();
  }

  // `5 < priority`
  std::optional<Mistake> value_first() const {
    const std::size_t size =
        rest_.starts_with('"') ? quoted().size()
                               : std::min(rest_.find_first_not_of(number_characters), rest_.size());
    const bool is_value = size > 0 && (rest_[0] == '"' || digits.contains(rest_[0]));
    const std::size_t sign_at = text_.find_first_not_of(" \t", at_ + size);
    if (!is_value || sign_at == std::string_view::npos) return std::nullopt;

    struct Sign {
      std::string_view written;
      std::string_view turned;
    };

    constexpr std::array<Sign, 7> signs{{{"<=", ">="},
                                         {">=", "<="},
                                         {"==", "=="},
                                         {"!=", "!="},
                                         {"<", ">"},
                                         {">", "<"},
                                         {"=", "=="}}};
    const auto* const sign = std::find_if(signs.begin(), signs.end(), [&](const Sign& each) {
      return text_.substr(sign_at).starts_with(each.written);
    });
    if (sign == signs.end()) return std::nullopt;
    const std::size_t name_at = text_.find_first_not_of(" \t", sign_at + sign->written.size());
    if (name_at == std::string_view::npos) return std::nullopt;
    std::size_t end = name_at;
    while (end < text_.size() && (is_name_character(text_[end]) || text_[end] == '.')) ++end;
    if (end == name_at || digits.contains(text_[name_at])) return std::nullopt;
    if (end < text_.size() && text_[end] == '?') ++end;
    const std::string turned = std::string(text_.substr(name_at, end - name_at)) + " " +
                               std::string(sign->turned) + " " + std::string(rest_.substr(0, size));
    const std::size_t next = text_.find_first_not_of(" \t", end);
    const bool goes_on =
        next != std::string_view::npos && (std::string_view("<>=!\".").contains(text_[next]) ||
                                           first_word(text_.substr(next)) == "else");
    const std::string title = "the attribute stands before its value";
    if (goes_on) return said(title, "such as " + in_code(turned), end - at_);
    return instead(end - at_, turned, title);
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
    if (rest_.starts_with("..")) return range_in_list();
    if (const auto text = in_single_quotes(); !text.empty()) return single_quotes(text);
    if (!word_.empty() && text_.substr(end, at_ - end).find('\n') == std::string_view::npos &&
        (text_[end - 1] == ',' || text_[end - 1] == '['))
      return is_list(word_) ? said("lists do not nest",
                                   "ask for both: `type in " + std::string(word_) +
                                       " or type in …`, or write the items out",
                                   word_.size())
                            : in_quotes();
    return unless_in_comment({"", fault_.help, {end, end}, Span{end, end}, "]"});
  }

  // `priority in [1..3]`
  [[nodiscard]] Mistake range_in_list() const {
    const std::string title = "a list names each of its items";
    const std::string help = "a range is two comparisons: ";
    const std::size_t open = text_.substr(0, at_).rfind('[');
    const std::size_t close = text_.find_first_of("],\n", at_);
    const std::string_view in =
        open == std::string_view::npos || open < statement_ ? "" : word_before(open);
    const std::string_view name = in == "in" ? operand_before(begin_of(in)) : "";
    if (name.empty() || close == std::string_view::npos || text_[close] != ']')
      return said(title, help + "`priority >= 5 and priority <= 10`", 2);
    const auto trimmed = [&](std::size_t from, std::size_t to) {
      const std::string_view all = text_.substr(from, to - from);
      const std::size_t first = std::min(all.find_first_not_of(blanks), all.size());
      return std::string(all.substr(first, all.find_last_not_of(blanks) + 1 - first));
    };
    const std::string from = trimmed(open + 1, at_);
    const std::string to = trimmed(at_ + 2, close);
    const std::string both =
        std::string(name) + " >= " + from + " and " + std::string(name) + " <= " + to;
    // Of `1, 3..5` only a person knows; `not` would be of the first alone.
    const bool is_plain = from.find_first_not_of(number_characters) == std::string::npos &&
                          to.find_first_not_of(number_characters) == std::string::npos &&
                          !from.empty() && !to.empty() && word_before(begin_of(name)) != "not";
    if (!is_plain) return said(title, help + "`priority >= 5 and priority <= 10`", 2);
    const Span whole{begin_of(name), close + 1};
    return {title, meant(both), whole, whole, both};
  }

  // Also where nobody looks: a large file is not searched for each mistake in it.
  [[nodiscard]] bool is_list(std::string_view name) const {
    constexpr std::size_t searched_size = 1'000'000;
    if (text_.size() > searched_size) return true;
    const std::string declared = "list " + std::string(name);
    for (std::size_t at = text_.find(declared); at != std::string_view::npos;
         at = text_.find(declared, at + 1)) {
      const std::size_t end = at + declared.size();
      if (end == text_.size() || !is_name_character(text_[end])) return true;
    }
    return false;
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

  [[nodiscard]] Mistake written_small(std::string_view small) const {
    return told_small(word_, small);
  }

  [[nodiscard]] Mistake told_small(std::string_view word, std::string_view small) const {
    const Span span{begin_of(word), begin_of(word) + word.size()};
    return {"words of the language are written small", meant(small), span, span,
            std::string(small)};
  }

  // `made` puts a duration behind the comparison that ends before `at`: no fix where `5m` could be
  // five thousandths.
  [[nodiscard]] Mistake if_duration(Mistake made, std::size_t at) const {
    const std::size_t end = text_.substr(0, at).find_last_not_of(" \t\r\n<>=!") + 1;
    if (!operand_before(end).starts_with("context.")) made.fix_at.reset();
    return made;
  }

  // `1 Mi`, `5 minutes`, `5 %`, `1_000`
  [[nodiscard]] std::optional<Mistake> number() const {
    const bool is_grouped = !word_.empty() && digits.contains(word_.front()) &&
                            digits.contains(word_.back()) && word_.contains('_') &&
                            word_.find_first_not_of("0123456789_") == std::string_view::npos;
    if (is_grouped) {
      std::string plain(word_);
      std::erase(plain, '_');
      return instead(word_.size(), plain, "a number is written without `_`");
    }
    const std::size_t end = end_of_before();
    const std::size_t last = text_.substr(0, end).find_last_not_of("0123456789.");
    if (last == std::string_view::npos || last + 1 >= end || is_name_character(text_[last]) ||
        text_[last] == ':')
      return std::nullopt;
    const std::string_view number = text_.substr(last + 1, end - last - 1);
    const std::string_view unit = rest_.starts_with('%') ? rest_.substr(0, 1) : word_;
    const std::string together = number_with_unit(number, unit);
    if (together.empty()) return std::nullopt;
    const Span both{last + 1, at_ + unit.size()};
    Mistake made{"a unit stands right behind its number", meant(together), both, both, together};
    return together.ends_with(unit) ? made : if_duration(std::move(made), last + 1);
  }

  // A name of the tz database behind a time of day or a day.
  [[nodiscard]] std::optional<Mistake> zone() const {
    const std::string_view before = word_before(at_);
    const bool is_day = std::find(days.begin(), days.end(), before) != days.end();
    const bool is_clock =
        !before.empty() && digits.contains(before.back()) && text_[begin_of(before) - 1] == ':';
    if (word_.empty() || (!is_day && !is_clock)) return std::nullopt;
    const std::size_t end = std::min(rest_.find_first_of(" \t\r\n{)"), rest_.size());
    const std::string name(rest_.substr(0, end));
    if (engine::Zone::named(name))
      return instead(end, "\"" + name + "\"", "a time zone stands in quotes");
    const std::size_t last = begin_of(before) + before.size();
    const auto made = is_day ? day(word_, at_) : std::nullopt;
    if (!made || !made->fix_at) return std::nullopt;
    return Mistake{"a comma is missing between two days", meant(", " + made->fix), made->span,
                   Span{last, made->span.end}, ", " + made->fix};
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
    if (auto made = number()) return made;
    if (auto made = zone()) return made;
    const std::string small = lower(word_);
    if (small != word_ && (small == "and" || small == "or")) return written_small(small);
    if (small == "xor")
      return said("there is no `xor`", "write `(a or b) and not (a and b)`", word_.size());
    if (small == "nor" || small == "nand")
      return said("there is no " + in_code(small), "write `not (…)`", word_.size());
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
};

}  // namespace

std::optional<Mistake> condition_mistake(const FaultPlace& place) {
  return ConditionMistakes(place).run();
}

}  // namespace copse::grammar::language
