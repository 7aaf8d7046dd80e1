#pragma once
// Waiting for answers on an io_context, never longer than a deadline: a server that hangs must not
// hang the doctor. Internal to doctor.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

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

/// The answers to `count` questions that are asked at once, each in its place; nothing: none came
/// in time. `ask(i, told)` asks one. An answer that comes later is dropped.
template <class T, class Ask>
std::vector<std::optional<T>> answers_to(boost::asio::io_context& io, milliseconds deadline,
                                         std::size_t count, Ask ask) {
  auto answers = std::make_shared<std::vector<std::optional<T>>>(count);
  for (std::size_t i = 0; i < count; ++i)
    ask(i, [answers, i](T given) { answers->at(i) = std::move(given); });
  run_until(
      io,
      [&] {
        return std::all_of(answers->begin(), answers->end(),
                           [](const auto& each) { return each.has_value(); });
      },
      deadline);
  return *answers;  // WHY a copy: those that come too late still need their places.
}

/// The answer to one question.
template <class T, class Ask>
std::optional<T> answer_to(boost::asio::io_context& io, milliseconds deadline, Ask ask) {
  return std::move(answers_to<T>(io, deadline, 1, [&](std::size_t, auto told) {
                     ask(std::move(told));
                   }).front());
}

}  // namespace copse::runner::doctor
