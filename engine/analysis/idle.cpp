#include "engine/analysis/idle.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <span>
#include <utility>

namespace copse::engine::analysis {
namespace {

using Regions = std::vector<Region>;

bool is_nowhere(const Image& image, const Regions& regions, const AtomTest& test, Verdict verdict) {
  return std::all_of(regions.begin(), regions.end(), [&](const Region& each) {
    return restricted(image, each, test, verdict).empty();
  });
}

// What the test says to every task of the regions; nothing: it depends.
std::optional<Verdict> known(const Image& image, const Regions& regions, const AtomTest& test) {
  if (is_nowhere(image, regions, test, Verdict::yes)) return Verdict::no;
  const bool is_certain = is_nowhere(image, regions, test, Verdict::no) &&
                          is_nowhere(image, regions, test, Verdict::fail);
  return is_certain ? std::optional(Verdict::yes) : std::nullopt;
}

// What a task lacks there is made up (facts.hpp).
bool has_default(const Attribute& attribute) {
  return attribute == group_id_attribute() || attribute == data_source_attribute() ||
         attribute == priority_attribute() || attribute == required_capacity_attribute();
}

// One alternative: what is known of each test.
class Alternative {
 public:
  struct Judgement {
    std::optional<Verdict> verdict;
    std::vector<std::uint32_t> because;
    bool is_asked = true;  // not when a test before it lets no task through
  };

  Alternative(const Image& image, RuleId rule) : image_(image) {
    std::ranges::copy(image.tests_of(rule), std::back_inserter(tests_));
    all_.resize(tests_.size());
    alone();
    if (tests_.size() <= compared_tests_limit && !excluded()) implied();
  }

  [[nodiscard]] const Judgement& operator[](std::size_t test) const { return all_[test]; }

  [[nodiscard]] bool is_plain() const {
    return std::none_of(all_.begin(), all_.end(),
                        [](const Judgement& each) { return each.verdict.has_value(); });
  }

  [[nodiscard]] std::optional<Region> without(std::size_t test) const {
    std::vector<std::uint32_t> others;
    for (std::uint32_t i = 0; i < tests_.size(); ++i) {
      if (i != test) others.push_back(i);
    }
    Regions regions = where(others);
    return regions.empty() ? std::nullopt : std::optional(std::move(regions.front()));
  }

 private:
  void alone() {
    const Regions anything{Region{}};
    for (std::size_t i = 0; i < tests_.size(); ++i)
      all_[i].verdict = known(image_, anything, tests_[i]);
  }

  // True when one test leaves nothing of what those before it let through.
  bool excluded() {
    for (std::uint32_t i = 1; i < tests_.size(); ++i) {
      if (all_[i].verdict) continue;
      std::vector<std::uint32_t> before = alike(i, i);
      if (before.empty() || !is_nowhere(image_, where(before), tests_[i], Verdict::yes))
        before = contradicting(i);
      if (before.empty()) continue;
      all_[i].verdict = Verdict::no;
      all_[i].because = std::move(before);
      for (std::size_t later = i + 1; later < tests_.size(); ++later)
        all_[later].is_asked = all_[later].verdict.has_value();
      return true;
    }
    return false;
  }

  // From the last on, so that of two that say the same the first stays.
  void implied() {
    for (auto i = static_cast<std::uint32_t>(tests_.size()); i-- > 0;) {
      if (all_[i].verdict) continue;
      std::vector<std::uint32_t> others = alike(i, tests_.size());
      if (others.empty() || known(image_, where(others), tests_[i]) != Verdict::yes)
        others = showing(i);
      if (others.empty()) continue;
      all_[i].verdict = Verdict::yes;
      all_[i].because = std::move(others);
    }
  }

  // Tests before `end` that ask for the same attribute, but for those that decide nothing: only
  // they can say something of a test.
  [[nodiscard]] std::vector<std::uint32_t> alike(std::size_t test, std::size_t end) const {
    std::vector<std::uint32_t> found;
    for (std::uint32_t i = 0; i < end; ++i) {
      if (i != test && tests_[i].attribute == tests_[test].attribute && !all_[i].verdict)
        found.push_back(i);
    }
    return found;
  }

  // Whether a value is there, and what it is, are two attributes of one path.
  [[nodiscard]] bool asks_whether(const AtomTest& test, Verdict if_there) const {
    const Attribute& about = image_.attributes[std::to_underlying(test.attribute)];
    return about.type == ValueType::any && test.if_other == if_there &&
           test.if_absent == (if_there == Verdict::yes ? Verdict::no : Verdict::yes);
  }

