#pragma once
// Why a rule failed a task, in words.

#include "engine/evaluate.hpp"

#include <span>
#include <string>
#include <string_view>

namespace copse::engine {

/// Empty when `answer` does not fail the task. In a policy's own text `{id}` stands for the task id
/// and
/// `{value}` for what the task has where the rule's last test looks.
[[nodiscard]] std::string failure_text(const Image& image, const Answer& answer,
                                       std::span<const Fact> facts, std::string_view task_id);

}  // namespace copse::engine
