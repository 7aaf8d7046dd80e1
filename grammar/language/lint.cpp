#include "grammar/language/lint.hpp"

#include "engine/analysis/region.hpp"
#include "engine/glob.hpp"
#include "engine/patterns.hpp"
#include "grammar/language/foreign.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::grammar::language {
namespace {

// Patterns of one list that are compared with each other.
constexpr std::size_t compared_patterns_limit = 200;

class Lint {
 public:
  Lint(const engine::Source& source, const File& file)
      : source_(source), file_(file), places_(source), firsts_(source) {}

  engine::Diagnostics run() {
    note_uses();
    for (const Statement& each : file_.statements) {
      if (const auto* list = std::get_if<statement::List>(&each.is)) {
        unused("list", list->name, lists_);
        stars(list->first, list->count);
        items(list->first, list->count);
      } else if (const auto* profile = std::get_if<statement::Profile>(&each.is)) {
        unused("profile", profile->name, profiles_);
      } else if (const auto* attribute = std::get_if<statement::Attribute>(&each.is)) {
        unused("attribute", attribute->name, attributes_);
      }
    }
    for (const Expression& each : file_.expressions) {
      stars(each);
      zone(each);
      if (each.kind == Expression::Kind::in_list) items(each.first, each.count);
    }
    for (const Literal& each : file_.literals) mixed_scripts(each);
    return std::move(said_);
  }

 private:
  using Names = std::set<std::string, std::less<>>;

  void note_uses() {
    for (const Expression& each : file_.expressions) {
      if (each.kind == Expression::Kind::in_named)
        lists_.insert(std::string(spelled(source_, each.word)));
    }
    for (const Operand& each : file_.operands) {
      const std::string_view name = spelled(source_, each.name);
      attributes_.insert(std::string(name));
      // `span.length` uses `span`.
      attributes_.insert(std::string(name.substr(0, name.find('.'))));
    }
    for (const Setting& each : file_.settings) {
      if (spelled(source_, each.keyword) != "use") continue;
      if (each.key.kind == Value::Kind::operand)
        profiles_.insert(std::string(spelled(source_, file_.operands[each.key.index].name)));
      if (each.key.kind == Value::Kind::literal)
        profiles_.insert(literal_text(source_, file_.literals[each.key.index]));
    }
  }

  engine::Diagnostic& say(std::string_view code, Span span, std::string title, std::string help) {
    engine::Diagnostic& made = said_.emplace_back();
    made.severity = engine::Severity::warning;
    made.code = code;
    made.title = std::move(title);
    made.help = std::move(help);
    made.place = places_.place(span);
    return made;
  }

  void unused(std::string_view what, Span name, const Names& uses) {
    const std::string_view text = spelled(source_, name);
    if (uses.contains(text)) return;
    say("L0406", name, "nothing uses the " + std::string(what) + " `" + std::string(text) + "`",
        "delete it");
  }

  // A text is looked at by every pattern of its list, a glob by every other, up to a limit.
  void items(std::uint32_t first, std::uint32_t count) {
    std::vector<engine::Pattern> patterns;
    std::vector<std::uint32_t> at;  // of the patterns
    std::map<std::pair<LiteralKind, std::string>, std::uint32_t> seen;
    for (std::uint32_t i = first; i < first + count; ++i) {
      const Literal& item = file_.literals[i];
      std::string text = literal_text(source_, item);
      const auto [before, is_new] = seen.try_emplace({item.kind, text}, i);
      if (!is_new) {
        twice(item, before->second);
        continue;
      }
      if (item.kind != LiteralKind::glob && item.kind != LiteralKind::regex) continue;
      const bool is_glob = item.kind == LiteralKind::glob;
      patterns.push_back(
          {is_glob ? engine::Pattern::Kind::glob : engine::Pattern::Kind::regex, std::move(text)});
      at.push_back(i);
    }
    if (patterns.empty()) return;
    const engine::PatternIndex index = engine::PatternIndex::build(patterns);
    for (std::uint32_t i = first; i < first + count; ++i) {
      const Literal& item = file_.literals[i];
      if (item.kind != LiteralKind::text) continue;
      const auto hits = index.matching(literal_text(source_, item));
      if (!hits.empty()) covered(item, file_.literals[at[static_cast<std::size_t>(hits.front())]]);
    }
    if (at.size() > compared_patterns_limit) return;
    for (std::uint32_t i = 0; i < at.size(); ++i) {
      for (std::uint32_t other = 0; other < at.size(); ++other) {
        // Of two that cover each other the first stays.
        if (i == other ||
            !engine::analysis::covers(index, engine::PatternId{other}, engine::PatternId{i}) ||
            (other > i &&
             engine::analysis::covers(index, engine::PatternId{i}, engine::PatternId{other})))
          continue;
        covered(file_.literals[at[i]], file_.literals[at[other]]);
        break;
      }
    }
  }

