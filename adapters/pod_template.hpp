#pragma once
// A pod template: what a file says, in the form in which Druid would send it, ready to become Jobs.
//
// Reading is two things at once. It does what Druid's client (fabric8, Jackson) does with the same
// file: resolves YAML scalars, coerces (`value: 8100` becomes text), leaves out nulls, empty lists
// and empty maps, keeps unknown fields. And it tells what is wrong with the file by the fields of
// the Kubernetes API: what Druid refuses is an error, what Druid lets pass and a person would want
// to know is a warning (see engine::make_strict). A PodTemplate is immutable, holds the finished
// JSON in pieces, and may be read from any thread. Cost: about 0.2 ms a kilobyte.

#include "engine/diagnostic.hpp"
#include "engine/source.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace copse::adapters {

/// A label or annotation of a template; no value means that the file says `null`.
struct TextEntry {
  std::string key;
  std::optional<std::string> value;

  bool operator==(const TextEntry&) const = default;
};

struct PodTemplate {
  /// False: there is no first container, and Druid fails each launch from this template.
  bool has_container = false;

  /// Name of the first container, the one that runs the peon; empty when the file gives none.
  std::string first_container;

  std::vector<TextEntry> annotations;  ///< of `template.metadata`, in the order of the file
  std::vector<TextEntry> labels;

  /// JSON of a Job's `spec.template` in four pieces. Between them stand: the annotations object,
  /// the labels object, and what is appended to the first container's `env` (whose brackets belong
  /// to the pieces). Empty when has_container is false.
  std::array<std::string, 4> pieces;

  bool env_is_empty = true;  ///< no comma is needed before the first appended entry
};

/// Who wrote the file, which decides what may stand at its top.
enum class TemplateForm {
  pod_template,  ///< as Druid reads it: the pod stands under `template`
  bare_allowed   ///< a folder of templates: `metadata` and `spec` may also stand at the top
};

struct TemplateReading {
  std::optional<PodTemplate>
      pod_template;                 ///< absent: Druid refuses the file, and an error says why
  engine::Diagnostics diagnostics;  ///< in the order of the file
};

/// Diagnostics of one template; the rest is counted in a last one. A file of another kind has a
/// fault in each line.
inline constexpr std::size_t template_diagnostics_limit = 50;

/// Reads a template file's text.
[[nodiscard]] TemplateReading read_pod_template(const engine::Source& source,
                                                TemplateForm form = TemplateForm::pod_template);

}  // namespace copse::adapters
