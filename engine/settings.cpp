#include "engine/settings.hpp"

#include "engine/words.hpp"

#include <utility>

namespace copse::engine {

std::expected<std::vector<Override>, std::string> settings_of(const Image& image, OutcomeId id,
                                                              std::span<const Fact> facts) {
  CompiledOutcome outcome = image.outcome(id);
  std::vector<Override> all = std::move(outcome.overrides);
  auto value = outcome.values.begin();
  for (Override& each : all) {
    if (!each.attribute) continue;
    const Fact& fact = facts[std::to_underlying(*value++)];
    if (fact.state() == Fact::State::text) each.value = fact.text();
    if (fact.state() == Fact::State::number) each.value = in_words(*each.attribute, fact.number());
    const std::string from = each.attribute->name;
    each.attribute.reset();
    if (const auto fault = fault_of(each))
      return std::unexpected(in_words(each) + " (from `" + from + "`): " + *fault);
  }
  return all;
}

}  // namespace copse::engine
