#include "runner/logs/log_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace copse::runner::logs {
namespace {

// Logs are read by the Overlord, which may be another user.
constexpr mode_t log_mode = 0644;
constexpr mode_t position_mode = 0600;

// A position as a line of one length, so that a shorter one leaves nothing of a longer.
constexpr std::size_t position_size = 96;

struct Saved {
  std::uint64_t size = 0;
  LogPosition position;
};

std::optional<Saved> read_position(const std::string& path) {
  std::ifstream file(path);
  Saved saved;
  std::string newest;
  file >> saved.size >> newest >> saved.position.whole >> saved.position.part;
  if (!file) return std::nullopt;
  if (newest != "-") saved.position.newest = newest;
  return saved;
}

std::unexpected<std::string> failure(const std::string& path, int error) {
  return std::unexpected(path + ": " + std::strerror(error));
}

std::expected<void, int> write_all(int file, std::string_view bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return std::unexpected(errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  return {};
}

}  // namespace

std::string log_path(std::string_view directory, std::string_view task_id) {
  return std::string(directory) + "/" + std::string(task_id) + ".log";
}

bool is_file_name(std::string_view task_id) {
  return !task_id.empty() && task_id.size() <= task_id_limit && !task_id.starts_with('.') &&
         task_id.find('/') == std::string_view::npos &&
         task_id.find('\0') == std::string_view::npos;
}

LogFile::LogFile(std::string path, std::string position_path)
    : path_(std::move(path)), position_path_(std::move(position_path)) {}

LogFile::LogFile(LogFile&& other) noexcept
    : path_(std::move(other.path_)),
      position_path_(std::move(other.position_path_)),
      file_(std::exchange(other.file_, -1)),
      position_file_(std::exchange(other.position_file_, -1)),
      size_(other.size_),
      position_(std::move(other.position_)) {}

LogFile& LogFile::operator=(LogFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(position_path_, other.position_path_);
  std::swap(file_, other.file_);
  std::swap(position_file_, other.position_file_);
  std::swap(size_, other.size_);
  std::swap(position_, other.position_);
  return *this;
}

LogFile::~LogFile() {
  if (file_ >= 0) ::close(file_);
  if (position_file_ >= 0) ::close(position_file_);
}

std::expected<LogFile, std::string> LogFile::open(std::string path, std::string position_path) {
  LogFile log(std::move(path), std::move(position_path));
  std::error_code ignored;  // what it leads to is told by the next call
  for (const std::string& each : {log.path_, log.position_path_})
    std::filesystem::create_directories(std::filesystem::path(each).parent_path(), ignored);
  log.file_ = ::open(log.path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, log_mode);
  if (log.file_ < 0) return failure(log.path_, errno);
  struct stat info{};
  if (::fstat(log.file_, &info) != 0) return failure(log.path_, errno);
  const auto saved = read_position(log.position_path_);
  if (saved && saved->size <= static_cast<std::uint64_t>(info.st_size)) {
    log.size_ = saved->size;
    log.position_ = saved->position;
  }
  if (::ftruncate(log.file_, static_cast<off_t>(log.size_)) != 0) return failure(log.path_, errno);
  log.position_file_ =
      ::open(log.position_path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, position_mode);
  if (log.position_file_ < 0) return failure(log.position_path_, errno);
  if (const auto written = log.write_position(); !written) return std::unexpected(written.error());
  return log;
}

std::expected<void, std::string> LogFile::append(std::string_view bytes,
                                                 const LogPosition& position) {
  if (const auto written = write_all(file_, bytes, size_); !written)
    return failure(path_, written.error());
  size_ += bytes.size();
  position_ = position;
  return write_position();
}

std::expected<void, std::string> LogFile::write_position() {
  std::string line = std::to_string(size_) + " " +
                     (position_.newest.empty() ? "-" : position_.newest) + " " +
                     std::to_string(position_.whole) + " " + std::to_string(position_.part);
  line.resize(std::max(line.size(), position_size), ' ');
  line += '\n';
  if (const auto written = write_all(position_file_, line, 0); !written)
    return failure(position_path_, written.error());
  return {};
}

void LogFile::finish() {
  ::unlink(position_path_.c_str());
}

}  // namespace copse::runner::logs
