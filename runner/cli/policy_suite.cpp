#include "runner/cli/policy_suite.hpp"

#include "adapters/template_set.hpp"
#include "engine/evaluate.hpp"
#include "engine/explain.hpp"
#include "engine/settings.hpp"
#include "grammar/language/understanding.hpp"
#include "grammar/policy_document.hpp"
#include "runner/cli/task_input.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

namespace copse::runner::cli {
namespace {

namespace language = grammar::language;

struct Got {
  std::string rule;
  std::string template_key;  // empty for a worker
  std::string runner;
  std::vector<engine::Override> settings;
  std::string error;  // the task fails
};

engine::Diagnostic problem(engine::Place place, std::string code, std::string title) {
  engine::Diagnostic said;
  said.code = std::move(code);
  said.title = std::move(title);
  said.place = std::move(place);
  return said;
}

// A policy, ready to be asked.
class Subject {
 public:
  Subject(engine::PolicySet set, engine::Image image)
      : set_(std::move(set)), image_(std::move(image)), facts_(image_.attributes) {}

  // What the policy decides; or why that cannot be said.
  std::expected<Got, std::string> decide(const language::PolicyTest& test) {
    std::string document = test.task;
    document.reserve(document.size() + engine::document_padding);
    const auto facts = facts_.read(document, test.circumstances);
    if (!facts) return std::unexpected("the task cannot be read: " + std::string(facts.error()));
    const engine::Decision decision = engine::evaluate(image_, *facts);
    const bool is_worker = decision.runner == engine::Runner::worker;
    const engine::Entry& entry = is_worker ? image_.runner : image_.placement;
    const engine::Answer& answer = is_worker ? decision.runner_answer : decision.placement;
    if (!test.circumstances.now) {
      auto asking = engine::asks_the_clock(image_, entry, answer, *facts);
      if (!asking && image_.decides_runner)
        asking = engine::asks_the_clock(image_, image_.runner, decision.runner_answer, *facts);
      if (asking)
        return std::unexpected("rule `" + name_of(*asking) +
                               "` asks what time it is, and the test says none");
    }
    Got got;
    got.rule = std::string(image_.name(entry, answer.rule));
    got.runner = is_worker ? "worker" : "k8s";
    if (is_worker) return got;
    got.template_key =
        image_.text(image_.outcomes[std::to_underlying(answer.outcome)].template_key);
    auto settings = engine::settings_of(image_, answer.outcome, *facts);
    if (settings) {
      got.settings = std::move(*settings);
    } else {
      got.error = "rule `" + got.rule + "` sets " + settings.error();
    }
    return got;
  }

  // As they are written, the default last.
  [[nodiscard]] std::vector<std::string> rules() const {
    const engine::Policy& policy = set_.runner ? *set_.runner : set_.placement;
    std::vector<std::string> all;
    for (const engine::Rule& rule : policy.rules) {
      if (all.empty() || all.back() != rule.name) all.push_back(rule.name);
    }
    all.push_back(policy.otherwise_name);
    return all;
  }

 private:
  [[nodiscard]] std::string name_of(engine::RuleId rule) const {
    return std::string(image_.name(rule));
  }

