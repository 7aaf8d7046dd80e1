#pragma once
// A folder of its own that lives as long as the value.

#include <expected>
#include <string>
#include <utility>

namespace copse::runner::cli {

class Scratch {
 public:
  /// A new, empty folder below TMPDIR (else /tmp). Fails with the system's reason.
  [[nodiscard]] static std::expected<Scratch, std::string> make(const std::string& prefix);

  Scratch(Scratch&& other) noexcept;
  Scratch& operator=(Scratch&& other) noexcept;
  /// Removes the folder and all in it.
  ~Scratch();

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  explicit Scratch(std::string path) : path_(std::move(path)) {}

  std::string path_;  // empty: moved away
};

}  // namespace copse::runner::cli
