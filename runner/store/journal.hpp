#pragma once
// The durable record of every task between its acceptance and the Overlord's acknowledgement of its
// end. What was reported as done survives a crash of the process and of the machine.
//
//     auto opened = Journal::open({.folder = "state"});
//     if (!opened) return fail(opened.error().text);
//     resume(opened->entries);
//     opened->journal.append(Accepted{id, document, now}, [&loop](auto result) {
//       post(loop, [result] { answer(result ? 200 : 500); });
//     });
//
// One writer thread takes everything that is queued, writes it with one write and one sync, and
// then reports each: while the disk syncs, the next batch gathers, so the number of syncs follows
// the disk's speed and not the number of tasks. A record that nobody waits for waits a little for
// one that is urgent. Order is kept: what was appended later is never
// durable without what was appended earlier and reported as done.
//
// A failure means: not kept, as far as the disk let itself be cut back; only if that failed, too,
// and the machine then crashed, a restart may find the record. Later appends are tried again.
//
// Nothing grows with finished work: see compaction_is_due.

#include "runner/store/disk.hpp"
#include "runner/store/failure.hpp"
#include "runner/store/ledger.hpp"
#include "runner/store/record.hpp"

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace copse::runner::store {

/// Records that wait while one batch is written: half a minute of 500 assignments a second.
inline constexpr std::size_t queue_record_limit = 16'384;

/// Their bytes. One batch, which is being written, comes on top.
inline constexpr std::size_t queue_size_limit = 64U << 20U;

/// Whether somebody waits for a record.
enum class Urgency : std::uint8_t {
  now,  ///< it is written at once
  soon  ///< it waits for one that is, at most `gather_time`, and shares its sync
};

/// About one sync of a disk. An Overlord answers an announcement with its next assignment in less.
inline constexpr std::chrono::milliseconds gather_time{5};

struct Settings {
  std::string folder;  ///< made if it is not there
  Disk disk = real_disk();
  std::uint64_t compaction_minimum = store::compaction_minimum;
  std::chrono::milliseconds gather_time = store::gather_time;
};

/// For metrics.
struct Figures {
  std::uint64_t file_bytes = 0;
  std::uint64_t live_bytes = 0;
  std::size_t tasks = 0;
  std::uint64_t batches = 0;       ///< made durable: one sync each
  std::uint64_t records = 0;       ///< in these
  std::uint64_t compactions = 0;   ///< done
  std::string compaction_failure;  ///< of the last compaction; empty when it succeeded
};

struct Opened;

class Journal {
 public:
  /// Told once for every append: on the writer thread, which it must not hold up, or within the
  /// call when the append is refused (`too_large`, `overloaded`).
  using Done = std::move_only_function<void(std::expected<void, Failure>)>;

  /// Locks the folder and reads its journal. Blocks on the disk.
  [[nodiscard]] static std::expected<Opened, Failure> open(Settings settings);

  Journal(Journal&&) noexcept;
  Journal& operator=(Journal&&) noexcept;

  /// Waits until everything queued is durable or has failed, and has been told. Not within a Done.
  ~Journal();

  /// From any thread; never waits for the disk.
  void append(Record record, Done done, Urgency urgency = Urgency::now);

  /// From any thread.
  [[nodiscard]] Figures figures() const;

 private:
  class Writer;
  explicit Journal(std::unique_ptr<Writer> writer);

  std::unique_ptr<Writer> writer_;
};

struct Opened {
  Journal journal;
  TaskEntries entries;
  std::vector<std::string> notes;  ///< for the log: what was found and mended
};

}  // namespace copse::runner::store
