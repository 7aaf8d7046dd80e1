#pragma once
// The pod templates that are configured, by key: found, read once and validated.
//
// Druid reads a template's file anew for each launch, so that a file which was broken or deleted
// fails the launches that want it. Here a set stays as it was read: whoever follows the files loads
// another set, and has the old one as long as that does not succeed.

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

  /// The template as it was read. Fails for a key that does not exist.
  [[nodiscard]] std::expected<const PodTemplate*, engine::Diagnostics> get(
      std::string_view key) const;

 private:
  struct Slot;

  explicit TemplateSet(std::vector<Slot> slots);

  [[nodiscard]] const Slot* find(std::string_view key) const;

  std::vector<Slot> slots_;  // INVARIANT: sorted by key, each key once
};

struct TemplateSet::Loading {
  std::unique_ptr<TemplateSet> set;
  engine::Diagnostics diagnostics;
};

}  // namespace copse::adapters
