#pragma once
// Tasks that were decided and have their Jobs: what `run` and `demo` carry out.

#include "runner/cli/decider.hpp"
#include "runner/service/task_runner.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace copse::runner::cli {

struct PlannedTask {
  std::string id;
  std::string type;
  std::string template_key;
  std::string job_name;
  std::string namespace_name;  ///< of the Job; empty: the usual one
  service::TaskSpec spec;      ///< taken by whoever runs it
};

/// A task that is not run, and why.
struct LeftOut {
  std::string id;
  std::string type;
  bool is_for_worker = false;  ///< else it failed before it could become a Job
  std::string reason;
};

struct Plan {
  std::vector<PlannedTask> tasks;
  std::vector<LeftOut> left_out;
  std::chrono::nanoseconds deciding{0};  ///< facts and decision of all tasks
  std::chrono::nanoseconds building{0};  ///< their Jobs
  std::size_t decided = 0;
  bool wants_jobs = false;  ///< a task is to become a Job, whether that could be built or not
  int input_exit_code = 0;  ///< the highest that something which is no task asks for

  void add(const engine::Task& task, Decider& decider, const std::string& owner);
};

}  // namespace copse::runner::cli
