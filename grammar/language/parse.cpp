#include "grammar/language/parse.hpp"

#include "engine/utf8.hpp"
#include "grammar/language/actions.hpp"
#include "grammar/language/fault_place.hpp"
#include "grammar/language/foreign.hpp"
#include "grammar/language/messages.hpp"
#include "grammar/language/mistakes.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace copse::grammar::language {
namespace {

using Input = rules::peg::memory_input<rules::peg::tracking_mode::lazy, rules::peg::eol::lf_crlf>;

// Of a line, to see whether it begins a statement.
constexpr std::size_t looked_at = 200;

enum class Name : std::uint8_t { in_quotes, bare };

// Whether a line begins a statement: within a block `rule "x"` may stand behind `expect`, and
// `template "x"` anywhere. `bare`: also where the quotes of a name were forgotten.
bool begins_statement(std::string_view line, Name name = Name::in_quotes) {
  const std::string_view word = first_word(line);
  if (!is_statement_word(word)) return false;
  line.remove_prefix(word.size());
  const std::size_t at = line.find_first_not_of(" \t");
  const char next = at == std::string_view::npos ? '\n' : line[at];
  if (word == "default") return next == '{' || next == '\n';
  // A quote, also one of those that word processors make of it.
  if (name == Name::in_quotes && (word == "policy" || word == "rule" || word == "test"))
    return next == '"' || (static_cast<unsigned char>(next) & 0x80U) != 0;
  return next == '"' || next == '\'' || (static_cast<unsigned char>(next) & 0x80U) != 0 ||
         is_name_character(next);
}

// What a damaged statement would have declared; empty where that cannot be told.
std::string_view declared_name(std::string_view statement) {
  statement.remove_prefix(first_word(statement).size());
  statement.remove_prefix(std::min(statement.find_first_not_of(" \t"), statement.size()));
  if (!statement.starts_with('"')) return first_word(statement);
  statement.remove_prefix(1);
  const std::size_t end = statement.find_first_of("\"\n");
  return end == std::string_view::npos || statement[end] == '\n' ? "" : statement.substr(0, end);
}

class Reader {
 public:
  explicit Reader(const engine::Source& source)
      : source_(source),
        text_(source.text),
        locator_(source),
        builder_(parsing_.file, source.text.data()) {}

  Parsing take() {
    read();
    return std::move(parsing_);
  }

 private:
  void read() {
    if (!is_readable()) {
      parsing_.is_readable = false;
      return;
    }
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;  // a byte order mark
    while (skip_gap(), at_ < text_.size()) {
      builder_.start();
      if (const auto fault = statement()) {
        builder_.drop();
        if (say_brace_too_many()) {
          recover(at_);
          continue;
        }
        parsing_.damaged.push_back(damaged());
        say(where_it_ends(*fault));
        recover(fault->offset);
      }
    }
    if (untold_ > 0) {
      parsing_.is_readable = false;
      engine::Diagnostic more;
      more.code = "P0501";
      more.title = "and " + std::to_string(untold_) + " more";
      more.place = engine::whole_file(source_.name);
      parsing_.diagnostics.push_back(std::move(more));
    }
  }

  bool is_readable() {
    if (text_.size() > policy_size_limit) {
      refuse("P0508", "the policy is larger than 100 MB", "split it", {0, 0});
    } else if (text_.starts_with("\xFF\xFE") || text_.starts_with("\xFE\xFF")) {
      refuse("P0506", "the policy is UTF-16", "save it as UTF-8", {0, 0});
    } else if (const std::size_t at = text_.find('\0'); at != std::string_view::npos) {
      refuse("P0506", "the policy is binary: it holds a zero byte", "is this the right file?",
             {at, at + 1});
    } else if (const std::size_t bad = engine::first_malformed(text_); bad < text_.size()) {
      refuse("P0506", "the policy is not UTF-8", "save it as UTF-8", {bad, bad + 1});
    } else {
      return true;
    }
    return false;
  }

  void skip_gap() {
    Input in(text_.data() + at_, text_.size() - at_, "");
    Builder gaps(parsing_.file, source_.text.data());
    static_cast<void>(rules::peg::parse<rules::gap, Action, Control>(in, gaps));
    at_ += in.byte();
  }

