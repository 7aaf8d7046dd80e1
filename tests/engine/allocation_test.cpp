// A decision allocates nothing: counted by replacing the global operator new of this program.
#include "engine/compile.hpp"
#include "engine/evaluate.hpp"
#include "tests/engine/worlds.hpp"

#include <algorithm>
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

namespace {

using copse::tests::Worlds;

// The most allocations of one decision, its facts read anew, once everything is warm.
std::size_t most_allocations(const PolicySet& policies, std::vector<Worlds::Task> tasks) {
  const auto image = compile(policies, {{"base"}, true});
  REQUIRE(image);
  FactReader reader(image->attributes);
  for (Worlds::Task& task : tasks) task.document.reserve(task.document.size() + document_padding);
  std::size_t most = 0;
  const auto decide_all = [&] {
    std::uint32_t sum = 0;
    most = 0;
    for (const Worlds::Task& task : tasks) {
      const std::size_t before = allocations;
      const auto facts = reader.read(task.document, task.circumstances);
      sum += facts ? static_cast<std::uint32_t>(evaluate(*image, *facts).placement.outcome) : 0;
      most = std::max(most, allocations - before);
    }
    return sum;
  };
  const std::uint32_t warm = decide_all();
  CHECK(decide_all() == warm);
  return most;
}

}  // namespace

TEST_CASE("reading facts and deciding allocate nothing once the reader is warm", "[engine]") {
  Worlds random(3);
  random.regexes(false);
  PolicySet policies;
  policies.placement = random.policy(200);
  policies.runner = random.runner_policy();
  std::vector<Worlds::Task> tasks;
  for (int i = 0; i < 500; ++i) tasks.push_back(random.task());
  CHECK(most_allocations(policies, tasks) == 0);
}

TEST_CASE("with regexes a decision allocates what RE2 needs for the hits of a set", "[engine]") {
  PolicySet policies;
  for (int i = 0; i < 30; ++i) {
    Rule rule;
    rule.name = "r" + std::to_string(i);
    Test test;
    test.attribute = data_source_attribute();
    test.patterns = {
        {Pattern::Kind::regex, std::string(".*[") + static_cast<char>('a' + i % 20) + "].*"}};
    test.if_listed = i < 29 ? Verdict::yes : Verdict::no;
    rule.tests = {test, test};
    rule.tests[1].attribute = type_attribute();
    policies.placement.rules.push_back(rule);
  }
  Worlds::Task task;
  task.document = R"({"type":"index","dataSource":"abcdefghijklmnopqrst"})";
  const std::size_t most = most_allocations(policies, {task});
  // More than single_regex_limit are possible. The list of hits grows to twenty; RE2 has work of
  // its own.
  CHECK(most > 0);
  CHECK(most <= 9);
}
