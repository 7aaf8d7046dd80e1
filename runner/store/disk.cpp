#include "runner/store/disk.hpp"

#include <cerrno>
#include <cstdio>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace copse::runner::store {
namespace {

int error_of(int result) {
  return result == 0 ? 0 : errno;
}

std::expected<std::size_t, int> write_some(int file, std::string_view bytes, std::uint64_t offset) {
  while (true) {
    const ssize_t written = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written > 0) return static_cast<std::size_t>(written);
    if (written == 0) return std::unexpected(EIO);
    if (errno != EINTR) return std::unexpected(errno);
  }
}

}  // namespace

Disk real_disk() {
  return {
      .write = write_some,
      .sync_data = [](int file) { return error_of(::fdatasync(file)); },
      .sync = [](int file) { return error_of(::fsync(file)); },
      .truncate =
          [](int file, std::uint64_t size) {
            return error_of(::ftruncate(file, static_cast<off_t>(size)));
          },
      .rename = [](const std::string& from,
                   const std::string& to) { return error_of(::rename(from.c_str(), to.c_str())); }};
}

Descriptor::Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

std::expected<Descriptor, int> open_path(const std::string& path, int flags) {
  const int number = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
  if (number < 0) return std::unexpected(errno);
  return Descriptor(number);
}

std::expected<std::string, int> read_bytes(int file, std::uint64_t size) {
  std::string bytes(size, '\0');
  std::size_t end = 0;
  while (end < size) {
    const ssize_t count = ::pread(file, bytes.data() + end, size - end, static_cast<off_t>(end));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::unexpected(errno);
    if (count == 0) break;
    end += static_cast<std::size_t>(count);
  }
  bytes.resize(end);
  return bytes;
}

std::expected<std::uint64_t, int> size_of(int file) {
  struct stat info{};

  if (::fstat(file, &info) != 0) return std::unexpected(errno);
  return static_cast<std::uint64_t>(info.st_size);
}

}  // namespace copse::runner::store
