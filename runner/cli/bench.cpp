// copse bench: figures of this machine, each beside its baseline in the same run.
#include "engine/json_writer.hpp"
#include "runner/bench/decisions.hpp"
#include "runner/bench/launches.hpp"
#include "runner/bench/policies.hpp"
#include "runner/bench/reading.hpp"
#include "runner/bench/worst.hpp"
#include "runner/cli/bench_serving.hpp"
#include "runner/cli/screen.hpp"
#include "runner/cli/verbs.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <expected>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

namespace copse::runner::cli {
namespace {

constexpr std::uint32_t launched_tasks = 4'000;
constexpr std::uint32_t worst_rules = 10'000;
constexpr std::uint32_t large_policy = 100'000;
constexpr std::uint32_t linted_rules = 10'000;

// Where a part says what it measured.
struct Report {
  engine::Colour colour = engine::Colour::off;
  engine::JsonWriter* json = nullptr;  // null: text for people

  void text(const std::string& title, Table& table) const {
    std::printf("%s\n%s\n", title.c_str(), table.text(colour).c_str());
    std::fflush(stdout);  // the next part takes its time
  }
};

Table figures(std::vector<std::string> heads, std::size_t words = 0) {
  const std::size_t count = heads.size();
  Table table(std::move(heads));
  for (std::size_t column = words; column < count; ++column) table.right(column);
  return table;
}

using Said = std::expected<void, std::string>;

Said decisions(const Report& to) {
  const bench::DecisionTable made =
      bench::measure_decisions({10, 100, 1'000, 10'000, 100'000, 1'000'000});
  if (to.json == nullptr) {
    Table table = figures({"SELECTORS", "WARM ns", "64k DISTINCT ns", "NAIVE SCAN ns", "SCAN/WARM",
                           "COMPILE ms", "HOT BYTES A RULE", "ALL BYTES A RULE"});
    for (const bench::DecisionRow& row : made.rows) {
      table.add({grouped(row.rules), fixed(row.warm, 1), fixed(row.distinct, 1), fixed(row.scan, 1),
                 fixed(row.scan / row.warm, 0), fixed(row.compile_ms, 2),
                 fixed(row.hot_bytes_a_rule, 0), fixed(row.bytes_a_rule, 0)});
    }
    table.add({"exponent", fixed(made.warm_exponent, 3), fixed(made.distinct_exponent, 3),
               fixed(made.scan_exponent, 3), "", "", "", ""});
    to.text("a decision, facts in hand", table);
    return {};
  }
  engine::JsonWriter& out = *to.json;
  out.key("decisions").begin_object().key("rows").begin_array();
  for (const bench::DecisionRow& row : made.rows) {
    out.begin_object().key("selectors").number(row.rules);
    out.key("warmNs").decimal(row.warm).key("distinctNs").decimal(row.distinct);
    out.key("scanNs").decimal(row.scan).key("compileMs").decimal(row.compile_ms);
    out.key("hotBytesPerRule").decimal(row.hot_bytes_a_rule);
    out.key("bytesPerRule").decimal(row.bytes_a_rule).end_object();
  }
  out.end_array().key("warmExponent").decimal(made.warm_exponent);
  out.key("distinctExponent").decimal(made.distinct_exponent);
  out.key("scanExponent").decimal(made.scan_exponent).end_object();
  return {};
}

Said worst(const Report& to) {
  const std::vector<bench::WorstRow> made = bench::measure_worst(worst_rules);
  for (const bench::WorstRow& row : made) {
    if (row.copse == 0) return std::unexpected("the scan decides otherwise in " + row.name);
  }
  if (to.json == nullptr) {
    Table table = figures(
        {"CORPUS", "A DECISION ns", "NAIVE SCAN ns", "RATIO", "COMPILE ms", "WHAT IT IS"}, 1);
    for (const bench::WorstRow& row : made) {
      table.add({row.name, fixed(row.copse, 0), fixed(row.scan, 0), fixed(row.scan / row.copse, 0),
                 fixed(row.compile_ms, 1), row.about});
    }
    to.text(grouped(worst_rules) + " rules that are hard on an index, 16,384 different tasks",
            table);
    return {};
  }
  to.json->key("worst").begin_array();
  for (const bench::WorstRow& row : made) {
    to.json->begin_object().member("corpus", row.name).key("ns").decimal(row.copse);
    to.json->key("scanNs").decimal(row.scan).key("compileMs").decimal(row.compile_ms).end_object();
  }
  to.json->end_array();
  return {};
}

Said reading(const Report& to) {
  const std::vector<bench::ReadingRow> made = bench::measure_reading({1'100, 3'500, 9'200});
  if (to.json == nullptr) {
    Table table = figures({"TASK BYTES", "BYTES TO DECISION ns", "BARE SIMDJSON ns", "RATIO"});
    for (const bench::ReadingRow& row : made) {
      table.add({grouped(row.bytes), fixed(row.copse_ns, 0), fixed(row.simdjson_ns, 0),
                 fixed(row.copse_ns / row.simdjson_ns, 2)});
    }
    to.text("a task document to its decision among 10,000 selectors", table);
    return {};
  }
  to.json->key("reading").begin_array();
  for (const bench::ReadingRow& row : made) {
    to.json->begin_object().key("bytes").number(static_cast<std::int64_t>(row.bytes));
    to.json->key("ns").decimal(row.copse_ns);
    to.json->key("simdjsonNs").decimal(row.simdjson_ns).end_object();
  }
  to.json->end_array();
  return {};
}

Said policies(const Report& to) {
  const bench::PolicyTable made =
      bench::measure_policies(large_policy, linted_rules, "/proc/self/exe");
  const double from_text = made.parse_ms + made.meaning_ms + made.compile_ms;
  if (to.json == nullptr) {
    Table table = figures({"WORK", "RULES", "TAKES", "THAT IS"}, 1);
    const auto add = [&](const char* work, std::uint32_t rules, double ms, std::string that_is) {
      table.add({work, grouped(rules), fixed(ms, 1) + " ms", std::move(that_is)});
    };
    const auto rate = [](double megabytes, double ms) {
      return fixed(megabytes / ms * 1e3, 0) + " MB/s";
    };
    add("parse the language", made.rules, made.parse_ms, rate(made.text_megabytes, made.parse_ms));
    add("check it", made.rules, made.meaning_ms, "");
    add("compile it", made.rules, made.compile_ms, "");
    add("compile it after one rule changed", made.rules, made.recompile_ms, "");
    add("from text to image", made.rules, from_text, rate(made.text_megabytes, from_text));
    add("import Druid's JSON", made.rules, made.import_ms,
        rate(made.json_megabytes, made.import_ms));
    add("dry-run from the compiled policy", made.rules, made.start_ms, "a process");
    add("lint", made.linted_rules, made.lint_ms, "");
    add("explain a decision", made.linted_rules, made.explain_ns / 1e6,
        fixed(made.explain_ns / made.decide_ns, 0) + " decisions");
    to.text("work on a policy", table);
    return {};
  }
  engine::JsonWriter& out = *to.json;
  out.key("policies").begin_object().key("rules").number(made.rules);
  out.key("textMegabytes").decimal(made.text_megabytes).key("parseMs").decimal(made.parse_ms);
  out.key("checkMs").decimal(made.meaning_ms).key("compileMs").decimal(made.compile_ms);
  out.key("recompileMs").decimal(made.recompile_ms);
  out.key("jsonMegabytes").decimal(made.json_megabytes).key("importMs").decimal(made.import_ms);
  out.key("dryRunMs").decimal(made.start_ms).key("lintedRules").number(made.linted_rules);
  out.key("lintMs").decimal(made.lint_ms).key("explainNs").decimal(made.explain_ns);
  out.key("decideNs").decimal(made.decide_ns).end_object();
  return {};
}

Said launches(const Report& to) {
  const auto made = bench::measure_launches(launched_tasks);
  if (!made) return std::unexpected("the launches could not be measured: " + made.error());
  if (to.json == nullptr) {
    Table table = figures({"RUNNER Jobs/s", "BARE LOOP Jobs/s", "RATIO", "REQUESTS A TASK",
                           "BYTES A JOB", "THREADS"});
    table.add({fixed(made->runner_per_second, 0), fixed(made->loop_per_second, 0),
               fixed(made->runner_per_second / made->loop_per_second, 2),
               fixed(made->requests_per_task, 3), fixed(made->bytes_per_job, 0),
               std::to_string(made->threads)});
    to.text(grouped(made->tasks) + " Jobs launched on the sandbox", table);
    return {};
  }
  engine::JsonWriter& out = *to.json;
  out.key("launches").begin_object().key("tasks").number(made->tasks);
  out.key("runnerPerSecond").decimal(made->runner_per_second);
  out.key("loopPerSecond").decimal(made->loop_per_second);
  out.key("requestsPerTask").decimal(made->requests_per_task);
  out.key("bytesPerJob").decimal(made->bytes_per_job);
  out.key("threads").number(made->threads).end_object();
  return {};
}

Said serving(const Report& to) {
  const auto made = measure_serving();
  if (!made) return std::unexpected("serving could not be measured: " + made.error());
  if (to.json == nullptr) {
    print_serving(*made, to.colour);
  } else {
    write_serving(*made, to.json->key("serving"));
  }
  return {};
}

struct Part {
  const char* name;
  Said (*measure)(const Report& to);
};

// WHY launches first of the last two: they start a process while this one has one thread.
constexpr std::array<Part, 6> parts{{{"decisions", decisions},
                                     {"worst", worst},
                                     {"reading", reading},
                                     {"policies", policies},
                                     {"launches", launches},
                                     {"serving", serving}}};

}  // namespace

std::vector<std::string> bench_parts() {
  std::vector<std::string> names;
  for (const Part& part : parts) names.emplace_back(part.name);
  return names;
}

int bench(const Arguments& arguments) {
  engine::JsonWriter json;
  const bool is_json = arguments.format == Format::json;
  const Report to{is_terminal(STDOUT_FILENO) ? engine::Colour::on : engine::Colour::off,
                  is_json ? &json : nullptr};
  json.begin_object();
  for (const Part& part : parts) {
    const auto& wanted = arguments.bench_parts;
    const bool is_wanted =
        wanted.empty() || std::find(wanted.begin(), wanted.end(), part.name) != wanted.end();
    if (!is_wanted) continue;
    if (const Said said = part.measure(to); !said) {
      std::fprintf(stderr, "%s\n", said.error().c_str());
      return exit_world;
    }
  }
  json.end_object();
  if (is_json) std::puts(json.take().c_str());
  return exit_fine;
}

}  // namespace copse::runner::cli
