#include "runner/bench/serving.hpp"

#include "runner/bench/post_loop.hpp"
#include "runner/bench/process.hpp"
#include "runner/bench/sync_loop.hpp"
#include "runner/overlord/smile.hpp"
#include "runner/overlord_sandbox/hosted.hpp"
#include "runner/store/format.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <numeric>
#include <span>
#include <system_error>
#include <utility>

namespace copse::runner::bench {
namespace {

using std::chrono::microseconds;
using Fault = std::unexpected<std::string>;
using What = service::TaskEvent::What;

constexpr std::size_t rounds = 3;
constexpr const char* nobody = "http://127.0.0.1:9";
constexpr std::size_t idle_requests = 500;
constexpr std::size_t overlord_tasks = 400;
constexpr double fast_cluster = 20;

struct Load {
  std::uint32_t connections;
  std::size_t tasks;
};

constexpr std::array loads{Load{1, 200}, Load{10, 1'000}, Load{100, 3'000}};

double to_ms(microseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

Times times_of(const std::vector<microseconds>& took) {
  return {to_ms(percentile(took, 50)), to_ms(percentile(took, 99))};
}

double median(std::array<double, rounds> values) {
  std::ranges::sort(values);
  return values[rounds / 2];
}

Times median(const std::array<Times, rounds>& times) {
  std::array<double, rounds> p50{};
  std::array<double, rounds> p99{};
  for (std::size_t i = 0; i < rounds; ++i) {
    p50[i] = times[i].p50;
    p99[i] = times[i].p99;
  }
  return {median(p50), median(p99)};
}

class Serving {
 public:
  explicit Serving(const ServingInput& input) : input_(input) {}

  std::expected<ServingTable, std::string> measure() {
    if (auto made = make_bodies(); !made) return Fault(made.error());
    ServingTable table;
    for (const Load& load : loads) {
      auto row = answers(load, table.round_trip);
      if (!row) return Fault(row.error());
      table.answers.push_back(*row);
    }
    for (const std::uint32_t threads : {1U, 10U}) {
      auto row = behind_overlord(threads);
      if (!row) return Fault(row.error());
      table.overlord.push_back(*row);
    }
    for (const std::size_t tasks : {most_tracked / 10, most_tracked}) {
      auto row = memory(tasks);
      if (!row) return Fault(row.error());
      table.memory.push_back(*row);
    }
    return table;
  }

 private:
  std::expected<void, std::string> make_bodies() {
    for (const ServedTask& task : input_.tasks) {
      auto smile = overlord::json_to_smile(task.document);
      if (!smile) return Fault(task.id + ": " + smile.error().text);
      bodies_.push_back(std::move(*smile));
    }
    return {};
  }

  // New, and the one before is gone.
  std::string folder() {
    std::error_code error;
    std::filesystem::remove_all(folder_, error);
    folder_ = input_.folder + "/" + std::to_string(next_folder_++);
    std::filesystem::create_directories(folder_, error);
    return folder_;
  }

  [[nodiscard]] std::expected<Syncs, std::string> bare(std::size_t tasks, std::size_t per_sync) {
    std::vector<std::string> records;
    const auto now =
        std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
    for (const ServedTask& task : std::span(input_.tasks).first(tasks)) {
      const store::Record record = store::Accepted{task.id, task.document, now};
      store::encode_batch({&record, 1}, records.emplace_back());
    }
    return sync_all(folder(), records, per_sync);
  }

  // Hands the first so many tasks over.
  std::expected<Posted, std::string> assign(ServedCopse& copse, std::size_t tasks,
                                            std::size_t connections) {
    const auto end = bodies_.begin() + static_cast<std::ptrdiff_t>(tasks);
    const std::vector<std::string> bodies(bodies_.begin(), end);
    const Posts posts{.url = copse.url() + "/druid-internal/v1/worker/assignTask",
                      .content_type = std::string(overlord::smile_media_type),
                      .bodies = bodies,
                      .connections = connections};
    std::expected<Posted, std::string> posted;
    copse.meanwhile([&] { posted = post_all(posts); });
    return posted;
  }

  static std::expected<Times, std::string> round_trips(ServedCopse& copse) {
    const std::vector<std::string> bodies(idle_requests);
    const Posts posts{.url = copse.url() + "/status/health",
                      .content_type = "application/json",
                      .bodies = bodies};
    std::expected<Posted, std::string> posted;
    copse.meanwhile([&] { posted = post_all(posts); });
    if (!posted) return Fault(posted.error());
    return times_of(posted->took);
  }

  std::expected<AnswerRow, std::string> answers(const Load& load, Times& round_trip) {
    std::array<Times, rounds> answer{};
    std::array<Times, rounds> sync{};
    std::array<double, rounds> per_second{};
    std::array<double, rounds> records_per_second{};
    const auto tasks = static_cast<double>(load.tasks);
    for (std::size_t round = 0; round < rounds; ++round) {
      const auto alone = bare(load.tasks, load.connections);
      if (!alone) return Fault(alone.error());
      sync[round] = times_of(alone->took);
      records_per_second[round] = tasks / alone->seconds;
      const auto cluster = SandboxProcess::start(1, input_.setup.namespace_name);
      if (!cluster) return Fault(cluster.error());
      const auto copse = ServedCopse::start(input_.setup, *cluster, folder(), nobody);
      if (!copse) return Fault(copse.error());
      if (load.connections == 1) {
        const auto idle = round_trips(**copse);
        if (!idle) return Fault(idle.error());
        round_trip = *idle;
      }
      const auto posted = assign(**copse, load.tasks, load.connections);
      if (!posted) return Fault(posted.error());
      answer[round] = times_of(posted->took);
      per_second[round] = tasks / posted->seconds;
    }
    return AnswerRow{load.connections, median(answer), median(per_second), median(sync),
                     median(records_per_second)};
  }

  std::expected<OverlordRow, std::string> behind_overlord(std::uint32_t threads) {
    const auto alone = bare(overlord_tasks, 1);
    if (!alone) return Fault(alone.error());
    const auto cluster = SandboxProcess::start(fast_cluster, input_.setup.namespace_name);
    if (!cluster) return Fault(cluster.error());
    const auto overlord = overlord_sandbox::HostedOverlord::start({.assignment_threads = threads});
    if (!overlord) return Fault(overlord.error().text);
    const auto copse = ServedCopse::start(input_.setup, *cluster, folder(), overlord->url());
    if (!copse) return Fault(copse.error());
    std::string refused;
    overlord->call([&](overlord_sandbox::OverlordSandbox& there) {
      there.add_worker((*copse)->node());
      for (const ServedTask& task : std::span(input_.tasks).first(overlord_tasks)) {
        if (const auto taken = there.submit(task.document); !taken) refused = taken.error();
      }
    });
    if (!refused.empty()) return Fault("the Overlord refuses a task: " + refused);
    if (!(*copse)->until([&] { return (*copse)->count(What::acknowledged) == overlord_tasks; }))
      return Fault("not every task ends behind the Overlord");
    overlord_sandbox::Facts facts;
    overlord->call([&](overlord_sandbox::OverlordSandbox& there) { facts = there.facts(); });
    if (!facts.violations.empty()) return Fault(facts.violations.front());
    OverlordRow row = row_of(facts);
    row.threads = threads;
    row.syncs_per_minute = 60 * static_cast<double>(overlord_tasks) / alone->seconds;
    const service::ServiceView view = (*copse)->view();
    row.requests_per_task =
        static_cast<double>(std::accumulate(view.cluster.requests.begin(),
                                            view.cluster.requests.end(), std::uint64_t{0})) /
        overlord_tasks;
    row.syncs_per_task = static_cast<double>(view.journal.batches) / overlord_tasks;
    return row;
  }

  static OverlordRow row_of(const overlord_sandbox::Facts& facts) {
    std::vector<microseconds> answered;
    std::vector<microseconds> announced;
    overlord_sandbox::Time first = overlord_sandbox::Time::max();
    overlord_sandbox::Time last{};
    for (const auto& [id, task] : facts.tasks) {
      for (const overlord_sandbox::AssignmentFact& fact : task.assignments) {
        if (!fact.answered || !fact.announced) continue;
        answered.push_back(*fact.answered);
        announced.push_back(*fact.announced - *fact.answered);
        first = std::min(first, fact.sent);
        last = std::max(last, fact.sent + *fact.announced);
      }
    }
    const double minutes = std::chrono::duration<double, std::ratio<60>>(last - first).count();
    OverlordRow row;
    row.answer = times_of(answered);
    row.announce = times_of(announced);
    row.tasks_per_minute = static_cast<double>(answered.size()) / minutes;
    return row;
  }

  std::expected<MemoryRow, std::string> memory(std::size_t tasks) {
    const auto cluster = SandboxProcess::start(1, input_.setup.namespace_name);
    if (!cluster) return Fault(cluster.error());
    const double before = heap_bytes();
    const auto copse = ServedCopse::start(input_.setup, *cluster, folder(), nobody);
    if (!copse) return Fault(copse.error());
    if (const auto posted = assign(**copse, tasks, 100); !posted) return Fault(posted.error());
    if (!(*copse)->until([&] { return (*copse)->count(What::started) == tasks; }))
      return Fault("not every task runs at the same time");
    MemoryRow row{static_cast<std::uint32_t>(tasks), 0, threads()};
    row.bytes_per_task = (heap_bytes() - before) / static_cast<double>(tasks);
    return row;
  }

  const ServingInput& input_;
  std::vector<std::string> bodies_;
  std::string folder_;
  std::size_t next_folder_ = 0;
};

}  // namespace

std::expected<ServingTable, std::string> measure_serving(const ServingInput& input) {
  return Serving(input).measure();
}

}  // namespace copse::runner::bench
