#include "engine/simplify.hpp"

#include <algorithm>
#include <utility>

namespace copse::engine {
namespace {

bool may_fail(const Test& test) {
  const bool lists = !test.values.empty() || !test.patterns.empty() || !test.ranges.empty();
  return (lists && test.if_listed == Verdict::fail) || test.if_other == Verdict::fail ||
         test.if_absent == Verdict::fail;
}

// The values of a type for which a test says yes: those that it lists, or all but those.
struct Taken {
  std::vector<std::string> values;
  std::vector<Pattern> patterns;
  bool all_but = false;

  [[nodiscard]] bool is_all() const { return all_but && values.empty() && patterns.empty(); }
};

Taken taken(const Test& test) {
  const bool listed = test.if_listed == Verdict::yes;
  const bool other = test.if_other == Verdict::yes;
  if (listed == other) return {.values = {}, .patterns = {}, .all_but = other};
  return {test.values, test.patterns, other};
}

std::vector<std::string> without(std::vector<std::string> from, std::vector<std::string> what) {
  std::sort(what.begin(), what.end());
  std::erase_if(from, [&](const std::string& each) {
    return std::binary_search(what.begin(), what.end(), each);
  });
  return from;
}

// What both take. Nothing where a pattern of one would have to be compared with values of the
// other.
std::optional<Taken> both(Taken a, Taken b) {
  if (a.is_all()) return b;
  if (b.is_all()) return a;
  if (a.all_but && b.all_but) {
    a.values.insert(a.values.end(), b.values.begin(), b.values.end());
    a.patterns.insert(a.patterns.end(), b.patterns.begin(), b.patterns.end());
    return a;
  }
  if (!a.patterns.empty() || !b.patterns.empty()) return std::nullopt;
  if (a.all_but) std::swap(a, b);
  return Taken{b.all_but ? without(std::move(a.values), std::move(b.values))
                         : without(a.values, without(a.values, std::move(b.values))),
               {},
               false};
}

// The same of numbers, which all lie in some stretch.
std::vector<Range> stretches(const Test& test) {
  const bool listed = test.if_listed == Verdict::yes;
  const bool other = test.if_other == Verdict::yes;
  if (listed && other) return {Range{}};
  if (!listed && !other) return {};
  if (listed) return test.ranges;
  std::vector<Range> between;
  Number from = smallest_number;
  bool is_more = true;
  for (const Range& range : test.ranges) {
    if (from < range.first) between.push_back({from, before(range.first)});
    is_more = range.last != largest_number;
    if (is_more) from = next(range.last);
  }
  if (is_more) between.push_back({from, largest_number});
  return between;
}

std::vector<Range> both(const std::vector<Range>& a, const std::vector<Range>& b) {
  std::vector<Range> made;
  for (auto x = a.begin(), y = b.begin(); x != a.end() && y != b.end();) {
    const Range common{std::max(x->first, y->first), std::min(x->last, y->last)};
    if (common.first <= common.last) made.push_back(common);
    ++(x->last < y->last ? x : y);
  }
  return made;
}

// One test for two of the same attribute, none of which may fail.
std::optional<Test> merged(const Test& a, const Test& b) {
  Test made = a;
  if (is_numeric(a.attribute->type)) {
    made.ranges = both(stretches(a), stretches(b));
    made.if_listed = Verdict::yes;
    made.if_other = Verdict::no;
  } else {
    auto common = both(taken(a), taken(b));
    if (!common) return std::nullopt;
    made.values = std::move(common->values);
    made.patterns = std::move(common->patterns);
    made.if_listed = common->all_but ? Verdict::no : Verdict::yes;
    made.if_other = common->all_but ? Verdict::yes : Verdict::no;
  }
  made.if_absent = std::min(a.if_absent, b.if_absent);
  made.if_ill_typed = a.if_ill_typed == b.if_ill_typed ? a.if_ill_typed : Verdict::no;
  return made;
}

// Also of a value of another type: what is left out is not asked of tasks that have some.
bool is_always(const Test& test) {
  if (test.if_absent != Verdict::yes || test.if_ill_typed != Verdict::yes) return false;
  return is_numeric(test.attribute->type) ? stretches(test) == std::vector{Range{}}
                                          : taken(test).is_all();
}

bool is_never(const Test& test) {
  if (test.if_absent == Verdict::yes) return false;
  if (is_numeric(test.attribute->type)) return stretches(test).empty();
  const Taken all = taken(test);
  return !all.all_but && all.values.empty() && all.patterns.empty();
}

bool is_simple(const Rule& rule) {
  for (std::size_t i = 0; i < rule.tests.size(); ++i) {
    const Test& test = rule.tests[i];
    if (may_fail(test)) return true;
    if (is_always(test) || (is_never(test) && rule.tests.size() > 1)) return false;
    for (std::size_t other = 0; other < i; ++other) {
      if (rule.tests[other].attribute == test.attribute) return false;
    }
  }
  return true;
}

}  // namespace

std::optional<std::vector<Test>> simplify(const Rule& rule) {
  if (is_simple(rule) || std::any_of(rule.tests.begin(), rule.tests.end(), may_fail))
    return std::nullopt;
  std::vector<Test> made;
  for (const Test& test : rule.tests) {
    if (is_always(test)) continue;
    std::optional<Test> one;
    const auto with = std::find_if(made.begin(), made.end(), [&](const Test& other) {
      if (other.attribute == test.attribute) one = merged(other, test);
      return one.has_value();
    });
    if (with == made.end()) {
      made.push_back(test);
    } else {
      *with = std::move(*one);
    }
  }
  const auto never = std::find_if(made.begin(), made.end(), is_never);
  if (never != made.end()) {
    // A value of another type may pass it, and is then asked the tests that are left out here.
    never->if_ill_typed = Verdict::no;
    return std::vector{std::move(*never)};
  }
  if (made == rule.tests) return std::nullopt;
  return made;
}

}  // namespace copse::engine
