#pragma once
// A disk that behaves: real files in a folder, of which it knows what would survive a loss of
// power; it runs full, refuses to sync and can be held in a sync. It speaks from any thread.

#include "runner/store/disk.hpp"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace copse::tests {

/// File name to contents.
using Files = std::map<std::string, std::string>;

/// What a crash may leave. Names and contents reach the disk apart from each other, so there are
/// four pictures; with nothing unsynced they are the same.
struct CrashImage {
  std::vector<Files> pictures;
  std::size_t promised = 0;  ///< what `DiskFake::promised` said at that moment
};

class DiskFake {
 public:
  explicit DiskFake(std::string folder) : folder_(std::move(folder)) {}

  /// Refers to this object, which must live longer.
  runner::store::Disk disk();

  /// Bytes that can still be written; nothing: any number.
  void set_space(std::optional<std::uint64_t> bytes);

  /// So many syncs of files fail with EIO, and what they should have kept is lost at a crash. As in
  /// Linux, this is said once: later syncs of the same file succeed, and keep nothing.
  void fail_syncs(int count);
  void fail_folder_syncs(int count);
  void fail_truncates(int count);
  void fail_renames(int count);
  int failing_renames();  ///< that are still to come

  /// The next sync of data waits from now on; `wait_until_held` returns when it does.
  void hold_sync();
  void wait_until_held();
  void release();

  /// Remembers a CrashImage before every operation.
  void record_crashes(std::function<std::size_t()> promised);
  CrashImage image();
  std::vector<CrashImage> take_images();

 private:
  using Inode = std::uint64_t;

  int sync(int file, bool data_only);
  void before();  // L: mutex_
  Inode meet(int file);
  CrashImage image_now() const;
  Files current() const;
  std::map<std::string, Inode> names() const;

  const std::string folder_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<std::uint64_t> space_;
  int failing_syncs_ = 0;
  int failing_folder_syncs_ = 0;
  int failing_truncates_ = 0;
  int failing_renames_ = 0;
  bool hold_ = false;
  bool held_ = false;
  std::function<std::size_t()> promised_;
  std::vector<CrashImage> images_;
  std::map<std::string, Inode> durable_names_;
  std::map<Inode, std::string> durable_contents_;
  std::set<Inode> spoiled_;                         // a sync of these failed
  std::map<Inode, runner::store::Descriptor> met_;  // kept open, so that no number comes again
};

}  // namespace copse::tests
