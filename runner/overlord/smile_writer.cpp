#include "runner/overlord/smile.hpp"
#include "runner/overlord/smile_number.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace copse::runner::overlord {
namespace {

constexpr std::string_view header = ":)\n\x05";
constexpr std::uint32_t table_limit = 1024;
constexpr std::uint32_t short_references = 64;
constexpr std::size_t ascii_name_limit = 64;
constexpr std::size_t name_limit = 56;
constexpr std::size_t short_text_limit = 64;  // bytes
constexpr unsigned end_of_text = 0xFC;

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<signed char>(c) >= 0; });
}

}  // namespace

SmileWriter::SmileWriter() : out_(header) {}

SmileWriter& SmileWriter::begin_object() {
  byte(0xFA);
  return *this;
}

SmileWriter& SmileWriter::end_object() {
  byte(0xFB);
  return *this;
}

SmileWriter& SmileWriter::begin_array() {
  byte(0xF8);
  return *this;
}

SmileWriter& SmileWriter::end_array() {
  byte(0xF9);
  return *this;
}

SmileWriter& SmileWriter::key(std::string_view name) {
  if (name.empty()) {
    byte(0x20);
    return *this;
  }
  const auto known = names_.find(std::string(name));
  if (known != names_.end()) {
    const std::uint32_t index = known->second;
    if (index < short_references) {
      byte(0x40 + index);
    } else {
      byte(0x30 + (index >> 8U));
      byte(index & 0xFFU);
    }
    return *this;
  }
  if (is_ascii(name) && name.size() <= ascii_name_limit) {
    byte(static_cast<unsigned>(0x7F + name.size()));
    out_ += name;
  } else if (!is_ascii(name) && name.size() <= name_limit) {
    byte(static_cast<unsigned>(0xBE + name.size()));
    out_ += name;
  } else {
    byte(0x34);
    out_ += name;
    byte(end_of_text);
  }
  if (next_name_ == table_limit) {
    names_.clear();
    next_name_ = 0;
  }
  // A reference never has a low byte that ends something elsewhere (0xFE, 0xFF): such a name is
  // written out again and gets a new number.
  if ((next_name_ & 0xFFU) < 0xFE) names_.emplace(name, next_name_);
  ++next_name_;
  return *this;
}

SmileWriter& SmileWriter::text(std::string_view value) {
  const bool ascii = is_ascii(value);
  const auto size =
      static_cast<unsigned>(std::min<std::size_t>(value.size(), short_text_limit + 1));
  if (size == 0) {
    byte(0x20);
  } else if (size > short_text_limit) {
    byte(ascii ? 0xE0 : 0xE4);
    out_ += value;
    byte(end_of_text);
  } else {
    byte(ascii ? 0x3F + size : 0x7E + size);
    out_ += value;
  }
  return *this;
}

void SmileWriter::variable(std::uint64_t value) {
  // Six bits in the last byte, seven in those before it.
  unsigned shift = 6;
  while (shift < 64 && value >> shift != 0) shift += 7;
  for (; shift > 6; shift -= 7) byte((value >> (shift - 7)) & 0x7FU);
  byte(0x80U | (value & 0x3FU));
}

SmileWriter& SmileWriter::number(std::int64_t value) {
  if (value >= -16 && value <= 15) {
    byte(0xC0 + static_cast<unsigned>(zigzag(value)));
    return *this;
  }
  byte(value == static_cast<std::int32_t>(value) ? 0x24 : 0x25);
  variable(zigzag(value));
  return *this;
}

SmileWriter& SmileWriter::number(double value) {
  byte(0x29);
  const auto bits = std::bit_cast<std::uint64_t>(value);
  for (unsigned shift = 70; shift > 0;) {
    shift -= 7;
    byte(static_cast<unsigned>(bits >> shift) & 0x7FU);
  }
  return *this;
}

SmileWriter& SmileWriter::big_integer(std::string_view decimal) {
  const std::string bytes = twos_complement_of(decimal);
  byte(0x26);
  variable(bytes.size());
  out_ += to_seven_bits(bytes);
  return *this;
}

SmileWriter& SmileWriter::boolean(bool value) {
  byte(value ? 0x23 : 0x22);
  return *this;
}

SmileWriter& SmileWriter::null() {
  byte(0x21);
  return *this;
}

std::string SmileWriter::take() {
  names_.clear();
  next_name_ = 0;
  return std::exchange(out_, std::string(header));
}

}  // namespace copse::runner::overlord
