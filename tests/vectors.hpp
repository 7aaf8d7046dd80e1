#pragma once
// Lines of a gzipped file of JSON lines: what Druid's own classes answered.

#include <cstddef>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <zlib.h>

namespace copse::tests {

/// Folder of test data, as the build knows it.
inline std::string data_path(std::string_view name) {
  return std::string(COPSE_TEST_DATA) + "/" + std::string(name);
}

/// The lines of `tests/data/NAME`. An unreadable file has none: every test states how many it
/// expects.
inline std::vector<std::string> gzipped_lines(std::string_view name) {
  std::vector<std::string> lines;
  gzFile file = gzopen(data_path(name).c_str(), "rb");
  if (file == nullptr) return lines;
  std::string line;
  std::string buffer(1 << 16, '\0');
  for (int n = 0; (n = gzread(file, buffer.data(), static_cast<unsigned>(buffer.size()))) > 0;) {
    for (const char c : std::string_view(buffer).substr(0, static_cast<std::size_t>(n))) {
      if (c == '\n') {
        lines.push_back(std::move(line));
        line.clear();
      } else {
        line += c;
      }
    }
  }
  gzclose(file);
  if (!line.empty()) lines.push_back(std::move(line));
  return lines;
}

}  // namespace copse::tests
