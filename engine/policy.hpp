#pragma once
// A policy as values: rules read top to bottom, of which the first that matches decides.
//
// This is what every surface form (Druid's JSON, properties, later the language) becomes before it
// is compiled. It knows nothing of text formats, nodes, tables or tasks. A rule is a conjunction of
// tests; each test says what it answers for every class of value that an attribute can have, so
// nothing is left to chance: a value that it lists, any other, no value at all, a value of another
// type.

#include "engine/attribute.hpp"
#include "engine/number.hpp"
#include "engine/override.hpp"
#include "engine/source.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace copse::engine {

/// What one test answers.
enum class Verdict : std::uint8_t {
  no,   ///< the rule does not match
  yes,  ///< on to the next test
  fail  ///< the task cannot be placed: as when Druid's Java throws; the launch fails with a reason
};

/// A text that stands for many, compared with the whole text.
struct Pattern {
  enum class Kind : std::uint8_t {
    glob,  ///< `*` any run, `?` one character, `[a-z]` a class; glob.hpp
    regex  ///< RE2
  };
  Kind kind = Kind::glob;
  std::string text;

  auto operator<=>(const Pattern&) const = default;
};

/// Numbers from `first` to `last`, both included.
struct Range {
  Number first = smallest_number;
  Number last = largest_number;

  auto operator<=>(const Range&) const = default;
};

/// A question about one attribute. The verdicts are exhaustive.
struct Test {
  SharedAttribute attribute;
  std::vector<std::string> values = {};  ///< of a text
  std::vector<Pattern> patterns = {};    ///< of a text
  std::vector<Range> ranges = {};        ///< of a number: ascending, none touches the next
  Verdict if_listed = Verdict::yes;
  Verdict if_other = Verdict::no;      ///< a value that none of these lists
  Verdict if_absent = Verdict::no;     ///< no such member, or null
  Verdict if_ill_typed = Verdict::no;  ///< a value of another JSON type than the attribute's
  Span span = {};                      ///< in Policy::source, where it is known

  bool operator==(const Test&) const = default;
};

/// Where a task runs.
enum class Runner : std::uint8_t {
  k8s,    ///< as a Kubernetes Job
  worker  ///< on a middle manager or indexer: not by copse
};

/// What a rule decides. Exactly one of `template_key`, `runner` and `failure` is set; overrides
/// stand beside a template.
struct Outcome {
  std::optional<std::string> template_key;  ///< as the policy names it; compile resolves it
  std::optional<Runner> runner;
  std::optional<std::string> failure;    ///< the task fails with this text
  std::vector<Override> overrides = {};  ///< each of another target

  bool operator==(const Outcome&) const = default;
};

struct Rule {
  std::string name;         ///< unique within a policy: `selectors[3]`
  std::vector<Test> tests;  ///< all must say yes, in this order; none means "always"
  Outcome outcome;
  Span span;                ///< in Policy::source
  Span template_span = {};  ///< where the template's name stands, when that is known
};

struct Policy {
  Source source;
  std::vector<Rule> rules;
  Outcome otherwise;  ///< when no rule matches
  std::string otherwise_name = "default";
  Span otherwise_span;           ///< where the default stands, when somebody wrote it
  Span otherwise_template_span;  ///< and the name of its template
};

/// Rules of one policy.
inline constexpr std::uint32_t rule_limit = 1'000'000;

}  // namespace copse::engine