  std::optional<Fault> statement() {
    Input in(text_.data() + at_, text_.size() - at_, "");
    auto fault = statement(in, builder_);
    if (!fault) at_ += in.byte();
    return fault;
  }

  std::optional<Fault> statement(Input& in, Builder& builder) const {
    try {
      if (rules::peg::parse<rules::statement, Action, Control>(in, builder)) return std::nullopt;
      const std::string_view word = first_word(text_.substr(at_));
      if (Builder::is_reserved(word)) Builder::refuse_reserved(word, at_);
      return unknown(word);
    } catch (Fault& fault) {
      return std::move(fault);
    }
  }

  // What stands in a test goes on behind the `}` that ends one right behind its task: it is of the
  // task's JSON. True when that was told, of the last statement, which is none then.
  bool say_brace_too_many() {
    constexpr std::array<std::string_view, 4> lines{"task", "now", "canary", "expect"};
    const std::string_view word = first_word(text_.substr(at_));
    if (std::find(lines.begin(), lines.end(), word) == lines.end()) return false;
    auto& all = parsing_.file.statements;
    const auto* test = all.empty() ? nullptr : std::get_if<statement::Test>(&all.back().is);
    if (test == nullptr || test->task == Span{} || test->expected.count > 0) return false;
    const std::size_t brace = all.back().span.end - 1;
    if (text_.find_first_not_of(" \t\r\n", test->task.end) != brace) return false;
    refuse("P0501", "a `}` too many: it ends the test behind its task", "leave it out",
           {brace, brace + 1});
    if (untold_ == 0) parsing_.diagnostics.back().fix = engine::Fix{{brace, brace + 1}, ""};
    all.pop_back();
    parsing_.damaged.push_back({"test", ""});
    return true;
  }

  // What is allowed goes on in this line, behind a comma that was forgotten.
  [[nodiscard]] Damaged damaged() const {
    const std::string_view statement = text_.substr(at_);
    const std::string_view line = text_.substr(at_ == 0 ? 0 : text_.rfind('\n', at_ - 1) + 1);
    if (line.size() > statement.size() && first_word(line) == "allow") return {"allow", ""};
    const std::string_view meant = misspelt_statement(statement.substr(0, looked_at));
    return {std::string(meant.empty() ? first_word(statement) : meant),
            std::string(declared_name(statement))};
  }

  // What takes the next statement for a part of itself, until it cannot, lacks something where it
  // ends above that.
  [[nodiscard]] Fault where_it_ends(const Fault& fault) const {
    const std::size_t offset = std::min(fault.offset, text_.size());
    const std::size_t line = offset == 0 ? std::string_view::npos : text_.rfind('\n', offset - 1);
    if (fault.code != "P0501" || line == std::string_view::npos || line <= at_) return fault;
    const std::size_t first = text_.find_first_not_of(" \t\r", line + 1);
    if (first > offset || !begins_statement(text_.substr(first, looked_at))) return fault;
    const std::size_t end = text_.find_last_not_of(" \t\r\n", line) + 1;
    if (text_.substr(at_, line - at_).find('{') == std::string_view::npos)
      return cut_at(end, fault);
    const std::size_t own_line = text_.rfind('\n', at_) + 1;   // 0 in the first line
    const bool is_within = first - line - 1 > at_ - own_line;  // `rule "x"` below an `expect`
    if (is_within) return fault;
    return {"P0501", block_not_closed.title,
            "add `}`: line " + std::to_string(engine::locate(source_, {first, first}).line) +
                " begins a statement",
            end};
  }

  // What is said of the statement when the text ends at `end`.
  [[nodiscard]] Fault cut_at(std::size_t end, const Fault& fault) const {
    File unused;
    Builder builder(unused, text_.data());
    Input in(text_.data() + at_, end - at_, "");
    return statement(in, builder).value_or(fault);
  }

  Fault unknown(std::string_view word) const {
    const std::string_view near =
        engine::nearest(lower(word), {statement_words.begin(), statement_words.end()});
    return {"P0507",
            word.empty() ? "no statement begins so"
                         : "no statement begins with `" + std::string(word) + "`",
            near.empty() ? statement_help : "did you mean `" + std::string(near) + "`?", at_};
  }

