#include "runner/cli/policy_suite.hpp"

#include "engine/evaluate.hpp"
#include "grammar/language/meaning.hpp"
#include "grammar/language/parse.hpp"
#include "grammar/language/policy_tests.hpp"
#include "runner/cli/task_input.hpp"

#include <algorithm>
#include <map>

namespace copse::runner::cli {
namespace {

namespace language = grammar::language;

struct Got {
  std::string rule;
  std::string template_key;  // empty for a worker
  std::string runner;
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

  std::expected<Got, std::string> decide(const std::string& task) {
    std::string document = task;
    document.reserve(document.size() + engine::document_padding);
    const auto facts = facts_.read(document);
    if (!facts) return std::unexpected(std::string(facts.error()));
    const engine::Decision decision = engine::evaluate(image_, *facts);
    const bool is_worker = decision.runner == engine::Runner::worker;
    const engine::Entry& entry = is_worker ? image_.runner : image_.placement;
    const engine::Answer& answer = is_worker ? decision.runner_answer : decision.placement;
    Got got;
    got.rule = image_.names[answer.rule == engine::no_rule
                                ? entry.otherwise_name
                                : image_.rules[std::to_underlying(answer.rule)].name];
    if (!is_worker)
      got.template_key = image_.outcomes[std::to_underlying(answer.outcome)].template_key;
    got.runner = is_worker ? "worker" : "k8s";
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
  engine::PolicySet set_;
  engine::Image image_;
  engine::FactReader facts_;
};

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
  const auto source = read_source(path);
  if (!source) return std::unexpected(source.error());
  if (!language::looks_like_language(source->text)) {
    engine::Diagnostic other =
        problem(engine::whole_file(source->name), "C0601", "this is no policy in copse's language");
    other.help = "tests stand in policies of the language; Druid's JSON has none";
    return std::unexpected(engine::Diagnostics{std::move(other)});
  }
  const language::Parsing parsed = language::parse(*source);
  if (!parsed.diagnostics.empty()) return std::unexpected(parsed.diagnostics);
  auto set = language::meaning(*source, parsed.file);
  if (!set) return std::unexpected(std::move(set.error()));
  const auto tests = language::policy_tests(*source, parsed.file);
  if (!tests) return std::unexpected(tests.error());

  // Every template that is named is taken to exist: `check --templates` looks.
  auto image = engine::compile(*set, {.names = {}, .known = false});
  if (!image) return std::unexpected(std::move(image.error()));
  Subject subject(std::move(*set), std::move(*image));
  Suite suite;
  suite.file = source->name;
  std::map<std::string, std::size_t> reached;
  for (const language::PolicyTest& test : *tests) {
    TestVerdict verdict{test.name, {}};
    const auto got = subject.decide(test.task);
    if (!got) {
      // Sound JSON all the same: too deep, say.
      verdict.faults.push_back(
          problem(test.task_place, "P0543", "the task cannot be read: " + got.error()));
    } else {
      ++reached[got->rule];
      using What = language::Expectation::What;
      for (const language::Expectation& each : test.expected) {
        const std::string& is = each.what == What::rule           ? got->rule
                                : each.what == What::template_key ? got->template_key
                                                                  : got->runner;
        if (is == each.value) continue;
        engine::Diagnostic fault = problem(each.place, "P0550", "test `" + test.name + "` fails");
        fault.label = is.empty() ? "it has none" : "it is `" + is + "`";
        fault.notes.push_back(
            "rule `" + got->rule + "` decides: runner " + got->runner +
            (got->template_key.empty() ? "" : ", template `" + got->template_key + "`"));
        verdict.faults.push_back(std::move(fault));
      }
    }
    suite.verdicts.push_back(std::move(verdict));
  }
  for (const std::string& rule : subject.rules()) suite.reached.emplace_back(rule, reached[rule]);
  return suite;
}

}  // namespace copse::runner::cli
