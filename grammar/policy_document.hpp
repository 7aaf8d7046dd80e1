#pragma once
// A policy document, whatever it is: its content tells.
//
//   `{"podTemplateSelectStrategy": …}`, `{"capacity": …}`    Druid's dynamic configuration
//   `{"type": "selectorBased", "selectors": […]}`             a bare strategy (so are `default`,
//   `taskType`)
//   `{"type": "k8s" | "worker"}`, `{"type": "taskType",
//     "default": …, "overrides": {…}}`                         a runner strategy of k8sAndWorker
//   a line that begins a statement, or a file *.copse         copse's language
//   `{"copse": 1, "statements": […]}`                         the same as JSON
//   anything else that is not JSON                                `runtime.properties`

#include "engine/compile.hpp"
#include "engine/diagnostic.hpp"
#include "engine/properties.hpp"
#include "engine/release.hpp"
#include "grammar/dynamic_configuration.hpp"
#include "grammar/runner_strategy.hpp"

#include <expected>
#include <optional>

namespace copse::grammar {

enum class DocumentKind : std::uint8_t {
  dynamic_configuration,
  strategy,
  runner_strategy,
  properties,
  language,  ///< copse's own
  json_form  ///< the same as JSON
};

/// What a document says; what it does not speak of is absent.
struct PolicyDocument {
  DocumentKind kind = DocumentKind::dynamic_configuration;
  std::optional<DynamicConfiguration> configuration;
  std::optional<RunnerStrategy> runner;
  std::optional<engine::Properties> properties;
  std::optional<engine::PolicySet> policies;  ///< in copse's language, or its JSON form
  engine::Policy expected_templates;          ///< of its tests: language::template_uses
};

/// What `source` is, by its content. Never fails: what is broken is said when it is read.
[[nodiscard]] DocumentKind kind_of(const engine::Source& source);

/// A policy of the language, or of its JSON form, as a text of the language; C0013 when it is
/// another.
[[nodiscard]] std::expected<engine::Source, engine::Diagnostics> language_text(
    engine::Source source);

/// Where a policy of the language names templates, as far as it can be read: of one whose other
/// faults keep it from having a meaning. `folder` is where it says that they are.
struct TemplateUses {
  engine::Policy uses;
  std::string folder;
};

[[nodiscard]] TemplateUses template_uses(const engine::Source& source);

/// The kind in words: `dynamic configuration`.
[[nodiscard]] std::string_view name(DocumentKind kind);

/// Reads it as what it is.
[[nodiscard]] std::expected<Reading<PolicyDocument>, engine::Diagnostics> read_policy_document(
    const engine::Source& source, engine::Release release);

}  // namespace copse::grammar
