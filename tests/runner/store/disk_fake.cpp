#include "tests/runner/store/disk_fake.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

namespace copse::tests {
namespace {

std::string contents_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(std::filesystem::file_size(path), '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  return text;
}

}  // namespace

runner::store::Disk DiskFake::disk() {
  runner::store::Disk fake;
  fake.write = [this, real = runner::store::real_disk()](
                   int file, std::string_view bytes,
                   std::uint64_t offset) mutable -> std::expected<std::size_t, int> {
    const std::lock_guard guard(mutex_);
    before();
    meet(file);
    // A write may stop anywhere, and does.
    std::size_t size = bytes.size() > 1 ? bytes.size() / 2 : bytes.size();
    if (space_) {
      size = std::min<std::size_t>(size, *space_);
      if (size == 0) return std::unexpected(ENOSPC);
      *space_ -= size;
    }
    return real.write(file, bytes.substr(0, size), offset);
  };
  fake.sync_data = [this](int file) { return sync(file, true); };
  fake.sync = [this](int file) { return sync(file, false); };
  fake.truncate = [this, real = runner::store::real_disk()](int file, std::uint64_t size) mutable {
    const std::lock_guard guard(mutex_);
    before();
    if (failing_truncates_ > 0) return --failing_truncates_, EIO;
    return real.truncate(file, size);
  };
  fake.rename = [this, real = runner::store::real_disk()](const std::string& from,
                                                          const std::string& to) mutable {
    const std::lock_guard guard(mutex_);
    before();
    if (failing_renames_ > 0) return --failing_renames_, EIO;
    return real.rename(from, to);
  };
  return fake;
}

int DiskFake::sync(int file, bool data_only) {
  std::unique_lock guard(mutex_);
  before();
  if (data_only && hold_) {
    held_ = true;
    changed_.notify_all();
    changed_.wait(guard, [this] { return !hold_; });
    held_ = false;
  }

  const Inode inode = meet(file);
  if (std::filesystem::is_directory("/proc/self/fd/" + std::to_string(file))) {
    if (failing_folder_syncs_ > 0) return --failing_folder_syncs_, EIO;
    durable_names_ = names();
    return 0;
  }
  if (failing_syncs_ > 0) {
    spoiled_.insert(inode);
    return --failing_syncs_, EIO;
  }
  if (spoiled_.contains(inode)) return 0;
  durable_contents_[inode] = contents_of("/proc/self/fd/" + std::to_string(file));
  return 0;
}

DiskFake::Inode DiskFake::meet(int file) {
  struct stat info{};

  ::fstat(file, &info);
  if (!met_.contains(info.st_ino)) met_.emplace(info.st_ino, ::dup(file));
  return info.st_ino;
}

void DiskFake::set_space(std::optional<std::uint64_t> bytes) {
  const std::lock_guard guard(mutex_);
  space_ = bytes;
}

void DiskFake::fail_syncs(int count) {
  const std::lock_guard guard(mutex_);
  failing_syncs_ = count;
}

void DiskFake::fail_folder_syncs(int count) {
  const std::lock_guard guard(mutex_);
  failing_folder_syncs_ = count;
}

void DiskFake::fail_truncates(int count) {
  const std::lock_guard guard(mutex_);
  failing_truncates_ = count;
}

void DiskFake::fail_renames(int count) {
  const std::lock_guard guard(mutex_);
  failing_renames_ = count;
}

int DiskFake::failing_renames() {
  const std::lock_guard guard(mutex_);
  return failing_renames_;
}

void DiskFake::hold_sync() {
  const std::lock_guard guard(mutex_);
  hold_ = true;
}

void DiskFake::wait_until_held() {
  std::unique_lock guard(mutex_);
  changed_.wait(guard, [this] { return held_; });
}

void DiskFake::release() {
  const std::lock_guard guard(mutex_);
  hold_ = false;
  changed_.notify_all();
}

void DiskFake::record_crashes(std::function<std::size_t()> promised) {
  const std::lock_guard guard(mutex_);
  promised_ = std::move(promised);
}

CrashImage DiskFake::image() {
  const std::lock_guard guard(mutex_);
  return image_now();
}

std::vector<CrashImage> DiskFake::take_images() {
  const std::lock_guard guard(mutex_);
  return std::exchange(images_, {});
}

void DiskFake::before() {
  if (promised_) images_.push_back(image_now());
}

CrashImage DiskFake::image_now() const {
  const auto now = names();
  const Files written = current();
  std::map<Inode, std::string> written_by_inode = durable_contents_;
  for (const auto& [name, inode] : now) written_by_inode[inode] = written.at(name);
  const auto picture = [](const auto& names, const auto& contents) {
    Files files;
    for (const auto& [name, inode] : names) {
      const auto found = contents.find(inode);
      files[name] = found == contents.end() ? "" : found->second;
    }
    return files;
  };
  return {{picture(durable_names_, durable_contents_), picture(durable_names_, written_by_inode),
           picture(now, durable_contents_), picture(now, written_by_inode)},
          promised_ ? promised_() : 0};
}

Files DiskFake::current() const {
  Files files;
  for (const auto& [name, inode] : names()) files[name] = contents_of(folder_ + "/" + name);
  return files;
}

std::map<std::string, DiskFake::Inode> DiskFake::names() const {
  std::map<std::string, Inode> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    struct stat info{};

    const std::string name = entry.path().filename().string();
    if (name != "lock" && ::stat(entry.path().c_str(), &info) == 0) found[name] = info.st_ino;
  }
  return found;
}

}  // namespace copse::tests
