#pragma once
// The file `journal` in a folder: opened, appended to durably, rewritten. One thread at a time.
//
// INVARIANT: the first `size()` bytes are durable and readable; nothing behind them was promised to
// anybody. After an error the file is cut back to them. After a failed sync its descriptor is not
// trusted any more (the kernel may have dropped what it could not write, and says so once), so the
// next append first rewrites the file under a new one.

#include "runner/store/disk.hpp"
#include "runner/store/failure.hpp"
#include "runner/store/ledger.hpp"

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace copse::runner::store {

struct OpenedFile;

class JournalFile {
 public:
  /// Opens or makes the folder and its journal; the caller holds the folder's lock. A torn end is
  /// cut off, and said in the notes.
  [[nodiscard]] static std::expected<OpenedFile, Failure> open(const std::string& folder,
                                                               Disk disk);

  /// Makes one batch durable; after a failure nothing of it is kept.
  [[nodiscard]] std::expected<void, Failure> append(std::string_view batch);

  /// Replaces the file by one that says only what is alive: new file, fsync, rename, fsync of the
  /// folder. After a failure the old one goes on.
  [[nodiscard]] std::expected<void, Failure> rewrite();

  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  JournalFile(const std::string& folder, Disk disk);

  [[nodiscard]] std::expected<void, Failure> write_all(int file, std::string_view bytes,
                                                       std::uint64_t offset,
                                                       const std::string& path);
  [[nodiscard]] std::expected<void, Failure> replace(std::string_view bytes);

  std::string path_;
  std::string draft_path_;
  Disk disk_;
  Descriptor folder_;
  Descriptor file_;
  std::uint64_t size_ = 0;
  bool must_rewrite_ = false;
};

/// An open journal and what it said.
struct OpenedFile {
  JournalFile file;
  Ledger ledger;
  std::vector<std::string> notes;  ///< for the log: what was found and mended
};

/// Makes the folder if it is not there.
[[nodiscard]] std::expected<void, Failure> make_folder(const std::string& folder);

}  // namespace copse::runner::store
