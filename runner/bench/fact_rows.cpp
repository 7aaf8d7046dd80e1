#include "runner/bench/fact_rows.hpp"

#include "engine/evaluate.hpp"
#include "runner/bench/rounds.hpp"

#include <algorithm>
#include <string_view>

namespace copse::runner::bench {
namespace {

const SampleValue* value_of(const Sample& task, const engine::Attribute& attribute) {
  const bool is_canary = attribute.origin == engine::Origin::canary;
  const std::string& name = is_canary ? attribute.path.back() : attribute.name;
  const auto at = std::find_if(task.begin(), task.end(),
                               [&](const SampleValue& each) { return each.attribute == name; });
  return at == task.end() ? nullptr : &*at;
}

}  // namespace

FactRows::FactRows(const engine::Image& image, const std::vector<Sample>& tasks)
    : width_(image.attributes.size()) {
  std::vector<std::size_t> ends;
  for (const Sample& task : tasks) {
    for (const engine::Attribute& attribute : image.attributes) {
      if (const SampleValue* const value = value_of(task, attribute)) texts_ += value->text;
      ends.push_back(texts_.size());
    }
  }
  texts_.append(engine::text_padding, '\0');
  std::size_t begin = 0;
  auto end = ends.begin();
  for (const Sample& task : tasks) {
    for (const engine::Attribute& attribute : image.attributes) {
      const SampleValue* const value = value_of(task, attribute);
      const std::string_view text = std::string_view(texts_).substr(begin, *end - begin);
      begin = *end++;
      if (value == nullptr) {
        facts_.emplace_back();
      } else if (value->number) {
        facts_.push_back(engine::Fact::of(*value->number));
      } else if (attribute.origin == engine::Origin::canary) {
        facts_.push_back(engine::Fact::counted(text));
      } else {
        facts_.push_back(engine::Fact::of_padded(text));
      }
    }
  }
}

double decide_all(const engine::Image& image, const FactRows& facts, std::uint64_t times) {
  return median_ns(times * facts.size(), [&] {
    std::uint64_t sum = 0;
    for (std::uint64_t n = 0; n < times; ++n) {
      for (std::size_t row = 0; row < facts.size(); ++row)
        sum += static_cast<std::uint64_t>(evaluate(image, facts[row]).placement.outcome);
    }
    return sum;
  });
}

}  // namespace copse::runner::bench
