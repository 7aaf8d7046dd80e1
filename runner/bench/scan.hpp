#pragma once
// The flat scan: one rule after another, as Druid's selectors are asked, with hash sets for texts
// and compiled patterns. The baseline of decisions, and their check.

#include "engine/facts.hpp"
#include "engine/image.hpp"
#include "engine/policy.hpp"
#include "runner/bench/fact_rows.hpp"

#include <cstddef>
#include <memory>
#include <span>

namespace copse::runner::bench {

class Scan {
 public:
  /// Of rules whose tests say yes to what they list and no to all else. The policy outlives it.
  Scan(const engine::Policy& policy, const engine::Image& image);
  Scan(const Scan&) = delete;
  Scan& operator=(const Scan&) = delete;
  ~Scan();

  /// The first rule that matches; their number when none does.
  [[nodiscard]] std::size_t decide(std::span<const engine::Fact> facts) const;

 private:
  struct Rules;
  std::unique_ptr<Rules> rules_;
};

/// Whether both find the same rule for the first `tasks` rows: else a comparison means nothing.
[[nodiscard]] bool same_answers(const engine::Image& image, const Scan& scan, const FactRows& facts,
                                std::size_t tasks);

/// Nanoseconds that the scan takes for one of the first `tasks` rows.
[[nodiscard]] double scan_all(const Scan& scan, const FactRows& facts, std::size_t tasks);

}  // namespace copse::runner::bench
