// Template selection and runner strategies against what the real Java classes of Druid answered.
#include "tests/vectors.hpp"

#include "engine/compile.hpp"
#include "engine/evaluate.hpp"
#include "engine/failure_text.hpp"
#include "engine/task.hpp"
#include "grammar/druid_policy.hpp"
#include "grammar/language/convert.hpp"
#include "grammar/language/meaning.hpp"
#include "grammar/language/parse.hpp"

#include <map>
#include <optional>
#include <utility>

#include <catch2/catch.hpp>
#include <simdjson.h>

using namespace copse;
using engine::Release;

namespace {

namespace dom = simdjson::dom;

// One line of a file: its members, those that are objects as JSON text.
class Line {
 public:
  explicit Line(const std::string& text) { root_ = parser_.parse(text).value(); }

  [[nodiscard]] bool has(std::string_view name) const {
    return root_[name].error() == simdjson::SUCCESS;
  }

  [[nodiscard]] std::string text(std::string_view name) const {
    return std::string(root_[name].get_string().value());
  }

  [[nodiscard]] std::string json(std::string_view name) const {
    return simdjson::to_string(root_[name].value());
  }

  [[nodiscard]] bool flag(std::string_view name) const { return root_[name].get_bool().value(); }

  [[nodiscard]] dom::element operator[](std::string_view name) const { return root_[name].value(); }

 private:
  dom::parser parser_;
  dom::element root_;
};

engine::TemplateNames templates_of(const Line& line) {
  engine::TemplateNames templates;
  for (const auto name : line["templates"])
    templates.names.insert(std::string(name.get_string().value()));
  return templates;
}

// The policies once they were said in copse's language.
engine::PolicySet through_language(const engine::PolicySet& policies,
                                   const engine::TemplateNames& templates) {
  const auto made = grammar::language::to_language(policies, templates);
  const engine::Source source{"converted", made.text};
  const auto parsed = grammar::language::parse(source);
  INFO(made.text);
  REQUIRE(parsed.diagnostics.empty());
  auto meant = grammar::language::meaning(source, parsed.file);
  REQUIRE(meant);
  return std::move(*meant);
}

enum class Through { druid, language };

// `template NAME`, `config` (the configuration cannot be read) or `select: MESSAGE` (the launch
// fails).
std::string decide(const Line& line, Release release, grammar::TaskChoice choice,
                   Through through = Through::druid) {
  grammar::DynamicConfiguration configuration;
  const engine::Source source{"config", line.json("config")};
  if (source.text != "null") {
    auto read = grammar::read_dynamic_configuration(source, release);
    if (!read) return "config";
    configuration = std::move(read->value);
  }
  const engine::TemplateNames templates = templates_of(line);
  engine::PolicySet policies;
  policies.placement = grammar::placement_policy(configuration, source, templates, release, choice);
  if (through == Through::language) policies = through_language(policies, templates);
  const auto image = engine::compile(policies, templates);
  if (!image) return "compile";
  const auto task = engine::read_task({"task", line.json("task")});
  if (!task) return "task";
  engine::FactReader reader(image->attributes);
  const auto facts = reader.read(task->document);
  if (!facts) return "facts";
  const engine::Decision decision = engine::evaluate(*image, *facts);
  if (const std::string failure =
          engine::failure_text(*image, decision.placement, *facts, task->id);
      !failure.empty()) {
    return "select: " + failure;
  }
  return "template " + image->outcome(decision.placement.outcome).template_key;
}

std::string expected(const Line& line) {
  if (!line.has("stage")) return "template " + line.text("template");
  return line.text("stage") == "config" ? "config" : "select: " + line.text("error");
}

// Messages that the JVM makes itself are no contract: only the fact of failure is.
bool agrees(const std::string& ours, const std::string& theirs) {
  const bool own_words = theirs.find("via context key") != std::string::npos;
  if (theirs.starts_with("select: ") && !own_words) return ours.starts_with("select: ");
  return ours == theirs;
}

// A JSON document in a form that does not depend on the order in sets and objects.
std::string canonical(dom::element value) {
  std::vector<std::string> parts;
  if (value.is_object()) {
    for (const auto field : dom::object(value))
      parts.push_back(std::string(field.key) + ":" + canonical(field.value));
    std::sort(parts.begin(), parts.end());
  } else if (value.is_array()) {
    bool scalars = true;
    for (const auto each : dom::array(value)) {
      parts.push_back(canonical(each));
      scalars = scalars && !each.is_object();
    }
    if (scalars) std::sort(parts.begin(), parts.end());
  } else {
    return simdjson::to_string(value);
  }
  std::string joined = value.is_object() ? "{" : "[";
  for (const std::string& part : parts) joined += part + ",";
  return joined + (value.is_object() ? "}" : "]");
}

std::string canonical(const std::string& json) {
  dom::parser parser;
  return canonical(parser.parse(json).value());
}

// Under a sanitizer, which takes ten times as long, each release answers a third of the lines.
#if defined(__SANITIZE_ADDRESS__)
constexpr std::size_t stride = 3;
#else
constexpr std::size_t stride = 1;
#endif

}  // namespace

