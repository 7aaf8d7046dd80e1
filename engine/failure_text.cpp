#include "engine/failure_text.hpp"

#include <utility>

namespace copse::engine {
namespace {

void replace(std::string& text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  if (at != std::string::npos) text.replace(at, from.size(), to);
}

}  // namespace

std::string failure_text(const Image& image, const Answer& answer, std::span<const Fact> facts,
                         std::string_view task_id) {
  if (answer.failed()) {
    const AtomTest& test = image.tests[answer.failed_test];
    const std::size_t attribute = std::to_underlying(test.attribute);
    const std::string name = "`" + image.attributes[attribute].name + "`";
    const std::string rule(image.name(answer.rule));
    if (facts[attribute].state() == Fact::State::ill_typed)
      return rule + " asks for " + name + ", which is not a text in this task";
    return rule + " lists null instead of values for " + name + ", which this task has";
  }
  std::string text = image.outcome(answer.outcome).failure;
  if (text.empty() || answer.rule == no_rule) return text;
  replace(text, "{id}", task_id);
  if (const auto tests = image.tests_of(answer.rule); !tests.empty()) {
    const AtomTest& last = tests.back();
    replace(text, "{value}", facts[std::to_underlying(last.attribute)].text());
  }
  return text;
}

}  // namespace copse::engine
