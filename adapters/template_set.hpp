#pragma once
// The pod templates that are configured, by key: found, validated at the start, and re-read when a
// file changes.
//
// Druid reads a template's file anew for each launch; here a stat tells whether that is needed. A
// file that vanished or broke fails the launches that want it, and only these, until the next good
// version. A file rewritten in place, to the same size and within one tick of the file system's
// clock after it was read, is not noticed: move new versions into place, as mounted ConfigMaps do.
// Not for two threads at once: `get` keeps what it read. The set itself never changes after
// loading.

#include "adapters/pod_template.hpp"
#include "engine/properties.hpp"

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace copse::adapters {

/// The key that must exist, and that Druid falls back to.
inline constexpr std::string_view base_template = "base";

/// Before the key of a template in the properties.
inline constexpr std::string_view template_property_prefix =
    "druid.indexer.runner.k8s.podTemplate.";

/// Where one template comes from.
struct TemplateOrigin {
  std::string key;
  std::string path;
  std::string property;  ///< as Druid's messages name it; in a folder what it would be
  engine::Place place;   ///< of the property; empty in a folder
  TemplateForm form = TemplateForm::pod_template;
};

/// The origins that the properties name. A key is the last segment of a property below the prefix,
/// as in Druid, so `…podTemplate.a.b` asks for the property `…podTemplate.b`. Fails without `base`,
/// and where that property is missing.
[[nodiscard]] std::expected<std::vector<TemplateOrigin>, engine::Diagnostics> template_origins(
    const engine::Properties& properties);

/// The origins of a folder: each NAME.yaml, NAME.yml and NAME.json. Fails when it cannot be read,
/// without `base`, and when two files have one name.
[[nodiscard]] std::expected<std::vector<TemplateOrigin>, engine::Diagnostics> template_origins_in(
    const std::string& folder);

class TemplateSet {
 public:
  /// What loading found: without a set, at least one error; with one, warnings and notes of every
  /// file.
  struct Loading;

  /// Reads and validates all files, as Druid does before it starts.
  [[nodiscard]] static Loading load(std::vector<TemplateOrigin> origins);

  TemplateSet(TemplateSet&&) noexcept;
  TemplateSet& operator=(TemplateSet&&) noexcept;
  ~TemplateSet();

  /// All keys, sorted.
  [[nodiscard]] std::vector<std::string_view> keys() const;

  [[nodiscard]] bool contains(std::string_view key) const;

  /// The file of a key; empty for an unknown one.
  [[nodiscard]] std::string path(std::string_view key) const;

  /// The files, in order of their keys.
  [[nodiscard]] std::vector<std::string> paths() const;

  /// The template, read again when its file has changed. Fails for a key that does not exist and
  /// for a file that Druid would refuse now. One stat, and a read only after a change.
  [[nodiscard]] std::expected<std::shared_ptr<const PodTemplate>, engine::Diagnostics> get(
      std::string_view key);

  /// Warnings of the version that `get` last read. Empty for an unknown key.
  [[nodiscard]] engine::Diagnostics warnings(std::string_view key) const;

 private:
  struct Slot;

  explicit TemplateSet(std::vector<Slot> slots);

  std::vector<Slot> slots_;  // INVARIANT: sorted by key, each key once
};

struct TemplateSet::Loading {
  std::unique_ptr<TemplateSet> set;
  engine::Diagnostics diagnostics;
};

}  // namespace copse::adapters
