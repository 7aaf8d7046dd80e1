#include "runner/cli/plan.hpp"

#include "adapters/job_name.hpp"

#include <algorithm>
#include <utility>

namespace copse::runner::cli {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

void Plan::add(const engine::Task& task, Decider& decider, const std::string& owner) {
  const auto begin = Clock::now();
  const Row row = decider.decide(task);
  deciding += Clock::now() - begin;
  ++decided;
  const auto leave = [&](bool for_worker, std::string reason) {
    left_out.push_back({task.id, task.type, for_worker, std::move(reason)});
  };
  if (row.runner == engine::Runner::worker)
    return leave(true, "runner rule " + row.rule + " sends it to a worker");
  if (!row.error.empty()) return leave(false, row.error);
  const bool twice = std::any_of(tasks.begin(), tasks.end(),
                                 [&](const PlannedTask& t) { return t.id == task.id; });
  if (twice) return leave(false, "another task of this id was given before it");

  const auto building_from = Clock::now();
  wants_jobs = true;
  auto job = decider.job(task, row, owner);
  building += Clock::now() - building_from;
  if (!job) return leave(false, job.error()[0].title);
  tasks.push_back({task.id,
                   task.type,
                   *row.template_key,
                   job->name,
                   job->namespace_name,
                   {.id = task.id,
                    .namespace_name = job->namespace_name,
                    .job_name = job->name,
                    .task_label = adapters::task_hash(task.id),
                    .job_json = std::move(job->json),
                    .begin = {},
                    .payload = std::move(job->mounted)}});
}

}  // namespace copse::runner::cli