  engine::PolicySet set_;
  engine::Image image_;
  engine::FactReader facts_;
};

// What is wrong with what a test got, or nothing.
std::optional<std::string> unmet(const language::Expectation& wanted, const Got& got) {
  using What = language::Expectation::What;
  const auto differs = [&](const std::string& is) -> std::optional<std::string> {
    if (is == wanted.value) return std::nullopt;
    return is.empty() ? "it has none" : "it is `" + is + "`";
  };
  switch (wanted.what) {
    case What::rule:
      return differs(got.rule);
    case What::template_key:
      return differs(got.template_key);
    case What::runner:
      return differs(got.runner);
    case What::error:
      if (got.error.empty()) return "the task does not fail";
      if (got.error.find(wanted.value) != std::string::npos) return std::nullopt;
      return "it fails otherwise: " + got.error;
    case What::setting:
      break;
  }
  const auto at = std::find_if(
      got.settings.begin(), got.settings.end(),
      [&](const engine::Override& each) { return engine::same_target(each, wanted.setting); });
  if (at == got.settings.end()) return "it is not set";
  const bool is_it = engine::is_alike(*at, wanted.setting);
  return is_it ? std::nullopt : std::optional("it is `" + in_words(*at) + "`");
}

bool expects_error(const language::PolicyTest& test) {
  return std::ranges::any_of(test.expected, [](const auto& each) {
    return each.what == language::Expectation::What::error;
  });
}

// Those of the folder that the policy names, every one of which it must have; without one each is
// taken to exist.
std::expected<engine::TemplateNames, engine::Diagnostics> templates_of(
    const engine::PolicySet& policies, const engine::Source& source) {
  engine::TemplateNames names{.names = {}, .known = !policies.templates.empty()};
  if (!names.known) return names;
  const std::filesystem::path beside = std::filesystem::path(source.name).parent_path();
  auto origins = adapters::template_origins_in((beside / policies.templates).string());
  if (!origins) return std::unexpected(std::move(origins.error()));
  auto loading = adapters::TemplateSet::load(std::move(*origins));
  if (!loading.set) return std::unexpected(std::move(loading.diagnostics));
  for (const std::string_view key : loading.set->keys()) names.names.emplace(key);
  auto unknown = language::unknown_templates(grammar::template_uses(source).uses, names);
  if (!unknown.empty()) return std::unexpected(std::move(unknown));
  return names;
}

const std::string& expected_rule(const language::PolicyTest& test, const Got& got) {
  const auto at = std::find_if(test.expected.begin(), test.expected.end(), [](const auto& each) {
    return each.what == language::Expectation::What::rule;
  });
  return at == test.expected.end() ? got.rule : at->value;
}

}  // namespace

std::size_t Suite::failed() const {
  return static_cast<std::size_t>(
      std::count_if(verdicts.begin(), verdicts.end(),
                    [](const TestVerdict& each) { return !each.faults.empty(); }));
}

double Suite::coverage() const {
  const auto hit = std::count_if(reached.begin(), reached.end(),
                                 [](const auto& each) { return each.second > 0; });
  return 100.0 * static_cast<double>(hit) /
         static_cast<double>(std::max<std::size_t>(reached.size(), 1));
}

std::expected<Suite, engine::Diagnostics> run_suite(const std::string& path) {
  auto given = read_source(path);
  if (!given) return std::unexpected(given.error());
  auto source = grammar::language_text(std::move(*given));
  if (!source) {
    engine::Diagnostic& first = source.error().front();
    if (first.code == "C0013")
      first.help = "tests stand in policies of the language; Druid's JSON has none";
    return std::unexpected(std::move(source.error()));
  }
  const language::Parsing parsed = language::parse(*source);
  language::Understanding understood = language::understand(*source, parsed);
  if (!understood.said.empty()) return std::unexpected(std::move(understood.said));

  auto templates = templates_of(understood.policies, *source);
  if (!templates) return std::unexpected(std::move(templates.error()));
  auto image = engine::compile(understood.policies, *templates);
  if (!image) return std::unexpected(std::move(image.error()));
  Subject subject(std::move(understood.policies), std::move(*image));
  Suite suite;
  suite.file = source->name;
  std::map<std::string, std::size_t> reached;
  for (const language::PolicyTest& test : understood.tests) {
    TestVerdict verdict{test.name, {}};
    const bool may_fail = expects_error(test);
    const auto got = subject.decide(test);
    if (!got) {
      verdict.faults.push_back(problem(test.task_place, "P0543", got.error()));
      if (!test.circumstances.now)
        verdict.faults.back().help = "such as: now \"2026-11-24T23:00:00+01:00\"";
    } else {
      ++reached[got->rule];
      for (const language::Expectation& each : test.expected) {
        const auto fault = !may_fail && !got->error.empty()
                               ? std::optional("the task fails: " + got->error)
                               : unmet(each, *got);
        // What another rule than the expected one decides is no fault of its own.
        const bool is_other_rule = got->rule != expected_rule(test, *got);
        const bool is_of_rule = each.what == language::Expectation::What::rule;
        if (!fault || (is_other_rule && !is_of_rule)) continue;
        engine::Diagnostic said = problem(each.place, "P0550", "test `" + test.name + "` fails");
        said.label = *fault;
        said.notes.push_back(
            "rule `" + got->rule + "` decides: runner " + got->runner +
            (got->template_key.empty() ? "" : ", template `" + got->template_key + "`"));
        verdict.faults.push_back(std::move(said));
      }
    }
    suite.verdicts.push_back(std::move(verdict));
  }
  for (const std::string& rule : subject.rules()) suite.reached.emplace_back(rule, reached[rule]);
  return suite;
}

}  // namespace copse::runner::cli
