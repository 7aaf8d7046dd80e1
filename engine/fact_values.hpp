#pragma once
// As what a value of a task counts, by the type that a policy asks for. Private to the fact reader.

#include "engine/facts.hpp"

#include <cstdint>
#include <string_view>

namespace copse::engine {

[[nodiscard]] Fact number_fact(std::int64_t value);

/// A JSON text.
[[nodiscard]] Fact fact_of_text(ValueType type, std::string_view text);

/// A JSON number, as it is written.
[[nodiscard]] Fact fact_of_number(ValueType type, std::string_view spelled);

[[nodiscard]] constexpr bool is_interval(ValueType type) {
  return type == ValueType::interval_count || type == ValueType::interval_length;
}

/// Druid's priority of a task whose context has none (its Tasks.DEFAULT_*_PRIORITY, by what each
/// task type's getPriority takes).
[[nodiscard]] std::int64_t default_priority(std::string_view task_type);

}  // namespace copse::engine
