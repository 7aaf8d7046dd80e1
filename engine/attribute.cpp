#include "engine/attribute.hpp"

#include "engine/json_writer.hpp"

#include <utility>

namespace copse::engine {

const std::shared_ptr<const Attribute>& SharedAttribute::nameless() {
  static const auto one = std::make_shared<const Attribute>();
  return one;
}

Attribute type_attribute() {
  return {.name = "type", .path = {"type"}};
}

Attribute id_attribute() {
  return {.name = "id", .path = {"id"}};
}

Attribute group_id_attribute() {
  return {.name = "groupId", .path = {"groupId"}};
}

Attribute data_source_attribute() {
  return {.name = "dataSource", .path = {"dataSource"}};
}

Attribute priority_attribute() {
  return {.name = "priority", .path = {"context", "priority"}, .type = ValueType::integer};
}

Attribute required_capacity_attribute() {
  return {.name = "requiredCapacity",
          .path = {"resource", "requiredCapacity"},
          .type = ValueType::integer};
}

Attribute tag_attribute(std::string name) {
  return {.name = "tags." + name, .path = {"context", "tags", std::move(name)}};
}

Attribute context_attribute(std::string name) {
  return {.name = "context." + name, .path = {"context", std::move(name)}};
}

Attribute canary_attribute(const Attribute& counted, std::string salt) {
  const std::string of = counted == id_attribute() ? "" : ", " + counted.name;
  return {.name = "canary(" + quoted(salt) + of + ")",
          .path = counted.path,
          .type = ValueType::integer,
          .origin = Origin::canary,
          .argument = std::move(salt)};
}

}  // namespace copse::engine
