// An image as a block: the same image again, and nothing that is cut, altered or of another make.
#include "engine/image_file.hpp"

#include "engine/compile.hpp"
#include "engine/evaluate.hpp"
#include "tests/engine/worlds.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <random>
#include <vector>

#include <catch2/catch.hpp>

using namespace copse::engine;

namespace {

using copse::tests::Worlds;

#if defined(__SANITIZE_ADDRESS__)
constexpr std::uint32_t worlds = 100;
constexpr std::uint32_t damages = 2'000;
#else
constexpr std::uint32_t worlds = 1'000;
constexpr std::uint32_t damages = 20'000;
#endif

Image image_of(Worlds& random, std::uint32_t rules) {
  PolicySet policies;
  policies.placement = random.policy(rules);
  auto image = compile(policies, {{"base"}, true});
  REQUIRE(image);
  return std::move(*image);
}

std::vector<std::byte> bytes_of(const Block& block) {
  return {block.bytes.begin(), block.bytes.end()};
}

// A copy of its own, so that reading behind its end is found.
Block block_of(const std::vector<std::byte>& bytes) {
  const std::size_t unit = 64;
  std::shared_ptr<void> memory(
      std::aligned_alloc(unit, (bytes.size() + unit - 1) / unit * unit + unit), std::free);
  if (!bytes.empty()) std::memcpy(memory.get(), bytes.data(), bytes.size());
  const auto* first = static_cast<const std::byte*>(memory.get());
  return {memory, {first, bytes.size()}};
}

std::string fault_of(const std::vector<std::byte>& bytes) {
  const auto read = unpack(block_of(bytes));
  return read ? "" : read.error();
}

}  // namespace

TEST_CASE("an image is the same after it was a block of bytes", "[engine]") {
  Worlds random(11);
  for (std::uint32_t world = 0; world < worlds; ++world) {
    const Image image = image_of(random, 1 + world % 20);
    const std::vector<std::byte> bytes = bytes_of(pack(image, "about it"));
    const auto read = unpack(block_of(bytes));
    REQUIRE(read);
    CHECK(read->about == "about it");
    CHECK(dump(read->image) == dump(image));
    CHECK(read->image.attributes == image.attributes);
    CHECK(read->image.domains == image.domains);
    CHECK(bytes_of(pack(read->image, "about it")) == bytes);
    FactReader reader(image.attributes);
    for (std::uint32_t i = 0; i < 20; ++i) {
      const Worlds::Task task = random.task();
      const auto facts = reader.read(task.document, task.circumstances);
      if (facts) CHECK(evaluate(read->image, *facts) == evaluate(image, *facts));
    }
  }
}

TEST_CASE("equal policies are equal blocks", "[engine]") {
  Worlds one(12);
  Worlds other(12);
  for (std::uint32_t world = 0; world < 50; ++world)
    CHECK(bytes_of(pack(image_of(one, 15))) == bytes_of(pack(image_of(other, 15))));
}

TEST_CASE("a block that was cut anywhere is refused", "[engine]") {
  Worlds random(13);
  std::vector<std::byte> bytes = bytes_of(pack(image_of(random, 12)));
  for (std::size_t size = 0; size < bytes.size(); size += 1 + size / 40) {
    const std::string fault =
        fault_of({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)});
    CHECK(fault.find("it was cut") == 0);
  }
  bytes.push_back(std::byte{0});
  CHECK(fault_of(bytes).find("it was cut") == 0);
}

TEST_CASE("a block of which any bit was altered is refused", "[engine]") {
  Worlds random(14);
  const std::vector<std::byte> bytes = bytes_of(pack(image_of(random, 12)));
  std::mt19937 draw(15);
  for (std::uint32_t i = 0; i < damages; ++i) {
    std::vector<std::byte> damaged = bytes;
    damaged[draw() % damaged.size()] ^= std::byte{1} << draw() % 8;
    CHECK_FALSE(fault_of(damaged).empty());
  }
}

// Such a block is looked at by several threads, and what they find is said as of a small one.
TEST_CASE("a large block is refused for the same", "[engine]") {
  PolicySet policies;
  policies.placement.otherwise.template_key = "base";
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    Rule& rule = policies.placement.rules.emplace_back();
    rule.name = "r" + std::to_string(i);
    rule.outcome.template_key = "base";
    rule.tests.push_back({.attribute = data_source_attribute(), .values = {"d" + rule.name}});
  }
  const auto image = compile(policies, {{"base"}, true});
  REQUIRE(image);
  const std::vector<std::byte> bytes = bytes_of(pack(*image));
  REQUIRE(bytes.size() > std::size_t{1} << 20U);
  CHECK(fault_of(bytes).empty());

  // Wherever a listed text stands first, its table needs it.
  constexpr std::string_view text = "dr12345";
  const auto* const wanted = reinterpret_cast<const std::byte*>(text.data());
  std::vector<std::byte> changed = bytes;
  const auto at = std::search(changed.begin(), changed.end(), wanted, wanted + text.size());
  REQUIRE(at != changed.end());
  *at ^= std::byte{1};
  CHECK(fault_of(changed) == "its bytes were altered: the checksum differs");
  sum_up(changed);
  CHECK(fault_of(changed) ==
        "it would lead decisions astray: domain 0: does not find its own text");
}

TEST_CASE("a block that has not one attribute a domain is refused", "[engine]") {
  Worlds worlds(35);
  const PolicySet policies{.placement = worlds.policy(30)};
  const auto image = compile(policies, {{}, false}, {.together = 2, .far = 2});
  REQUIRE(image);
  REQUIRE(image->far_nodes != Image::no_node);
  Image bad = *image;
  bad.attributes.clear();
  const auto made = unpack(pack(bad));
  REQUIRE_FALSE(made);
  CHECK(made.error().contains("not one domain an attribute"));
}

TEST_CASE("what a block is refused for is said", "[engine]") {
  Worlds random(16);
  const std::vector<std::byte> bytes = bytes_of(pack(image_of(random, 5)));
  const auto with = [&](std::size_t at, std::uint32_t value) {
    std::vector<std::byte> changed = bytes;
    std::memcpy(changed.data() + at, &value, sizeof value);
    return fault_of(changed);
  };
  CHECK(with(0, 0) == "it is no compiled policy");
  CHECK(with(8, image_format + 1) == "it has format 6, and this copse reads 5");
  CHECK(with(12, 0x0403'0201) == "it was compiled on a machine of another byte order");
  CHECK(with(bytes.size() - 4, 0x5555'5555) == "its bytes were altered: the checksum differs");
}
