#include "runner/lsp/policy_view.hpp"

#include "engine/analysis/lint.hpp"
#include "engine/compile.hpp"
#include "engine/json_writer.hpp"
#include "grammar/language/format.hpp"
#include "grammar/language/lint.hpp"
#include "grammar/language/spelling.hpp"
#include "grammar/language/understanding.hpp"
#include "runner/lsp/words.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

namespace copse::runner::lsp {
namespace {

namespace language = grammar::language;

// Rules of a policy that lint looks at while somebody types.
constexpr std::size_t lint_limit = 2'000;

// How a test names the rule that has no name.
constexpr std::string_view default_word = "default";

void append(engine::Diagnostics& to, engine::Diagnostics more) {
  std::ranges::move(more, std::back_inserter(to));
}

Proposal::Kind kind_of(Word::Kind kind) {
  switch (kind) {
    case Word::Kind::attribute:
      return Proposal::Kind::attribute;
    case Word::Kind::value:
      return Proposal::Kind::value;
    case Word::Kind::keyword:
      break;
  }
  return Proposal::Kind::keyword;
}

// The name that a statement declares; nothing of a rule, whose name is a text.
std::optional<engine::Span> declared_name(const language::Statement& statement) {
  if (const auto* list = std::get_if<language::statement::List>(&statement.is)) return list->name;
  if (const auto* profile = std::get_if<language::statement::Profile>(&statement.is))
    return profile->name;
  if (const auto* attribute = std::get_if<language::statement::Attribute>(&statement.is))
    return attribute->name;
  return std::nullopt;
}

}  // namespace

PolicyView::PolicyView(std::string name, std::string text)
    : source_{std::move(name), std::move(text)} {
  parsing_ = language::parse(source_);
}

const language::Literal* PolicyView::folder() const {
  for (const language::Statement& each : parsing_.file.statements) {
    if (const auto* from = std::get_if<language::statement::Templates>(&each.is))
      return &from->folder;
  }
  return nullptr;
}

std::string PolicyView::templates_folder() const {
  const language::Literal* found = folder();
  return found == nullptr ? std::string() : language::literal_text(source_, *found);
}

// What is wrong with the folder is told where the policy names it.
engine::Diagnostics PolicyView::about_folder(engine::Diagnostics said) const {
  const language::Literal* named = folder();
  for (engine::Diagnostic& each : said) {
    if (each.title.find(each.place.file) == std::string::npos) each.label = each.place.file;
    if (named != nullptr) each.place = engine::locate(source_, named->span);
  }
  return said;
}

engine::Diagnostics PolicyView::diagnostics(const TemplateKeys& templates) const {
  language::Understanding understood = language::understand(source_, parsing_);
  engine::TemplateNames names{.names = {}, .known = templates.has_value()};
  if (templates) names.names.insert(templates->begin(), templates->end());
  engine::Diagnostics said = std::move(understood.said);
  if (!templates) append(said, about_folder(templates.error()));
  const bool is_whole = said.empty();
  append(said, language::unknown_templates(
                   language::template_uses(source_, parsing_.file, language::Uses::all), names));
  if (!is_whole) return said;
  const engine::PolicySet& policies = understood.policies;
  std::ranges::copy_if(engine::check(policies, names), std::back_inserter(said),
                       [](const auto& each) { return each.code != "P0301"; });
  append(said, language::lint(source_, parsing_.file));
  if (policies.placement.rules.size() <= lint_limit)
    append(said, engine::analysis::lint(policies, names));
  return said;
}

// The name that stands at a place; empty where it is none. In quotes lists and attributes are not
// named.
std::string PolicyView::name_at(const Here& here) const {
  if (here.token.kind != Token::Kind::text)
    return std::string(language::spelled(source_, here.token.span));
  const bool is_name = here.fills == Slot::profile || here.fills == Slot::template_key ||
                       here.fills == Slot::new_rule || here.fills == Slot::expected_rule;
  if (!is_name || !here.token.is_closed) return {};
  return language::literal_text(source_, {language::LiteralKind::text, here.token.span});
}

// The name in `statement`, if it declares what `name` stands for here.
std::optional<engine::Span> PolicyView::declared_by(const language::Statement& statement,
                                                    const Here& here, std::string_view name) const {
  const auto own = declared_name(statement);
  const auto if_spelled = [&](bool is_kind, std::string_view wanted) {
    return is_kind && language::spelled(source_, *own) == wanted ? own : std::nullopt;
  };
  const auto* rule = std::get_if<language::statement::Rule>(&statement.is);
  switch (here.fills) {
    case Slot::list:
      return if_spelled(std::holds_alternative<language::statement::List>(statement.is), name);
    case Slot::profile:
      return if_spelled(std::holds_alternative<language::statement::Profile>(statement.is), name);
    case Slot::condition:
    case Slot::attribute:
      return if_spelled(std::holds_alternative<language::statement::Attribute>(statement.is),
                        name.substr(0, name.find('.')));
    case Slot::new_name:
      return own == here.token.span ? own : std::nullopt;
    case Slot::new_rule:
    case Slot::expected_rule:
      if (rule != nullptr && language::literal_text(source_, rule->name) == name)
        return rule->name.span;
      if (here.fills == Slot::expected_rule && name == default_word &&
          std::holds_alternative<language::statement::Default>(statement.is))
        return engine::Span{statement.span.begin, statement.span.begin + default_word.size()};
      break;
    default:
      break;
  }
  return std::nullopt;
}

std::optional<PolicyView::Declaration> PolicyView::declaration(const Here& here) const {
  const std::string name = name_at(here);
  if (name.empty()) return std::nullopt;
  for (const language::Statement& each : parsing_.file.statements) {
    if (const auto found = declared_by(each, here, name)) return Declaration{*found, each.span};
  }
  return std::nullopt;
}

std::optional<engine::Span> PolicyView::definition(std::size_t at) const {
  const auto found = declaration(look(source_.text, at));
  return found ? std::optional(found->name) : std::nullopt;
}

std::optional<Hover> PolicyView::hover(std::size_t at) const {
  const Here here = look(source_.text, at);
  const engine::Span span = here.token.span;
  if (const auto found = declaration(here)) {
    return Hover{
        span, "```copse\n" + std::string(language::spelled(source_, found->statement)) + "\n```"};
  }
  if (here.token.kind != Token::Kind::word) return std::nullopt;
  const Word* word = find_word(here.fills, language::spelled(source_, span));
  return word == nullptr ? std::nullopt : std::optional(Hover{span, std::string(word->says)});
}

Completion PolicyView::completion(std::size_t at, const TemplateKeys& templates) const {
  using Kind = Proposal::Kind;
  const Here here = look(source_.text, at);
  Completion made{here.typed, {}};
  const auto add_name = [&](Kind kind, std::string_view name, const language::Statement& of) {
    made.proposals.push_back(
        {kind, std::string(name), std::string(language::spelled(source_, of.span))});
  };
  // What stands for `name` as a text: here the quotes are there, or they have to be written.
  const auto as_text = [&](const std::string& name) {
    const std::string quoted = engine::quoted(name);
    return here.is_in_text ? quoted.substr(1, quoted.size() - 2) : quoted;
  };
  if (here.slot == Slot::template_key && templates) {
    for (const std::string& key : *templates) {
      const bool is_bare = !here.is_in_text && language::is_name(key);
      made.proposals.push_back({Kind::template_key, is_bare ? key : as_text(key), "a template"});
    }
  }
  if (here.slot == Slot::expected_rule) {
    for (const language::Statement& each : parsing_.file.statements) {
      if (const auto* rule = std::get_if<language::statement::Rule>(&each.is))
        add_name(Kind::rule, as_text(language::literal_text(source_, rule->name)), each);
      if (std::holds_alternative<language::statement::Default>(each.is))
        add_name(Kind::rule, as_text(std::string(default_word)), each);
    }
  }
  if (here.is_in_text) return made;
  for (const Words& group : words_of(here.slot)) {
    for (const Word& each : group.words)
      made.proposals.push_back(
          {kind_of(group.kind), std::string(each.spelled), std::string(each.says)});
  }
  for (const language::Statement& each : parsing_.file.statements) {
    const auto name = declared_name(each);
    if (!name) continue;
    const std::string_view spelled = language::spelled(source_, *name);
    const bool is_list = std::holds_alternative<language::statement::List>(each.is);
    const bool is_profile = std::holds_alternative<language::statement::Profile>(each.is);
    if (here.slot == Slot::list && is_list) add_name(Kind::list, spelled, each);
    if (here.slot == Slot::profile && is_profile) add_name(Kind::profile, spelled, each);
    const bool is_asked = here.slot == Slot::condition || here.slot == Slot::attribute;
    if (is_asked && !is_list && !is_profile) add_name(Kind::attribute, spelled, each);
  }
  return made;
}

std::optional<std::string> PolicyView::template_at(std::size_t at) const {
  const Here here = look(source_.text, at);
  if (here.fills != Slot::template_key) return std::nullopt;
  return name_at(here);
}

std::optional<std::string> PolicyView::formatted() const {
  if (!parsing_.diagnostics.empty()) return std::nullopt;
  return language::format(source_, parsing_.file);
}

}  // namespace copse::runner::lsp
