#pragma once
// What is seen of one namespace: its Jobs, its pods, its Events, and ends of Jobs that wait for
// what their pods have to tell. The driver of three watches; it decides nothing.
//
// All calls and callbacks are on the io_context's one thread.

#include "runner/kube/failure.hpp"
#include "runner/kube/reflection.hpp"
#include "runner/service/event_watch.hpp"
#include "runner/service/held_ends.hpp"
#include "runner/service/task_runner.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace copse::runner::service {

struct NamespaceEvents {
  std::move_only_function<void(const kube::JobView&)> job;   ///< it is there, or has changed
  std::move_only_function<void(const kube::JobView&)> lost;  ///< it was deleted
  std::move_only_function<void(kube::Uid)> vanished;  ///< it is not there any more after a break
  std::move_only_function<void(const kube::PodView&)> pod;
  std::move_only_function<void()> in_step;  ///< both lists are read; once
  std::move_only_function<void(const HeldEnd&)> due;
  std::move_only_function<void(TaskIndex, const job::event::Told&)> told;
  std::move_only_function<void(const kube::Failure&)> trouble;
  std::move_only_function<void(const kube::Failure&)> deaf;
};

class NamespaceWatch {
 public:
  /// `io` and `transport` outlive it. `selector` is that of Jobs and pods.
  NamespaceWatch(boost::asio::io_context& io, kube::Transport& transport, std::string name,
                 std::string selector, std::chrono::milliseconds pods_catch_up,
                 NamespaceEvents events);
  NamespaceWatch(const NamespaceWatch&) = delete;
  NamespaceWatch& operator=(const NamespaceWatch&) = delete;
  /// No callback comes any more.
  ~NamespaceWatch();

  void open();

  [[nodiscard]] const std::string& name() const;

  /// Both lists were read.
  [[nodiscard]] bool is_in_step() const;

  /// A task has a Job and waits for its pod; it does not any more.
  void waits(TaskIndex task, std::string_view job_name);
  void waits_no_more(TaskIndex task, std::string_view job_name);

  /// Tells of this end again (`due`) when it is to be judged.
  void hold(HeldEnd end);

  [[nodiscard]] PodWatch pod_watch() const;

  [[nodiscard]] WatchFigures figures() const;

  /// Lets go: no more callbacks, no more requests.
  void stop();

 private:
  struct Core;
  std::shared_ptr<Core> core_;
};

}  // namespace copse::runner::service
