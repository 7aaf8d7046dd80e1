#pragma once
// The beginning of a text in sixteen bytes, whatever the text is: compared and hashed at once,
// without a branch on its length.
//
// A text of up to sixteen bytes stands in it whole, filled up with bytes that no UTF-8 has. Of a
// longer one the first sixteen do, and of their first the highest bit is turned: no UTF-8 begins
// so, hence no short text is taken for a long one.

#include <array>
#include <cstddef>
#include <cstring>
#include <string_view>

#include <smmintrin.h>

namespace copse::engine {

/// Bytes from the beginning of a text that look-ups read, whether the text has them or not.
inline constexpr std::size_t text_padding = 32;

struct TextHead {
  static constexpr std::size_t size = 16;
  static constexpr unsigned char filler = 0xFF;
  static constexpr unsigned char vacant = 0xFD;  ///< of a slot without a text
  static constexpr unsigned char no_text = 0xFC;

  /// Like the head of no text and of no vacant slot: no UTF-8 has these three bytes.
  alignas(size) std::array<unsigned char, size> bytes = [] {
    std::array<unsigned char, size> made{};
    made.fill(no_text);
    return made;
  }();

  /// `text` is UTF-8, and text_padding bytes from where it begins can be read.
  [[nodiscard]] static TextHead of_padded(std::string_view text) {
    TextHead made;
    const bool is_long = text.size() > size;
    const std::size_t known = is_long ? size : text.size();
    const __m128i filled = _mm_or_si128(load(text.data()), load(filling.data() + size - known));
    const __m128i head = _mm_xor_si128(filled, load(turning.data() + (is_long ? size : 0)));
    std::memcpy(made.bytes.data(), &head, sizeof head);
    return made;
  }

  [[nodiscard]] __m128i word() const {
    return _mm_load_si128(reinterpret_cast<const __m128i*>(bytes.data()));
  }

  static __m128i load(const void* from) {
    return _mm_loadu_si128(static_cast<const __m128i*>(from));
  }

 private:
  // What sixteen bytes are filled up with, from `size - known` on.
  static constexpr auto filling = [] {
    std::array<unsigned char, 2 * size> made{};
    for (std::size_t i = size; i < made.size(); ++i) made[i] = filler;
    return made;
  }();

  // What is turned: nothing, or from `size` on the highest bit of the first byte.
  static constexpr auto turning = [] {
    std::array<unsigned char, 2 * size> made{};
    made[size] = 0x80;
    return made;
  }();
};

}  // namespace copse::engine
