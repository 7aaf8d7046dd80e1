#pragma once
// What the steps of `compile` hand to each other. Private to the compiler.

#include "engine/compile.hpp"
#include "engine/image.hpp"
#include "engine/vocabulary.hpp"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <vector>

namespace copse::engine {

class SharedColumns;

/// The policies of a set: placement, and the runner's where there is one.
[[nodiscard]] std::vector<const Policy*> parts(const PolicySet& policies);

/// What of a policy is beyond a limit (P0303); nothing: all is within.
[[nodiscard]] std::optional<Diagnostics> too_large(const Policy& policy);
[[nodiscard]] std::optional<Diagnostics> too_large(const Policy& policy,
                                                   std::span<const Rule> rules);
[[nodiscard]] Diagnostics too_many_attributes(const PolicySet& policies, std::size_t attributes);

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
  const KnownPolicy* policy = nullptr;
  std::vector<DraftRule> rules;
  std::vector<std::uint32_t> tests;  // places in Image::tests
  bool is_small = false;             // its rules may stand together: Layout

  [[nodiscard]] std::span<const std::uint32_t> tests_of(const DraftRule& rule) const {
    return {tests.data() + rule.first_test, rule.tests};
  }

  [[nodiscard]] std::span<const std::uint32_t> asked_of(const DraftRule& rule) const {
    return {tests.data() + rule.first_asked, rule.asked};
  }
};

/// Policies may ask for attribute_limit; these are more.
struct TooManyAttributes {
  std::size_t attributes = 0;
};

/// What was compiled before: what has not changed is taken over.
struct Before {
  struct Words {
    std::uint32_t attribute = 0;           // ids of the vocabulary
    std::vector<std::uint32_t> texts;      // by first use
    std::vector<std::uint32_t> as_placed;  // their order in the table; empty: the same
    std::vector<std::uint32_t> patterns;
  };

  Image image;               // in one block, so that a copy of a part costs nothing
  std::vector<Words> words;  // by domain of the image
};

/// Numbers the attributes of all policies, their listed texts and their tests, as they are written
/// and as they are asked (simplify.hpp), by first use; `far` texts and more of one attribute as
/// they lie in its table. Fills `attributes`, `domains`, `values` and `tests` of the image, and
/// gives back the rules in these numbers. `before.image` is to become this image, once it is in one
/// block.
[[nodiscard]] std::expected<std::vector<Draft>, TooManyAttributes> order(
    const std::vector<KnownPolicy>& policies, const Vocabulary& known, std::size_t far,
    Before& before, Image& image);

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

/// The one branch of a test for one text, as most tests are: an atom. Nothing: it is no such test.
[[nodiscard]] std::optional<std::uint32_t> only_atom(const Image& image, const AtomTest& test);

/// True when a test may fail a task that has a text, or nothing, where it looks.
[[nodiscard]] bool fails_on_normal_values(const AtomTest& test);

/// Gives each rule its home.
void index(const Image& image, Draft& draft);

/// Attributes that one list of postings has bits of: each costs a look at each block.
inline constexpr std::uint32_t bit_column_limit = 16;

/// True when a list of postings may have a column of bits for the attribute, in a small policy or
/// in another: its atoms are few, and known before a test is asked.
[[nodiscard]] bool has_bits(const Image& image, AttributeId attribute, bool in_small);

/// The postings as bits (Image::bit_lists); nothing where they have no such attribute, or too many.
[[nodiscard]] std::optional<Node> bit_list(std::span<const Posting> postings, bool in_small,
                                           SharedColumns& shared, Image& image);

/// Writes nodes, postings, rules and outcomes of one policy after another into the image.
[[nodiscard]] Entry emit(const Draft& draft, SharedColumns& shared, Image& image);

}  // namespace copse::engine
