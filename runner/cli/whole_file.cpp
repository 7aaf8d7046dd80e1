#include "runner/cli/whole_file.hpp"

#include <filesystem>
#include <fstream>
#include <system_error>

#include <unistd.h>

namespace copse::runner::cli {

namespace fs = std::filesystem;

std::expected<void, std::string> replace_file(const std::string& path,
                                              std::span<const std::byte> bytes) {
  std::error_code failed;
  const bool exists = fs::exists(path, failed);
  const fs::path target = exists ? fs::canonical(path, failed) : fs::path(path);
  const std::string beside = target.string() + ".copse-" + std::to_string(::getpid());
  std::ofstream file(beside, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) failed = std::error_code(errno, std::generic_category());
  if (!failed && exists) fs::permissions(beside, fs::status(target).permissions(), failed);
  if (!failed) fs::rename(beside, target, failed);
  if (!failed) return {};
  std::error_code ignored;
  fs::remove(beside, ignored);
  return std::unexpected(failed.message());
}

}  // namespace copse::runner::cli
