#pragma once
// For explaining: which of 64 rules at a time a task's values may pass, a bit a rule.
//
// To find near misses rule by rule costs a look at memory for each test. Here a rule that two
// attributes surely stop is passed over with 63 others at once. What is left is a superset of the
// rules that lack one test: whoever asks judges those one by one. Decisions read nothing of this.

#include "engine/facts.hpp"
#include "engine/image.hpp"

#include <array>
#include <cstdint>

namespace copse::engine {

/// Rules whose bits stand together.
inline constexpr std::uint32_t rules_a_block = 64;

/// Words that one attribute has in a block: one for each of its atoms, or where it has more, for
/// each of so many classes of them.
inline constexpr std::uint32_t passing_classes = 64;

/// Words of a block in all: 65 bytes a rule. Attributes that find no room have none, and are taken
/// to let every rule pass.
inline constexpr std::uint32_t passing_words_limit = 520;

/// Fills Image::passing and Image::passing_columns of an image that has its rules and tests.
void add_passing(Image& image);

/// Words of one block of an image that has some.
[[nodiscard]] std::uint32_t passing_words(const Image& image);

/// What would send a reader astray; empty when nothing does.
[[nodiscard]] std::string passing_fault(const Image& image);

/// One task's look at them.
class Passing {
 public:
  /// `atoms` are those of the image's attributes.
  Passing(const Image& image, const std::array<Atom, attribute_limit>& atoms);

  /// Of a block of rules those that one attribute may stop, and no more than one surely does.
  struct Left {
    std::uint64_t of_one_test;
    std::uint64_t of_several;
  };

  [[nodiscard]] Left left(std::uint32_t block) const;

 private:
  const std::uint64_t* bits_;
  std::uint32_t words_;
  std::uint32_t columns_;
  std::array<std::uint32_t, attribute_limit> at_;  // as many as there are columns
};

}  // namespace copse::engine
