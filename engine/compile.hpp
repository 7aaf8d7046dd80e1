#pragma once
// Policies in, an image out: check, simplify, order, index, emit.
//
//   check     names templates that do not exist, rules that can never be reached, limits
//   simplify  leaves out what need not be asked (simplify.hpp)
//   order     numbers attributes and their listed texts (atoms)
//   index     gives each rule its home: the test under which it hangs
//   emit      writes nodes, postings and tests, and verifies the result
//
// Compiling is deterministic: equal policies give equal images.

#include "engine/diagnostic.hpp"
#include "engine/image.hpp"
#include "engine/policy.hpp"

#include <expected>
#include <optional>
#include <set>
#include <string>

namespace copse::engine {

/// What decides about a task: which template, and (k8sAndWorker) which runner before that.
struct PolicySet {
  Policy placement;
  std::optional<Policy> runner = {};  ///< absent: every task runs on k8s
  std::string name = {};              ///< as the policy calls itself; may be empty
  std::string templates = {};  ///< the folder of its templates, as it is written; may be empty
};

/// The templates that exist.
struct TemplateNames {
  std::set<std::string, std::less<>> names;
  /// False when none were given: every key that the policy names is then taken to exist.
  bool known = true;
};

/// The key to which an unknown template key falls back, as in Druid.
inline constexpr std::string_view base_template = "base";

/// Findings that need no task: an unknown template key (P0301; Druid falls back to `base` in
/// silence), rules after one that always matches (P0302). Warnings; callers make them errors under
/// `--strict`.
[[nodiscard]] Diagnostics check(const PolicySet& policies, const TemplateNames& templates);

/// The step `simplify` as text: what each rule still asks of a task without values of a wrong type.
[[nodiscard]] std::string dump_simplified(const PolicySet& policies);

/// The step `index` as text: the home of each rule, and what it asks beside it.
[[nodiscard]] std::string dump_homes(const PolicySet& policies);

/// The image of policies that `check` found no error in. Fails only on a limit (P0303).
[[nodiscard]] std::expected<Image, Diagnostics> compile(const PolicySet& policies,
                                                        const TemplateNames& templates);

}  // namespace copse::engine
