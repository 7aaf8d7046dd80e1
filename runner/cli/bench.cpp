// copse bench: figures of this machine, each beside its baseline in the same run.
#include "engine/json_writer.hpp"
#include "runner/bench/decisions.hpp"
#include "runner/bench/launches.hpp"
#include "runner/cli/bench_serving.hpp"
#include "runner/cli/screen.hpp"
#include "runner/cli/verbs.hpp"

#include <cstdio>
#include <utility>

#include <unistd.h>

namespace copse::runner::cli {
namespace {

constexpr std::uint32_t launched_tasks = 4'000;

struct Figures {
  bench::DecisionTable decisions;
  std::vector<bench::ReadingRow> reading;
  bench::LaunchTable launches;
  bench::ServingTable serving;
};

void print_text(const Figures& figures, engine::Colour colour) {
  const bench::DecisionTable& decisions = figures.decisions;
  Table table({"SELECTORS", "WARM ns", "64k DISTINCT ns", "NAIVE SCAN ns", "SCAN/WARM",
               "COMPILE ms", "BYTES A RULE"});
  for (std::size_t column = 0; column < 7; ++column) table.right(column);
  for (const bench::DecisionRow& row : decisions.rows) {
    table.add({grouped(row.rules), fixed(row.warm, 1), fixed(row.distinct, 1), fixed(row.scan, 1),
               fixed(row.scan / row.warm, 0), fixed(row.compile_ms, 2),
               fixed(row.bytes_a_rule, 0)});
  }
  table.add({"exponent", fixed(decisions.warm_exponent, 3), fixed(decisions.distinct_exponent, 3),
             fixed(decisions.scan_exponent, 3), "", "", ""});
  std::printf("a decision, facts in hand\n%s\n", table.text(colour).c_str());
  Table bytes({"TASK BYTES", "BYTES TO DECISION ns", "BARE SIMDJSON ns", "RATIO"});
  for (std::size_t column = 0; column < 4; ++column) bytes.right(column);
  for (const bench::ReadingRow& row : figures.reading) {
    bytes.add({grouped(row.bytes), fixed(row.copse_ns, 0), fixed(row.simdjson_ns, 0),
               fixed(row.copse_ns / row.simdjson_ns, 2)});
  }
  std::printf("a task document to its decision among 10,000 selectors\n%s\n",
              bytes.text(colour).c_str());
  const bench::LaunchTable& launches = figures.launches;
  Table jobs(
      {"RUNNER Jobs/s", "BARE LOOP Jobs/s", "RATIO", "REQUESTS A TASK", "BYTES A JOB", "THREADS"});
  for (std::size_t column = 0; column < 6; ++column) jobs.right(column);
  jobs.add({fixed(launches.runner_per_second, 0), fixed(launches.loop_per_second, 0),
            fixed(launches.runner_per_second / launches.loop_per_second, 2),
            fixed(launches.requests_per_task, 3), fixed(launches.bytes_per_job, 0),
            std::to_string(launches.threads)});
  std::printf("%s Jobs launched on the sandbox\n%s", grouped(launches.tasks).c_str(),
              jobs.text(colour).c_str());
  print_serving(figures.serving, colour);
}

void print_json(const Figures& figures) {
  const bench::DecisionTable& decisions = figures.decisions;
  engine::JsonWriter out;
  out.begin_object().key("decisions").begin_array();
  for (const bench::DecisionRow& row : decisions.rows) {
    out.begin_object()
        .key("selectors")
        .number(row.rules)
        .key("warmNs")
        .decimal(row.warm)
        .key("distinctNs")
        .decimal(row.distinct);
    out.key("scanNs")
        .decimal(row.scan)
        .key("compileMs")
        .decimal(row.compile_ms)
        .key("bytesPerRule")
        .decimal(row.bytes_a_rule)
        .end_object();
  }
  out.end_array()
      .key("warmExponent")
      .decimal(decisions.warm_exponent)
      .key("distinctExponent")
      .decimal(decisions.distinct_exponent);
  out.key("scanExponent").decimal(decisions.scan_exponent).key("reading").begin_array();
  for (const bench::ReadingRow& row : figures.reading) {
    out.begin_object()
        .key("bytes")
        .number(static_cast<std::int64_t>(row.bytes))
        .key("ns")
        .decimal(row.copse_ns);
    out.key("simdjsonNs").decimal(row.simdjson_ns).end_object();
  }
  const bench::LaunchTable& launches = figures.launches;
  out.end_array().key("launches").begin_object().key("tasks").number(launches.tasks);
  out.key("runnerPerSecond")
      .decimal(launches.runner_per_second)
      .key("loopPerSecond")
      .decimal(launches.loop_per_second)
      .key("requestsPerTask")
      .decimal(launches.requests_per_task)
      .key("bytesPerJob")
      .decimal(launches.bytes_per_job);
  out.key("threads").number(launches.threads).end_object();
  write_serving(figures.serving, out.key("serving"));
  out.end_object();
  std::puts(out.take().c_str());
}

}  // namespace

int bench(const Arguments& arguments) {
  Figures figures;
  figures.decisions = bench::measure_decisions({10, 100, 1'000, 10'000, 100'000});
  figures.reading = bench::measure_reading({1'100, 3'500, 9'200});
  auto launches = bench::measure_launches(launched_tasks);
  if (!launches) {
    std::fprintf(stderr, "the launches could not be measured: %s\n", launches.error().c_str());
    return exit_world;
  }
  figures.launches = *launches;
  auto serving = measure_serving();
  if (!serving) {
    std::fprintf(stderr, "serving could not be measured: %s\n", serving.error().c_str());
    return exit_world;
  }
  figures.serving = std::move(*serving);
  if (arguments.format == Format::json) {
    print_json(figures);
  } else {
    print_text(figures, is_terminal(STDOUT_FILENO) ? engine::Colour::on : engine::Colour::off);
  }
  return exit_fine;
}

}  // namespace copse::runner::cli
