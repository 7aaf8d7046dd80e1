#pragma once
// Which Overlord leads, by the ConfigMap that holds its election: what an answer means. Pure.

#include "runner/discovery/tell.hpp"
#include "runner/kube/failure.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace copse::runner::discovery::pod {

class Election {
 public:
  using Told = std::variant<std::monostate, tell::Leader, tell::Trouble>;

  /// `config_map`: for texts, as `NAMESPACE/NAME`.
  explicit Election(std::string config_map) : config_map_(std::move(config_map)) {}

  /// The ConfigMap. A leader is told when it is another one.
  [[nodiscard]] Told answered(std::string_view json);

  /// No ConfigMap means that no Overlord was ever elected: nothing to tell. Other failures are told
  /// when they are of another kind than the last.
  [[nodiscard]] Told failed(const kube::Failure& failure);

  [[nodiscard]] const std::string& leader() const { return leader_; }

 private:
  std::string config_map_;
  std::string leader_;
  std::optional<kube::FailureKind> trouble_;
};

}  // namespace copse::runner::discovery::pod
