#pragma once
// A compiled policy: a decision DAG in flat columns, and the tables that it refers to.
//
// Everything is an index; there are no pointers, so an image is one block of bytes that can be
// copied, compared and mapped from disk (image_file.hpp). An image is immutable once `compile` has
// returned it and may be read from any thread. It knows nothing of policy text, files, JSON or
// time.
//
// How a decision falls out of it:
//  1. Each attribute's value becomes an *atom*, a small number: absent, ill-typed, "a text that no
//     test lists", one of the listed texts (one hash look-up, table.hpp), or for a number the part
//     between two bounds of the policy in which it lies.
//  2. From an entry's root the walk goes down: `first` looks at several nodes and keeps the
//     smallest rule, `select` jumps by one attribute's atom, as often as the list below was long
//     enough to divide again, `ranges` looks at the lists of all stretches of numbers that a number
//     lies in, `patterns` at those of all patterns that a text matches (patterns.hpp),
//     `candidates` tries postings in rule order, `bits` does so with many at once, `leaf` is
//     certain.
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

#include "engine/column.hpp"
#include "engine/patterns.hpp"
#include "engine/policy.hpp"
#include "engine/table.hpp"

#include <cstdint>
#include <memory>
#include <ranges>
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

/// Bytes [offset, offset + size) of Image::texts.
struct TextRef {
  std::uint32_t offset = 0;
  std::uint32_t size = 0;

  bool operator==(const TextRef&) const = default;
};

struct Node {
  enum class Kind : std::uint8_t {
    none,          ///< no rule below
    leaf,          ///< rule `smallest` matches, with outcome `first`
    candidates,    ///< postings [first, first + count), in rule order
    bits,          ///< the same, of `count` postings, as the list `first` of Image::bit_lists
    select,        ///< child node: first + atom of `attribute`, for each of `count` atoms; this and
                   ///< those before may stand anywhere, the others below a root only
    ranges,        ///< a segment tree over the atoms of a number: `count` leaves, a power of two;
                   ///< node N of it is child first + N, its children 2 N and 2 N + 1, the root 1;
                   ///< child `first` is for what is absent
    patterns,      ///< child node: first + id of each of `count` patterns that the text matches
    if_ill_typed,  ///< node `first`, when `attribute` is ill-typed
    first          ///< child nodes [first, first + count), in the order of their smallest rules
  };
  Kind kind = Kind::none;
  std::uint8_t unused = 0;
  AttributeId attribute{};  ///< of select, ranges, patterns and if_ill_typed
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
  std::uint32_t first_test = 0;  ///< of one test its place in `tests`, else theirs in `sequences`
  std::uint16_t tests = 0;       ///< tests that the guard has not settled either
  AttributeId attribute{};       ///< of the guard

  static constexpr std::uint64_t no_guard = ~std::uint64_t{0};

  /// True when the path to the posting settles everything.
  [[nodiscard]] bool is_certain() const { return tests == 0 && guard == no_guard; }

  bool operator==(const Posting&) const = default;
};

/// Many postings, and for each attribute with few atoms which of them each atom lets pass: a word
/// for 64 of them. What all attributes let pass is asked its other tests.
struct BitList {
  std::uint32_t first_posting = 0;
  std::uint32_t postings = 0;
  std::uint32_t first_column = 0;  ///< of Image::bit_columns
  std::uint32_t columns = 0;

  /// Words that are and-ed at once: a cache line.
  static constexpr std::uint32_t line = 8;

  /// Postings of which the first that is left is found by one look, in two lines.
  static constexpr std::uint32_t short_list = 2 * 64 * line;

  /// Words of each atom: one, or whole lines of which the last may hold words of no posting.
  [[nodiscard]] std::uint32_t words() const {
    return postings <= 64 ? 1 : (postings + 64 * line - 1) / (64 * line) * line;
  }

  /// The bits of word `at` that are of postings.
  [[nodiscard]] std::uint64_t own(std::uint64_t at) const {
    if (64 * at >= postings) return 0;
    const std::uint64_t left = postings - 64 * at;
    return left >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << left) - 1;
  }

  bool operator==(const BitList&) const = default;
};

/// One attribute of a list: word W of atom A is bits[first + A * words + W]. Lines begin at a
/// multiple of their size.
struct BitColumn {
  std::uint32_t attribute = 0;
  std::uint32_t first = 0;

  bool operator==(const BitColumn&) const = default;
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
  std::uint8_t unused = 0;

  bool operator==(const AtomTest&) const = default;
};

/// What a rule is, for deciding ill-typed tasks and for explaining.
struct CompiledRule {
  std::uint32_t first_test = 0;  ///< in `sequences`: all its tests in the policy's order
  std::uint32_t tests = 0;
  OutcomeId outcome{};
  TextRef name;

  bool operator==(const CompiledRule&) const = default;
};

/// An outcome as the image holds it.
struct OutcomeRecord {
  TextRef template_key;
  TextRef wanted;
  TextRef failure;
  std::uint32_t first_override = 0;
  std::uint32_t overrides = 0;
  std::uint32_t runner = 0;  ///< a Runner

  bool operator==(const OutcomeRecord&) const = default;
};

struct OverrideRecord {
  Span span;
  TextRef key;
  TextRef value;
  TextRef upper;
  TextRef profile;
  std::uint32_t attribute = no_attribute;  ///< an AttributeId
  std::uint32_t field = 0;                 ///< a Field

  static constexpr std::uint32_t no_attribute = 0xFFFF'FFFF;

