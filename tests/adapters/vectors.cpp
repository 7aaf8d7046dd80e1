#include "tests/adapters/vectors.hpp"

#include <array>
#include <fstream>
#include <sstream>

#include <zlib.h>

namespace copse::tests {
namespace {

constexpr std::size_t differences_shown = 5;
constexpr std::size_t characters_shown = 600;

}  // namespace

std::vector<std::string> vector_lines(std::string_view name) {
  const std::string path =
      std::string(COPSE_TEST_DATA) + "/vectors/" + std::string(name) + ".jsonl.gz";
  std::vector<std::string> lines;
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) return lines;
  std::string text;
  std::array<char, 65536> block{};
  for (int count = 1; count > 0;) {
    count = gzread(file, block.data(), static_cast<unsigned>(block.size()));
    if (count > 0) text.append(block.data(), static_cast<std::size_t>(count));
  }
  gzclose(file);
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void Differences::add(std::string_view where, std::string_view expected, std::string_view actual) {
  if (++count_ > differences_shown) return;
  shown_ += "\n" + std::string(where.substr(0, characters_shown)) +
            "\n  Druid: " + std::string(expected.substr(0, characters_shown)) +
            "\n  copse: " + std::string(actual.substr(0, characters_shown)) + "\n";
}

}  // namespace copse::tests
