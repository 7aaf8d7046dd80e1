#include "engine/compile.hpp"

#include "engine/draft.hpp"
#include "engine/image_file.hpp"
#include "engine/passing.hpp"
#include "engine/shared_columns.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <span>
#include <utility>

namespace copse::engine {

struct Compiler::State {
  Vocabulary known;
  std::vector<KnownPolicy> policies;
  Before before;
};

namespace {

void learn(const Policy& policy, Vocabulary& known, KnownPolicy& as) {
  as.rules.clear();
  as.rules.reserve(policy.rules.size());
  for (const Rule& rule : policy.rules) as.rules.push_back(known.rule(rule));
}

// The policies as they are written.
void attach(const PolicySet& policies, Vocabulary& known, std::vector<KnownPolicy>& as) {
  const auto written = parts(policies);
  for (std::size_t i = 0; i < written.size(); ++i) {
    as[i].policy = written[i];
    as[i].otherwise = known.outcome(written[i]->otherwise);
  }
}

// Their first steps, for those who look at them.
struct Ordered {
  Vocabulary known;
  Image image;
  std::vector<KnownPolicy> policies;
  std::vector<Draft> drafts;

  explicit Ordered(const PolicySet& of) {
    for (const Policy* policy : parts(of)) learn(*policy, known, policies.emplace_back());
    attach(of, known, policies);
    Before nothing;
    if (auto made = order(policies, known, Layout{}.far, nothing, image)) drafts = std::move(*made);
  }
};

bool says_the_same(const Test& a, const Test& b) {
  return a.if_listed == b.if_listed && a.if_other == b.if_other && a.if_absent == b.if_absent &&
         a.if_ill_typed == b.if_ill_typed && a.values == b.values && a.patterns == b.patterns &&
         a.ranges == b.ranges && a.attribute == b.attribute;
}

bool says_the_same(const Override& a, const Override& b) {
  return same_target(a, b) && a.value == b.value && a.upper == b.upper &&
         a.attribute == b.attribute && a.profile == b.profile;
}

bool says_the_same(const Rule& a, const Rule& b) {
  const auto same = [](const auto& x, const auto& y) { return says_the_same(x, y); };
  return a.outcome.template_key == b.outcome.template_key && a.outcome.runner == b.outcome.runner &&
         a.outcome.failure == b.outcome.failure &&
         std::equal(a.tests.begin(), a.tests.end(), b.tests.begin(), b.tests.end(), same) &&
         std::equal(a.outcome.overrides.begin(), a.outcome.overrides.end(),
                    b.outcome.overrides.begin(), b.outcome.overrides.end(), same);
}

}  // namespace

Change change_between(const Policy& before, const Policy& after) {
  const auto same = [](const Rule& a, const Rule& b) { return says_the_same(a, b); };
  const auto first = std::mismatch(before.rules.begin(), before.rules.end(), after.rules.begin(),
                                   after.rules.end(), same);
  const auto at = first.first - before.rules.begin();
  const auto last = std::mismatch(before.rules.rbegin(), before.rules.rend() - at,
                                  after.rules.rbegin(), after.rules.rend() - at, same);
  const auto behind = last.first - before.rules.rbegin();
  const auto between = [&](const Policy& policy) {
    return static_cast<std::uint32_t>(std::ssize(policy.rules) - at - behind);
  };
  return {static_cast<std::uint32_t>(at), between(before), between(after)};
}

std::string dump_simplified(const PolicySet& policies) {
  const Ordered ordered(policies);
  std::string text;
  for (const Draft& draft : ordered.drafts) {
    for (std::size_t i = 0; i < draft.rules.size(); ++i) {
      std::string asked;
      for (const std::uint32_t test : draft.asked_of(draft.rules[i]))
        asked += (asked.empty() ? "" : " and ") + dump(ordered.image, ordered.image.tests[test]);
      text += "rule " + draft.policy->policy->rules[i].name + ": " +
              (asked.empty() ? "always" : asked) +
              (draft.rules[i].first_asked == draft.rules[i].first_test ? "" : " (simplified)") +
              "\n";
    }
  }
  return text;
}

std::string dump_homes(const PolicySet& policies) {
  Ordered ordered(policies);
  std::string text;
  for (Draft& draft : ordered.drafts) {
    draft.is_small = draft.rules.size() <= Layout{}.together;
    index(ordered.image, draft);
    for (std::size_t i = 0; i < draft.rules.size(); ++i) {
      const DraftRule& rule = draft.rules[i];
      const std::span<const std::uint32_t> tests = draft.asked_of(rule);
      std::string others;
      for (std::uint32_t t = 0; t < tests.size(); ++t) {
        if (t != rule.home) others += (others.empty() ? "" : ", ") + std::to_string(tests[t]);
      }
      text += "rule " + draft.policy->policy->rules[i].name + ": ";
      text += rule.home ? "under test " + std::to_string(tests[*rule.home])
                        : std::string("in the list of all");
      text += (others.empty() ? "" : ", asks tests " + others) + "\n";
    }
  }
  return text;
}

Compiler::Compiler(Layout layout) : layout_(layout) {}

Compiler::Compiler(Compiler&&) noexcept = default;
Compiler& Compiler::operator=(Compiler&&) noexcept = default;
Compiler::~Compiler() = default;

std::expected<Image, Diagnostics> Compiler::compile(const PolicySet& policies,
                                                    const TemplateNames& templates) {
  state_.reset();
  for (const Policy* policy : parts(policies)) {
    if (auto error = too_large(*policy)) return std::unexpected(std::move(*error));
    if (auto error = too_large(*policy, policy->rules)) return std::unexpected(std::move(*error));
  }
  state_ = std::make_unique<State>();
  for (const Policy* policy : parts(policies))
    learn(*policy, state_->known, state_->policies.emplace_back());
  return emit(policies, templates);
}

std::expected<Image, Diagnostics> Compiler::recompile(const PolicySet& policies,
                                                      const TemplateNames& templates,
                                                      const Changes& changes) {
  const std::vector<const Policy*> written = parts(policies);
  std::size_t rules_in_all = 0;
  for (const Policy* policy : written) rules_in_all += policy->rules.size();
  if (!state_ || state_->policies.size() != written.size() || state_->known.is_stale(rules_in_all))
    return compile(policies, templates);
  const std::array<Change, 2> each{changes.placement, changes.runner};
  for (std::size_t i = 0; i < written.size(); ++i) {
    const Change& change = each[i];
    std::vector<KnownRule>& rules = state_->policies[i].rules;
    if (std::size_t{change.first} + change.before > rules.size() ||
        rules.size() - change.before + change.after != written[i]->rules.size())
      return compile(policies, templates);
    const auto added = std::span(written[i]->rules).subspan(change.first, change.after);
    auto error = too_large(*written[i]);
    if (!error) error = too_large(*written[i], added);
    if (error) {
      state_.reset();
      return std::unexpected(std::move(*error));
    }
    std::vector<KnownRule> now;
    for (const Rule& rule : added) now.push_back(state_->known.rule(rule));
    const auto at = rules.begin() + change.first;
    const auto same = std::min(change.before, change.after);
    std::copy_n(now.begin(), same, at);
    rules.erase(at + same, at + change.before);
    rules.insert(rules.begin() + change.first + same, now.begin() + same, now.end());
  }
  return emit(policies, templates);
}

std::size_t Compiler::known() const {
  if (!state_) return 0;
  const Vocabulary& known = state_->known;
  return known.tests().size() + known.runs() + known.outcomes();
}

std::expected<Image, Diagnostics> Compiler::emit(const PolicySet& policies,
                                                 const TemplateNames& templates) {
  Vocabulary& known = state_->known;
  attach(policies, known, state_->policies);
  Image image;
  auto drafts = order(state_->policies, known, layout_.far, state_->before, image);
  if (!drafts) {
    state_.reset();
    return std::unexpected(too_many_attributes(policies, drafts.error().attributes));
  }
  for (Draft& draft : *drafts) {
    draft.is_small = draft.rules.size() <= layout_.together;
    index(image, draft);
  }
  SharedColumns shared(templates, known, image);
  image.placement = engine::emit((*drafts)[0], shared, image);
  image.decides_runner = drafts->size() > 1;
  if (image.decides_runner) image.runner = engine::emit((*drafts)[1], shared, image);
  add_passing(image);
  assert(verify(image).empty());
  state_->before.image = in_one_block(image);
  return state_->before.image;
}

std::expected<Image, Diagnostics> compile(const PolicySet& policies, const TemplateNames& templates,
                                          Layout layout) {
  return Compiler(layout).compile(policies, templates);
}

}  // namespace copse::engine
