#pragma once
// Policies and tasks to measure with: made from a seed, so that every run measures the same.

#include "engine/policy.hpp"
#include "runner/bench/fact_rows.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace copse::runner::bench {

inline constexpr std::uint64_t corpus_seed = 20261124;

/// A policy of `rules` selectors as a large installation would have it: four of five name one to
/// three datasources, four of five one to three task types, two of five a tag. Datasources are as
/// many as rules.
[[nodiscard]] engine::Policy selectors(std::uint32_t rules, std::uint64_t seed);

/// One task of such an installation.
struct SampleTask {
  std::string type;
  std::string data_source;
  std::string team;  ///< empty: the task has no such tag
  std::string tier;

  /// Its document, about `bytes` long, with the members in the order in which an Overlord writes
  /// them.
  [[nodiscard]] std::string document(std::size_t bytes) const;
};

[[nodiscard]] std::vector<SampleTask> tasks(std::uint32_t count, std::uint32_t rules,
                                            std::uint64_t seed);

/// The same tasks as values.
[[nodiscard]] std::vector<Sample> samples(const std::vector<SampleTask>& tasks);

}  // namespace copse::runner::bench