TEST_CASE("template selection agrees with Druid 33, 37 and 39, line by line", "[grammar]") {
  const auto lines = tests::gzipped_lines("vectors/selection.jsonl.gz");
  REQUIRE(lines.size() == 8456);
  std::size_t first = 0;
  for (const Release release : {Release{33}, Release{37}, Release{39}}) {
    std::size_t differences = 0;
    for (std::size_t i = first++ % stride; i < lines.size(); i += stride) {
      const std::string& text = lines[i];
      const Line line(text);
      const std::string ours = decide(line, release, grammar::TaskChoice::ignored);
      std::string theirs = expected(line);
      // The one thing in which these answers differ between releases: a null or missing strategy.
      auto strategy = line["config"].at_key("podTemplateSelectStrategy");
      const bool no_strategy = strategy.error() != simdjson::SUCCESS || strategy.value().is_null();
      if (no_strategy) {
        INFO("a line without a strategy is new: say here what each release answers");
        REQUIRE(theirs == "config");
      }
      if (!agrees(ours, theirs) && ++differences <= 5) {
        UNSCOPED_INFO("ours: " << ours << "\ntheirs: " << theirs << "\n" << text.substr(0, 1500));
      }
    }
    CHECK(differences == 0);
  }
}

TEST_CASE(
    "a configuration without a strategy is refused by Druid 33 and means `by task type` later",
    "[grammar]") {
  for (const std::string text :
       {"{}", R"({"type":"default"})", R"({"podTemplateSelectStrategy":null})"}) {
    CHECK_FALSE(grammar::read_dynamic_configuration({"c", text}, Release{33}));
    const auto read = grammar::read_dynamic_configuration({"c", text}, Release{37});
    REQUIRE(read);
    CHECK_FALSE(read->value.strategy);
  }
}

TEST_CASE("where Druid places a task, its configuration said in the language places it as well",
          "[grammar][language]") {
  const auto lines = tests::gzipped_lines("vectors/selection.jsonl.gz");
  std::size_t compared = 0;
  for (std::size_t i = 0; i < lines.size(); i += stride) {
    const Line line(lines[i]);
    const std::string theirs = expected(line);
    if (!theirs.starts_with("template ")) continue;
    ++compared;
    const std::string ours =
        decide(line, Release{33}, grammar::TaskChoice::ignored, Through::language);
    if (ours != theirs) FAIL_CHECK("ours: " << ours << "\ntheirs: " << theirs << "\n" << lines[i]);
  }
  CHECK(compared > 1000);
}

TEST_CASE("a configuration is written back as Druid writes it", "[grammar]") {
  std::size_t compared = 0;
  for (const std::string& text : tests::gzipped_lines("vectors/selection.jsonl.gz")) {
    const Line line(text);
    if (!line.has("configBack")) continue;
    const auto read = grammar::read_dynamic_configuration({"c", line.json("config")}, Release{33});
    REQUIRE(read);
    CHECK(canonical(grammar::to_json(read->value, Release{33})) ==
          canonical(line.json("configBack")));
    ++compared;
  }
  CHECK(compared == 313);
}