  void covered(const Literal& item, const Literal& by) {
    say("L0407", item.span,
        "`" + std::string(spelled(source_, by.span)) + "` of the same list covers this item",
        "delete it")
        .cause = engine::Cause{firsts_.place(by.span), "covers it"};
  }

  // `dataSource in ["fin_*"]`: what was meant is a glob, and nothing says so at night.
  void stars(const Expression& each) {
    if (each.kind == Expression::Kind::in_list) return stars(each.first, each.count);
    if (each.kind != Expression::Kind::compare || !is_starred(file_.literals[each.first])) return;
    const Literal& with = file_.literals[each.first];
    const bool is_equal = each.comparison == Comparison::equal;
    const std::string glob = "like glob" + std::string(spelled(source_, with.span));
    engine::Diagnostic& made =
        starred(with, is_equal ? "write `" + glob + "`" : "write `not (… " + glob + ")`");
    const std::uint64_t behind = file_.operands[each.operand].span.end;
    const std::size_t sign =
        spelled(source_, {behind, with.span.begin}).find("==");  // perhaps behind a `)`
    const Span compared{behind + sign, with.span.end};
    const auto written = is_equal && sign != std::string_view::npos
                             ? engine::as_written(source_, compared)
                             : std::nullopt;
    if (written) made.fix = engine::Fix{*written, glob};
  }

  void stars(std::uint32_t first, std::uint32_t count) {
    for (std::uint32_t i = first; i < first + count; ++i) {
      const Literal& item = file_.literals[i];
      if (!is_starred(item)) continue;
      const std::string glob = "glob" + std::string(spelled(source_, item.span));
      engine::Diagnostic& made = starred(item, "write `" + glob + "`");
      if (const auto written = engine::as_written(source_, item.span))
        made.fix = engine::Fix{*written, glob};
    }
  }

  [[nodiscard]] bool is_starred(const Literal& literal) const {
    return literal.kind == LiteralKind::text && spelled(source_, literal.span).contains('*');
  }

  engine::Diagnostic& starred(const Literal& literal, std::string help) {
    return say("L0413", literal.span, "here `*` stands for itself: a text is no pattern",
               help + " if it stands for many");
  }

  // Nobody is told at noon that the night begins two hours later.
  void zone(const Expression& each) {
    const bool is_window = each.kind == Expression::Kind::within && each.count == 2;
    const bool is_days = each.kind == Expression::Kind::on_days && each.count == 0;
    if (!is_window && !is_days) return;
    engine::Diagnostic& made = say(
        "L0415", each.span, std::string("these ") + (is_window ? "hours" : "days") + " are UTC's",
        "name the zone behind them, as in \"Europe/Berlin\", or \"UTC\" if that is meant");
    made.severity = engine::Severity::note;
    if (const auto written = engine::as_written(source_, each.span))
      made.fix = engine::Fix{*written, std::string(spelled(source_, each.span)) + " \"UTC\""};
  }

  // A letter of another script that looks like a Latin one, among Latin ones: a text all in another
  // script is meant so.
  void mixed_scripts(const Literal& literal) {
    const std::string_view whole = spelled(source_, literal.span);
    const std::size_t quote = whole.find('"');
    if (quote == std::string_view::npos) return;  // a number
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const std::string_view text = whole.substr(quote);
    if (std::none_of(text.begin(), text.end(), is_letter)) return;
    for (std::size_t at = 0; at < text.size(); ++at) {
      const auto foreign = foreign_character(text.substr(at));
      if (!foreign) continue;
      if (foreign->meant.size() == 1 && is_letter(foreign->meant.front())) {
        const std::uint64_t begin = literal.span.begin + quote + at;
        const Span span{begin, begin + foreign->size};
        engine::Diagnostic& made = say("L0411", span, "a letter of another script among Latin ones",
                                       "here is " + foreign->help);
        if (const auto written = engine::as_written(source_, span))
          made.fix = engine::Fix{*written, foreign->meant};
        return;
      }
      at += foreign->size - 1;
    }
  }

  void twice(const Literal& item, std::uint32_t first) {
    say("L0407", item.span, "this item is in the list twice", "delete it").cause =
        engine::Cause{firsts_.place(file_.literals[first].span), "the first"};
  }

  const engine::Source& source_;
  const File& file_;
  engine::Locator places_;
  engine::Locator firsts_;  // of items that are there twice
  engine::Diagnostics said_;
  Names lists_;
  Names profiles_;
  Names attributes_;
};

}  // namespace

engine::Diagnostics lint(const engine::Source& source, const File& file) {
  return Lint(source, file).run();
}

}  // namespace copse::grammar::language
