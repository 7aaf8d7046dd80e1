#include "runner/cli/file_state.hpp"

#include <cerrno>

#include <sys/stat.h>

namespace copse::runner::cli {
namespace {

std::string text_of(const timespec& time) {
  return std::to_string(time.tv_sec) + "." + std::to_string(time.tv_nsec);
}

std::string state_of(const std::string& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) return "error " + std::to_string(errno);
  // WHY the time of the last change, too: that of the last write can be set, and new rights leave
  // it as it was.
  return std::to_string(found.st_dev) + "|" + std::to_string(found.st_ino) + "|" +
         std::to_string(found.st_size) + "|" + text_of(found.st_mtim) + "|" +
         text_of(found.st_ctim);
}

}  // namespace

std::string file_state(const std::vector<std::string>& paths) {
  std::string state;
  for (const std::string& path : paths) {
    if (!path.empty()) state += path + "|" + state_of(path) + "\n";
  }
  return state;
}

}  // namespace copse::runner::cli
