#include "engine/simplify.hpp"

#include "tests/engine/worlds.hpp"

#include <algorithm>
#include <variant>

#include <catch2/catch.hpp>

using namespace copse::engine;
using copse::tests::ask;
using copse::tests::IllTyped;
using copse::tests::Values;
using copse::tests::Worlds;

namespace {

Test texts(std::vector<std::string> values, bool all_but = false, Verdict if_absent = Verdict::no) {
  return {.attribute = type_attribute(),
          .values = std::move(values),
          .if_listed = all_but ? Verdict::no : Verdict::yes,
          .if_other = all_but ? Verdict::yes : Verdict::no,
          .if_absent = if_absent};
}

Test numbers(std::vector<Range> ranges, bool all_but = false) {
  return {.attribute = Worlds::number_attribute(ValueType::integer),
          .ranges = std::move(ranges),
          .if_listed = all_but ? Verdict::no : Verdict::yes,
          .if_other = all_but ? Verdict::yes : Verdict::no};
}

Range range(std::int64_t first, std::int64_t last) {
  return {Number{first, 0}, Number{last, 0}};
}

std::optional<std::vector<Test>> simplified(std::vector<Test> tests) {
  Rule rule;
  rule.tests = std::move(tests);
  return simplify(rule);
}

bool all_say_yes(const std::vector<Test>& tests, const Values& values) {
  return std::all_of(tests.begin(), tests.end(),
                     [&](const Test& test) { return ask(test, values) == Verdict::yes; });
}

}  // namespace

TEST_CASE("tests of one attribute become one", "[simplify]") {
  CHECK(simplified({texts({"a", "b", "c"}), texts({"c", "b"})}) == std::vector{texts({"b", "c"})});
  CHECK(simplified({texts({"a", "b"}), texts({"b"}, true)}) == std::vector{texts({"a"})});
  CHECK(simplified({texts({"a"}, true), texts({"b"}, true)}) ==
        std::vector{texts({"a", "b"}, true)});
  CHECK(simplified({numbers({range(0, 9), range(20, 29)}), numbers({range(5, 24)})}) ==
        std::vector{numbers({range(5, 9), range(20, 24)})});
  CHECK(simplified({numbers({range(0, 9)}), numbers({range(3, 4)}, true)}) ==
        std::vector{numbers({Range{{0, 0}, before({3, 0})}, Range{next({4, 0}), {9, 0}}})});
}

TEST_CASE("a test that says yes to everything is left out", "[simplify]") {
  Test always = texts({}, true, Verdict::yes);
  CHECK_FALSE(simplified({always}));  // a number where the type stands is no text
  always.if_ill_typed = Verdict::yes;
  CHECK(simplified({always}) == std::vector<Test>{});
  CHECK(simplified({always, numbers({range(0, 9)})}) == std::vector{numbers({range(0, 9)})});
}

TEST_CASE("a rule that no task can match keeps the test that says so", "[simplify]") {
  const auto made = simplified({texts({"a"}), numbers({range(0, 9)}), texts({"b"})});
  REQUIRE(made);
  CHECK(*made == std::vector{texts({})});
}

TEST_CASE("nothing is changed where a test may fail, or there is nothing to simplify",
          "[simplify]") {
  Test failing = texts({"a"});
  failing.if_absent = Verdict::fail;
  CHECK_FALSE(simplified({failing, texts({"a"})}));
  CHECK_FALSE(simplified({texts({"a"}), numbers({range(0, 9)})}));
  CHECK_FALSE(simplified({}));
}

TEST_CASE("of well-typed tasks what was simplified asks what was written", "[simplify]") {
  Worlds worlds(11);
  std::size_t changed = 0;
  std::size_t matched = 0;
  for (int n = 0; n < 20'000; ++n) {
    worlds.few_values(n % 3 == 0);
    Rule rule;
    const std::uint32_t count = 1 + worlds.below(5);
    while (rule.tests.size() < count) {
      Test test = worlds.test();
      for (Verdict* each : {&test.if_listed, &test.if_other, &test.if_absent})
        if (*each == Verdict::fail) *each = Verdict::yes;
      rule.tests.push_back(std::move(test));
    }
    const auto made = simplify(rule);
    if (!made) continue;
    ++changed;
    REQUIRE(made->size() <= rule.tests.size());
    for (int i = 0; i < 20; ++i) {
      const Worlds::Task task = worlds.task();
      const bool is_well_typed = std::none_of(
          task.values.begin(), task.values.end(),
          [](const auto& each) { return std::holds_alternative<IllTyped>(each.second); });
      if (!is_well_typed) continue;
      const bool wanted = all_say_yes(rule.tests, task.values);
      matched += wanted ? 1 : 0;
      REQUIRE(all_say_yes(*made, task.values) == wanted);
    }
  }
  CHECK(changed > 5'000);
  CHECK(matched > 1'000);
}
