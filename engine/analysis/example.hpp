#pragma once
// A task out of a region: what a finding shows, and what `dry-run` confirms.

#include "engine/analysis/region.hpp"
#include "engine/facts.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace copse::engine::analysis {

/// A task, and what else its decision depends on.
struct Example {
  std::string task;
  Circumstances circumstances;
  bool is_of_a_time = false;  ///< the time matters
};

/// `{"type":"kill"}, at 2026-11-23T22:00:00Z`: the task and the time that it is about.
[[nodiscard]] std::string in_words(const Example& example);

/// Makes examples for one image; keeps what it found out. Not for two threads at once.
class Examples {
 public:
  explicit Examples(const Image& image);
  Examples(const Examples&) = delete;
  Examples& operator=(const Examples&) = delete;
  ~Examples();

  /// A task whose every constrained attribute is as the region says; as little else as can be.
  /// Nothing when none was found: a regex that nothing was found for, two attributes that read one
  /// value differently, a share of tasks that no id out of some thousands falls into.
  [[nodiscard]] std::optional<Example> of(const Region& region);

  /// The facts of the last example, until the next one.
  [[nodiscard]] std::span<const Fact> facts() const;

  /// The facts of an example of this image.
  [[nodiscard]] std::span<const Fact> read(const Example& example);

 private:
  struct Maker;
  std::unique_ptr<Maker> maker_;
};

}  // namespace copse::engine::analysis
