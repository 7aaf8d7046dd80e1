#pragma once
// A policy as values: rules read top to bottom, of which the first that matches decides.
//
// This is what every surface form (Druid's JSON, properties, later the language) becomes before it
// is compiled. It knows nothing of text formats, nodes, tables or tasks. A rule is a conjunction of
// tests; each test says what it answers for every class of value that an attribute can have, so
// nothing is left to chance: a text that it lists, any other text, no value at all, a value that is
// not a text.

#include "engine/source.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace copse::engine {

/// Something that a policy may ask about a task: a text at a path of its JSON document.
struct Attribute {
  std::string name;  ///< as people write it: `type`, `dataSource`, `tags.team`
  std::vector<std::string>
      path;  ///< member names from the document's root, e.g. context, tags, team

  bool operator==(const Attribute&) const = default;
};

/// `type`: always there.
[[nodiscard]] Attribute type_attribute();

/// `dataSource`: at the top level; a submitted spec without it keeps it where facts.hpp says.
[[nodiscard]] Attribute data_source_attribute();

/// `tags.NAME`: the text under `context.tags`.
[[nodiscard]] Attribute tag_attribute(std::string name);

/// `context.NAME`: the text of one context key.
[[nodiscard]] Attribute context_attribute(std::string name);

/// What one test answers.
enum class Verdict : std::uint8_t {
  no,   ///< the rule does not match
  yes,  ///< on to the next test
  fail  ///< the task cannot be placed: as when Druid's Java throws; the launch fails with a reason
};

/// A question about one attribute. The verdicts are exhaustive.
struct Test {
  Attribute attribute;
  std::vector<std::string> values;
  Verdict if_listed = Verdict::yes;
  Verdict if_other = Verdict::no;      ///< a text that `values` does not list
  Verdict if_absent = Verdict::no;     ///< no such member, or null
  Verdict if_ill_typed = Verdict::no;  ///< a number, a boolean, a list, an object

  bool operator==(const Test&) const = default;
};

/// Where a task runs.
enum class Runner : std::uint8_t {
  k8s,    ///< as a Kubernetes Job
  worker  ///< on a middle manager or indexer: not by copse
};

/// What a rule decides. Exactly one of `template_key`, `runner` and `failure` is set in today's
/// forms.
struct Outcome {
  std::optional<std::string> template_key;  ///< as the policy names it; compile resolves it
  std::optional<Runner> runner;
  std::optional<std::string> failure;  ///< the task fails with this text

  bool operator==(const Outcome&) const = default;
};

struct Rule {
  std::string name;         ///< unique within a policy: `selectors[3]`
  std::vector<Test> tests;  ///< all must say yes, in this order; none means "always"
  Outcome outcome;
  Span span;  ///< in Policy::source
};

struct Policy {
  Source source;
  std::vector<Rule> rules;
  Outcome otherwise;  ///< when no rule matches
  std::string otherwise_name = "default";
};

/// Rules of one policy.
inline constexpr std::uint32_t rule_limit = 1'000'000;

}  // namespace copse::engine
