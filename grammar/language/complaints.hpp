#pragma once
// Tells what is wrong in a policy, and where.

#include "engine/diagnostic.hpp"
#include "engine/source.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace copse::grammar::language {

class Complaints {
 public:
  Complaints(const engine::Source& source, engine::Diagnostics& to)
      : source_(source), places_(source), to_(to) {}

  engine::Diagnostic& say(std::string_view code, engine::Span span, std::string title,
                          std::string help = {}, std::string label = {}) {
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

 private:
  const engine::Source& source_;
  engine::Locator places_;
  engine::Diagnostics& to_;
};

}  // namespace copse::grammar::language
