#pragma once
// What a verb decides with: policy, properties, templates and release, read together and compiled.

#include "adapters/settings.hpp"
#include "adapters/template_set.hpp"
#include "engine/compile.hpp"
#include "engine/instant.hpp"
#include "engine/properties.hpp"
#include "engine/release.hpp"
#include "runner/cli/arguments.hpp"

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace copse::runner::cli {

struct Basis {
  engine::Release release = engine::newest_release;
  engine::Properties properties;
  adapters::Settings settings;
  std::vector<std::string> namespaces;  ///< that Jobs may be created in, the usual one first
  bool has_properties = false;
  std::unique_ptr<adapters::TemplateSet> templates;  ///< absent: none were given
  engine::PolicySet policies;
  engine::TemplateNames template_names;
  engine::Image image;
  engine::Diagnostics findings;          ///< worth saying, none of it an error
  std::optional<std::int32_t> capacity;  ///< that a dynamic configuration sets
  bool is_compiled = false;              ///< the policy is an image: there is no text of it
  bool is_by_type = false;      ///< Druid picks the template that is called like the task's type
  bool is_in_language = false;  ///< copse's own, whose rules pick the runner, too
  std::optional<engine::Instant> now;  ///< that was given; absent: what the clock says
  std::string what;                    ///< what the policy is: `dynamic configuration`
};

/// Why a verb cannot go on.
struct Refusal {
  engine::Diagnostics said;
  int exit_code = exit_unreadable;
};

/// What the verb is going to do with it.
enum class Purpose : std::uint8_t {
  survey,    ///< look at properties and settings; what is wrong with policy or Jobs is for others
  decide,    ///< only choose: settings that a Job would need may be missing
  make_jobs  ///< build Jobs: all settings must be sound
};

/// What the verb can do with.
enum class Needs : std::uint8_t {
  text,   ///< no compiled policy, of which there is no text
  image,  ///< that, too
  files   ///< text in regular files, which can be read again: nothing that comes through a pipe
};

/// Compiles one policy after another, each the one before with changes: what stayed is not compiled
/// anew. For one load at a time.
class Workshop {
 public:
  [[nodiscard]] std::expected<engine::Image, engine::Diagnostics> compile(
      const engine::PolicySet& policies, const engine::TemplateNames& names);

  /// What came of the last compile() is this; without it the next begins anew.
  void keep(std::shared_ptr<const Basis> basis) { last_ = std::move(basis); }

 private:
  engine::Compiler compiler_;
  std::shared_ptr<const Basis> last_;
};

/// Rules that a person wrote: by task type there is one for each template, and none is written; one
/// with `or` has become several.
[[nodiscard]] std::size_t written_rules(const Basis& basis);

/// `workshop`: that compiles, else a policy is compiled by itself.
[[nodiscard]] std::expected<Basis, Refusal> load_basis(const Arguments& arguments, Purpose purpose,
                                                       Needs needs = Needs::text,
                                                       Workshop* workshop = nullptr);

}  // namespace copse::runner::cli
