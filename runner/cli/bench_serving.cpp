#include "runner/cli/bench_serving.hpp"

#include "runner/cli/demo_files.hpp"
#include "runner/cli/demo_tasks.hpp"
#include "runner/cli/policy_in_force.hpp"
#include "runner/cli/scratch.hpp"
#include "runner/cli/screen.hpp"

#include <array>
#include <cstdio>
#include <string_view>
#include <utility>

namespace copse::runner::cli {
namespace {

// Over the tasks that are measured: some of the demo's are to stay with the workers.
constexpr std::uint32_t made_tasks = bench::most_tracked + 100;

std::string to_text(const bench::Times& times) {
  return fixed(times.p50, 2) + " / " + fixed(times.p99, 2);
}

void write_times(std::string_view name, const bench::Times& times, engine::JsonWriter& out) {
  out.key(name).begin_object().key("p50").decimal(times.p50);
  out.key("p99").decimal(times.p99).end_object();
}

Table numbers(std::vector<std::string> heads) {
  const std::size_t columns = heads.size();
  Table table(std::move(heads));
  for (std::size_t column = 0; column < columns; ++column) table.right(column);
  return table;
}

}  // namespace

std::string fixed(double value, int decimals) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return text.data();
}

std::expected<bench::ServingTable, std::string> measure_serving() {
  auto files = Scratch::make("copse-bench-");
  if (!files) return std::unexpected(files.error());
  if (!write_demo_files(files->path()))
    return std::unexpected("no files can be written to " + files->path());
  Arguments arguments;
  arguments.policy = files->path() + "/policy.json";
  arguments.properties = {files->path() + "/runtime.properties"};
  arguments.templates = files->path() + "/templates";
  const std::string owner = owner_label("copse bench");
  auto policy = PolicyInForce::load(arguments, owner, [](auto&&...) {});
  if (!policy) return std::unexpected("the demo's policy cannot be used");
  bench::ServingInput input;
  input.folder = files->path() + "/state";
  input.setup.namespace_name = policy->basis().settings.namespace_name;
  input.setup.owner = owner;
  input.setup.release = policy->basis().release;
  input.setup.ports = [&policy] {
    service::ServicePorts ports;
    ports.head = [&policy](const std::string& document) { return policy->head(document); };
    ports.decide = [&policy](const std::string& document) { return policy->decide(document); };
    ports.rebuild = [&policy](const std::string& document, const store::Decided& decided) {
      return policy->rebuild(document, decided);
    };
    return ports;
  };
  for (DemoTask& made : demo_tasks(made_tasks, false)) {
    if (made.fate == Fate::succeed)
      input.tasks.push_back({std::move(made.task.id), std::move(made.task.document)});
  }
  return bench::measure_serving(input);
}

void print_serving(const bench::ServingTable& table, engine::Colour colour) {
  Table answers = numbers({"CONNECTIONS", "ANSWERED ms p50 / p99", "BARE SYNC ms p50 / p99",
                           "p50 RATIO", "CALLS/s", "BARE RECORDS/s", "RATIO"});
  for (const bench::AnswerRow& row : table.answers) {
    answers.add({std::to_string(row.connections), to_text(row.answer), to_text(row.sync),
                 fixed(row.answer.p50 / row.sync.p50, 2), fixed(row.per_second, 0),
                 fixed(row.records_per_second, 0),
                 fixed(row.per_second / row.records_per_second, 2)});
  }
  std::printf("\nan assignment answered, durable\n%s\n", answers.text(colour).c_str());
  Table overlord =
      numbers({"OVERLORD'S THREADS", "ANSWERED ms p50 / p99", "THEN ANNOUNCED ms p50 / p99",
               "A BARE REQUEST ms p50 / p99", "TASKS/min", "BARE SYNCS/min", "RATIO",
               "REQUESTS A TASK", "SYNCS A TASK"});
  for (const bench::OverlordRow& row : table.overlord) {
    overlord.add({std::to_string(row.threads), to_text(row.answer), to_text(row.announce),
                  to_text(table.round_trip), fixed(row.tasks_per_minute, 0),
                  fixed(row.syncs_per_minute, 0),
                  fixed(row.tasks_per_minute / row.syncs_per_minute, 2),
                  fixed(row.requests_per_task, 3), fixed(row.syncs_per_task, 2)});
  }
  std::printf("tasks through an Overlord in simulation\n%s\n", overlord.text(colour).c_str());
  Table memory = numbers({"TRACKED TASKS", "BYTES A TASK", "THREADS"});
  for (const bench::MemoryRow& row : table.memory) {
    memory.add({grouped(row.tasks), fixed(row.bytes_per_task, 0), std::to_string(row.threads)});
  }
  std::printf("heap of a serving copse while its tasks run\n%s", memory.text(colour).c_str());
}

void write_serving(const bench::ServingTable& table, engine::JsonWriter& out) {
  out.begin_object().key("answers").begin_array();
  for (const bench::AnswerRow& row : table.answers) {
    out.begin_object().key("connections").number(row.connections);
    write_times("answerMs", row.answer, out);
    write_times("syncMs", row.sync, out);
    out.key("perSecond").decimal(row.per_second);
    out.key("recordsPerSecond").decimal(row.records_per_second).end_object();
  }
  write_times("roundTripMs", table.round_trip, out.end_array());
  out.key("overlord").begin_array();
  for (const bench::OverlordRow& row : table.overlord) {
    out.begin_object().key("threads").number(row.threads);
    write_times("answerMs", row.answer, out);
    write_times("announceMs", row.announce, out);
    out.key("tasksPerMinute").decimal(row.tasks_per_minute);
    out.key("syncsPerMinute").decimal(row.syncs_per_minute);
    out.key("requestsPerTask").decimal(row.requests_per_task);
    out.key("syncsPerTask").decimal(row.syncs_per_task).end_object();
  }
  out.end_array().key("memory").begin_array();
  for (const bench::MemoryRow& row : table.memory) {
    out.begin_object().key("tasks").number(row.tasks);
    out.key("bytesPerTask").decimal(row.bytes_per_task);
    out.key("threads").number(row.threads).end_object();
  }
  out.end_array().end_object();
}

}  // namespace copse::runner::cli