TEST_CASE("a task's choice of a template by context key agrees with Druid 39", "[grammar]") {
  const auto lines = tests::gzipped_lines("vectors/main-selection_override.jsonl.gz");
  REQUIRE(lines.size() == 656);
  for (const std::string& text : lines) {
    const Line line(text);
    const auto choice = line.flag("allowTaskPodTemplateSelection") ? grammar::TaskChoice::allowed
                                                                   : grammar::TaskChoice::ignored;
    const std::string ours = decide(line, Release{39}, choice);
    if (!agrees(ours, expected(line)))
      FAIL_CHECK("ours: " << ours << "\ntheirs: " << expected(line) << "\n" << text);
  }
}

namespace {

// `k8s`, `worker` or `error: MESSAGE`.
std::string run_strategy(const Line& line, Release release) {
  grammar::RunnerStrategy strategy;
  std::optional<engine::Diagnostics> errors;
  if (line.has("properties")) {
    engine::Properties properties;
    for (const auto field : dom::object(line["properties"])) {
      properties.set({std::string(field.key), std::string(field.value.get_string().value()),
                      engine::whole_file("p")});
    }
    auto read = grammar::runner_strategy_of(properties, release);
    if (!read) errors = std::move(read.error());
    if (read && *read) strategy = std::move((*read)->value);
  } else {
    auto read = grammar::read_runner_strategy({"s", line.json("strategy")});
    if (!read) errors = std::move(read.error());
    if (read) strategy = std::move(read->value);
  }
  if (errors) return "error: " + errors->at(0).title + " / " + errors->at(0).label;
  if (line.has("strategyBack") &&
      canonical(grammar::to_json(strategy)) != canonical(line.json("strategyBack"))) {
    return "back: " + grammar::to_json(strategy);
  }
  engine::PolicySet policies;
  policies.runner = grammar::runner_policy(strategy, {});
  const auto runner = [&](const engine::PolicySet& asked) {
    const auto image = engine::compile(asked, {});
    REQUIRE(image);
    engine::FactReader reader(image->attributes);
    const auto facts = reader.read("{\"type\":" + line.json("taskType") + "}");
    REQUIRE(facts);
    return engine::evaluate(*image, *facts).runner;
  };
  const engine::Runner ours = runner(policies);
  // Said in the language it is the same.
  if (dom::element(line["taskType"]).is_string()) {
    CHECK(runner(through_language(policies, {.names = {}, .known = false})) == ours);
  }
  return ours == engine::Runner::k8s ? "k8s" : "worker";
}

void compare_runner(const std::string& text, Release release) {
  const Line line(text);
  const std::string ours = run_strategy(line, release);
  if (!line.has("stage")) {
    if (ours != line.text("runner")) FAIL_CHECK(ours << "\n" << text);
    return;
  }
  const std::string message = line["rootError"].is_null() ? "" : line.text("rootError");
  const bool own_words = message.starts_with("workerType") || message.starts_with("Invalid config");
  if (!ours.starts_with("error: ") || (own_words && ours.find(message) == std::string::npos))
    FAIL_CHECK(ours << "\n" << text);
}

}  // namespace

TEST_CASE("the runner strategy agrees with Druid 33, 37 and 39", "[grammar]") {
  const auto lines = tests::gzipped_lines("vectors/runner.jsonl.gz");
  const auto newer = tests::gzipped_lines("vectors/main-runner-differing.jsonl.gz");
  REQUIRE(lines.size() == 379);
  REQUIRE(newer.size() == 35);
  // Questions that release 39 answers in its own way; all others it answers as before.
  std::map<std::string, std::string> differing;
  for (const std::string& text : newer) {
    const Line line(text);
    differing.emplace(line.json("properties") + line.json("taskType"), text);
  }
  for (const std::string& text : lines) {
    compare_runner(text, Release{33});
    compare_runner(text, Release{37});
    const Line line(text);
    const auto other = line.has("properties")
                           ? differing.find(line.json("properties") + line.json("taskType"))
                           : differing.end();
    const bool remote = line.has("workerType") && line.text("workerType") == "remote";
    const bool worker_type_error =
        line.has("rootError") && text.find("workerType must be set to one of") != std::string::npos;
    if (other != differing.end()) {
      compare_runner(other->second, Release{39});
    } else if (!remote && !worker_type_error) {
      compare_runner(text, Release{39});
    }
  }
  for (const std::string& text : newer) compare_runner(text, Release{39});
}