  // True when `test` lets only tasks through that have the value at the path of `other`.
  [[nodiscard]] bool needs_value_of(const AtomTest& test, const AtomTest& other) const {
    const Attribute& about = image_.attributes[std::to_underlying(test.attribute)];
    return about.type != ValueType::any && about.origin == Origin::member && !has_default(about) &&
           about.path == image_.attributes[std::to_underlying(other.attribute)].path &&
           test.if_absent == Verdict::no && test.if_ill_typed == Verdict::no;
  }

  // A test that shows that a value is there, when test I asks just this.
  [[nodiscard]] std::vector<std::uint32_t> showing(std::size_t i) const {
    if (!asks_whether(tests_[i], Verdict::yes)) return {};
    for (std::uint32_t other = 0; other < tests_.size(); ++other) {
      if (!all_[other].verdict && needs_value_of(tests_[other], tests_[i])) return {other};
    }
    return {};
  }

  // A test before test I, one of which wants a value to be there and the other that it is not.
  [[nodiscard]] std::vector<std::uint32_t> contradicting(std::size_t i) const {
    const auto is_without = [&](const AtomTest& test, const AtomTest& value) {
      return asks_whether(test, Verdict::no) && needs_value_of(value, test);
    };
    for (std::uint32_t before = 0; before < i; ++before) {
      if (all_[before].verdict) continue;
      if (is_without(tests_[i], tests_[before]) || is_without(tests_[before], tests_[i]))
        return {before};
    }
    return {};
  }

  [[nodiscard]] Regions where(const std::vector<std::uint32_t>& tests) const {
    Regions regions{Region{}};
    for (const std::uint32_t i : tests) {
      Regions next;
      for (const Region& each : regions)
        std::ranges::move(restricted(image_, each, tests_[i], Verdict::yes),
                          std::back_inserter(next));
      regions = std::move(next);
    }
    return regions;
  }

  const Image& image_;
  std::vector<AtomTest> tests_;
  std::vector<Judgement> all_;
};

// True when without the test an alternative asks nothing that another one does not ask, too.
bool ends_a_choice(std::span<const Rule> alternatives, const Alternative& judged, std::size_t own,
                   std::size_t test) {
  const std::vector<Test>& tests = alternatives[own].tests;
  const auto is_asked_by = [](const Rule& other, const Test& asked) {
    return std::any_of(other.tests.begin(), other.tests.end(),
                       [&](const Test& each) { return each.span == asked.span; });
  };
  for (std::size_t i = 0; i < alternatives.size(); ++i) {
    bool takes_all = i != own;
    for (std::size_t t = 0; takes_all && t < tests.size(); ++t)
      takes_all =
          t == test || judged[t].verdict == Verdict::yes || is_asked_by(alternatives[i], tests[t]);
    if (takes_all) return true;
  }
  return false;
}

// What the alternatives together say of one condition.
struct Votes {
  std::uint32_t asked = 0;
  std::uint32_t excludes_nothing = 0;
  std::uint32_t lets_nothing_through = 0;
  IdleCondition made;
};

}  // namespace

std::vector<IdleCondition> idle_conditions(const Image& image, const Policy& policy,
                                           std::uint32_t first, std::uint32_t count) {
  std::vector<Alternative> alternatives;
  alternatives.reserve(count);
  for (std::uint32_t i = first; i < first + count; ++i) alternatives.emplace_back(image, RuleId{i});
  if (std::all_of(alternatives.begin(), alternatives.end(),
                  [](const Alternative& each) { return each.is_plain(); }))
    return {};

  std::map<std::uint64_t, Votes> votes;  // by where it begins
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::vector<Test>& written = policy.rules[first + i].tests;
    for (std::size_t t = 0; t < written.size(); ++t) {
      const Alternative::Judgement& judged = alternatives[i][t];
      if (written[t].span == Span{} || !judged.is_asked) continue;
      Votes& all = votes[written[t].span.begin];
      ++all.asked;
      if (!judged.verdict) continue;
      ++(*judged.verdict == Verdict::yes ? all.excludes_nothing : all.lets_nothing_through);
      all.made.span = written[t].span;
      all.made.verdict = *judged.verdict;
      all.made.ends_a_choice =
          all.made.ends_a_choice ||
          (*judged.verdict == Verdict::yes &&
           ends_a_choice(std::span(policy.rules).subspan(first, count), alternatives[i], i, t));
      if (!all.made.others) all.made.others = alternatives[i].without(t);
      for (const std::uint32_t other : judged.because) {
        const Span span = written[other].span;
        const auto& known = all.made.because;
        if (!(span == Span{}) && std::find(known.begin(), known.end(), span) == known.end())
          all.made.because.push_back(span);
      }
    }
  }
  std::vector<IdleCondition> found;
  for (auto& [begin, all] : votes) {
    if (all.excludes_nothing == all.asked || all.lets_nothing_through == all.asked)
      found.push_back(std::move(all.made));
  }
  return found;
}

}  // namespace copse::engine::analysis
