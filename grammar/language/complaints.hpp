#pragma once
// Tells what is wrong in a policy, and where.

#include "engine/diagnostic.hpp"
#include "engine/source.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::grammar::language {

/// What is said of the meaning of one file; what follows is counted.
inline constexpr std::size_t complaint_limit = 10'000;

class Complaints {
 public:
  Complaints(const engine::Source& source, engine::Diagnostics& to)
      : source_(source), places_(source), to_(to) {}

  engine::Diagnostic& say(std::string_view code, engine::Span span, std::string title,
                          std::string help = {}, std::string label = {}) {
    if (is_full()) {
      ++untold_;
      return untold_one_;
    }
    engine::Diagnostic error;
    error.code = code;
    error.title = std::move(title);
    error.help = std::move(help);
    error.label = std::move(label);
    error.place = places_.place(span);
    return to_.emplace_back(std::move(error));
  }

  /// The name that was meant instead of the one at `span`.
  void suggest(engine::Diagnostic& error, engine::Span span, std::string_view near) {
    const auto at = engine::as_written(source_, span);
    if (!near.empty() && at) error.fix = engine::Fix{*at, std::string(near)};
  }

  /// Where the cause of the error stands, which is elsewhere.
  void because(engine::Diagnostic& error, engine::Span span, std::string label) {
    if (&error != &untold_one_) causes_.push_back({to_.size() - 1, span, std::move(label)});
  }

  /// Finds the places of all causes, in one pass over the text; before anything is sorted.
  void place_causes() {
    std::ranges::stable_sort(causes_, {}, [](const auto& each) { return each.span.begin; });
    engine::Locator places(source_);
    for (Pending& each : causes_)
      to_[each.error].cause = engine::Cause{places.place(each.span), std::move(each.label)};
    causes_.clear();
  }

  /// True when what is said from now on is counted only: complaint_limit were said.
  [[nodiscard]] bool is_full() const { return to_.size() >= complaint_limit; }

  /// Says last how many were counted, if any.
  void end() {
    if (untold_ == 0) return;
    engine::Diagnostic more;
    more.code = more_code;
    more.title = "and " + std::to_string(untold_) + " more";
    more.place = engine::whole_file(source_.name);
    to_.push_back(std::move(more));
    untold_ = 0;
  }

 private:
  struct Pending {
    std::size_t error = 0;
    engine::Span span;
    std::string label;
  };

  static constexpr std::string_view more_code = "P0501";

  const engine::Source& source_;
  engine::Locator places_;
  std::vector<Pending> causes_;
  engine::Diagnostics& to_;
  engine::Diagnostic untold_one_;  // for what callers add to it
  std::size_t untold_ = 0;
};

}  // namespace copse::grammar::language
