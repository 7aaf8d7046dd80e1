#pragma once
// Which part of an outcome Kubernetes would refuse, and what was meant by it.

#include "engine/override.hpp"

#include <cstdint>
#include <string>

namespace copse::grammar::language {

struct RefusedValue {
  /// As the Setting has it: `label "key" = "value"`, `memory key..upper`, `deadline key`.
  enum class Part : std::uint8_t { key, value, upper, range };
  Part part = Part::key;
  std::string meant;  ///< what stands there in its place; empty: only a person knows
  std::string help;   ///< words for a person, where there is nothing to put in its place
};

/// `made` is one of which engine::fault_of says something; `is_range`: two amounts were written.
[[nodiscard]] RefusedValue refused_value(const engine::Override& made, bool is_range);

}  // namespace copse::grammar::language
