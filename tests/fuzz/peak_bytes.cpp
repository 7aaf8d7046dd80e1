// Counts by replacing the global operator new of the program.
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>

#include <malloc.h>

namespace {

std::size_t live = 0;
std::size_t peak = 0;

void* counted(void* memory) {
  live += malloc_usable_size(memory);
  peak = std::max(peak, live);
  return memory;
}

void forget(void* memory) {
  live -= malloc_usable_size(memory);
  std::free(memory);
}

}  // namespace

// WHY noinline: else GCC sees that malloc's memory goes to operator delete, or the other way round,
// and warns.
[[gnu::noinline]] void* operator new(std::size_t size) {
  if (void* memory = std::malloc(size)) return counted(memory);
  throw std::bad_alloc();
}

[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return counted(std::malloc(size));
}

[[gnu::noinline]] void operator delete(void* memory) noexcept {
  forget(memory);
}

[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  forget(memory);
}

namespace copse::tests {

std::size_t peak_bytes(const std::function<void()>& work) {
  const std::size_t before = live;
  peak = live;
  work();
  return peak - before;
}

}  // namespace copse::tests
