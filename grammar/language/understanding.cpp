#include "grammar/language/understanding.hpp"

#include "grammar/language/meaning.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>

namespace copse::grammar::language {
namespace {

// What is missed where a statement that begins so is missing, of a name that it would have declared
// or of all.
struct Missed {
  std::string_view statement;
  std::string_view code;
  bool has_name = true;
};

constexpr std::array missed{Missed{"list", "P0524"},           Missed{"profile", "P0544"},
                            Missed{"attribute", "P0520"},      Missed{"allow", "P0538", false},
                            Missed{"default", "P0526", false}, Missed{"rule", "P0554"}};
// Also of what begins with no word: a stray `}`, a comment of another language.
constexpr std::array<std::string_view, 4> missed_nowhere{"test", "policy", "templates", ""};

// What stands at the place, without its quotes.
std::string_view marked(const engine::Place& at) {
  std::string_view text = at.excerpt;
  text = text.substr(std::min<std::size_t>(at.underline_at, text.size()), at.underline_length);
  if (text.size() > 1 && text.starts_with('"') && text.ends_with('"'))
    text = text.substr(1, text.size() - 2);
  return text;
}

bool may_miss(const Damaged& damaged, const engine::Diagnostic& said) {
  const bool is_harmless =
      std::find(missed_nowhere.begin(), missed_nowhere.end(), damaged.word) != missed_nowhere.end();
  const bool is_known = std::any_of(missed.begin(), missed.end(), [&](const Missed& each) {
    return each.statement == damaged.word;
  });
  return !is_harmless && std::any_of(missed.begin(), missed.end(), [&](const Missed& each) {
    return each.code == said.code && (!is_known || each.statement == damaged.word) &&
           (!each.has_name || damaged.name.empty() || damaged.name == marked(said.place));
  });
}

void take_independent(const Parsing& parsing, engine::Diagnostics& from, engine::Diagnostics& to) {
  std::ranges::copy_if(std::move(from), std::back_inserter(to), [&](const auto& each) {
    return std::none_of(parsing.damaged.begin(), parsing.damaged.end(),
                        [&](const Damaged& damaged) { return may_miss(damaged, each); });
  });
}

}  // namespace

Understanding understand(const engine::Source& source, const Parsing& parsing) {
  Understanding made;
  made.said = parsing.diagnostics;
  if (!parsing.is_readable) return made;
  auto policies = meaning(source, parsing.file);
  auto tests = policy_tests(source, parsing.file);
  if (policies) {
    made.policies = std::move(*policies);
  } else {
    take_independent(parsing, policies.error(), made.said);
  }
  if (tests) {
    made.tests = std::move(*tests);
  } else {
    take_independent(parsing, tests.error(), made.said);
  }
  // What is of the file as a whole stands last.
  std::stable_sort(made.said.begin(), made.said.end(), [](const auto& one, const auto& other) {
    const auto key = [](const engine::Place& at) {
      return std::tuple(at.line == 0, at.line, at.column);
    };
    return key(one.place) < key(other.place);
  });
  return made;
}

engine::Policy template_uses(const engine::Source& source, const File& file, Uses which) {
  engine::Policy made;
  const auto add = [&](const Block& block, const std::string& name, engine::Span place) {
    for (std::uint32_t i = block.first; i < block.first + block.count; ++i) {
      const Setting& each = file.settings[i];
      if (spelled(source, each.keyword) != "template") continue;
      engine::Rule& use = made.rules.emplace_back();
      use.name = name;
      use.span = place;
      if (each.key.kind == Value::Kind::literal) {
        use.outcome.template_key = literal_text(source, file.literals[each.key.index]);
        use.template_span = file.literals[each.key.index].span;
      } else if (each.key.kind == Value::Kind::operand) {
        use.template_span = file.operands[each.key.index].span;
        use.outcome.template_key = std::string(spelled(source, use.template_span));
      }
    }
  };
  for (const Statement& each : file.statements) {
    if (const auto* test = std::get_if<statement::Test>(&each.is))
      add(test->expected, "test `" + literal_text(source, test->name) + "`", test->name.span);
    if (which == Uses::tests) continue;
    if (const auto* rule = std::get_if<statement::Rule>(&each.is))
      add(rule->block, literal_text(source, rule->name), rule->name.span);
    if (const auto* last = std::get_if<statement::Default>(&each.is))
      add(last->block, "default", each.span);
  }
  if (!made.rules.empty()) made.source = source;
  return made;
}

std::string templates_folder(const engine::Source& source, const File& file) {
  for (const Statement& each : file.statements) {
    if (const auto* from = std::get_if<statement::Templates>(&each.is))
      return literal_text(source, from->folder);
  }
  return {};
}

engine::Diagnostics unknown_templates(engine::Policy uses, const engine::TemplateNames& templates) {
  engine::Diagnostics said = engine::check({.placement = std::move(uses)}, templates);
  std::erase_if(said, [](const auto& each) { return each.code != "P0301"; });
  refuse_unknown_templates(said);
  return said;
}

void refuse_unknown_templates(engine::Diagnostics& said) {
  for (engine::Diagnostic& each : said) {
    if (each.code != "P0301") continue;
    each.severity = engine::Severity::error;
    each.label = "names it";
    each.notes.clear();
  }
}

}  // namespace copse::grammar::language
