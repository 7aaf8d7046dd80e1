#pragma once
// Facts of many sample tasks, as a reader would have left them.

#include "engine/facts.hpp"
#include "engine/image.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace copse::runner::bench {

/// One value of a sample task.
struct SampleValue {
  std::string attribute;  ///< its name; of what a canary counts, `id`
  std::string text;
  std::optional<engine::Number> number = {};  ///< instead of the text
};

/// A task as its values; what is not there is absent.
using Sample = std::vector<SampleValue>;

/// One row a task, in the order of the image's attributes. All rows and all texts lie one after the
/// other, so that the processor fetches them ahead: a task whose document was just read has its
/// facts in the cache, too.
class FactRows {
 public:
  FactRows(const engine::Image& image, const std::vector<Sample>& tasks);
  FactRows(const FactRows&) = delete;
  FactRows& operator=(const FactRows&) = delete;

  [[nodiscard]] std::size_t size() const { return facts_.size() / width_; }

  [[nodiscard]] std::span<const engine::Fact> operator[](std::size_t row) const {
    return {facts_.data() + row * width_, width_};
  }

 private:
  std::size_t width_;
  std::string texts_;
  std::vector<engine::Fact> facts_;
};

/// Nanoseconds a decision, all rows in turn, `times` over.
[[nodiscard]] double decide_all(const engine::Image& image, const FactRows& facts,
                                std::uint64_t times);

}  // namespace copse::runner::bench
