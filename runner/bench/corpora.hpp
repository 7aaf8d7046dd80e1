#pragma once
// Policies that are hard on an index, and tasks for them: where other engines have a cliff.

#include "engine/policy.hpp"
#include "runner/bench/fact_rows.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace copse::runner::bench {

struct Corpus {
  std::string name;
  std::string about;
  engine::Policy policy;
  std::vector<Sample> tasks;
};

/// Names of all of them, in order.
[[nodiscard]] const std::vector<std::string>& corpus_names();

/// One of them, with so many rules and tasks; always the same for the same arguments.
[[nodiscard]] Corpus corpus(const std::string& name, std::uint32_t rules, std::uint32_t tasks);

}  // namespace copse::runner::bench
