#include "grammar/language/policy_tests.hpp"

#include "engine/facts.hpp"
#include "engine/json_fault.hpp"
#include "grammar/language/outcomes.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace copse::grammar::language {
namespace {

// Rules of a policy among which the one that was meant is looked for.
constexpr std::size_t compared_names_limit = 1'000;

class Reader {
 public:
  Reader(const engine::Source& source, const File& file)
      : source_(source),
        file_(file),
        places_(source),
        complaints_(source, said_),
        outcomes_(source, file, nothing_declared_, complaints_) {}

  std::expected<std::vector<PolicyTest>, engine::Diagnostics> run() {
    for (const Statement& each : file_.statements) {
      if (const auto* test = std::get_if<statement::Test>(&each.is)) add(*test);
    }
    complaints_.end();
    if (!said_.empty()) return std::unexpected(std::move(said_));
    return std::move(tests_);
  }

 private:
  void add(const statement::Test& test) {
    PolicyTest made;
    made.name = literal_text(source_, test.name);
    made.place = places_.place(test.name.span);
    if (test.task == Span{}) {
      complaints_.say("P0541", test.name.span, "test `" + made.name + "` has no task",
                      "add `task { \"type\": \"…\" }`");
      return;
    }
    made.task = spelled(source_, test.task);
    if (const auto fault = engine::find_json_fault(made.task)) {
      complaints_.say("P0543", {test.task.begin + fault->begin, test.task.begin + fault->end},
                      "the task is no JSON: " + fault->title, fault->help);
      return;
    }
    if (!has_type(made.task)) {
      complaints_.say("P0543", {test.task.begin, test.task.begin + 1}, "the task has no `type`",
                      "every Druid task names its type, e.g. `\"type\": \"index_parallel\"`");
    }
    made.task_place = places_.place({test.task.begin, test.task.begin + 1});
    made.circumstances.canary = test.canary && spelled(source_, *test.canary) == "on";
    if (test.now) {
      made.circumstances.now = engine::parse_instant(literal_text(source_, *test.now));
      if (!made.circumstances.now)
        complaints_.say("P0547", test.now->span, "this is no instant",
                        "write it as \"2026-11-24T23:00:00+01:00\"");
    }
    for (std::uint32_t i = 0; i < test.expected.count; ++i)
      expect(file_.settings[test.expected.first + i], made);
    if (test.expected.count == 0) {
      complaints_.say("P0542", test.name.span, "test `" + made.name + "` expects nothing",
                      "add `expect rule \"…\"` or `expect template \"…\"`");
    }
    tests_.push_back(std::move(made));
  }

  // A text that says something, as a task has to have that Druid takes.
  [[nodiscard]] bool has_type(std::string task) {
    task.reserve(task.size() + engine::document_padding);
    const auto facts = types_.read(task);
    return facts && facts->front().state() == engine::Fact::State::text &&
           !facts->front().text().empty();
  }

  void expect(const Setting& setting, PolicyTest& to) {
    using What = Expectation::What;
    const std::string_view word = spelled(source_, setting.keyword);
    Expectation made;
    made.place = places_.place(setting.span);
    if (word == "rule" || word == "error") {
      made.what = word == "rule" ? What::rule : What::error;
      const bool is_bare = setting.key.kind == Value::Kind::none && word == "error";
      const auto name = name_of(setting);
      if (name || is_bare) {
        if (word == "rule") look_for(*name, setting);
        made.value = name.value_or("");
        to.expected.push_back(std::move(made));
      } else {
        complaints_.say("P0529", setting.span, "one name is wanted here", "write `rule \"…\"`");
      }
      return;
    }
    const auto placed = outcomes_.expected(setting);
    if (!placed) return;
    if (placed->template_key) {
      made.what = What::template_key;
      made.value = *placed->template_key;
    } else if (placed->runner) {
      made.what = What::runner;
      made.value = *placed->runner == engine::Runner::worker ? "worker" : "k8s";
    } else {
      made.what = What::setting;
      made.setting = placed->overrides.front();
      made.value = in_words(made.setting);
    }
    to.expected.push_back(std::move(made));
  }

  void note_rules() {
    rules_.insert("default");
    for (const Statement& each : file_.statements) {
      if (const auto* rule = std::get_if<statement::Rule>(&each.is))
        rules_.insert(literal_text(source_, rule->name));
    }
  }

  void look_for(const std::string& rule, const Setting& setting) {
    if (rules_.empty()) note_rules();
    if (rules_.contains(rule)) return;
    std::string_view near;
    if (rules_.size() <= compared_names_limit && !complaints_.is_full())
      near = engine::nearest(rule, std::vector<std::string_view>(rules_.begin(), rules_.end()));
    const bool is_text = setting.key.kind == Value::Kind::literal;
    const Span span =
        is_text ? file_.literals[setting.key.index].span : file_.operands[setting.key.index].span;
    engine::Diagnostic& made = complaints_.say(
        "P0554", span, "no rule is called `" + rule + "`",
        near.empty() ? "name a rule, or `default`" : "did you mean `" + std::string(near) + "`?");
    if (!near.empty()) complaints_.suggest(made, span, "\"" + std::string(near) + "\"");
  }

  // One text or bare word, and nothing behind it.
  [[nodiscard]] std::optional<std::string> name_of(const Setting& setting) const {
    if (setting.value.kind != Value::Kind::none || setting.upper.kind != Value::Kind::none)
      return std::nullopt;
    if (setting.key.kind == Value::Kind::operand)
      return std::string(spelled(source_, file_.operands[setting.key.index].span));
    const bool is_text = setting.key.kind == Value::Kind::literal &&
                         file_.literals[setting.key.index].kind == LiteralKind::text;
    if (!is_text) return std::nullopt;
    return literal_text(source_, file_.literals[setting.key.index]);
  }

  const engine::Source& source_;
  const File& file_;
  engine::Locator places_;
  engine::Diagnostics said_;
  Complaints complaints_;
  engine::FactReader types_{{engine::type_attribute()}};
  Declared nothing_declared_;
  Outcomes outcomes_;
  std::vector<PolicyTest> tests_;
  std::set<std::string> rules_;  // noted when a test names one
};

}  // namespace

std::expected<std::vector<PolicyTest>, engine::Diagnostics> policy_tests(
    const engine::Source& source, const File& file) {
  return Reader(source, file).run();
}

}  // namespace copse::grammar::language
