#include "runner/bench/process.hpp"

#include <filesystem>
#include <iterator>

#include <malloc.h>

namespace copse::runner::bench {

double heap_bytes() {
  const auto info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd);
}

std::uint32_t threads() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<std::uint32_t>(std::distance(begin(tasks), end(tasks)));
}

}  // namespace copse::runner::bench
