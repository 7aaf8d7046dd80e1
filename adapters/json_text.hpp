#pragma once
// Small pieces of JSON text: writing a string, reading one, dropping blanks, and numbers as Java
// prints them. Not a parser. Pure; each is one pass over its input.

#include <optional>
#include <string>
#include <string_view>

namespace copse::adapters {

/// Appends `text` as a JSON string with its quotes. Control characters and the two that must be are
/// escaped, all else is copied, so valid UTF-8 stays valid UTF-8.
void append_json_string(std::string& out, std::string_view text);

/// `append_json_string` to a new text.
[[nodiscard]] std::string json_string(std::string_view text);

/// The text that a JSON string with its quotes stands for, or nothing when it is not one. Half of a
/// surrogate pair becomes its own three bytes (see job_name.hpp), where a JSON library would refuse
/// it.
[[nodiscard]] std::optional<std::string> read_json_string(std::string_view quoted);

/// The document without blanks between its tokens. `json` must be JSON.
[[nodiscard]] std::string compact_json(std::string_view json);

/// A number as Java's Double.toString writes it: `1.1`, `1000.0`, `1.0E10`. Druid's client reads
/// YAML floats so.
[[nodiscard]] std::string java_double_text(double value);

}  // namespace copse::adapters
