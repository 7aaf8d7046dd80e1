#include "runner/service/task_event.hpp"

#include <array>

namespace copse::runner::service {

std::string_view name(TaskEvent::What what) {
  return log_name(what).substr(std::string_view("task ").size());
}

std::string_view log_name(TaskEvent::What what) {
  constexpr std::array<std::string_view, task_event_count> names{
      "task accepted", "task recovered", "task decided",   "task refused",     "task created",
      "task waits",    "task scheduled", "task pulled",    "task started",     "task located",
      "task killed",   "task ended",     "task announced", "task acknowledged"};
  return names[static_cast<std::size_t>(what)];
}

}  // namespace copse::runner::service
