#include "runner/bench/launches.hpp"

#include "engine/json_writer.hpp"
#include "runner/bench/post_loop.hpp"
#include "runner/bench/process.hpp"
#include "runner/bench/sandbox_process.hpp"
#include "runner/kube/transport.hpp"
#include "runner/service/task_runner.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>

namespace copse::runner::bench {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

constexpr std::size_t rounds = 3;
constexpr const char* owner = "bench";

// A task's hash has 32 digits.
std::string label(std::uint32_t n) {
  const std::string digits = std::to_string(n);
  return std::string(32 - digits.size(), 'a') + digits;
}

// A Job of the size that a small ingestion task has: its document is the largest part.
service::TaskSpec task(std::uint32_t n) {
  service::TaskSpec made;
  made.id = "index_parallel_datasource_" + std::to_string(n) + "_2026-11-24T12:00:00.000Z";
  made.job_name = "indexparalleldatasource" + std::to_string(n);
  made.task_label = label(n);
  engine::JsonWriter out;
  const auto metadata = [&](bool named) {
    out.key("metadata").begin_object();
    if (named) out.member("name", made.job_name);
    out.key("labels").begin_object().member("druid.k8s.peons", "true").member("copse/owner", owner);
    out.member("copse/task", made.task_label).end_object();
    out.key("annotations").begin_object().member("task.id", made.id);
    out.member("task", std::string(1'500, 'x')).end_object().end_object();
  };
  out.begin_object().member("apiVersion", "batch/v1").member("kind", "Job");
  metadata(true);
  out.key("spec").begin_object().key("backoffLimit").number(0);
  out.key("template").begin_object();
  metadata(false);
  out.key("spec").begin_object().member("restartPolicy", "Never");
  out.key("containers").begin_array().begin_object().member("name", "main");
  out.member("image", "apache/druid:33.0.0").end_object().end_array();
  out.end_object().end_object().end_object().end_object();
  made.job_json = out.take();
  return made;
}

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

enum class Until : std::uint8_t { launched, ended };

struct Round {
  double launch_seconds = 0;
  double bytes = 0;  // of heap, once all run
  std::uint64_t requests = 0;
  std::uint32_t threads = 0;
  std::uint32_t failed = 0;
};

class Launching {
 public:
  Launching(const kube::ClusterAccess& access, std::uint32_t tasks, Until until)
      : tasks_(tasks),
        until_(until),
        transport_(io_, access),
        runner_(io_, transport_, options(), events()) {}

  Round run() {
    before_ = heap_bytes();
    for (std::uint32_t n = 0; n < tasks_; ++n) runner_.add(task(n));
    runner_.start();
    io_.run();
    for (const std::uint64_t sent : transport_.counters().requests) round_.requests += sent;
    return round_;
  }

 private:
  static service::RunnerOptions options() {
    service::RunnerOptions made;
    made.namespaces = {"default"};
    made.owner = owner;
    made.rules.exit_codes = job::ExitCodes::trusted;
    return made;
  }

  service::RunnerEvents events() {
    service::RunnerEvents made;
    made.moved = [this](service::TaskIndex, job::Phase phase) { moved(phase); };
    made.ended = [this](service::TaskIndex, const job::Outcome& outcome) {
      if (outcome.status != job::Outcome::Status::success) ++round_.failed;
    };
    made.all_done = [this] { io_.stop(); };
    return made;
  }

  void moved(job::Phase phase) {
    if (phase == job::Phase::creating && creating_++ == 0) first_ = Clock::now();
    if (phase == job::Phase::waiting && ++created_ == tasks_) {
      round_.launch_seconds = seconds_since(first_);
      if (until_ == Until::launched) io_.stop();
    }
    if (phase == job::Phase::running && ++running_ == tasks_) {
      round_.bytes = heap_bytes() - before_;
      round_.threads = threads();
    }
  }

  std::uint32_t tasks_;
  Until until_;
  Round round_;
  double before_ = 0;
  std::uint32_t creating_ = 0;
  std::uint32_t created_ = 0;
  std::uint32_t running_ = 0;
  Clock::time_point first_;
  asio::io_context io_{1};
  kube::Transport transport_;
  service::TaskRunner runner_;
};

std::expected<double, std::string> loop_rate(const std::vector<std::string>& documents) {
  const auto cluster = SandboxProcess::start(1);
  if (!cluster) return std::unexpected(cluster.error());
  const auto created = post_all({.url = cluster->url() + "/apis/batch/v1/namespaces/default/jobs",
                                 .content_type = "application/json",
                                 .bodies = documents,
                                 .connections = loop_connections,
                                 .expected_status = 201});
  if (!created) return std::unexpected(created.error());
  return static_cast<double>(documents.size()) / created->seconds;
}

std::expected<double, std::string> runner_rate(std::uint32_t tasks) {
  const auto cluster = SandboxProcess::start(1);
  if (!cluster) return std::unexpected(cluster.error());
  const Round round = Launching(cluster->access(), tasks, Until::launched).run();
  return tasks / round.launch_seconds;
}

// To the end, with a faster clock.
std::expected<Round, std::string> whole_lives(std::uint32_t tasks) {
  const auto cluster = SandboxProcess::start(20);
  if (!cluster) return std::unexpected(cluster.error());
  const Round round = Launching(cluster->access(), tasks, Until::ended).run();
  if (round.failed != 0) return std::unexpected(std::to_string(round.failed) + " tasks failed");
  return round;
}

double median(std::array<double, rounds> values) {
  std::sort(values.begin(), values.end());
  return values[rounds / 2];
}

}  // namespace

std::expected<LaunchTable, std::string> measure_launches(std::uint32_t tasks) {
  LaunchTable table;
  table.tasks = tasks;
  std::vector<std::string> documents;
  for (std::uint32_t n = 0; n < tasks; ++n) documents.push_back(task(n).job_json);
  std::array<double, rounds> loop{};
  std::array<double, rounds> runner{};
  for (std::size_t round = 0; round < rounds; ++round) {
    const auto by_loop = loop_rate(documents);
    if (!by_loop) return std::unexpected(by_loop.error());
    loop[round] = *by_loop;
    const auto by_runner = runner_rate(tasks);
    if (!by_runner) return std::unexpected(by_runner.error());
    runner[round] = *by_runner;
  }
  table.loop_per_second = median(loop);
  table.runner_per_second = median(runner);
  documents = {};

  const auto whole = whole_lives(tasks);
  if (!whole) return std::unexpected(whole.error());
  // What connections and buffers take does not grow with the tasks: it is in both figures.
  const auto fewer = whole_lives(tasks / 4);
  if (!fewer) return std::unexpected(fewer.error());
  table.requests_per_task = static_cast<double>(whole->requests) / tasks;
  table.bytes_per_job = (whole->bytes - fewer->bytes) / (tasks - tasks / 4);
  table.threads = whole->threads;
  return table;
}

}  // namespace copse::runner::bench
