#pragma once
// Values and tests in the words of the policy language: for people who ask why.

#include "engine/facts.hpp"
#include "engine/image.hpp"

#include <string>
#include <vector>

namespace copse::engine {

/// A number as a policy would write it for that attribute: `75`, `10m`, `16Gi`, `true`, `22:00`,
/// `sat`, `5%`.
[[nodiscard]] std::string in_words(const Attribute& attribute, Number number);

/// `>= 75`, `> 10m`, `16Gi`, `60..90`.
[[nodiscard]] std::string in_words(const Attribute& attribute, const Range& range);

/// `"wiki"`, `10m`, `nothing` or `something that is no text`.
[[nodiscard]] std::string in_words(const Attribute& attribute, const Fact& fact);

/// `integer`, `duration`: as what a value is read.
[[nodiscard]] std::string_view in_words(ValueType type);

/// `glob"search_*"`, `re"v[0-9]+"`.
[[nodiscard]] std::string in_words(const Pattern& pattern);

/// What a test lists, each in words, at most `limit` of them: texts, patterns, ranges.
[[nodiscard]] std::vector<std::string> listed_in_words(const Image& image, const AtomTest& test,
                                                       std::size_t limit);

/// How many that would be without a limit.
[[nodiscard]] std::size_t listed_count(const AtomTest& test);

}  // namespace copse::engine
