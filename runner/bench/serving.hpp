#pragma once
// How fast `copse serve` answers an Overlord, beside what the disk alone takes and beside a request
// that needs nothing; and what a tracked task takes.

#include "runner/bench/served_copse.hpp"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

namespace copse::runner::bench {

struct ServedTask {
  std::string id;
  std::string document;  ///< JSON
};

struct ServingInput {
  CopseSetup setup;
  std::vector<ServedTask> tasks;  ///< ids differ; at least `most_tracked`
  std::string folder;             ///< for journals, on the disk that is to be measured
};

/// Tasks that are needed.
inline constexpr std::size_t most_tracked = 10'000;

/// Times in milliseconds.
struct Times {
  double p50 = 0;
  double p99 = 0;
};

/// Medians of three rounds, in which copse and the bare loop take turns.
struct AnswerRow {
  std::uint32_t connections = 0;  ///< one assignment at a time each
  Times answer;                   ///< from an assignment's first byte to the whole answer
  double per_second = 0;
  Times sync;  ///< the same records written and synced alone, as many at once
  double records_per_second = 0;
};

struct OverlordRow {
  std::uint32_t threads = 0;
  Times answer;
  Times announce;  ///< from the answer to an assignment until the poll says that it runs
  double tasks_per_minute = 0;
  double syncs_per_minute = 0;   ///< of the bare loop, one record at a time
  double requests_per_task = 0;  ///< to the cluster, of whole lives with logs
  double syncs_per_task = 0;     ///< of copse's journal, of whole lives
};

struct MemoryRow {
  std::uint32_t tasks = 0;
  double bytes_per_task = 0;  ///< heap of the service, over the tasks that it tracks
  std::uint32_t threads = 0;
};

struct ServingTable {
  std::vector<AnswerRow> answers;
  Times round_trip;  ///< of a request that needs no disk, over one connection
  std::vector<OverlordRow> overlord;
  std::vector<MemoryRow> memory;
};

/// Fails with a text when something does not start or is answered otherwise than it should.
[[nodiscard]] std::expected<ServingTable, std::string> measure_serving(const ServingInput& input);

}  // namespace copse::runner::bench
