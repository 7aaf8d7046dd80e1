#include "engine/properties.hpp"

#include <algorithm>
#include <utility>

namespace copse::engine {
namespace {

bool before(const Property& property, std::string_view key) {
  return property.key < key;
}

}  // namespace

void Properties::set(Property property) {
  const auto at = std::lower_bound(sorted_.begin(), sorted_.end(), property.key, before);
  if (at != sorted_.end() && at->key == property.key) {
    *at = std::move(property);
  } else {
    sorted_.insert(at, std::move(property));
  }
}

const Property* Properties::find(std::string_view key) const {
  const auto at = std::lower_bound(sorted_.begin(), sorted_.end(), key, before);
  return at != sorted_.end() && at->key == key ? &*at : nullptr;
}

std::optional<std::string_view> Properties::value(std::string_view key) const {
  const Property* property = find(key);
  return property == nullptr ? std::nullopt : std::optional<std::string_view>(property->value);
}

std::vector<const Property*> Properties::with_prefix(std::string_view prefix) const {
  std::vector<const Property*> found;
  auto at = std::lower_bound(sorted_.begin(), sorted_.end(), prefix, before);
  for (; at != sorted_.end() && at->key.starts_with(prefix); ++at) found.push_back(&*at);
  return found;
}

}  // namespace copse::engine
