#pragma once
// Smile, Jackson's binary JSON (FasterXML/smile-format-specification 1.0.7), as Druid's services
// speak it to each other: media type `application/x-jackson-smile`. Pure.
//
// Reading takes everything that Jackson writes: names and values by back-reference, both kinds of
// binary, floats, numbers of any length, long texts. Writing is what Druid's mapper does: header
// with shared names, no shared values (`3A 29 0A 05`), so what a Jackson writes of the same
// document is the same to the byte.

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace copse::runner::overlord {

inline constexpr std::string_view smile_media_type = "application/x-jackson-smile";

/// What is wrong with a document, and where.
struct SmileFault {
  std::size_t offset = 0;  ///< bytes from its beginning
  std::string text;

  bool operator==(const SmileFault&) const = default;
};

/// Bytes of JSON that one document may become: back-references may make it longer than it is.
inline constexpr std::size_t smile_json_limit = std::size_t{256} << 20U;

/// Bytes of JSON that one byte of Smile may become. References to short texts give 387 at most (64
/// control characters, quoted, for a byte); beyond the limit are documents that repeat a name of
/// kilobytes, which nobody writes but to fill our memory.
inline constexpr std::size_t smile_growth_limit = 512;

/// Bytes of one number of unbounded length (BigInteger, BigDecimal).
inline constexpr std::size_t smile_number_limit = 1024;

/// The document as compact JSON, members in their order. Binary becomes base64, NaN and the
/// infinities become texts, as Jackson does it; a double keeps a fraction or an exponent. A number
/// of no bytes is 0, whatever its scale, as in Jackson. Nesting ends at engine::json_depth_limit.
[[nodiscard]] std::expected<std::string, SmileFault> smile_to_json(std::string_view smile);

/// The JSON text as Smile, or what is wrong with it. Numbers with a fraction or exponent become
/// the nearest double, integers of more than 64 bits BigIntegers, as in Jackson; fails where a
/// number is beyond every double or smile_number_limit.
[[nodiscard]] std::expected<std::string, SmileFault> json_to_smile(std::string_view json);

/// Writes one Smile document from front to back. That every begin meets its end, and every key its
/// value, is the caller's business.
class SmileWriter {
 public:
  SmileWriter();

  SmileWriter& begin_object();
  SmileWriter& end_object();
  SmileWriter& begin_array();
  SmileWriter& end_array();
  SmileWriter& key(std::string_view name);

  SmileWriter& text(std::string_view value);
  SmileWriter& number(std::int64_t value);
  SmileWriter& number(double value);
  SmileWriter& boolean(bool value);
  SmileWriter& null();
  /// An integer of any length, in decimal.
  SmileWriter& big_integer(std::string_view decimal);

  SmileWriter& member(std::string_view name, std::string_view value) {
    return key(name).text(value);
  }

  /// What was written; the writer begins anew.
  [[nodiscard]] std::string take();

 private:
  void byte(unsigned value) { out_ += static_cast<char>(static_cast<unsigned char>(value)); }

  void variable(std::uint64_t value);

  std::string out_;
  std::unordered_map<std::string, std::uint32_t> names_;
  std::uint32_t next_name_ = 0;
};

}  // namespace copse::runner::overlord
