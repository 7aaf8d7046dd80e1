#pragma once
// One task's facts against an image: the decision.
//
// Total (every task gets a decision), pure, without allocation, and safe from any number of
// threads. Cost: one hash look-up an attribute that the task has, and a few cache lines, however
// many rules there are.

#include "engine/facts.hpp"
#include "engine/image.hpp"

#include <cstdint>
#include <span>

namespace copse::engine {

/// What an entry answers for one task.
struct Answer {
  RuleId rule = no_rule;  ///< no_rule: the entry's default
  OutcomeId outcome{};
  std::uint32_t failed_test = 0xFFFF'FFFF;  ///< index of the test that failed, when one did

  /// True when a test failed rather than said yes: the task cannot be placed.
  [[nodiscard]] bool failed() const { return failed_test != 0xFFFF'FFFF; }

  bool operator==(const Answer&) const = default;
};

struct Decision {
  Runner runner = Runner::k8s;
  Answer runner_answer;  ///< meaningless unless image.decides_runner
  Answer placement;      ///< which template; meaningless for a worker

  bool operator==(const Decision&) const = default;
};

/// `facts` are those of `image.attributes`, one each.
[[nodiscard]] Decision evaluate(const Image& image, std::span<const Fact> facts);

/// The placement alone, whatever the runner strategy says: for a task that is here already.
[[nodiscard]] Answer place(const Image& image, std::span<const Fact> facts);

/// What one entry of the image answers, by itself.
[[nodiscard]] Answer decide(const Image& image, const Entry& entry, std::span<const Fact> facts);

}  // namespace copse::engine
