// A decision allocates nothing: counted by replacing the global operator new of this program.
#include "engine/compile.hpp"
#include "engine/evaluate.hpp"
#include "tests/engine/worlds.hpp"

#include <cstdlib>
#include <new>

#include <catch2/catch.hpp>

namespace {

std::size_t allocations = 0;

}  // namespace

// WHY noinline: else GCC sees that malloc's memory goes to operator delete, or the other way round,
// and warns.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}

// std::stable_sort asks for its room this way.
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size);
}

[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}

[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

using namespace copse::engine;

TEST_CASE("reading facts and deciding allocate nothing once the reader is warm", "[engine]") {
  copse::tests::Worlds random(3);
  PolicySet policies;
  policies.placement = random.policy(200);
  policies.runner = random.runner_policy();
  const auto image = compile(policies, {{"base"}, true});
  REQUIRE(image);
  FactReader reader(image->attributes);
  std::vector<std::string> documents;
  for (int i = 0; i < 500; ++i) {
    std::string document = random.task().document;
    document.reserve(document.size() + document_padding);
    documents.push_back(std::move(document));
  }
  const auto decide_all = [&] {
    std::uint32_t sum = 0;
    for (const std::string& document : documents) {
      const auto facts = reader.read(document);
      sum += facts ? static_cast<std::uint32_t>(evaluate(*image, *facts).placement.outcome) : 0;
    }
    return sum;
  };
  const std::uint32_t warm = decide_all();
  const std::size_t before = allocations;
  const std::uint32_t again = decide_all();
  CHECK(allocations - before == 0);
  CHECK(again == warm);
}
