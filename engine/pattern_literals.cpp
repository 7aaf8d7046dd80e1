#include "engine/pattern_literals.hpp"

#include "engine/glob.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <re2/filtered_re2.h>
#include <re2/re2.h>

namespace copse::engine {
namespace {

// Bytes of a literal that are worth looking for.
constexpr int shortest_literal = 3;

RE2::Options options() {
  RE2::Options made;
  made.set_log_errors(false);
  return made;
}

// The literal beginning that every text of a regex has.
std::string regex_prefix(const std::string& regex) {
  const RE2 anchored("\\A(?:" + regex + ")", options());
  std::string least;
  std::string most;
  constexpr int longest = 32;
  if (!anchored.ok() || !anchored.PossibleMatchRange(&least, &most, longest)) return {};
  // Each match lies between the two, so it begins with what both begin with.
  const auto [end, ignored] = std::mismatch(least.begin(), least.end(), most.begin(), most.end());
  return {least.begin(), end};
}

// True when RE2's literals are those of the texts: it folds their case.
bool keeps_case(const std::string& regex) {
  for (std::size_t i = 0; i < regex.size(); ++i) {
    const char c = regex[i];
    const char next = i + 1 < regex.size() ? regex[i + 1] : ' ';
    if ((c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80) return false;
    if (c == '(' && next == '?') return false;
    const bool is_class = next == 'd' || next == 'w' || next == 's';
    const bool is_letter = (next >= 'a' && next <= 'z') || (next >= '0' && next <= '9');
    if (c == '\\' && is_letter && !is_class) return false;
  }
  return true;
}

// The longest literal without which no text matches: RE2 names the literals of a regex, and says
// whether a match is possible with all of them but one.
std::string regex_literal(const std::string& regex) {
  if (!keeps_case(regex)) return {};
  re2::FilteredRE2 filter(shortest_literal);
  int id = 0;
  if (filter.Add(regex, options(), &id) != RE2::NoError) return {};
  std::vector<std::string> literals;
  filter.Compile(&literals);
  std::string longest;
  for (std::size_t i = 0; i < literals.size(); ++i) {
    if (literals[i].size() <= longest.size()) continue;
    std::vector<int> others;
    for (std::size_t other = 0; other < literals.size(); ++other) {
      if (other != i) others.push_back(static_cast<int>(other));
    }
    std::vector<int> possible;
    filter.AllPotentials(others, &possible);
    if (possible.empty()) longest = literals[i];
  }
  return longest;
}

// The glob that says what a regex says of texts of one line, as `wiki-.*` and `.*\.test` do: of
// literals, `.`, `.*` and `.+`. Empty: there is none.
std::string glob_of(std::string_view regex) {
  constexpr std::string_view of_regexes = "\\^$.|?*+()[]{}";
  constexpr std::string_view of_globs = "*?[]\\";
  if (regex.starts_with('^')) regex.remove_prefix(1);
  if (regex.ends_with('$') && !regex.ends_with("\\$")) regex.remove_suffix(1);
  std::string made;
  for (std::size_t i = 0; i < regex.size(); ++i) {
    const auto next = [&](char wanted) { return i + 1 < regex.size() && regex[i + 1] == wanted; };
    if (regex[i] == '.') {
      const bool is_run = next('*');
      const bool is_more = next('+');
      made += is_run ? "*" : is_more ? "?*" : "?";
      i += is_run || is_more ? 1 : 0;
      continue;
    }
    const bool is_escape = regex[i] == '\\';
    if (is_escape && ++i == regex.size()) return {};
    const char c = regex[i];
    const bool is_other = of_regexes.find(c) != std::string_view::npos;
    const bool is_punctuation = is_other || c == '-' || c == '/' || c == '_' || c == ':';
    if (is_escape ? !is_punctuation : is_other) return {};
    if (of_globs.find(c) != std::string_view::npos) return {};
    made += c;
  }
  return made;
}

}  // namespace

PatternLiterals pattern_literals(const Pattern& pattern) {
  const bool is_regex = pattern.kind == Pattern::Kind::regex;
  const std::string glob = is_regex ? glob_of(pattern.text) : std::string();
  if (is_regex && glob.empty())
    return {.prefix = regex_prefix(pattern.text), .longest = regex_literal(pattern.text)};
  GlobLiterals found = glob_literals(is_regex ? glob : pattern.text);
  return {std::move(found.prefix), std::move(found.suffix), std::move(found.longest),
          found.is_simple, glob};
}

}  // namespace copse::engine
