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
      if (before.empty() || !is_nowhere(image_, where(before), tests_[i], Verdict::yes)) continue;
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
      if (others.empty() || known(image_, where(others), tests_[i]) != Verdict::yes) continue;
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
