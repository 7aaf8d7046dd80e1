#pragma once
// What the steps of `compile` hand to each other. Private to the compiler.

#include "engine/compile.hpp"
#include "engine/image.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace copse::engine {

/// A rule over atoms, before it has a place in the image.
struct DraftRule {
  std::uint32_t first_test = 0;  // [first_test, first_test + tests) of Draft::tests: as written
  std::uint32_t tests = 0;
  std::uint32_t first_asked = 0;  // the same: what is to be asked of a well-typed task
  std::uint32_t asked = 0;
  std::optional<std::uint32_t> home = {};  // which of these the rule hangs under
};

/// One policy, numbered.
struct Draft {
  const Policy* policy = nullptr;
  std::vector<DraftRule> rules;
  std::vector<std::uint32_t> tests;     // places in Image::tests
  std::vector<AttributeId> attributes;  // those that its tests ask for, ascending

  [[nodiscard]] std::span<const std::uint32_t> tests_of(const DraftRule& rule) const {
    return {tests.data() + rule.first_test, rule.tests};
  }

  [[nodiscard]] std::span<const std::uint32_t> asked_of(const DraftRule& rule) const {
    return {tests.data() + rule.first_asked, rule.asked};
  }
};

/// Numbers the attributes of both policies, their listed texts and their tests, as they are written
/// and as they are asked (simplify.hpp): fills `attributes`, `domains`, `values` and `tests` of the
/// image, and gives back the rules in these numbers.
[[nodiscard]] std::vector<Draft> order(const std::vector<const Policy*>& policies, Image& image);

/// Where a test does not say no: the branches that a rule needs when this test is its home.
struct Branches {
  std::span<const std::uint32_t> atoms;  // of normal values, ascending; without ill-typed
  std::vector<std::uint32_t> own;        // what `atoms` views, where it is not what the test lists
  std::vector<PatternId> patterns;       // those that a text may match
  std::vector<std::uint32_t> stretches;  // pairs of atoms, first and last: too many to be listed
  bool wide = false;                     // more than a rule may be copied under: it is no home
};

// Valid as long as the test and the image's values stay where they are.
[[nodiscard]] Branches branches(const Image& image, const AtomTest& test);

/// True when a test may fail a task that has a text, or nothing, where it looks.
[[nodiscard]] bool fails_on_normal_values(const AtomTest& test);

/// Gives each rule its home.
void index(const Image& image, Draft& draft);

/// Writes nodes, postings, rules and outcomes of one policy after another into the image.
class Emission {
 public:
  /// Both outlive it.
  Emission(const TemplateNames& templates, Image& image);
  ~Emission();

  Entry entry(const Draft& draft);

  class Shared;

 private:
  Image& image_;
  std::unique_ptr<Shared> shared_;
};

}  // namespace copse::engine
