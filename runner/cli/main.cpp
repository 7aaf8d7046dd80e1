// The `copse` program: what a person typed becomes Arguments, and a verb acts on them.
#include "engine/diagnostic.hpp"
#include "engine/instant.hpp"
#include "runner/cli/arguments.hpp"
#include "runner/cli/codes.hpp"
#include "runner/cli/verbs.hpp"

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>

namespace {

using copse::runner::cli::Arguments;
using copse::runner::cli::Format;
using copse::runner::cli::Render;

// Formats of most verbs; `more` are a verb's own.
void add_format(CLI::App& verb, Arguments& to, const std::vector<std::string>& more = {}) {
  std::vector<std::string> names{"text", "json"};
  names.insert(names.end(), more.begin(), more.end());
  std::string shown;
  for (const std::string& name : names) shown += (shown.empty() ? "" : "|") + name;
  verb.add_option_function<std::string>(
          "--format",
          [&to](const std::string& text) {
            to.format = text == "json"    ? Format::json
                        : text == "junit" ? Format::junit
                        : text == "sarif" ? Format::sarif
                                          : Format::text;
          },
          "text for people, json for programs")
      ->check(CLI::IsMember(names))
      ->type_name(shown);
}

void add_basis(CLI::App& verb, Arguments& to, const std::vector<std::string>& formats = {}) {
  verb.add_option("--properties", to.properties,
                  "Druid's runtime.properties; repeatable, later files win")
      ->type_name("FILE");
  verb.add_option("--set", to.settings, "one property, over the files")->type_name("KEY=VALUE");
  verb.add_option("--templates", to.templates, "folder of pod templates: NAME.yaml or NAME.json")
      ->type_name("DIR");
  verb.add_option("--druid", to.druid,
                  "release whose behaviour is followed: 33, 37 or 39 (default: the newest)")
      ->type_name("RELEASE");
  verb.add_flag("--strict", to.strict, "Druid's silent fall-backs are errors");
  add_format(verb, to, formats);
}

void add_policy(CLI::App& verb, Arguments& to, const std::vector<std::string>& formats = {}) {
  verb.add_option("POLICY", to.policy,
                  "copse's language or its JSON form, dynamic configuration, strategy, runner "
                  "strategy or properties; a file or -")
      ->required();
  add_basis(verb, to, formats);
}

// What `serve` reads, with or without a policy.
void add_policy_option(CLI::App& verb, Arguments& to) {
  verb.add_option("--policy", to.policy,
                  "copse's language or its JSON form, dynamic configuration or strategy; looked at "
                  "again when it changes")
      ->type_name("POLICY");
}

void add_render(CLI::App& verb, Arguments& to) {
  verb.add_option_function<std::string>(
          "--render",
          [&to](const std::string& text) {
            to.render = text == "posted" ? Render::posted : Render::druid;
          },
          "add Druid's Job; =posted: with what copse adds")
      ->expected(0, 1)
      ->default_str("druid")
      ->check(CLI::IsMember({"druid", "posted", ""}))
      ->type_name("[posted]");
}

enum class Tasks { required, optional };

void add_tasks(CLI::App& verb, Arguments& to, Tasks tasks = Tasks::required) {
  CLI::Option* files = verb.add_option("TASK", to.inputs,
                                       "JSON, a JSON array, NDJSON, gzip of these, a folder, or -");
  CLI::Option* overlord =
      verb.add_option("--overlord", to.overlord, "take the tasks that this Overlord knows")
          ->type_name("URL");
  verb.add_option("--state", to.task_state, "of the Overlord's tasks (default: all)")
      ->needs(overlord)
      ->check(CLI::IsMember({"running", "pending", "waiting", "complete", "all"}))
      ->type_name("STATE");
  verb.add_option("--max", to.max_tasks, "at most so many of the Overlord's tasks (default: 100)")
      ->needs(overlord)
      ->check(CLI::Range(1U, 1'000'000U))
      ->type_name("N");
  if (tasks == Tasks::optional) return;
  // One of the two at least.
  verb.callback([files, overlord] {
    if (files->count() + overlord->count() == 0)
      throw CLI::RequiredError("TASK (or --overlord URL)");
  });
}

void add_now(CLI::App& verb, Arguments& to) {
  verb.add_option("--now", to.now,
                  "the time that time windows see, as 2026-11-24T13:00:00Z (default: the clock's)")
      ->check([](const std::string& text) {
        const bool is_time = copse::engine::parse_instant(text).has_value();
        return is_time ? std::string() : "`" + text + "` is no time such as 2026-11-24T13:00:00Z";
      })
      ->type_name("T");
}

// A verb and what it does; the one that was typed is run after parsing.
struct Verb {
  CLI::App* app;
  int (*act)(const Arguments&);
};

std::vector<Verb> add_verbs(CLI::App& program, Arguments& to) {
  namespace cli = copse::runner::cli;
  CLI::App* demo =
      program.add_subcommand("demo", "the whole loop in one process, no cluster needed");
  demo->add_option("--tasks", to.demo_tasks, "how many tasks")->check(CLI::Range(13U, 100'000U));
  demo->add_flag("--faults", to.faults,
                 "some pods run out of memory, are evicted, or leave no status");
  demo->add_flag("--keep", to.keep, "stay up for kubectl");
  add_format(*demo, to);

  CLI::App* dry_run = program.add_subcommand("dry-run", "what would run where, in input order");
  add_policy(*dry_run, to);
  add_tasks(*dry_run, to);
  add_render(*dry_run, to);
  dry_run->add_flag("--summary", to.summary, "counts instead of tasks");
  add_now(*dry_run, to);

  CLI::App* explain = program.add_subcommand(
      "explain", "why a task gets its decision; or what a code means: explain P0203");
  add_policy(*explain, to);
  add_tasks(*explain, to);
  add_render(*explain, to);
  add_now(*explain, to);

  CLI::App* check =
      program.add_subcommand("check", "whether policy, properties and templates are sound");
  add_policy(*check, to);

  CLI::App* lint = program.add_subcommand(
      "lint", "what is sound and may still be a mistake, in policy and templates");
  add_policy(*lint, to, {"sarif"});

  CLI::App* diff = program.add_subcommand(
      "diff", "what a new policy does otherwise: every difference with a task that shows it");
  diff->add_option("OLD", to.policy, "the policy that was")->required();
  diff->add_option("NEW", to.new_policy, "the policy that shall be")->required();
  add_basis(*diff, to);
  add_tasks(*diff, to, Tasks::optional);
  add_now(*diff, to);

  CLI::App* compile = program.add_subcommand(
      "compile", "a policy as one file that is mapped and decides at once, or its steps in words");
  add_policy(*compile, to);
  CLI::Option* output = compile->add_option("-o,--output", to.output, "the compiled policy");
  output->type_name("FILE");
  CLI::Option* steps = compile->add_option(
      "--dump", to.dump,
      "show what a step of compiling made: parse, check, simplify, order, index, emit or image");
  steps->check(CLI::IsMember({"parse", "check", "simplify", "order", "index", "emit", "image"}))
      ->type_name("STEP");
  compile->callback([output, steps] {
    if (output->count() + steps->count() == 0) throw CLI::RequiredError("-o FILE (or --dump STEP)");
    if (output->count() * steps->count() != 0) throw CLI::ExcludesError("--dump", "-o");
  });

  CLI::App* graph =
      program.add_subcommand("graph", "a policy as a picture: its rules, or the tree as built");
  add_policy(*graph, to);
  graph->add_flag("--built", to.as_built, "the tree that decides, instead of the rules");
  graph->add_option("--to", to.target, "for Graphviz (default), or for pages that draw Mermaid")
      ->check(CLI::IsMember({"dot", "mermaid"}))
      ->type_name("dot|mermaid");

  CLI::App* lsp =
      program.add_subcommand("lsp", "language server for editors, on standard input and output");
  lsp->add_flag("--stdio", to.stdio, "what some editors say; it is always so");

  CLI::App* fmt = program.add_subcommand("fmt", "policies in the one way to write them");
  fmt->add_option("POLICY", to.inputs,
                  "policies in copse's language or its JSON form; -: from and to a pipe")
      ->required();
  fmt->add_flag("--check", to.only_check, "change nothing, name those that would change; exit 1");
  add_format(*fmt, to);

  CLI::App* test = program.add_subcommand("test", "the tests that policies carry");
  test->add_option("POLICY", to.inputs,
                   "policies in copse's language or its JSON form, or folders of *.copse and "
                   "*.copse.json")
      ->required();
  test->add_flag("--coverage", to.coverage, "say how many tests reach each rule");
  test->add_option("--min", to.least_coverage, "per cent of the rules that have to be reached")
      ->check(CLI::Range(0.0, 100.0));
  add_format(*test, to, {"junit"});

  CLI::App* convert = program.add_subcommand("convert", "a policy in the other form");
  add_policy(*convert, to);
  convert
      ->add_option("--to", to.target,
                   "copse: in its language; json: the language as JSON; druid: as dynamic "
                   "configuration")
      ->required()
      ->check(CLI::IsMember({"copse", "json", "druid"}))
      ->type_name("copse|json|druid");

  CLI::App* name = program.add_subcommand("name", "the Job name of a task id");
  name->add_option("TASK_ID", to.inputs, "task ids; -: one a line from standard input")->required();
  name->add_option("--prefix", to.prefix, "druid.indexer.runner.k8sTaskPodNamePrefix");
  name->add_option("--druid", to.druid, "release whose behaviour is followed")
      ->type_name("RELEASE");
  add_format(*name, to);

  CLI::App* run = program.add_subcommand("run", "run tasks as Jobs, without an Overlord");
  add_policy(*run, to);
  add_tasks(*run, to);
  run->add_option("--cluster", to.cluster, "sandbox, kubeconfig[:FILE[#CONTEXT]] or in-cluster");
  run->add_flag("--cancel", to.cancel, "Ctrl-C deletes the Jobs instead of leaving them");
  run->add_flag("--trust-exit-code", to.trust_exit_code, "without a status the exit code decides");

  CLI::App* serve = program.add_subcommand("serve", "run an Overlord's tasks as Jobs");
  add_policy_option(*serve, to);
  add_basis(*serve, to);

  CLI::App* drain = program.add_subcommand(
      "drain", "a serving copse takes no new task, waits for its own, then stops");
  drain->add_option("URL", to.url, "of that copse (default: what its properties say)");
  drain->add_option("--properties", to.properties, "those that it serves by; repeatable")
      ->type_name("FILE");
  drain->add_option("--set", to.settings, "one property, over the files")->type_name("KEY=VALUE");
  add_format(*drain, to);

  CLI::App* doctor =
      program.add_subcommand("doctor", "before the first serve: what stands in its way");
  add_policy_option(*doctor, to);
  add_basis(*doctor, to);
  doctor->add_flag("--probe", to.probe,
                   "run a pod that tries whether it reaches ZooKeeper and the Overlord");

  CLI::App* bench =
      program.add_subcommand("bench", "figures of this machine, beside their baselines");
  bench->add_option("PART", to.bench_parts, "what to measure (default: all)")
      ->check(CLI::IsMember(cli::bench_parts()));
  add_format(*bench, to);

  return {{demo, cli::demo},   {dry_run, cli::dry_run}, {explain, cli::explain},
          {check, cli::check}, {lint, cli::lint},       {diff, cli::diff},
          {graph, cli::graph}, {compile, cli::compile}, {lsp, cli::language_server},
          {fmt, cli::fmt},     {test, cli::test},       {convert, cli::convert},
          {name, cli::name},   {run, cli::run},         {serve, cli::serve},
          {drain, cli::drain}, {doctor, cli::doctor},   {bench, cli::bench}};
}

// A word where a verb should stand: said with what is nearest, since the library only says that one
// is missing.
bool is_unknown_verb(const CLI::App& program, std::string_view word) {
  if (word.starts_with('-')) return false;
  std::vector<std::string> names;
  for (const CLI::App* verb : program.get_subcommands({})) names.push_back(verb->get_name());
  const std::vector<std::string_view> known(names.begin(), names.end());
  if (std::find(known.begin(), known.end(), word) != known.end()) return false;
  const std::string near(copse::engine::nearest(word, known));
  std::string list;
  for (const std::string& name : names) list += " " + name;
  std::fprintf(stderr, "there is no verb `%s`%s\nverbs:%s\n", std::string(word).c_str(),
               near.empty() ? "" : ("; did you mean `" + near + "`?").c_str(), list.c_str());
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App program("Decides how each Apache Druid task runs on Kubernetes, and runs it.", "copse");
  program.set_version_flag("--version", "copse " COPSE_VERSION);
  program.require_subcommand(1);
  const std::vector<Verb> verbs = add_verbs(program, arguments);
  // `copse explain P0203` is about a code, not about a task.
  if (argc >= 3 && std::string_view(argv[1]) == "explain" &&
      copse::runner::cli::looks_like_code(argv[2])) {
    const std::vector<std::string_view> rest(argv + 3, argv + argc);
    const bool as_json = rest == std::vector<std::string_view>{"--format", "json"} ||
                         rest == std::vector<std::string_view>{"--format=json"};
    if (rest.empty() || as_json) return copse::runner::cli::explain_code(argv[2], as_json);
  }
  if (argc > 1 && is_unknown_verb(program, argv[1])) return copse::runner::cli::exit_usage;
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? copse::runner::cli::exit_fine
                                    : copse::runner::cli::exit_usage;
  }
  for (const Verb& verb : verbs) {
    if (verb.app->parsed()) return verb.act(arguments);
  }
  return copse::runner::cli::exit_usage;
}
