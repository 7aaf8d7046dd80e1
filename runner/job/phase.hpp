#pragma once
// How far a task is. step.hpp draws which phase leads where.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace copse::runner::job {

enum class Phase : std::uint8_t {
  fresh,
  creating,
  looking,
  pausing,
  waiting,
  running,
  ending,
  settling,
  stopping,
  held,
  removing,
  done
};

inline constexpr std::size_t phase_count = static_cast<std::size_t>(Phase::done) + 1;

[[nodiscard]] std::string_view name(Phase phase);

}  // namespace copse::runner::job
