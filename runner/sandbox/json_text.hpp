#pragma once
// JSON written straight into a string: what the machinery uses for objects that it makes itself,
// without a DOM. Reading JSON is the business of the files that own Boost.JSON.

#include <cstdint>
#include <string>
#include <string_view>

namespace copse::runner::sandbox {

/// Appends `text` as a JSON string with its quotes. Control characters are escaped; bytes from 0x80
/// on are passed through, so valid UTF-8 stays valid.
void append_quoted(std::string& out, std::string_view text);

[[nodiscard]] std::string quoted(std::string_view text);

/// Appends the decimal digits.
void append_number(std::string& out, std::int64_t value);

/// Builds one JSON object member by member into a string; puts the commas. The closing brace is put
/// by `close()`, once.
class ObjectText {
 public:
  /// Appends `{` to `out`, which must outlive this.
  explicit ObjectText(std::string& out) : out_{out} { out_ += '{'; }

  /// `"key":"value"`.
  void text(std::string_view key, std::string_view value);
  /// `"key":value`.
  void number(std::string_view key, std::int64_t value);
  void boolean(std::string_view key, bool value);
  /// `"key":` followed by `json` as it is.
  void raw(std::string_view key, std::string_view json);
  /// `"key":`; the caller appends the value to the same string.
  void key(std::string_view name);

  void close() { out_ += '}'; }

 private:
  std::string& out_;
  bool first_ = true;
};

}  // namespace copse::runner::sandbox
