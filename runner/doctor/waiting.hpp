#pragma once
// Waiting for answers on an io_context, never longer than a deadline: a server that hangs must not
// hang the doctor. Internal to doctor.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace boost::asio {
class io_context;
}

namespace copse::runner::doctor {

using std::chrono::milliseconds;

/// For the API server's answer to one question, or to a batch of them that are asked at once.
inline constexpr milliseconds api_deadline{10'000};
/// For each of the Overlord's answers.
inline constexpr milliseconds overlord_deadline{10'000};
/// For a TCP connection to ZooKeeper.
inline constexpr milliseconds connect_deadline{3'000};
/// For ZooKeeper or the election to say who leads.
inline constexpr milliseconds leader_deadline{8'000};
/// For the look-up of copse.host.
inline constexpr milliseconds resolve_deadline{5'000};
/// For a pod of `--probe` to be scheduled, pulled, started, and to say what it reaches.
inline constexpr milliseconds probe_deadline{120'000};

/// Runs `io` until `is_done`, or `deadline` is over, or nothing is left to do; whether it is done.
bool run_until(boost::asio::io_context& io, const std::function<bool()>& is_done,
               milliseconds deadline);

/// The answer to one question; nothing: none came in time. `ask` is given the handler. An answer
/// that comes later is dropped.
template <class T, class Ask>
std::optional<T> answer_to(boost::asio::io_context& io, milliseconds deadline, Ask ask) {
  auto answer = std::make_shared<std::optional<T>>();
  ask([answer](T given) { answer->emplace(std::move(given)); });
  run_until(io, [&] { return answer->has_value(); }, deadline);
  return std::exchange(*answer, std::nullopt);
}

}  // namespace copse::runner::doctor
