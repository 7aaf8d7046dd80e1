#pragma once
// A cluster and its API without sockets, on time moved by hand: what the pure suites speak to.

#include "runner/sandbox/api.hpp"
#include "runner/sandbox/cluster.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace sandbox_test {

using namespace std::chrono_literals;

/// The value at a path (`status.conditions.0.type`) of a JSON text: strings as they are, everything
/// else as JSON; `absent` when there is none.
std::string at(std::string_view json, std::string_view path);

/// A Job with one container and a script; `spec` is put among the members of its spec.
std::string job(std::string_view name, std::string_view script = "run 1s",
                std::string_view spec = {});

/// `text` with the first `from` replaced; throws when there is none.
std::string replaced(std::string text, std::string_view from, std::string_view to);

struct Answered {
  int code = 0;
  std::string body;
  std::vector<std::string> warnings;

  std::string operator[](std::string_view path) const { return at(body, path); }
};

class World {
 public:
  explicit World(copse::runner::sandbox::ApiOptions options = {},
                 copse::runner::sandbox::ClusterOptions cluster = {});

  /// One request; the cluster reacts before the next. A request that waits gets code 0.
  Answered ask(std::string_view method, std::string_view target, std::string_view body = {},
               std::string_view content_type = "application/json", std::string_view accept = {},
               std::string_view authorization = {});

  Answered get(std::string_view target) { return ask("GET", target); }

  Answered post_job(std::string_view body) { return ask("POST", jobs, body); }

  Answered job(std::string_view name) {
    return ask("GET", std::string{jobs} + "/" + std::string{name});
  }

  /// The only pod there is.
  Answered pod();
  /// `Reason` of each Event, in order of time.
  std::vector<std::string> reasons();

  /// Opens a watch.
  std::unique_ptr<copse::runner::sandbox::Watch> watch(std::string_view target);
  /// What a watch has now: `ADDED name`, `BOOKMARK`, `ERROR 410`.
  std::vector<std::string> events(copse::runner::sandbox::Watch& watch);

  void advance(std::chrono::milliseconds step);

  static constexpr std::string_view jobs = "/apis/batch/v1/namespaces/default/jobs";
  static constexpr std::string_view pods = "/api/v1/namespaces/default/pods";

  copse::runner::sandbox::Cluster cluster;
  copse::runner::sandbox::Api api;
};

}  // namespace sandbox_test
