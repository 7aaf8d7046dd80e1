#include "runner/store/lock.hpp"

#include <array>
#include <cerrno>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace copse::runner::store {
namespace {

/// Bytes of the holder's name that are shown.
constexpr std::size_t holder_limit = 100;

std::string myself() {
  std::array<char, holder_limit> host{};
  ::gethostname(host.data(), host.size() - 1);
  return "process " + std::to_string(::getpid()) + " on " + host.data();
}

}  // namespace

std::expected<Descriptor, Failure> lock_folder(const std::string& folder) {
  const std::string path = (std::filesystem::path(folder) / "lock").string();
  auto file = open_path(path, O_RDWR | O_CREAT);
  if (!file) return std::unexpected(from_errno(path, "open it for writing", file.error()));
  while (::flock(file->number(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return std::unexpected(from_errno(path, "lock it", errno));
    std::string holder = read_bytes(file->number(), holder_limit).value_or("");
    if (holder.empty()) holder = "another process";
    return std::unexpected(Failure{
        Failure::Kind::held,
        folder + ": " + holder +
            " works on this folder; stop that copse first, or name another folder in `copse.state`",
        true});
  }
  // The name is a courtesy: a full disk is said by whoever writes something that matters.
  const std::string name = myself();
  if (::ftruncate(file->number(), 0) == 0) {
    [[maybe_unused]] const auto written = ::pwrite(file->number(), name.data(), name.size(), 0);
  }
  return std::move(*file);
}

}  // namespace copse::runner::store
