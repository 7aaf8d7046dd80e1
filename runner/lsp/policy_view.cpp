#include "runner/lsp/policy_view.hpp"

#include "engine/analysis/lint.hpp"
#include "engine/compile.hpp"
#include "grammar/language/attributes.hpp"
#include "grammar/language/format.hpp"
#include "grammar/language/lint.hpp"
#include "grammar/language/understanding.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace copse::runner::lsp {
namespace {

namespace language = grammar::language;

// Rules of a policy that lint looks at while somebody types.
constexpr std::size_t lint_limit = 2'000;

struct Word {
  std::string_view word;
  std::string_view says;
};

constexpr std::array statements{
    Word{"policy", "`policy \"name\"`: the name appears in every decision"},
    Word{"templates", "`templates from \"folder\"`: each `NAME.yaml` is a template"},
    Word{"allow", "`allow override cpu, memory`: what rules may change in a template"},
    Word{"attribute", "`attribute rows: integer = spec.tuningConfig.maxRowsPerSegment`"},
    Word{"list", "`list vip = [\"a\", glob\"b_*\"]`"},
    Word{"profile", "`profile nvme { node \"disk\" = \"nvme\" }`: overrides under one name"},
    Word{"rule", "`rule \"name\" when CONDITION { OUTCOMES }`: the first that matches wins"},
    Word{"default", "`default { template \"base\" }`: ends the policy"},
    Word{"test", "`test \"name\" { task { … } expect rule \"…\" }`"}};

constexpr std::array attributes{
    Word{"type", "text, always there: the task's type"},
    Word{"id", "text, always there: the task's id"},
    Word{"groupId", "text: the task's group; the id where it has none"},
    Word{"dataSource", "text: absent, it is in no list"},
    Word{"supervisorId", "text, may be absent"},
    Word{"priority",
         "integer: of the context, else Druid's default for the type (75 streaming, 50 "
         "batch, 25 compaction, else 0)"},
    Word{"requiredCapacity", "integer: slots that the task takes, 1 by default"},
    Word{"attempt", "integer: how often the task was tried, from 1"},
    Word{"payload", "quantity: bytes of the task's document"},
    Word{"tags.", "text, may be absent: `context.tags.NAME`"},
    Word{"context.", "as compared, may be absent: `context.NAME`"}};

constexpr std::array outcomes{
    Word{"template", "`template \"large\"`"},
    Word{"runner", "`runner k8s` or `runner worker`"},
    Word{"use", "`use PROFILE`"},
    Word{"cpu", "`cpu 2` or `cpu 500m..2`: request and limit"},
    Word{"memory", "`memory 8Gi..16Gi`: request and limit"},
    Word{"storage", "`storage 100Gi`: of ephemeral-storage"},
    Word{"label", "`label \"team\" = tags.team else \"none\"`: on Job and pod"},
    Word{"annotation", "`annotation \"owner\" = \"search\"`: on Job and pod"},
    Word{"node", "`node \"disk\" = \"nvme\"`: a node selector"},
    Word{"tolerate", "`tolerate \"spot\" = \"true\": NoSchedule`"},
    Word{"env", "`env \"LEVEL\" = \"debug\"`: of the first container"},
    Word{"javaOpts", "`javaOpts \"-Xmx8g\"`: JAVA_OPTS of the first container"},
    Word{"priorityClass", "`priorityClass \"batch\"`"},
    Word{"deadline", "`deadline 4h`: the Job is ended then"},
    Word{"grace", "`grace 30s`: between SIGTERM and SIGKILL"},
    Word{"namespace", "`namespace \"druid\"`"}};

constexpr std::array conditions{
    Word{"when", "begins a rule's condition"},
    Word{"and", "both"},
    Word{"or", "one of them, or both"},
    Word{"not", "the other way round"},
    Word{"in", "`type in [\"a\", \"b\"]` or `type in LIST`"},
    Word{"like", "`dataSource like glob\"a*\"` or `re\"a.*\"`: the whole text"},
    Word{"has", "`has tags.team`: whether it is there"},
    Word{"else", "`tags.team else \"none\"`: a value when it is absent"},
    Word{"canary", "`canary(\"salt\", 5%)`: a share of the tasks, the same ones each time"},
    Word{"within", "`within 22:00..06:00 \"Europe/Berlin\"`: by the clock of a zone"},
    Word{"on", "`on sat, sun \"Europe/Berlin\"`"}};

const Word* find(const auto& words, std::string_view wanted) {
  const auto at = std::find_if(words.begin(), words.end(),
                               [&](const Word& each) { return each.word == wanted; });
  return at == words.end() ? nullptr : &*at;
}

void append(engine::Diagnostics& to, engine::Diagnostics more) {
  std::ranges::move(more, std::back_inserter(to));
}

bool is_word_part(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

// The last word of a line that is being typed, before the one under way.
std::string_view word_before(std::string_view line) {
  while (!line.empty() && (is_word_part(line.back()) || line.back() == '"')) line.remove_suffix(1);
  while (!line.empty() && line.back() == ' ') line.remove_suffix(1);
  std::size_t begin = line.size();
  while (begin > 0 && is_word_part(line[begin - 1])) --begin;
  return line.substr(begin);
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
  return found == nullptr ? std::string() : literal_text(source_, *found);
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

engine::Span PolicyView::word_at(std::size_t at) const {
  const std::string_view text = source_.text;
  std::size_t begin = std::min(at, text.size());
  std::size_t end = begin;
  while (begin > 0 && is_word_part(text[begin - 1])) --begin;
  while (end < text.size() && is_word_part(text[end])) ++end;
  return {begin, end};
}

std::string_view PolicyView::line_before(std::size_t at) const {
  const std::string_view before = std::string_view(source_.text).substr(0, at);
  const std::size_t line = before.rfind('\n');
  return before.substr(line == std::string_view::npos ? 0 : line + 1);
}

std::optional<Hover> PolicyView::hover(std::size_t at) const {
  const engine::Span span = word_at(at);
  const std::string_view word = language::spelled(source_, span);
  if (word.empty()) return std::nullopt;
  for (const language::Statement& each : parsing_.file.statements) {
    const auto shown = [&](engine::Span name) -> std::optional<Hover> {
      if (language::spelled(source_, name) != word) return std::nullopt;
      return Hover{span,
                   "```copse\n" + std::string(language::spelled(source_, each.span)) + "\n```"};
    };
    std::optional<Hover> found;
    if (const auto* list = std::get_if<language::statement::List>(&each.is))
      found = shown(list->name);
    if (const auto* profile = std::get_if<language::statement::Profile>(&each.is))
      found = shown(profile->name);
    if (const auto* attribute = std::get_if<language::statement::Attribute>(&each.is))
      found = shown(attribute->name);
    if (found) return found;
  }
  if (word.starts_with("tags.") || word.starts_with("context.")) {
    const bool is_tag = word.starts_with("tags.");
    return Hover{span, std::string(find(attributes, is_tag ? "tags." : "context.")->says)};
  }
  for (const auto* row : {find(attributes, word), find(statements, word), find(outcomes, word),
                          find(conditions, word)}) {
    if (row != nullptr) return Hover{span, std::string(row->says)};
  }
  return std::nullopt;
}

std::vector<Proposal> PolicyView::proposals(std::size_t at, const TemplateKeys& templates) const {
  using Kind = Proposal::Kind;
  std::vector<Proposal> all;
  const std::string_view line = line_before(at);
  const std::string_view before = word_before(line);
  const auto add = [&](Kind kind, const auto& words) {
    for (const Word& each : words)
      all.push_back({kind, std::string(each.word), std::string(each.says)});
  };
  const auto named = [&](auto member, Kind kind) {
    for (const language::Statement& each : parsing_.file.statements) {
      if (const auto* declared = std::get_if<decltype(member)>(&each.is))
        all.push_back({kind, std::string(language::spelled(source_, declared->name)),
                       std::string(language::spelled(source_, each.span))});
    }
  };
  if (before == "template") {
    for (const std::string& key : templates.value_or(std::vector<std::string>()))
      all.push_back({Kind::template_key, key, "a template"});
  } else if (before == "use") {
    named(language::statement::Profile{}, Kind::profile);
  } else if (before == "in") {
    named(language::statement::List{}, Kind::list);
  } else if (before == "runner") {
    all = {{Kind::value, "k8s", "as a Job"}, {Kind::value, "worker", "on a middle manager"}};
  } else if (line.find_first_not_of(" \t") == std::string_view::npos ||
             line.find(' ') == std::string_view::npos) {
    add(Kind::keyword, statements);
    add(Kind::keyword, outcomes);
  } else if (line.rfind('{') != std::string_view::npos &&
             (line.rfind('}') == std::string_view::npos || line.rfind('{') > line.rfind('}'))) {
    add(Kind::keyword, outcomes);
  } else {
    add(Kind::attribute, attributes);
    named(language::statement::Attribute{}, Kind::attribute);
    add(Kind::keyword, conditions);
  }
  return all;
}

std::optional<engine::Span> PolicyView::declaration(std::size_t at) const {
  const std::string_view word = language::spelled(source_, word_at(at));
  const std::string_view first = word.substr(0, word.find('.'));
  for (const language::Statement& each : parsing_.file.statements) {
    std::optional<engine::Span> name;
    if (const auto* list = std::get_if<language::statement::List>(&each.is)) name = list->name;
    if (const auto* profile = std::get_if<language::statement::Profile>(&each.is))
      name = profile->name;
    if (const auto* attribute = std::get_if<language::statement::Attribute>(&each.is))
      name = attribute->name;
    if (!name || word.empty()) continue;
    const std::string_view declared = language::spelled(source_, *name);
    if (declared == word || declared == first) return name;
  }
  return std::nullopt;
}

std::optional<std::string> PolicyView::template_at(std::size_t at) const {
  for (const language::Setting& each : parsing_.file.settings) {
    const bool is_here = each.span.begin <= at && at <= each.span.end;
    if (!is_here || language::spelled(source_, each.keyword) != "template") continue;
    if (each.key.kind == language::Value::Kind::literal)
      return literal_text(source_, parsing_.file.literals[each.key.index]);
    if (each.key.kind == language::Value::Kind::operand)
      return std::string(language::spelled(source_, parsing_.file.operands[each.key.index].span));
  }
  return std::nullopt;
}

std::optional<std::string> PolicyView::formatted() const {
  if (!parsing_.diagnostics.empty()) return std::nullopt;
  return language::format(source_, parsing_.file);
}

}  // namespace copse::runner::lsp
