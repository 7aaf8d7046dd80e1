#pragma once
// What policies say, each thing once, by ids that stay as long as the vocabulary does. Private to
// the compiler.
//
// A rule that is known is three ids, and compiling it anew needs no look at its texts: that is what
// makes a change of one rule among many cheap. Ids are given by first mention, whenever that was,
// so nothing in an image may depend on their order: `order` numbers what a policy uses by first use
// in it.

#include "engine/distinct.hpp"
#include "engine/image.hpp"
#include "engine/policy.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace copse::engine {

/// A rule, by ids.
struct KnownRule {
  std::uint32_t written = 0;  ///< the run of its tests
  std::uint32_t asked = 0;    ///< the run of those that are asked of a well-typed task
  std::uint32_t outcome = 0;
};

/// A policy whose rules are known.
struct KnownPolicy {
  const Policy* policy = nullptr;
  std::vector<KnownRule> rules;
  std::uint32_t otherwise = 0;  ///< an outcome
};

/// One test: its values are [first, first + texts + patterns) of the vocabulary's lists, ids of
/// texts and then of patterns; of a number pairs of bounds. Of one value `first` is its id.
struct KnownTest {
  std::uint32_t attribute = 0;
  std::uint32_t first = 0;
  std::uint32_t texts = 0;
  std::uint32_t patterns = 0;
  AtomTest::Kind kind = AtomTest::Kind::set;
  Verdict if_listed = Verdict::yes;
  Verdict if_other = Verdict::no;
  Verdict if_absent = Verdict::no;
  Verdict if_ill_typed = Verdict::no;
  std::array<std::uint8_t, 3> unused{};

  bool operator==(const KnownTest&) const = default;
};

/// Texts that stand one behind another.
class Texts {
 public:
  std::uint32_t add(std::string_view text);

  [[nodiscard]] std::string_view operator[](std::uint32_t id) const {
    return {bytes_.data() + ends_[id], ends_[id + 1] - ends_[id]};
  }

  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(ends_.size() - 1); }

 private:
  Numbering numbers_;
  std::vector<char> bytes_;
  std::vector<std::size_t> ends_{0};
};

class Vocabulary {
 public:
  /// What one attribute is compared with.
  struct Words {
    Texts texts;
    Distinct<Pattern> patterns;
    Distinct<Number> bounds;  ///< where a stretch begins, or what follows one
  };

  /// Stands for a bound: a stretch that nothing follows.
  static constexpr std::uint32_t no_bound = 0xFFFF'FFFF;

  [[nodiscard]] KnownRule rule(const Rule& written);
  [[nodiscard]] std::uint32_t outcome(const Outcome& written);

  /// The run without its test at `place`, and up to that.
  [[nodiscard]] std::uint32_t without(std::uint32_t run, std::uint32_t place);
  [[nodiscard]] std::uint32_t up_to(std::uint32_t run, std::uint32_t place);

  [[nodiscard]] std::span<const std::uint32_t> tests_of(std::uint32_t run) const {
    return {run_tests_.data() + runs_[run].first, runs_[run].size};
  }

  [[nodiscard]] std::span<const std::uint32_t> values_of(const KnownTest& test) const {
    const std::uint32_t values = test.texts + test.patterns;
    return values == 1 ? std::span(&test.first, 1) : list({test.first, values});
  }

  /// Of the overrides that are set to one, in their order.
  [[nodiscard]] std::span<const std::uint32_t> attributes_of(std::uint32_t outcome) const {
    return list(outcome_attributes_[outcome]);
  }

  [[nodiscard]] const std::vector<KnownTest>& tests() const { return tests_.values(); }

  [[nodiscard]] const std::vector<SharedAttribute>& attributes() const { return attributes_; }

  [[nodiscard]] const Words& words(std::uint32_t attribute) const { return words_[attribute]; }

  [[nodiscard]] std::size_t runs() const { return runs_.size(); }

  [[nodiscard]] std::size_t outcomes() const { return outcome_attributes_.size(); }

  /// True when it was told much more than a policy of so many rules says: better to begin anew.
  [[nodiscard]] bool is_stale(std::size_t rules) const { return told_ > 2 * rules + slack; }

 private:
  static constexpr std::size_t slack = 1'000;

  struct Part {
    std::uint32_t first = 0;
    std::uint32_t size = 0;
  };

  std::uint32_t attribute(const SharedAttribute& named);
  std::uint32_t test(const Test& written);
  std::uint32_t run(const std::vector<Test>& tests);
  std::uint32_t run(std::span<const std::uint32_t> tests);

  [[nodiscard]] std::span<const std::uint32_t> list(Part part) const {
    return lists_.span().subspan(part.first, part.size);
  }

  std::vector<SharedAttribute> attributes_;
  std::unordered_map<const Attribute*, std::uint32_t> shared_;         // those of attributes_
  std::unordered_map<std::string, std::vector<std::uint32_t>> named_;  // one name, several types
  std::vector<Words> words_;                                           // by attribute
  Column<std::uint32_t> lists_;
  Runs known_lists_{lists_};
  Distinct<KnownTest> tests_;
  Numbering known_runs_;
  std::vector<Part> runs_;  // of run_tests_
  std::vector<std::uint32_t> run_tests_;
  std::vector<std::uint32_t> without_;  // by place in run_tests_: the run without it, or none yet
  Texts outcomes_;                      // each as one text
  std::vector<Part> outcome_attributes_;
  std::vector<std::uint32_t> scratch_;
  std::size_t told_ = 0;  // outcomes, of which each rule has one
};

}  // namespace copse::engine
