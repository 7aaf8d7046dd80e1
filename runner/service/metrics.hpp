#pragma once
// What a running service counts, as Prometheus reads it (text format 0.0.4). Pure: it is told what
// happens and writes it down.
//
// Names that begin with `druid_` mean what Druid's own metrics mean (task/run/time,
// task/success/count, k8s/peon/startup/time, …; times in seconds, as Prometheus wants them); the
// rest are copse's. Labels have few values: a data source or type that comes after the first
// `label_limit` is counted under `other`.

#include "runner/service/service.hpp"
#include "runner/service/task_event.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::runner::service {

/// Different values of one label.
inline constexpr std::size_t label_limit = 200;

/// Upper bounds of the buckets of times, in seconds: a decision takes microseconds, a task hours.
inline constexpr std::array time_buckets{0.001, 0.005, 0.01, 0.05, 0.1,   0.5,    1.0,   5.0,
                                         15.0,  60.0,  300., 900., 3600., 14400., 86400.};

class Histogram {
 public:
  void add(double seconds);

  /// The lines of this histogram; `labels` without braces, may be empty.
  void write(std::string& to, std::string_view name, std::string_view labels) const;

  [[nodiscard]] std::uint64_t count() const { return count_; }

 private:
  std::array<std::uint64_t, time_buckets.size()> buckets_{};  // each counts its own only
  std::uint64_t count_ = 0;
  double sum_ = 0;
};

/// What can be seen of the policy that decides.
struct PolicyView {
  bool is_refused = false;      ///< its files are others now, and cannot be taken
  std::uint64_t ill_typed = 0;  ///< tasks of which it asked a value of another type
};

class Metrics {
 public:
  void happened(const TaskEvent& event);

  /// One acceptance, decision or end is durable, after so long.
  void journaled(std::chrono::microseconds took);

  /// A task that the runner strategy would send to a worker ran on Kubernetes.
  void misdirected() { ++misdirected_; }

  /// Everything, with what is to be seen of the service and its policy now.
  [[nodiscard]] std::string text(const ServiceView& now, const PolicyView& policy = {}) const;

 private:
  struct Labels {
    std::set<std::string, std::less<>> known;
    [[nodiscard]] std::string of(std::string_view value);
  };

  Labels types_;
  Labels data_sources_;
  std::array<Histogram, task_event_count> phases_;
  std::map<std::string, Histogram> pending_time_;                           // by type
  std::map<std::string, Histogram> startup_time_;                           // by type
  std::map<std::pair<std::string, std::string>, Histogram> run_time_;       // by type, status
  std::map<std::pair<std::string, std::string>, std::uint64_t> ends_;       // by source, status
  std::map<std::pair<std::string, std::string>, std::uint64_t> decisions_;  // by rule, template
  std::map<std::string, std::uint64_t> waits_;                              // by reason
  std::array<std::uint64_t, task_event_count> events_{};
  Histogram journal_;
  std::uint64_t misdirected_ = 0;
};

}  // namespace copse::runner::service
