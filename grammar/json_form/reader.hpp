#pragma once
// From the JSON form of the language (form.hpp) to the language.
//
// What comes out is a text of the language that remembers where each part of it stands in the JSON:
// parsed, given a meaning, tested and linted like any other, so that both forms mean the same and
// are checked by the same code. What is said of it has places in the JSON (engine::Original).

#include "engine/diagnostic.hpp"
#include "engine/source.hpp"

#include <expected>

namespace copse::grammar::json_form {

/// The text of the language that says what `json` says. It parses, but for words that are reserved
/// for later and conditions that are nested too deeply.
///
/// Fails with P0101 no JSON, P0505 nested too deeply, P0508 too large, P0548 a member that there is
/// not, P0549 a value of another kind or not as it is spelled, P0551 a member that is missing,
/// P0552 a version that this copse does not know, P0553 members that exclude each other; all that
/// there are, up to language::error_limit.
[[nodiscard]] std::expected<engine::Source, engine::Diagnostics> read(const engine::Source& json);

}  // namespace copse::grammar::json_form