  // On to the next line that begins a statement, behind where the fault is.
  void recover(std::size_t fault) {
    std::size_t at = std::max(at_ + 1, std::min(fault, text_.size()));
    // The line of the fault itself may be the next statement: a block that was not closed.
    const std::size_t line = text_.rfind('\n', at == 0 ? 0 : at - 1);
    if (line != std::string_view::npos && line > at_) at = line;
    while (at < text_.size()) {
      at = text_.find('\n', at);
      if (at == std::string_view::npos) break;
      const std::size_t first = text_.find_first_not_of(" \t\r", ++at);
      if (first == std::string_view::npos) break;
      const Name name = first == at ? Name::bare : Name::in_quotes;
      const std::string_view next = text_.substr(first, looked_at);
      const bool begins =
          begins_statement(next, name) || (name == Name::bare && !misspelt_statement(next).empty());
      if (first > at_ && begins && !is_expected(first)) {
        at_ = first;
        return;
      }
    }
    at_ = text_.size();
  }

  // `rule "x"` within a test, which lacks `expect` or `;` before it.
  [[nodiscard]] bool is_expected(std::size_t line) const {
    if (first_word(text_.substr(at_)) != "test" || first_word(text_.substr(line)) != "rule" ||
        text_[line - 1] == '\n')
      return false;
    const std::size_t name = text_.find('"', line);
    const std::size_t end = name == std::string_view::npos ? name : text_.find('"', name + 1);
    const std::size_t next =
        end == std::string_view::npos ? end : text_.find_first_not_of(" \t\r\n", end + 1);
    return next == std::string_view::npos ||
           (text_[next] != '{' && first_word(text_.substr(next)) != "when");
  }

  void say(const Fault& fault) {
    if (parsing_.diagnostics.size() >= error_limit) {
      ++untold_;
      return;
    }
    std::size_t begin = std::min(fault.offset, text_.size());
    std::size_t end = begin + std::max<std::size_t>(first_word(text_.substr(begin)).size(), 1);
    if (begin < text_.size() && (text_[begin] == '\n' || text_[begin] == '\r')) end = begin;
    if (const auto foreign = foreign_character(text_.substr(begin)); foreign) {
      if (const auto quoted = foreign_text(text_.substr(begin))) {
        const Span both{begin, begin + quoted->size};
        refuse(fault.code, fault.title,
               "texts stand in plain quotes: did you mean `" + quoted->meant + "`?", both);
        if (untold_ == 0) parsing_.diagnostics.back().fix = engine::Fix{both, quoted->meant};
        return;
      }
      const Span span{begin, begin + foreign->size};
      refuse(fault.code, fault.title, "here is " + foreign->help, span);
      const bool is_quote = is_foreign_quote(text_.substr(begin));  // one of two
      if (untold_ == 0 && !foreign->meant.empty() && !is_quote)
        parsing_.diagnostics.back().fix = engine::Fix{span, foreign->meant};
      return;
    }
    if (const auto meant = mistake(text_, at_, fault, begin)) {
      refuse(fault.code, meant->title.empty() ? fault.title : meant->title, meant->help,
             meant->span);
      if (untold_ == 0 && meant->fix_at)
        parsing_.diagnostics.back().fix = engine::Fix{*meant->fix_at, meant->fix};
      return;
    }
    if (begin == text_.size()) begin = end = text_.find_last_not_of(" \t\r\n") + 1;
    refuse(fault.code, fault.title, fault.help, {begin, std::min(end, text_.size())});
  }

  void refuse(std::string_view code, std::string title, std::string help, Span span) {
    if (parsing_.diagnostics.size() >= error_limit) {
      ++untold_;
      return;
    }
    engine::Diagnostic error;
    error.code = code;
    error.title = std::move(title);
    error.help = std::move(help);
    error.place = locator_.place(span);
    parsing_.diagnostics.push_back(std::move(error));
  }

  const engine::Source& source_;
  std::string_view text_;
  engine::Locator locator_;
  Parsing parsing_;
  Builder builder_;
  std::size_t at_ = 0;
  std::size_t untold_ = 0;
};

}  // namespace

Parsing parse(const engine::Source& source) {
  return Reader(source).take();
}

bool looks_like_language(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (!text.empty()) {
    if (begins_statement(text.substr(0, looked_at))) return true;
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return false;
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n", end), text.size()));
  }
  return false;
}

}  // namespace copse::grammar::language
