// TARGET [--rounds N] [--trace] [FILE|FOLDER…]: gives the target each of its seeds and each file,
// and N mutations of each; the same ones every time. A seed with all its mutations is one case.
//
// An input that breaks a promise is shown in hexadecimal digits. One that ends the program is the
// last that --trace names: `NAME` or `NAME+NUMBER` for its mutation.
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace {

using namespace copse::tests;

// Enough for mutations to meet every bound of the readers, few enough for seconds under sanitizers.
constexpr std::uint32_t default_rounds = 300;

// Of an input that broke a promise, bytes that are shown.
constexpr std::size_t shown_bytes = 4096;

struct Options {
  std::uint32_t rounds = default_rounds;
  bool is_traced = false;
  std::vector<std::filesystem::path> files;
};

Options options_of(int count, char** arguments) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--trace") {
      options.is_traced = true;
    } else if (argument == "--rounds" && i + 1 < count) {
      const std::string_view number = arguments[++i];
      std::from_chars(number.data(), number.data() + number.size(), options.rounds);
    } else if (std::filesystem::is_directory(argument)) {
      for (const auto& entry : std::filesystem::directory_iterator(argument))
        options.files.push_back(entry.path());
    } else {
      options.files.emplace_back(argument);
    }
  }
  std::sort(options.files.begin(), options.files.end());
  return options;
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes.substr(0, shown_bytes)) {
    out += digits[static_cast<unsigned char>(c) >> 4U];
    out += digits[static_cast<unsigned char>(c) & 15U];
  }
  return bytes.size() > shown_bytes ? out + "…" : out;
}

bool holds(const std::string& name, std::string_view input, bool is_traced) {
  if (is_traced) std::fprintf(stderr, "%s\n", name.c_str());
  try {
    // WHY a vector of its very size: the address sanitizer sees a read beyond its end.
    const std::vector<std::uint8_t> bytes(input.begin(), input.end());
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    return true;
  } catch (const std::exception& fault) {
    std::printf("%s: %s\n  %s\n", name.c_str(), fault.what(), hex(input).c_str());
    return false;
  }
}

}  // namespace

int main(int count, char** arguments) {
  const Options options = options_of(count, arguments);
  FuzzPlan plan = copse::tests::plan();
  for (const std::filesystem::path& path : options.files) {
    std::ifstream in(path, std::ios::binary);
    plan.seeds.push_back({path.filename(), {std::istreambuf_iterator<char>(in), {}}});
  }
  std::uint32_t number = 0;
  std::size_t failed = 0;
  for (const Seed& seed : plan.seeds) {
    bool is_good = holds(seed.name, seed.bytes, options.is_traced);
    // One fault of a seed is enough to read.
    for (std::uint32_t round = 0; is_good && round < options.rounds; ++round) {
      const Seed& other = plan.seeds[round % plan.seeds.size()];
      const std::string input = mutated(plan, seed.bytes, other.bytes, number + round);
      is_good = holds(seed.name + "+" + std::to_string(round), input, options.is_traced);
    }
    number += options.rounds;
    if (!is_good) ++failed;
  }
  std::printf("%zu passed, %zu failed\n", plan.seeds.size() - failed, failed);
  return failed == 0 ? 0 : 1;
}
