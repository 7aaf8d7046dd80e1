#pragma once
// Postings of a list of bits that the values of a task let pass: the words of the values are
// and-ed, a line of them or two at once, in registers (SSE 4.1, which every x86-64-v2 has). All
// stands in this header because a call would cost as much as the work.

#include "engine/image.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <utility>

#include <smmintrin.h>

namespace copse::engine {

/// By attribute; entries that no attribute has are not written.
using Atoms = std::array<Atom, attribute_limit>;

/// Which of 512 postings are left: a line of words in registers.
/// WHY members: GCC would leave an array of them in memory. The same of two lines, below.
class BitLine {
 public:
  static constexpr std::uint32_t words = BitList::line;
  static constexpr std::uint32_t halves = 2 * words;  // of words

  /// `from` and `room` are multiples of sixteen bytes, here and below.
  [[gnu::always_inline]] explicit BitLine(const std::uint64_t* from)
      : a_(part(from, 0)), b_(part(from, 1)), c_(part(from, 2)), d_(part(from, 3)) {}

  /// Those that the words from there on have, too.
  [[gnu::always_inline]] void keep(const std::uint64_t* from) {
    a_ = _mm_and_si128(a_, part(from, 0));
    b_ = _mm_and_si128(b_, part(from, 1));
    c_ = _mm_and_si128(c_, part(from, 2));
    d_ = _mm_and_si128(d_, part(from, 3));
  }

  /// A bit for each half of a word in which some is left.
  [[nodiscard, gnu::always_inline]] std::uint32_t not_zero() const {
    // Packing saturates: what is not zero stays so.
    const __m128i bytes = _mm_packs_epi16(_mm_packs_epi32(a_, b_), _mm_packs_epi32(c_, d_));
    const int zero = _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_setzero_si128()));
    return static_cast<std::uint32_t>(zero) ^ 0xFFFFU;
  }

  [[gnu::always_inline]] void store(std::uint32_t* room) const {
    auto* const parts = reinterpret_cast<__m128i*>(room);
    _mm_store_si128(parts, a_);
    _mm_store_si128(parts + 1, b_);
    _mm_store_si128(parts + 2, c_);
    _mm_store_si128(parts + 3, d_);
  }

 private:
  static_assert(BitList::line == 8);

  [[gnu::always_inline]] static __m128i part(const std::uint64_t* from, int at) {
    return _mm_load_si128(reinterpret_cast<const __m128i*>(from) + at);
  }

  __m128i a_;
  __m128i b_;
  __m128i c_;
  __m128i d_;
};

/// Which of 1,024 postings are left.
class TwoBitLines {
 public:
  static constexpr std::uint32_t words = 2 * BitLine::words;
  static constexpr std::uint32_t halves = 2 * words;

  [[gnu::always_inline]] explicit TwoBitLines(const std::uint64_t* from)
      : first_(from), second_(from + BitLine::words) {}

  [[gnu::always_inline]] void keep(const std::uint64_t* from) {
    first_.keep(from);
    second_.keep(from + BitLine::words);
  }

  [[nodiscard, gnu::always_inline]] std::uint32_t not_zero() const {
    return first_.not_zero() | second_.not_zero() << BitLine::halves;
  }

  [[gnu::always_inline]] void store(std::uint32_t* room) const {
    first_.store(room);
    second_.store(room + BitLine::halves);
  }

 private:
  BitLine first_;
  BitLine second_;
};

/// What all attributes of a list let pass, of a word that is all of it.
[[gnu::always_inline]] inline std::uint64_t left_of_word(const Image& image, const BitList& list,
                                                         const Atoms& atoms) {
  const BitColumn* column = image.bit_columns.data() + list.first_column;
  const BitColumn* const end = column + list.columns;
  std::uint64_t left = ~std::uint64_t{0};
  for (; column != end; ++column) {
    left &= image.bits.data()[column->first + std::to_underlying(atoms[column->attribute])];
    __asm__("" : "+r"(left));  // WHY: GCC would gather a few words by twice as many instructions
  }
  return left;
}

