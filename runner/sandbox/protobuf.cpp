#include "runner/sandbox/protobuf.hpp"

#include <boost/json.hpp>

namespace copse::runner::sandbox {
namespace {

namespace json = boost::json;

/// One length-delimited field of a message; fields of other wire types are passed over.
struct Field {
  std::uint64_t number = 0;
  std::string_view bytes;
};

std::optional<std::uint64_t> take_varint(std::string_view& input) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !input.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(input.front());
    input.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

/// Calls `visit` with each length-delimited field; false when the bytes are no message.
template <typename Visit>
bool each_field(std::string_view message, Visit visit) {
  while (!message.empty()) {
    const auto tag = take_varint(message);
    if (!tag) return false;
    const std::uint64_t wire = *tag & 7;
    std::uint64_t size = wire == 1 ? 8 : wire == 5 ? 4 : 0;
    if (wire == 0 && !take_varint(message)) return false;
    if (wire == 2) {
      const auto length = take_varint(message);
      if (!length) return false;
      size = *length;
    }
    if (size > message.size() || wire == 3 || wire == 4 || wire > 5) return false;
    if (wire == 2) visit(Field{*tag >> 3, message.substr(0, size)});
    message.remove_prefix(size);
  }
  return true;
}

void put_entry(json::object& parent, std::string_view name, std::string_view entry) {
  std::string_view key, value;
  each_field(entry, [&](const Field& field) { (field.number == 1 ? key : value) = field.bytes; });
  json::value& map = parent[name];
  if (!map.is_object()) map.emplace_object();
  map.get_object()[key] = json::string(value);
}

// Field numbers: k8s.io/apimachinery/pkg/apis/meta/v1/generated.proto.
json::object read_metadata(std::string_view message) {
  json::object metadata;
  each_field(message, [&](const Field& field) {
    const auto text = [&](const char* name) {
      if (!field.bytes.empty()) metadata[name] = json::string(field.bytes);
    };
    if (field.number == 1) text("name");
    if (field.number == 2) text("generateName");
    if (field.number == 3) text("namespace");
    if (field.number == 11) put_entry(metadata, "labels", field.bytes);
    if (field.number == 12) put_entry(metadata, "annotations", field.bytes);
  });
  return metadata;
}

}  // namespace

std::optional<json::object> read_protobuf(std::string_view body) {
  constexpr std::string_view magic{"k8s\0", 4};
  if (!body.starts_with(magic)) return std::nullopt;
  std::string_view kind, version, raw;
  bool sound = each_field(body.substr(magic.size()), [&](const Field& field) {
    if (field.number == 2) raw = field.bytes;
    if (field.number != 1) return;
    each_field(field.bytes,
               [&](const Field& part) { (part.number == 1 ? version : kind) = part.bytes; });
  });
  if (!sound || version != "v1" || (kind != "Namespace" && kind != "ConfigMap"))
    return std::nullopt;
  json::object document;
  document["kind"] = json::string(kind);
  document["apiVersion"] = json::string(version);
  document["metadata"] = json::object{};
  sound = each_field(raw, [&](const Field& field) {
    if (field.number == 1) document["metadata"] = read_metadata(field.bytes);
    if (field.number == 2 && kind == "ConfigMap") put_entry(document, "data", field.bytes);
  });
  if (!sound) return std::nullopt;
  return document;
}

}  // namespace copse::runner::sandbox
