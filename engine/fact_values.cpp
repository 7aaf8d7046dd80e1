#include "engine/fact_values.hpp"

#include "engine/period.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace copse::engine {
namespace {

// Druid's Tasks.DEFAULT_*_PRIORITY, by what each task type's getPriority takes.
struct TypePriority {
  std::string_view beginning;  // of the type
  std::int64_t priority;
};

constexpr std::array type_priorities{
    TypePriority{"index_kafka", 75},  TypePriority{"index_kinesis", 75},
    TypePriority{"index_rabbit", 75}, TypePriority{"index_realtime", 75},
    TypePriority{"index", 50},        TypePriority{"single_phase_sub_task", 50},
    TypePriority{"partial_", 50},     TypePriority{"query_controller", 50},
    TypePriority{"query_worker", 50}, TypePriority{"compact", 25}};

Fact fact_of(std::optional<Number> number) {
  if (!number) return Fact::ill_typed();
  return Fact::of(*number);
}

std::optional<Number> whole(std::int64_t value) {
  return Number{value, 0};
}

}  // namespace

Fact number_fact(std::int64_t value) {
  return fact_of(whole(value));
}

std::int64_t default_priority(std::string_view task_type) {
  const auto* const at =
      std::find_if(type_priorities.begin(), type_priorities.end(),
                   [&](const TypePriority& each) { return task_type.starts_with(each.beginning); });
  return at == type_priorities.end() ? 0 : at->priority;
}

Fact fact_of_text(ValueType type, std::string_view text) {
  switch (type) {
    case ValueType::text:
    case ValueType::any:
    case ValueType::scalar:
      return Fact::of_padded(text);
    case ValueType::duration: {
      // What is no period at all is told apart without a message.
      if (!text.starts_with('P') && !text.starts_with('p')) break;
      const auto period = parse_period(text);
      if (!period) return Fact::ill_typed();
      const auto millis = standard_millis(*period);
      return fact_of(millis ? whole(*millis) : std::nullopt);
    }
    case ValueType::quantity:
      return fact_of(parse_quantity(text));
    case ValueType::interval_count:
      return fact_of(interval_millis(text) ? whole(1) : std::nullopt);
    case ValueType::interval_length: {
      const auto millis = interval_millis(text);
      return fact_of(millis ? whole(*millis) : std::nullopt);
    }
    case ValueType::integer:
    case ValueType::decimal:
    case ValueType::boolean:
      break;
  }
  return Fact::ill_typed();
}

Fact fact_of_number(ValueType type, std::string_view spelled) {
  if (type == ValueType::any) return Fact::any_text();
  if (type == ValueType::scalar)
    return parse_number(spelled) ? Fact::of_padded(spelled) : Fact::ill_typed();
  const bool takes = type == ValueType::integer || type == ValueType::decimal ||
                     type == ValueType::duration || type == ValueType::quantity;
  const auto number = takes ? parse_number(spelled) : std::nullopt;
  if (number && type == ValueType::integer && !number->is_integer()) return Fact::ill_typed();
  return fact_of(number);
}

}  // namespace copse::engine
