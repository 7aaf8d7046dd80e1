#pragma once
// One kubeconfig file as a YAML tree with places, and the diagnostics about it.
//
// Internal to kubeconfig.cpp and access.cpp. Excerpts are rebuilt from a key and, where it is no
// secret, its value; the file's own lines are never shown, since a token may stand beside anything.

#include "engine/diagnostic.hpp"

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace copse::runner::kube {

/// A map inside a kubeconfig file: a cluster, a user, a context. Cheap to copy.
class Section {
 public:
  struct Node;  // a YAML node and its file

  explicit Section(std::shared_ptr<const Node> node) : node_(std::move(node)) {}

  /// Path of the file, as it was given.
  [[nodiscard]] const std::string& file() const;

  /// The text at `key`; empty when it is absent or null. Anything but a scalar is a diagnostic.
  [[nodiscard]] std::string text(std::string_view key, engine::Diagnostics& diagnostics) const;

  /// `true` or `false` at `key`; false when absent.
  [[nodiscard]] bool flag(std::string_view key, engine::Diagnostics& diagnostics) const;

  [[nodiscard]] bool has(std::string_view key) const;

  /// The map at `key`, or nothing when absent or null.
  [[nodiscard]] std::optional<Section> section(std::string_view key,
                                               engine::Diagnostics& diagnostics) const;

  /// The texts of the list at `key`.
  [[nodiscard]] std::vector<std::string> texts(std::string_view key,
                                               engine::Diagnostics& diagnostics) const;

  /// The maps of the list at `key`.
  [[nodiscard]] std::vector<Section> sections(std::string_view key,
                                              engine::Diagnostics& diagnostics) const;

  /// An error about the value at `key` (or about the map itself when it lacks the key). `shown` is
  /// what the excerpt shows after the key.
  [[nodiscard]] engine::Diagnostic fault(std::string code, std::string title, std::string_view key,
                                         std::string_view shown, std::string help) const;

 private:
  std::shared_ptr<const Node> node_;
};

/// Reads a file. Fails with C0502 (cannot be read) or C0503 (not YAML, or not a map).
[[nodiscard]] std::expected<Section, engine::Diagnostics> read_kubeconfig(const std::string& path);

}  // namespace copse::runner::kube