  bool operator==(const OverrideRecord&) const = default;
};

/// A compiled outcome, by itself. `template_key` is the effective one.
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
  TextRef otherwise_name;

  bool operator==(const Entry&) const = default;
};

/// What an image knows of the values of one attribute: of texts the listed ones and the patterns,
/// of numbers the bounds at which a test changes its answer.
struct Domain {
  AtomTable table;
  PatternIndex patterns;
  Column<std::uint32_t> hit_ends;  ///< [hit_ends[T], hit_ends[T + 1]): text T's part of `hits`
  Column<PatternId> hits;          ///< the patterns that listed texts match, ascending
  Column<Number> bounds;           ///< ascending, from smallest_number: where a part begins

  /// Atoms in all: the three classes, and the listed texts or the parts.
  [[nodiscard]] std::uint32_t atoms() const;

  /// The part in which a number lies.
  [[nodiscard]] Atom part(Number number) const;

  /// The patterns that a listed text matches; of another atom none.
  [[nodiscard]] std::span<const PatternId> hits_of(Atom atom) const;

  bool operator==(const Domain&) const = default;
};

struct Image {
  std::vector<Attribute> attributes;
  std::vector<Domain> domains;  ///< one an attribute
  Column<Node> nodes;           ///< INVARIANT: a child's index is smaller than its parent's
  Column<Posting> postings;
  Column<BitList> bit_lists;
  Column<BitColumn> bit_columns;
  Column<std::uint64_t> bits;
  Column<AtomTest> tests;           ///< each stands here once, however many rules ask it
  Column<std::uint32_t> sequences;  ///< runs of places in `tests`
  Column<std::uint32_t> values;
  Column<CompiledRule> rules;
  Column<BitColumn> passing_columns;  ///< for explaining only: passing.hpp
  Column<std::uint64_t> passing;
  Column<OutcomeRecord> outcomes;
  Column<OverrideRecord> overrides;
  Column<char> texts;  ///< of rules and outcomes
  Entry placement;
  Entry runner;
  bool has_texts_only =
      false;  ///< few attributes, of which no value is a number; once in one block
  std::uint32_t only_list = no_list;  ///< of `bit_lists`, that is all of the placement when nothing
                                      ///< decides the runner; or no_list; once in one block
  std::uint32_t far_nodes = no_node;  ///< where the placement's root selects by an attribute of
                                      ///< very many texts: the node of its first atom …
  AttributeId far_attribute{};        ///< … and the attribute; once in one block
  bool decides_runner = false;  ///< false: there is no runner strategy, everything runs on k8s
  static constexpr std::uint32_t no_list = 0xFFFF'FFFF;
  static constexpr std::uint32_t no_node = 0xFFFF'FFFF;
  std::shared_ptr<const void> block = {};  ///< that the columns view, where they do

  [[nodiscard]] std::string_view text(TextRef ref) const {
    return {texts.data() + ref.offset, ref.size};
  }

  [[nodiscard]] std::string_view name(RuleId rule) const {
    return text(rules[std::to_underlying(rule)].name);
  }

  /// The rule's name, or the default's.
  [[nodiscard]] std::string_view name(const Entry& entry, RuleId rule) const {
    return rule == no_rule ? text(entry.otherwise_name) : name(rule);
  }

  /// Allocates.
  [[nodiscard]] CompiledOutcome outcome(OutcomeId id) const;

  /// Of a node that holds some.
  [[nodiscard]] std::span<const Posting> postings_of(const Node& node) const {
    const bool has_bits = node.kind == Node::Kind::bits;
    return postings.span().subspan(has_bits ? bit_lists[node.first].first_posting : node.first,
                                   node.count);
  }

  /// All tests of a rule, in the policy's order.
  [[nodiscard]] auto tests_of(RuleId id) const {
    const CompiledRule& rule = rules[std::to_underlying(id)];
    return sequences.span().subspan(rule.first_test, rule.tests) |
           std::views::transform(
               [all = tests.data()](std::uint32_t at) -> const AtomTest& { return all[at]; });
  }

  /// Bytes that some decision about a well-typed task reads, and of all: the rest is for explaining
  /// and for tasks with values of the wrong type. Goes through the whole image.
  [[nodiscard]] std::size_t hot_bytes() const;
  [[nodiscard]] std::size_t bytes() const;
};

/// Attributes up to which one that is absent is looked up like any other: of few nobody can foresee
/// which are there, of many most are not.
inline constexpr std::size_t looked_up_anyway = 16;

/// Attributes that one image may ask for: a bound of the work that any task can cause.
inline constexpr std::size_t attribute_limit = 256;

/// Tests of one rule.
inline constexpr std::size_t test_limit = 4096;

/// The first thing that is wrong with an image, or empty. Checks every index, the order of nodes,
/// the order of postings, and that tables find their own keys: an image that passes cannot send
/// `evaluate` astray.
[[nodiscard]] std::string verify(const Image& image);

/// What of an image is shown.
enum class Part : std::uint8_t {
  attributes,  ///< what the policy asks about a task, and as what it is read
  rules,       ///< outcomes, and rules as conjunctions of tests
  atoms,       ///< the values that are told apart, and the tests over their numbers
  nodes,       ///< the tree
  all          ///< for tests: values, outcomes, rules and tree
};

/// The image as stable text, a line a thing: for tests and for people who compile.
[[nodiscard]] std::string dump(const Image& image, Part part = Part::all);

/// One of its tests.
[[nodiscard]] std::string dump(const Image& image, const AtomTest& test);

}  // namespace copse::engine
