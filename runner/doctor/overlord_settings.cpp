// The Overlord's settings, one after the other. All are read from its own /status/properties; what
// is not there has Druid's default.
#include "engine/period.hpp"
#include "runner/doctor/overlord.hpp"

#include <charconv>
#include <utility>

namespace copse::runner::doctor {
namespace {

std::string value_of(const OverlordProperties& all, std::string_view key,
                     std::string_view otherwise) {
  const auto at = all.find(key);
  return at == all.end() ? std::string(otherwise) : at->second;
}

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Row runner_type(const OverlordProperties& all) {
  const std::string type = value_of(all, "druid.indexer.runner.type", "httpRemote");
  Row row{"runner type", Verdict::ok, type};
  if (type == "httpRemote") return row;
  row.verdict = Verdict::error;
  row.remedy = "set druid.indexer.runner.type=httpRemote on the Overlord and restart it";
  if (type == "k8s" || type == "k8sAndWorker") {
    row.found = "`" + type + "`: this Overlord runs tasks on Kubernetes itself";
  } else if (type == "remote") {
    row.found = "`remote`: tasks go through ZooKeeper, which copse does not speak";
  } else {
    row.found = "`" + type + "`: this Overlord hands no task to workers over HTTP";
  }
  return row;
}

Row assignment(const OverlordProperties& all) {
  constexpr std::string_view key = "druid.indexer.runner.pendingTasksRunnerNumThreads";
  const std::string threads = value_of(all, key, "1");
  Row row{"assignment", Verdict::ok, threads + " threads"};
  const auto count = number_of(threads);
  if (count && *count > 1) return row;
  row.verdict = Verdict::warning;
  row.found =
      "one thread: one assignment at a time over all workers, and a worker that hangs "
      "stops all";
  row.remedy = "set " + std::string(key) + "=" + std::to_string(enough_assignment_threads) +
               " on the Overlord";
  return row;
}

Row blacklisting(const OverlordProperties& all) {
  constexpr std::string_view key = "druid.indexer.runner.maxPercentageBlacklistWorkers";
  const std::string percentage = value_of(all, key, "20");
  Row row{"blacklisting", Verdict::ok, "off"};
  if (number_of(percentage) == 0) return row;
  row.verdict = Verdict::note;
  row.found = percentage +
              " % of the workers: with five or more, one whose tasks fail six times "
              "in a row gets none for 15 minutes, though each has a pod of its own";
  row.remedy = "set " + std::string(key) + "=0 on the Overlord";
  return row;
}

Row cleanup(const OverlordProperties& all) {
  constexpr std::string_view key = "druid.indexer.runner.taskCleanupTimeout";
  const std::string timeout = value_of(all, key, "PT15M");
  Row row{"restarts", Verdict::ok, "copse may be away for " + timeout};
  const auto period = engine::parse_period(timeout);
  const auto seconds = period ? engine::standard_seconds(*period) : std::int64_t{0};
  if (seconds && *seconds >= enough_cleanup_minutes * 60) return row;
  row.verdict = Verdict::note;
  row.found += "; after that the Overlord fails its tasks";
  row.remedy = "set " + std::string(key) + "=PT" + std::to_string(enough_cleanup_minutes) +
               "M on the Overlord for slow restarts";
  return row;
}

Row task_storage(const OverlordProperties& all) {
  const std::string type = value_of(all, "druid.indexer.storage.type", "local");
  Row row{"task storage", Verdict::ok, type};
  if (type == "metadata") return row;
  row.verdict = Verdict::warning;
  row.found = "`" + type + "`: the Overlord forgets all tasks when it restarts";
  row.remedy = "set druid.indexer.storage.type=metadata on the Overlord";
  return row;
}

Row mismatch(std::string check, std::string found, std::string remedy) {
  return {std::move(check), Verdict::error, std::move(found), std::move(remedy)};
}

Row meeting_place(const OverlordProperties& all, const OwnSide& own) {
  constexpr std::string_view check = "meeting place";
  const bool is_kubernetes = value_of(all, "druid.discovery.type", "curator") == "k8s";
  if (own.zookeeper_base.empty() && own.cluster_identifier.empty())
    return {std::string(check), Verdict::skipped,
            "copse.discovery.type is none: something else announces copse"};
  const bool is_announced_in_kubernetes = own.zookeeper_base.empty();
  if (is_kubernetes != is_announced_in_kubernetes) {
    const std::string theirs = is_kubernetes ? "Kubernetes" : "ZooKeeper";
    return mismatch(
        std::string(check),
        "the Overlord looks for workers in " + theirs + ", copse announces in " +
            (is_kubernetes ? "ZooKeeper" : "Kubernetes"),
        std::string("set copse.discovery.type=") + (is_kubernetes ? "kubernetes" : "zookeeper"));
  }
  const std::string_view key =
      is_kubernetes ? "druid.discovery.k8s.clusterIdentifier" : "druid.zk.paths.base";
  const std::string theirs = value_of(all, key, is_kubernetes ? "" : "/druid");
  const std::string& ours = is_kubernetes ? own.cluster_identifier : own.zookeeper_base;
  if (theirs == ours)
    return {std::string(check), Verdict::ok, "both use " + std::string(key) + "=" + ours};
  return mismatch(std::string(check),
                  std::string(key) + " is `" + theirs + "` for the Overlord, `" + ours +
                      "` for copse: it would not be found",
                  "set " + std::string(key) + "=" + theirs + " for copse");
}

Row worker_version(const OverlordProperties& all, const OwnSide& own) {
  constexpr std::string_view key = "druid.indexer.runner.minWorkerVersion";
  const std::string least = value_of(all, key, "0");
  // Druid compares them as texts.
  if (own.worker_version >= least)
    return {"worker version", Verdict::ok, own.worker_version + ", at least " + least};
  return mismatch("worker version",
                  "`" + own.worker_version + "` is below the Overlord's " + std::string(key) +
                      " `" + least + "`: it would get no task",
                  "set copse.worker.version=" + least);
}

Row task_logs(const OverlordProperties& all, const OwnSide& own) {
  const std::string type = value_of(all, "druid.indexer.logs.type", "file");
  const std::string directory = value_of(all, "druid.indexer.logs.directory", "log");
  if (type != "file") {
    return mismatch(
        "task logs",
        "the Overlord reads logs and reports from `" + type + "`, copse writes them to files",
        "set druid.indexer.logs.type and .directory alike for the Overlord, copse and "
        "the peons");
  }
  if (directory == own.logs_directory) return {"task logs", Verdict::ok, "both use " + directory};
  return {
      "task logs", Verdict::note,
      "the folder is `" + directory + "` for the Overlord, `" + own.logs_directory + "` for copse",
      "well if both are mounts of one volume; else set druid.indexer.logs.directory alike"};
}

}  // namespace

Rows judge_overlord_properties(const OverlordProperties& all, const OwnSide& own) {
  Rows rows{runner_type(all)};
  if (rows.front().verdict == Verdict::ok) {
    rows.push_back(assignment(all));
    rows.push_back(blacklisting(all));
    rows.push_back(cleanup(all));
  }
  rows.push_back(task_storage(all));
  rows.push_back(meeting_place(all, own));
  rows.push_back(worker_version(all, own));
  rows.push_back(task_logs(all, own));
  return rows;
}

}  // namespace copse::runner::doctor
