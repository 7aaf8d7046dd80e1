#pragma once
// The steps before copse announces itself, one after the other, each as often as it takes. What
// each is for says service.hpp. All on the io_context's one thread.

#include "engine/release.hpp"
#include "runner/http/client.hpp"
#include "runner/overlord/overlord_client.hpp"
#include "runner/service/service.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::runner::service {

/// Where copse says which process it is.
inline constexpr std::string_view instance_path = "/copse/v1/instance";

struct StartUpPorts {
  using Fields = std::vector<std::pair<std::string_view, std::string>>;
  std::move_only_function<void(ServiceEvent::Level, std::string_view what, Fields)> log;
  std::move_only_function<void(const std::string& text)> stuck;
  std::move_only_function<void(engine::Release)> release;
  std::move_only_function<void()> take_up;
  std::move_only_function<void()> announce;
  bool must_reach_cluster = true;
  std::optional<engine::Release> release_wanted;
  std::string self_url;
  std::string instance;
};

class StartUp {
 public:
  StartUp(boost::asio::io_context& io, kube::Transport& transport, overlord::OverlordClient& client,
          http::ClientOptions self, StartUpPorts ports);
  StartUp(const StartUp&) = delete;
  StartUp& operator=(const StartUp&) = delete;
  ~StartUp();

  void begin();

 private:
  struct Core;
  std::shared_ptr<Core> core_;
};

/// Whether the Overlord's list of workers (`GET /druid/indexer/v1/workers`) has this one. An answer
/// that is no list counts as yes.
[[nodiscard]] bool is_listed(std::string_view json, std::string_view host_port);

/// The release that an Overlord's `/status` names; nothing: it names none.
[[nodiscard]] std::optional<engine::Release> release_of(std::string_view json);

}  // namespace copse::runner::service
