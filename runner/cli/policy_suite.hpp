#pragma once
// One policy file against the tests that it carries.

#include "engine/diagnostic.hpp"

#include <cstddef>
#include <expected>
#include <string>
#include <utility>
#include <vector>

namespace copse::runner::cli {

/// What came of one test: without faults it passed.
struct TestVerdict {
  std::string name;
  engine::Diagnostics faults;
};

struct Suite {
  std::string file;
  engine::Diagnostics unreadable;  ///< why there are no verdicts; the rest is empty then
  std::vector<TestVerdict> verdicts;
  /// Each rule as it is written, the default last, and how many tests it decided.
  std::vector<std::pair<std::string, std::size_t>> reached;

  [[nodiscard]] std::size_t failed() const;

  /// Per cent of the rules that some test reaches.
  [[nodiscard]] double coverage() const;
};

/// Reads the policy and runs its tests; or why it cannot be read. Codes: C0601 not in copse's
/// language, P0550 another decision than expected.
[[nodiscard]] std::expected<Suite, engine::Diagnostics> run_suite(const std::string& path);

}  // namespace copse::runner::cli
