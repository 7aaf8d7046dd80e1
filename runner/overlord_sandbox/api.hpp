#pragma once
// The Overlord's public API, `/druid/indexer/v1/…`, as users, copse and web consoles call it
// (Druid: OverlordResource, docs/api-reference/tasks-api.md), of one that leads and is ready.

#include "runner/http/message.hpp"
#include "runner/http/responder.hpp"
#include "runner/overlord_sandbox/leadership.hpp"
#include "runner/overlord_sandbox/metadata.hpp"
#include "runner/overlord_sandbox/options.hpp"

#include <string_view>
#include <vector>

namespace copse::runner::overlord_sandbox {

inline constexpr std::string_view api_path = "/druid/indexer/v1/";

/// One request of a user, and everything that is needed to answer it.
struct ApiCall {
  const http::Request& request;
  http::Responder responder;
  Leadership& leadership;
  Metadata& metadata;
  const Options& options;
};

/// Answers a request whose path begins with `api_path`.
void serve_api(ApiCall call);

/// The part of it below `task` and `tasks`; `segments` are behind `api_path`, decoded. False: there
/// is nothing there, and nothing was answered.
[[nodiscard]] bool serve_tasks(ApiCall& call, const std::vector<std::string>& segments);

/// The part about workers: `workers`, `totalWorkerCapacity`, `worker/…`.
[[nodiscard]] bool serve_workers(ApiCall& call, const std::vector<std::string>& segments);

}  // namespace copse::runner::overlord_sandbox
