#include "runner/bench/policies.hpp"

#include "engine/analysis/lint.hpp"
#include "engine/compile.hpp"
#include "engine/evaluate.hpp"
#include "engine/explain.hpp"
#include "grammar/druid_policy.hpp"
#include "grammar/language/convert.hpp"
#include "grammar/language/meaning.hpp"
#include "grammar/language/parse.hpp"
#include "grammar/policy_document.hpp"
#include "runner/bench/corpus.hpp"
#include "runner/bench/fact_rows.hpp"
#include "runner/bench/rounds.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace copse::runner::bench {
namespace {

const engine::TemplateNames any_template{{}, false};
constexpr std::uint32_t tasks_asked = 256;

template <class Work>
double median_ms(Work work) {
  return median_ns(1, [&] { return static_cast<std::uint64_t>(work()); }) / 1e6;
}

double megabytes(const std::string& text) {
  return static_cast<double>(text.size()) / 1e6;
}

// A rule in the middle comes to ask for a datasource that no other rule names.
void change_one_rule(engine::PolicySet& policies, PolicyTable& table) {
  engine::Compiler compiler;
  if (!compiler.compile(policies, any_template)) return;
  std::vector<engine::Rule>& rules = policies.placement.rules;
  const auto at = static_cast<std::uint32_t>(rules.size() / 2);
  std::uint32_t round = 0;
  table.recompile_ms = median_ms([&] {
    rules[at].tests = {{.attribute = engine::data_source_attribute(),
                        .values = {"changed-" + std::to_string(++round)}}};
    const auto image = compiler.recompile(policies, any_template, {{at, 1, 1}});
    return image ? image->nodes.size() : 0;
  });
}

void read_language(const engine::Source& source, PolicyTable& table) {
  table.text_megabytes = megabytes(source.text);
  table.parse_ms =
      median_ms([&] { return grammar::language::parse(source).file.statements.size(); });
  const auto parsed = grammar::language::parse(source);
  table.meaning_ms = median_ms([&] {
    const auto policies = grammar::language::meaning(source, parsed.file);
    return policies ? policies->placement.rules.size() : 0;
  });
  auto policies = grammar::language::meaning(source, parsed.file);
  if (!policies) return;
  table.compile_ms = median_ms([&] {
    const auto image = engine::compile(*policies, any_template);
    return image ? image->nodes.size() : 0;
  });
  change_one_rule(*policies, table);
}

void read_json(const engine::PolicySet& policies, PolicyTable& table) {
  const auto text = grammar::language::to_druid(policies, engine::newest_release);
  if (!text) return;
  table.json_megabytes = megabytes(*text);
  const engine::Source source{"bench.json", *text};
  table.import_ms = median_ms([&] {
    auto read = grammar::read_policy_document(source, engine::newest_release);
    if (!read || !read->value.configuration) return std::size_t{0};
    return grammar::placement_policy(std::move(*read->value.configuration), source, any_template,
                                     engine::newest_release, grammar::TaskChoice::ignored)
        .rules.size();
  });
}

// A file that goes with its owner.
class Scratch {
 public:
  Scratch() {
    std::string pattern = (std::filesystem::temp_directory_path() / "copse-bench-XXXXXX").string();
    if (::mkdtemp(pattern.data()) != nullptr) folder_ = pattern;
  }

  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  ~Scratch() {
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }

  [[nodiscard]] std::string write(const std::string& name, std::string_view bytes) const {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path, std::ios::binary)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return path;
  }

 private:
  std::string folder_;
};

bool runs(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  for (const int file : {STDOUT_FILENO, STDERR_FILENO})
    posix_spawn_file_actions_addopen(&files, file, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int failed = posix_spawn(&child, arguments[0], &files, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (failed != 0) return false;
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void start(const std::string& text, const std::string& program, PolicyTable& table) {
  const Scratch scratch;
  const std::string policy = scratch.write("policy.copse", text);
  const std::string task =
      scratch.write("task.json", tasks(1, table.rules, corpus_seed + 1)[0].document(1'000));
  bool all = runs({program, "compile", "-o", policy + ".image", policy});
  const double took = median_ms([&] {
    all = runs({program, "dry-run", policy + ".image", task}) && all;
    return all;
  });
  if (all) table.start_ms = took;
}

void explain_all(const engine::Image& image, PolicyTable& table) {
  const FactRows facts(image, samples(tasks(tasks_asked, table.linted_rules, corpus_seed + 1)));
  table.decide_ns = decide_all(image, facts, 100);
  table.explain_ns = median_ns(tasks_asked, [&] {
    std::uint64_t sum = 0;
    for (std::size_t row = 0; row < facts.size(); ++row) {
      const engine::Answer answer = engine::place(image, facts[row]);
      sum += engine::trace(image, image.placement, answer, facts[row]).count;
    }
    return sum;
  });
}

}  // namespace

PolicyTable measure_policies(std::uint32_t rules, std::uint32_t linted_rules,
                             const std::string& program) {
  PolicyTable table;
  table.rules = rules;
  table.linted_rules = linted_rules;
  engine::PolicySet policies;
  policies.placement = selectors(rules, corpus_seed);
  for (engine::Rule& rule : policies.placement.rules) {
    for (engine::Test& test : rule.tests) test.if_ill_typed = engine::Verdict::no;
  }
  const std::string text = grammar::language::to_language(policies, any_template).text;
  read_language({"bench.copse", text}, table);
  read_json(policies, table);
  start(text, program, table);

  // As somebody wrote it: lint speaks of what has a place in a text.
  engine::PolicySet few;
  few.placement = selectors(linted_rules, corpus_seed);
  const engine::Source written{"lint.copse",
                               grammar::language::to_language(few, any_template).text};
  const auto read = grammar::language::meaning(written, grammar::language::parse(written).file);
  if (!read) return table;
  table.lint_ms = median_ms([&] { return engine::analysis::lint(*read, any_template).size(); });
  if (const auto image = engine::compile(*read, any_template)) explain_all(*image, table);
  return table;
}

}  // namespace copse::runner::bench
