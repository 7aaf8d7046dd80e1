#pragma once
// What a person typed, as values. Each verb reads the members that its help names.

#include "engine/properties.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace copse::runner::cli {

enum class Format : std::uint8_t {
  text,   ///< for people
  json,   ///< for programs: one object a line for streams, one document otherwise
  junit,  ///< of `test`, for what collects results
  sarif   ///< of `lint`, for code hosts and editors
};

enum class Render : std::uint8_t {
  none,
  druid,  ///< the Job as Druid builds it
  posted  ///< the Job as copse creates it, with its additions
};

struct Arguments {
  std::string policy;               ///< file, or `-`
  std::vector<std::string> inputs;  ///< TASK…, TASK_ID… or POLICY…
  std::vector<std::string> bench_parts;
  std::vector<std::string> properties;
  engine::Properties environment;     ///< over the files; `serve` only
  std::vector<std::string> settings;  ///< KEY=VALUE, over both
  std::string templates;              ///< folder; empty: as the properties say
  std::string druid;                  ///< release; empty: the properties, else the newest
  Format format = Format::text;
  bool strict = false;
  bool summary = false;
  bool coverage = false;      ///< `test`: say which rules are reached
  double least_coverage = 0;  ///< per cent of the rules
  std::string target;         ///< of `convert`: copse or druid
  bool only_check = false;    ///< `fmt`: say what would change
  Render render = Render::none;
  std::string output;      ///< of `compile`: the file of the image
  std::string dump;        ///< of `compile`: the step to show
  bool as_built = false;   ///< of `graph`: the image's nodes
  bool stdio = false;      ///< of `lsp`, which knows nothing else
  std::string new_policy;  ///< of `diff`; `policy` is the old one
  std::string now;         ///< ISO 8601, for time windows; empty: what the clock says

  std::string prefix;  ///< of Job names

  std::string overlord;  ///< URL of a live Overlord to take tasks from
  std::string task_state = "all";
  std::uint32_t max_tasks = 100;

  std::string url;  ///< of a serving copse; empty: as the properties say

  std::string cluster = "sandbox";
  bool cancel = false;
  bool trust_exit_code = false;

  std::uint32_t demo_tasks = 211;
  bool faults = false;
  bool keep = false;

  bool probe = false;  ///< `doctor` may run a pod
};

/// Exit codes; when several apply, the highest.
inline constexpr int exit_fine = 0;
inline constexpr int exit_findings = 1;
inline constexpr int exit_failed_tests = 2;
inline constexpr int exit_coverage = 3;
inline constexpr int exit_usage = 4;
inline constexpr int exit_unreadable = 5;
inline constexpr int exit_world = 6;

}  // namespace copse::runner::cli
