#include "runner/cli/scratch.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

namespace copse::runner::cli {

std::expected<Scratch, std::string> Scratch::make(const std::string& prefix) {
  std::error_code error;
  const std::filesystem::path base = std::filesystem::temp_directory_path(error);
  std::string path = (error ? std::string("/tmp") : base.string()) + "/" + prefix + "XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) return std::unexpected(path + ": " + std::strerror(errno));
  return Scratch(std::move(path));
}

Scratch::Scratch(Scratch&& other) noexcept : path_(std::exchange(other.path_, {})) {}

Scratch& Scratch::operator=(Scratch&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

Scratch::~Scratch() {
  if (path_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace copse::runner::cli
