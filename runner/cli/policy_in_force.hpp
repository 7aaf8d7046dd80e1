#pragma once
// The policy that `copse serve` decides by: loaded from files, looked at again while it runs, and
// replaced as a whole when what is there now is valid. The old one stays otherwise.
//
// One thread decides, and replaces: between two decisions, by one pointer, so that a decision pays
// nothing for it. What takes long, reading and compiling, is a piece of work of its own that any
// other thread may do meanwhile.

#include "runner/cli/decider.hpp"
#include "runner/service/worker.hpp"

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace copse::runner::cli {

/// Between two looks at the files.
inline constexpr std::chrono::milliseconds policy_look_interval{2'000};

/// Task types that were met, kept for the runner strategy: more would be an attack.
inline constexpr std::size_t seen_types_limit = 1'000;

class PolicyInForce {
 public:
  /// Files as they were read: what is to be in force, or why it cannot be. Made on one thread,
  /// handed to another.
  class Loaded;

  /// Reads and compiles what has changed. Needs nothing of the policy that is in force.
  using Loading = std::function<std::unique_ptr<Loaded>()>;

  /// `is_misdirected`: the runner strategy would have sent the task to a worker.
  using Said = std::function<void(const std::string& task_id, const std::string& warning,
                                  bool is_misdirected)>;

  /// Reads policy, properties and templates as `arguments` say. `owner` is the label of the Jobs;
  /// `said` hears of warnings about single tasks.
  [[nodiscard]] static std::expected<PolicyInForce, Refusal> load(Arguments arguments,
                                                                  std::string owner, Said said);

  /// What the release changes is read anew.
  void follow(engine::Release release);

  /// Looks whether the files have changed, or might be valid by now: what there is to do then,
  /// before the next look.
  [[nodiscard]] std::optional<Loading> look();

  /// Puts in force what was loaded. Nothing: that is no news. Else what is wrong with it, or an
  /// empty list: it is in force, with `basis().findings`. `loaded` then holds what was before,
  /// which may take long to let go.
  [[nodiscard]] std::optional<engine::Diagnostics> take(Loaded& loaded);

  /// Ports of service::Worker.
  [[nodiscard]] std::expected<service::TaskHead, std::string> head(const std::string& document);
  [[nodiscard]] std::expected<service::Launchable, std::string> decide(const std::string& document);
  [[nodiscard]] std::expected<service::TaskSpec, std::string> rebuild(
      const std::string& document, const store::Decided& decided);

  [[nodiscard]] const Basis& basis() const { return *force_.basis; }

  /// Twelve hexadecimal digits of what is in force: policy, properties and pod templates.
  [[nodiscard]] const std::string& version() const { return force_.version; }

  /// What is wrong with the files as they are now; empty: they are in force.
  [[nodiscard]] const engine::Diagnostics& refused() const { return refused_; }

  /// Tasks that were decided and had a value of another type than the policy asks for.
  [[nodiscard]] std::uint64_t ill_typed() const { return ill_typed_; }

  /// What is in force since when, and what is wrong with the files now, as one JSON document.
  [[nodiscard]] std::string describe() const;

  /// Types of the tasks so far, in order of their first.
  [[nodiscard]] const std::vector<std::string>& seen_types() const { return seen_types_; }

  [[nodiscard]] const engine::Properties& properties() const { return force_.basis->properties; }

 private:
  PolicyInForce(Arguments arguments, std::string owner, Said said)
      : arguments_(std::move(arguments)), owner_(std::move(owner)), said_(std::move(said)) {}

  [[nodiscard]] std::string fingerprint() const;
  [[nodiscard]] std::expected<service::TaskSpec, std::string> build(const engine::Task& task,
                                                                    const Row& row);

  Arguments arguments_;
  std::string owner_;
  Said said_;

  struct Force {
    std::shared_ptr<Basis> basis;
    std::unique_ptr<Decider> decider;
    std::string version;
    engine::Instant since;
  };

  // Without a workshop the policy is compiled by itself.
  [[nodiscard]] static std::expected<Force, Refusal> read(const Arguments& arguments,
                                                          Workshop* workshop);

  Force force_;
  std::shared_ptr<Workshop> workshop_ = std::make_shared<Workshop>();  // of what is loading
  std::string fingerprint_;
  engine::Diagnostics refused_;  // of the files as they are now; empty: they are in force
  std::vector<std::string> seen_types_;
  std::uint64_t ill_typed_ = 0;
  bool is_changed_ = false;  // what is being loaded, against what was last
};

class PolicyInForce::Loaded {
 public:
  Loaded(std::expected<Force, Refusal> made, std::string druid)
      : made_(std::move(made)), druid_(std::move(druid)) {}

 private:
  friend class PolicyInForce;
  std::expected<Force, Refusal> made_;
  std::string druid_;  // the release it was read for
};

}  // namespace copse::runner::cli
