#pragma once
// The answers of Druid's own classes as lines of JSON, and a way to show where ours differ.

#include <string>
#include <string_view>
#include <vector>

namespace copse::tests {

/// The lines of tests/data/vectors/NAME.jsonl.gz. Empty when the file cannot be read.
std::vector<std::string> vector_lines(std::string_view name);

/// The text of a file; empty when it cannot be read.
std::string file_text(const std::string& path);

/// Collects differences: all are counted, the first few are shown.
class Differences {
 public:
  void add(std::string_view where, std::string_view expected, std::string_view actual);

  [[nodiscard]] std::size_t count() const { return count_; }

  [[nodiscard]] const std::string& shown() const { return shown_; }

 private:
  std::size_t count_ = 0;
  std::string shown_;
};

}  // namespace copse::tests
