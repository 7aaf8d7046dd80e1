#include "engine/policy.hpp"

#include <utility>

namespace copse::engine {

Attribute type_attribute() {
  return {.name = "type", .path = {"type"}};
}

Attribute data_source_attribute() {
  return {.name = "dataSource", .path = {"dataSource"}};
}

Attribute tag_attribute(std::string name) {
  return {.name = "tags." + name, .path = {"context", "tags", std::move(name)}};
}

Attribute context_attribute(std::string name) {
  return {.name = "context." + name, .path = {"context", std::move(name)}};
}

}  // namespace copse::engine
