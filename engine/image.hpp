#pragma once
// A compiled policy: a decision DAG in flat vectors, and the tables that it refers to.
//
// Everything is an index; there are no pointers, so an image can be copied, compared and, later,
// mapped from disk. An image is immutable once `compile` has returned it and may be read from any
// thread. It knows nothing of policy text, files, JSON or time.
//
// How a decision falls out of it:
//  1. Each attribute's value becomes an *atom*, a small number: absent, ill-typed, "a text that no
//     test lists", one of the listed texts (one hash look-up, table.hpp), or for a number the part
//     between two bounds of the policy in which it lies.
//  2. From an entry's root the walk goes down: `first` looks at several nodes and keeps the
//     smallest rule, `select` jumps by one attribute's atom, as often as the list below was long
//     enough to divide again, `ranges` looks at the lists of all stretches of numbers that a number
//     lies in, `patterns` at those of all patterns that a text matches (patterns.hpp),
//     `candidates` tries postings in rule order, `leaf` is certain.
//  3. The smallest rule that was found is the first that matches; with none the entry's default
//  decides.
//
// Each rule hangs under one attribute, its *home*: its most selective test. The other tests stand
// beside the posting, so that a look at one attribute's list settles most rules. Rules without a
// selective test are never copied under many branches: they have a list of their own. Which
// patterns a listed text matches is known to the image; only other texts are compared. A canary is
// hashed when a rule asks for it, after all its other tests said yes.
//
// A value that is not a text is rare and may make a rule *fail* before its home test is even asked
// (Druid's Java throws). Such tasks take the entry's second root, which also reaches every rule
// that tests the ill-typed attribute, and ask all tests in their order.

#include "engine/patterns.hpp"
#include "engine/policy.hpp"
#include "engine/table.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace copse::engine {

enum class NodeId : std::uint32_t {};
enum class RuleId : std::uint32_t {};
enum class OutcomeId : std::uint32_t {};
enum class AttributeId : std::uint16_t {};

