#pragma once
// What a fuzz target and the program around it are to each other.
//
// A target is one .cpp: LLVMFuzzerTestOneInput, which checks the promises that hold for every
// input, and plan(), which says where to begin. `driver.cpp` makes a program of it that runs in the
// ordinary suites; the function is libFuzzer's, for those who have that.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// Reads one input. Throws where a promise is broken, which libFuzzer takes for a crash.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace copse::tests {

/// A promise that an input broke.
struct Broken : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Seed {
  std::string name;
  std::string bytes;
};

/// Where mutations begin.
struct FuzzPlan {
  std::vector<Seed> seeds;          ///< made by hand; files may be added
  std::vector<std::string> tokens;  ///< pieces that mean something to the reader, not empty
  std::size_t kept = 0;             ///< bytes in front without which nothing is read; left alone
};

[[nodiscard]] FuzzPlan plan();

/// What `work` had at most of operator new's memory at one time, in bytes, beyond what there was.
/// One thread only.
[[nodiscard]] std::size_t peak_bytes(const std::function<void()>& work);

/// `seed` changed at one to four places: bits, bytes, tokens, cuts, repetitions, and pieces of
/// `other`. Decided by `number` alone.
[[nodiscard]] std::string mutated(const FuzzPlan& plan, std::string_view seed,
                                  std::string_view other, std::uint32_t number);

}  // namespace copse::tests
