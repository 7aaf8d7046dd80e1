#pragma once
// What work on a policy costs before any task comes: reading, compiling, linting, explaining, and
// the start of a program that decides one task.

#include <cstdint>
#include <string>

namespace copse::runner::bench {

/// Milliseconds are medians of rounds.
struct PolicyTable {
  std::uint32_t rules = 0;
  double text_megabytes = 0;  ///< of the policy in the language
  double parse_ms = 0;        ///< text to tree
  double meaning_ms = 0;      ///< tree to rules: names, types, absence
  double compile_ms = 0;      ///< rules to image
  double recompile_ms = 0;    ///< the same after one rule has changed
  double json_megabytes = 0;  ///< of the same as Druid's dynamic configuration
  double import_ms = 0;       ///< JSON to rules
  double start_ms = 0;  ///< `dry-run` of one task from the compiled policy, as a process; 0: failed
  std::uint32_t linted_rules = 0;
  double lint_ms = 0;     ///< all of lint, of so many rules
  double decide_ns = 0;   ///< among so many
  double explain_ns = 0;  ///< the same with tests of the winner and near misses
};

/// `program` is this program's file.
[[nodiscard]] PolicyTable measure_policies(std::uint32_t rules, std::uint32_t linted_rules,
                                           const std::string& program);

}  // namespace copse::runner::bench