/// No rule matched: the default decides. Larger than every rule, so that "smallest rule" needs no
/// branch.
inline constexpr RuleId no_rule{0xFFFF'FFFF};

struct Node {
  enum class Kind : std::uint8_t {
    none,          ///< no rule below
    leaf,          ///< rule `smallest` matches, with outcome `first`
    candidates,    ///< postings [first, first + count), in rule order
    select,        ///< child node: first + atom of `attribute`, for each of `count` atoms
    ranges,        ///< a segment tree over the atoms of a number: `count` leaves, a power of two;
                   ///< node N of it is child first + N, its children 2 N and 2 N + 1, the root 1;
                   ///< child `first` is for what is absent
    patterns,      ///< child node: first + id of each of `count` patterns that the text matches
    if_ill_typed,  ///< node `first`, when `attribute` is ill-typed
    first          ///< children [first, first + count) in `children`: the smallest rule of all wins
  };
  Kind kind = Kind::none;
  AttributeId attribute{};  ///< of select and if_ill_typed
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  RuleId smallest = no_rule;  ///< no rule below this node is smaller

  bool operator==(const Node&) const = default;
};

/// One rule under one node, with the tests that the path to it has not settled. One of them stands
/// in the posting itself, so that a walk along a list reads nothing else of the rules that it
/// passes over.
struct Posting {
  RuleId rule{};
  OutcomeId outcome{};
  std::uint64_t guard =
      no_guard;  ///< bit A: atom A of `attribute` may say yes; bit 63: any atom from 63 on
  std::uint32_t first_test = 0;
  std::uint16_t tests = 0;  ///< tests that the guard has not settled either
  AttributeId attribute{};  ///< of the guard

  static constexpr std::uint64_t no_guard = ~std::uint64_t{0};

  /// True when the path to the posting settles everything.
  [[nodiscard]] bool is_certain() const { return tests == 0 && guard == no_guard; }

  bool operator==(const Posting&) const = default;
};

/// A test over atoms. `mask` has bit A when atom A < 64 says yes; larger atoms are looked up.
struct AtomTest {
  enum class Kind : std::uint8_t {
    set,      ///< sorted atoms; of one value `first_value` is the atom itself
    ranges,   ///< pairs of atoms, first and last, ascending
    patterns  ///< the number of atoms, so many sorted atoms, then sorted ids of patterns
  };
  std::uint64_t mask = 0;
  std::uint32_t first_value = 0;  ///< [first_value, first_value + values) of `values`
  std::uint32_t values = 0;
  AttributeId attribute{};
  Kind kind = Kind::set;
  Verdict if_listed = Verdict::yes;
  Verdict if_other = Verdict::no;
  Verdict if_absent = Verdict::no;
  Verdict if_ill_typed = Verdict::no;

  bool operator==(const AtomTest&) const = default;
};

/// What a rule is, for deciding ill-typed tasks and for explaining.
struct CompiledRule {
  std::uint32_t first_test = 0;  ///< all its tests in the policy's order
  std::uint32_t tests = 0;
  OutcomeId outcome{};
  std::uint32_t name = 0;  ///< in `names`

  bool operator==(const CompiledRule&) const = default;
};

/// A compiled outcome. `template_key` is the effective one.
struct CompiledOutcome {
  std::string template_key = {};  ///< empty: none
  std::string wanted = {};        ///< the key that the policy names, when it is another one
  Runner runner = Runner::k8s;
  std::string failure = {};  ///< not empty: the task fails with this text
  std::vector<Override> overrides = {};
  std::vector<AttributeId> values =
      {};  ///< of the overrides that have an attribute, in their order

  bool operator==(const CompiledOutcome&) const = default;
};

/// One question that the image answers: which template, or which runner.
struct Entry {
  NodeId root{};
  NodeId ill_typed_root{};
  OutcomeId otherwise{};
  std::uint32_t first_rule = 0;  ///< its rules are [first_rule, first_rule + rules)
  std::uint32_t rules = 0;
  std::uint32_t otherwise_name = 0;

  bool operator==(const Entry&) const = default;
};

/// What an image knows of the values of one attribute: of texts the listed ones and the patterns,
/// of numbers the bounds at which a test changes its answer.
struct Domain {
  AtomTable table;
  PatternIndex patterns;
  std::vector<std::uint32_t> hit_ends;  ///< [hit_ends[T], hit_ends[T + 1]): text T's part of `hits`
  std::vector<PatternId> hits;          ///< the patterns that listed texts match, ascending
  std::vector<Number> bounds;           ///< ascending, from smallest_number: where a part begins

  /// Atoms in all: the three classes, and the listed texts or the parts.
  [[nodiscard]] std::uint32_t atoms() const;

  /// The part in which a number lies.
  [[nodiscard]] Atom part(Number number) const;

  /// The patterns that a listed text matches; of another atom none.
  [[nodiscard]] std::span<const PatternId> hits_of(Atom atom) const;

  [[nodiscard]] std::size_t bytes() const;

  bool operator==(const Domain&) const = default;
};

struct Image {
  std::vector<Attribute> attributes;
  std::vector<Domain> domains;  ///< one an attribute
  std::vector<Node> nodes;      ///< INVARIANT: a child's index is smaller than its parent's
  std::vector<NodeId> children;
  std::vector<Posting> postings;
  std::vector<AtomTest> tests;
  std::vector<std::uint32_t> values;
  std::vector<CompiledRule> rules;
  std::vector<CompiledOutcome> outcomes;
  std::vector<std::string> names;
  Entry placement;
  Entry runner;
  bool decides_runner = false;  ///< false: there is no runner strategy, everything runs on k8s

  /// Bytes of what a decision may touch, and of all.
  [[nodiscard]] std::size_t hot_bytes() const;
  [[nodiscard]] std::size_t bytes() const;
};

/// Attributes that one image may ask for: a bound of the work that any task can cause.
inline constexpr std::size_t attribute_limit = 256;

/// Tests of one rule.
inline constexpr std::size_t test_limit = 4096;

/// The first thing that is wrong with an image, or empty. Checks every index, the order of nodes,
/// the order of postings, and that tables find their own keys: an image that passes cannot send
/// `evaluate` astray.
[[nodiscard]] std::string verify(const Image& image);

/// The image as stable text, a line a node: for tests and for people who compile.
[[nodiscard]] std::string dump(const Image& image);

}  // namespace copse::engine
