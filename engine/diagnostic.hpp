#pragma once
// What is wrong with something a person wrote, in a form that can be shown, sorted and printed as
// JSON.
//
// Every diagnostic names a place, a cause and, where one is known, a remedy. Wording: lower case,
// no full stop, the user's own text in backticks, policy concepts instead of C++ types.

#include "engine/source.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace copse::engine {

enum class Severity {
  error,    ///< the input cannot be used
  warning,  ///< it can, and Druid would use it in silence; an error under `--strict`
  note      ///< worth knowing, never a finding
};

/// A remedy that a program can apply: the text that takes the place of these bytes of the file.
struct Fix {
  Span span;
  std::string text;

  bool operator==(const Fix&) const = default;
};

/// Another place, without which the first would be no mistake: where a name was given before.
struct Cause {
  Place place;
  std::string label;  ///< `the first`

  bool operator==(const Cause&) const = default;
};

struct Diagnostic {
  Severity severity = Severity::error;
  std::string code;   ///< stable, e.g. `P0203`: P policy, T template, C configuration, I task input
  std::string title;  ///< one line
  Place place;
  std::string label;  ///< what the underlined text is or lacks; may be empty
  std::optional<Cause> cause;
  std::vector<std::string> notes;
  std::string help;  ///< what to do about it; may be empty
  std::optional<Fix> fix;

  bool operator==(const Diagnostic&) const = default;
};

using Diagnostics = std::vector<Diagnostic>;

enum class Colour { off, on };

/// The diagnostic as a person reads it, ending in a newline:
///
///     error[P0203]: unknown attribute `context.priorty`
///       --> pods.copse:14:25
///        |
///     14 |   and (context.priorty else 50) >= 75 {
///        |        ^^^^^^^^^^^^^^^ not in schema druid.task
///        = help: did you mean `priority`?
///
/// A cause is underlined with dashes: in the same line when it stands there, else in its own.
[[nodiscard]] std::string render(const Diagnostic& diagnostic, Colour colour = Colour::off);

/// The same in one line, for a log: `pods.copse:14:25: P0203: unknown attribute …: not in schema …;
/// did you mean …`.
[[nodiscard]] std::string one_line(const Diagnostic& diagnostic);

[[nodiscard]] std::string_view name(Severity severity);

/// True when at least one is an error.
[[nodiscard]] bool has_errors(const Diagnostics& diagnostics);

/// Turns each warning into an error: what `--strict` means.
void make_strict(Diagnostics& diagnostics);

/// The candidate that `word` most likely meant: at most a third of its letters away. Empty: none is
/// near.
[[nodiscard]] std::string_view nearest(std::string_view word,
                                       const std::vector<std::string_view>& candidates);

}  // namespace copse::engine