/// Where the words of a column stand that the task's value lets pass.
[[gnu::always_inline]] inline const std::uint64_t* words_of(const Image& image,
                                                            const BitColumn& column,
                                                            const Atoms& atoms,
                                                            std::uint32_t words) {
  return image.bits.data() + column.first + std::to_underlying(atoms[column.attribute]) * words;
}

/// What all attributes of a list of so many words let pass, of what begins at one.
template <class Lines>
[[gnu::always_inline]] inline Lines left_of_lines(const Image& image, const BitList& list,
                                                  const Atoms& atoms, std::uint32_t words,
                                                  std::uint32_t at) {
  const BitColumn* column = image.bit_columns.data() + list.first_column;
  const BitColumn* const end = column + list.columns;
  Lines left(words_of(image, *column, atoms, words) + at);
  while (++column != end) left.keep(words_of(image, *column, atoms, words) + at);
  return left;
}

/// Calls `is_enough` with one posting after another, until it says so.
[[gnu::always_inline]] inline bool each_bit(std::uint64_t left, const Posting* postings,
                                            auto is_enough) {
  for (; left != 0; left &= left - 1) {
    if (is_enough(postings[std::countr_zero(left)])) return true;
  }
  return false;
}

[[gnu::always_inline]] inline void each_left(const Image& image, const BitList& list,
                                             const Atoms& atoms, auto is_enough) {
  const Posting* postings = image.postings.data() + list.first_posting;
  const std::uint32_t words = list.words();
  if (words == 1) return void(each_bit(left_of_word(image, list, atoms), postings, is_enough));
  for (std::uint32_t at = 0; at < words; at += BitList::line, postings += 64 * BitList::line) {
    const auto line = left_of_lines<BitLine>(image, list, atoms, words, at);
    std::uint32_t some = line.not_zero();
    if (some == 0) continue;
    alignas(16) std::array<std::uint32_t, BitLine::halves> left;
    line.store(left.data());
    for (; some != 0; some &= some - 1) {
      const auto half = static_cast<std::size_t>(std::countr_zero(some));
      if (each_bit(left[half], postings + 32 * half, is_enough)) return;
    }
  }
}

/// Which posting the columns let pass first: its place in the list and all ones, or two zeros.
struct FirstLeft {
  std::uint32_t at;
  std::uint32_t found;

  FirstLeft(std::uint32_t place, bool is_there)
      : at(place & (0U - static_cast<std::uint32_t>(is_there))),
        found(0U - static_cast<std::uint32_t>(is_there)) {}
};

[[gnu::always_inline]] inline FirstLeft first_of_word(const Image& image, const BitList& list,
                                                      const Atoms& atoms) {
  constexpr std::uint64_t beyond = std::uint64_t{1} << 63U;
  const std::uint64_t left = left_of_word(image, list, atoms);
  return {static_cast<std::uint32_t>(std::countr_zero(left | beyond)), left != 0};
}

template <class Lines>
[[gnu::always_inline]] inline FirstLeft first_of_lines(const Image& image, const BitList& list,
                                                       const Atoms& atoms) {
  static_assert(Lines::halves <= 32);
  const auto left = left_of_lines<Lines>(image, list, atoms, Lines::words, 0);
  alignas(16) std::array<std::uint32_t, Lines::halves> stored;
  left.store(stored.data());
  const std::uint32_t some = left.not_zero();
  const auto half = static_cast<std::uint32_t>(std::countr_zero(some | 1U << (Lines::halves - 1)));
  const auto bit = static_cast<std::uint32_t>(std::countr_zero(stored[half] | 1U << 31U));
  return {32 * half + bit, some != 0};
}

/// Whether there is one, and in which word, takes no branch: nobody could foresee it. The list has
/// BitList::short_list postings at most.
[[gnu::always_inline]] inline FirstLeft first_left(const Image& image, const BitList& list,
                                                   const Atoms& atoms) {
  static_assert(BitList::short_list == 64 * TwoBitLines::words);
  if (list.postings <= 64) return first_of_word(image, list, atoms);
  return list.postings <= 64 * BitLine::words ? first_of_lines<BitLine>(image, list, atoms)
                                              : first_of_lines<TwoBitLines>(image, list, atoms);
}

}  // namespace copse::engine
