#pragma once
// The requests that an Overlord sends to a worker, taken apart (Druid: WorkerTaskManagerResource
// and WorkerResource, paths `/druid-internal/v1/worker…` and `/druid/worker/v1/…`). Pure.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace copse::runner::overlord {

namespace route {

/// `GET /druid-internal/v1/worker`: what is new?
struct Poll {
  std::int64_t counter = -1;
  std::int64_t hash = 0;
  std::chrono::milliseconds timeout{0};  ///< to hold the answer back at most; above 0
  bool wants_smile = false;              ///< else JSON, for people

  bool operator==(const Poll&) const = default;
};

/// `POST …/assignTask`
struct Assign {
  bool operator==(const Assign&) const = default;
};

/// `POST /druid/worker/v1/task/ID/shutdown`
struct Kill {
  /// What the path may mean, likeliest first: some Overlords escape an id twice.
  std::vector<std::string> task_ids;

  bool operator==(const Kill&) const = default;
};

/// `GET …/task/ID/log?offset=N`
struct Log {
  std::vector<std::string> task_ids;  ///< as in Kill
  std::int64_t offset = 0;            ///< below 0: so many bytes from the end

  bool operator==(const Log&) const = default;
};

/// `POST …/enable`, `POST …/disable`
struct SetDisabled {
  bool disabled = false;

  bool operator==(const SetDisabled&) const = default;
};

/// `GET …/enabled`
struct IsEnabled {
  bool operator==(const IsEnabled&) const = default;
};

/// `GET …/tasks`
struct Tasks {
  bool operator==(const Tasks&) const = default;
};

/// None of these.
struct Refused {
  int status = 404;
  std::string text;
  std::string allowed = {};  ///< with 405: the methods that are served, as the header `Allow` says

  bool operator==(const Refused&) const = default;
};

}  // namespace route

using Route = std::variant<route::Poll, route::Assign, route::Kill, route::Log, route::SetDisabled,
                           route::IsEnabled, route::Tasks, route::Refused>;

/// True for the paths of the worker protocol: for whom `route_of` has an answer.
[[nodiscard]] bool is_worker_path(std::string_view path);

[[nodiscard]] Route route_of(std::string_view method, std::string_view path, std::string_view query,
                             std::string_view accept);

}  // namespace copse::runner::overlord
