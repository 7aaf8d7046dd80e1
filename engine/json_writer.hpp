#pragma once
// Writes compact JSON from front to back: for documents that programs read.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace copse::engine {

/// Commas and quotes are its business; that every begin meets its end is the caller's.
class JsonWriter {
 public:
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);

  JsonWriter& text(std::string_view value);
  JsonWriter& number(std::int64_t value);
  /// With three decimals: seconds, ratios.
  JsonWriter& decimal(double value);
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  /// A value that is JSON already.
  JsonWriter& raw(std::string_view json);

  JsonWriter& member(std::string_view name, std::string_view value) {
    return key(name).text(value);
  }

  /// Bytes so far.
  [[nodiscard]] std::size_t size() const { return out_.size(); }

  /// What was written; the writer is empty afterwards.
  [[nodiscard]] std::string take();

 private:
  void separate();

  std::string out_;
};

/// `text` as a JSON text, quotes included. Bytes that are not UTF-8 are written as they are.
[[nodiscard]] std::string quoted(std::string_view text);

}  // namespace copse::engine
