#pragma once
// What `copse doctor` says of one thing that it looked at. Pure.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace copse::runner::doctor {

enum class Verdict : std::uint8_t {
  ok,
  note,     ///< worth knowing; serving goes well with it
  warning,  ///< serving works, and hurts some day
  error,    ///< serving does not work
  skipped   ///< not looked at, and why
};

struct Row {
  std::string check;  ///< what was looked at: stable, for programs
  Verdict verdict = Verdict::ok;
  std::string found;
  std::string remedy = {};  ///< what to do; may be empty
  bool is_away = false;     ///< nobody answered, so that nothing behind it could be looked at
};

using Rows = std::vector<Row>;

/// `ok`, `note`, …
[[nodiscard]] std::string_view name(Verdict verdict);

/// The graver of the two; what was skipped weighs as little as what is well.
[[nodiscard]] Verdict graver(Verdict one, Verdict other);

/// `one, two and three`.
[[nodiscard]] std::string listed(const std::vector<std::string>& words);

/// The JSON object of a row: `{"check","verdict","found","remedy"}`.
[[nodiscard]] std::string to_json(const Row& row);

/// What a run of the doctor ends with: 0 when nothing has to be mended, 6 when cluster or Overlord
/// cannot be reached, else 1.
[[nodiscard]] int exit_code(const Rows& rows);

}  // namespace copse::runner::doctor
