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

#include <cstdint>
#include <expected>
#include <memory>
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

/// How an image is laid out: what it decides does not depend on it.
struct Layout {
  /// Rules up to which a policy is one list of bits, unless its attributes have too many values.
  /// Beyond it attributes are homes of rules.
  std::size_t together = 1'024;
  /// Listed texts of one attribute from which on its table and its nodes are far from a processor:
  /// texts are numbered as they come to lie, so that a decision asks for both at once.
  std::size_t far = 16'384;
};

/// The image of policies that `check` found no error in. Fails only on a limit (P0303).
[[nodiscard]] std::expected<Image, Diagnostics> compile(const PolicySet& policies,
                                                        const TemplateNames& templates,
                                                        Layout layout = {});

/// Rules [first, first + before) of a policy became rules [first, first + after) of another. All
/// others say what they said: their tests and outcomes are equal but for where they are written,
/// and their names may be others.
struct Change {
  std::uint32_t first = 0;
  std::uint32_t before = 0;
  std::uint32_t after = 0;
};

struct Changes {
  Change placement;
  Change runner = {};
};

/// The smallest change that makes the one of the other.
[[nodiscard]] Change change_between(const Policy& before, const Policy& after);

/// Compiles one policy again and again while it changes, and remembers what its rules say: only
/// those that changed are read and compared with others. What comes out is the same, byte for byte.
/// Keeps about as much memory as an image has. Move-only; for one thread at a time.
class Compiler {
 public:
  explicit Compiler(Layout layout = {});
  Compiler(Compiler&& other) noexcept;
  Compiler& operator=(Compiler&& other) noexcept;
  ~Compiler();

  /// As compile() does.
  [[nodiscard]] std::expected<Image, Diagnostics> compile(const PolicySet& policies,
                                                          const TemplateNames& templates);

  /// The same of policies that differ by `changes` from those of the last call. Compiles all where
  /// that cannot be: there was none, or it failed, or they differ by something else, too.
  [[nodiscard]] std::expected<Image, Diagnostics> recompile(const PolicySet& policies,
                                                            const TemplateNames& templates,
                                                            const Changes& changes);

  /// Tests, runs of tests and outcomes that it remembers, of policies before, too. With many more
  /// than the policy has it begins anew.
  [[nodiscard]] std::size_t known() const;

 private:
  struct State;

  [[nodiscard]] std::expected<Image, Diagnostics> emit(const PolicySet& policies,
                                                       const TemplateNames& templates);

  Layout layout_;
  std::unique_ptr<State> state_;
};

}  // namespace copse::engine
