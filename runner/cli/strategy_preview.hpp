#pragma once
// What `copse.runnerStrategy.publish` would write to the Overlord: shown before anything is
// published. It asks for the worker configuration in force and changes nothing.

#include "engine/diagnostic.hpp"
#include "runner/cli/arguments.hpp"
#include "runner/cli/basis.hpp"
#include "runner/overlord/worker_config.hpp"

#include <expected>
#include <optional>
#include <string>

namespace copse::runner::cli {

struct StrategyPreview {
  std::string overlord;                        ///< its address, without a password
  std::optional<overlord::WorkerConfig> made;  ///< absent: there is nothing to change

  /// Lines for people, the first of which says what they are.
  [[nodiscard]] std::string text() const;

  /// `{"overlord","changes":[…],"document":{…}|null}`
  [[nodiscard]] std::string json() const;
};

/// True when the properties ask for publishing and there is an Overlord to compare with.
[[nodiscard]] bool wants_preview(const Arguments& arguments, const Basis& basis);

/// `seen` are the types of the tasks at hand. Fails when the Overlord cannot be asked, or when the
/// strategy cannot be expressed there.
[[nodiscard]] std::expected<StrategyPreview, Refusal> preview_strategy(
    const Arguments& arguments, const Basis& basis, const overlord::TaskTypes& seen);

}  // namespace copse::runner::cli
