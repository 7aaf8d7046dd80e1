#pragma once
// Druid's runtime properties as values: `druid.indexer.runner.namespace` = `druid`, with the place
// where each stands. Reading files is the business of `grammar`; what a property means, of whoever
// asks for it.

#include "engine/source.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace copse::engine {

struct Property {
  std::string key;
  std::string value;
  Place place;  ///< the value's place; for `--set` the file is `--set`
};

/// A set of properties; a key set again replaces the earlier value.
class Properties {
 public:
  /// Adds or replaces.
  void set(Property property);

  [[nodiscard]] const Property* find(std::string_view key) const;

  /// The value, if the key is set. An empty value is a value.
  [[nodiscard]] std::optional<std::string_view> value(std::string_view key) const;

  /// All whose key starts with `prefix`, in order of key.
  [[nodiscard]] std::vector<const Property*> with_prefix(std::string_view prefix) const;

  [[nodiscard]] const std::vector<Property>& all() const { return sorted_; }

  [[nodiscard]] bool empty() const { return sorted_.empty(); }

 private:
  std::vector<Property> sorted_;  // INVARIANT: by key, each key once
};

}  // namespace copse::engine
