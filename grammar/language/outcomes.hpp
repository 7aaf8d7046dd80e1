#pragma once
// What blocks say: a template or a runner, and what is overridden. For meaning.cpp, the reader of
// tests, and the words for that of the JSON form.

#include "engine/override.hpp"
#include "engine/policy.hpp"
#include "grammar/language/attributes.hpp"
#include "grammar/language/complaints.hpp"
#include "grammar/language/syntax.hpp"

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace copse::grammar::language {

/// What begins an outcome.
inline constexpr std::array<std::string_view, 16> outcome_words{
    "template",   "runner", "namespace", "use", "cpu",      "memory",   "storage", "label",
    "annotation", "node",   "tolerate",  "env", "javaOpts", "deadline", "grace",   "priorityClass"};

/// What a block decides.
struct Placed {
  std::optional<std::string> template_key;
  engine::Span template_span = {};       ///< its name
  std::optional<engine::Runner> runner;  ///< absent: it says none, which is k8s
  std::vector<engine::Override> overrides;
};

class Outcomes {
 public:
  Outcomes(const engine::Source& source, const File& file, const Declared& attributes,
           Complaints& complaints)
      : source_(source), file_(file), attributes_(attributes), complaints_(complaints) {}

  /// `allow override …`; P0545 when there is no such field.
  void allow(const statement::Allow& statement);

  /// A profile of that name, whose name is new.
  void declare(const std::string& name, const statement::Profile& profile);

  /// What a rule's block, or the default's, says. Nothing when something is wrong, which was told:
  /// P0528 said twice, P0529 no outcome or ill-formed, P0530 no such runner, P0538 not allowed,
  /// P0539 a value that Kubernetes refuses, P0544 no such profile.
  [[nodiscard]] std::optional<Placed> read(const Block& block);

  /// One expected outcome of a test: whatever it says is allowed.
  [[nodiscard]] std::optional<Placed> expected(const Setting& setting);

 private:
  enum class Where : std::uint8_t { rule, profile, test };

  bool take(const Setting& setting, Where where, Placed& to);
  bool use(const Setting& setting, Placed& to);
  bool add(engine::Override made, Placed& to);
  std::optional<engine::Override> override_of(const Setting& setting, engine::Field field);
  void refuse(const Setting& setting, const engine::Override& made, std::string why);
  [[nodiscard]] Span span_of(const Value& value) const;
  [[nodiscard]] std::string as_spelled(const Value& value, const std::string& text) const;
  bool take_amounts(const Setting& setting, engine::Override& made);
  bool take_keyed(const Setting& setting, engine::Override& made);
  bool take_value(const Value& value, engine::Override& made);
  bool take_template(const Setting& setting, Placed& to);
  bool take_runner(const Setting& setting, Placed& to);
  std::optional<std::string> word(const Value& value);
  std::optional<std::string> single(const Setting& setting, std::string_view help);
  bool unknown(const Setting& setting, Where where);
  bool is_allowed(const engine::Override& made);

  const engine::Source& source_;
  const File& file_;
  const Declared& attributes_;
  Complaints& complaints_;
  std::set<engine::Field> allowed_;
  std::set<engine::Field> refused_;  // asked for, and not allowed
  std::map<std::string, std::vector<engine::Override>, std::less<>> profiles_;
};

}  // namespace copse::grammar::language
