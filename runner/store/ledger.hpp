#pragma once
// What the records of a journal come to: the tasks that are alive, and how many bytes of the file
// still say something.
//
// The rules are one function, `effect`, total over all orders:
//  * the first word counts for Accepted (an Overlord repeats itself after a lost answer), Ended (an
//    end that was told is never told otherwise) and KillRequested;
//  * the last word counts for Decided, which belongs to the newest attempt, and so does Placed
//    behind it;
//  * Forgotten removes everything; what is said of an unknown task is ignored.
//
// Ledger keeps what was said; Tally keeps sizes only (some 100 bytes a live task), because the
// journal lives as long as the process and must not hold each document a second time. Pure.

#include "runner/store/record.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace copse::runner::store {

/// Which words about a task are known.
struct Known {
  bool accepted = false;
  bool decided = false;
  bool ended = false;
  bool kill_requested = false;
  bool placed = false;
};

enum class Effect : std::uint8_t {
  sets,     ///< it is the word that counts; one of the same type before it does not any more
  erases,   ///< the task is gone
  nothing,  ///< it says nothing new
};

[[nodiscard]] Effect effect(const Known& known, const Record& record);

/// All that is known of one live task.
struct TaskEntry {
  Accepted accepted;
  std::optional<Decided> decided;
  std::optional<Ended> ended;
  bool kill_requested = false;
  bool placed = false;  ///< by the decision that counts

  bool operator==(const TaskEntry&) const = default;
};

/// By task id. Order of acceptance: `accepted.accepted_at`.
using TaskEntries = std::map<std::string, TaskEntry, std::less<>>;

class Ledger {
 public:
  void apply(Record record);

  [[nodiscard]] const TaskEntries& entries() const { return entries_; }

  [[nodiscard]] TaskEntries take() && { return std::move(entries_); }

  /// The fewest records that come to the same entries.
  [[nodiscard]] std::vector<Record> snapshot() const;

 private:
  TaskEntries entries_;
};

class Tally {
 public:
  void apply(const Record& record);

  /// Bytes of the records that a snapshot would have.
  [[nodiscard]] std::uint64_t live_bytes() const { return live_bytes_; }

  [[nodiscard]] std::size_t tasks() const { return sizes_.size(); }

 private:
  /// Bytes of the record of each type that counts; 0: there is none.
  struct Sizes {
    std::uint32_t accepted = 0;
    std::uint32_t decided = 0;
    std::uint32_t ended = 0;
    std::uint32_t kill_requested = 0;
    std::uint32_t placed = 0;
  };

  std::unordered_map<std::string, Sizes> sizes_;
  std::uint64_t live_bytes_ = 0;
};

/// Dead bytes below which a file is left as it is: rewriting has a price, too.
inline constexpr std::uint64_t compaction_minimum = 1U << 20U;

/// True when a rewrite is due: more of the file is dead than alive, and at least `minimum`. So a
/// byte is copied at most once for each byte that was appended, and a file is never larger than
/// twice what is alive and `minimum`, and what one batch adds.
[[nodiscard]] bool compaction_is_due(std::uint64_t file_bytes, std::uint64_t live_bytes,
                                     std::uint64_t minimum);

}  // namespace copse::runner::store
