#pragma once
// The five things a journal does to a disk that can go wrong half way, as functions that are handed
// in: the real ones, or those of a disk that runs full, breaks or loses what was not synced.
//
// Files are real ones in any case, known by descriptors. Each function answers 0 or an errno.

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>

namespace copse::runner::store {

struct Disk {
  /// Writes at `offset` and says how many bytes: at least one, perhaps fewer than there are.
  std::move_only_function<std::expected<std::size_t, int>(int file, std::string_view bytes,
                                                          std::uint64_t offset)>
      write;
  std::move_only_function<int(int file)> sync_data;  ///< contents and size (fdatasync)
  std::move_only_function<int(int file)> sync;       ///< of a file or a folder (fsync)
  std::move_only_function<int(int file, std::uint64_t size)> truncate;
  std::move_only_function<int(const std::string& from, const std::string& to)> rename;
};

[[nodiscard]] Disk real_disk();

/// An open file or folder; closes it.
class Descriptor {
 public:
  Descriptor() = default;

  explicit Descriptor(int number) : number_(number) {}

  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();

  [[nodiscard]] int number() const { return number_; }

 private:
  int number_ = -1;
};

/// Opens with flags of open(2) (close-on-exec is added), new files for copse's user alone. The
/// error is an errno.
[[nodiscard]] std::expected<Descriptor, int> open_path(const std::string& path, int flags);

/// The first `size` bytes of a file; fewer when it is shorter. The error is an errno.
[[nodiscard]] std::expected<std::string, int> read_bytes(int file, std::uint64_t size);

/// Bytes of a file. The error is an errno.
[[nodiscard]] std::expected<std::uint64_t, int> size_of(int file);

}  // namespace copse::runner::store
