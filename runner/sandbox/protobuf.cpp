#include "runner/sandbox/protobuf.hpp"

#include <array>

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

enum class Shape : unsigned char { text, texts, map, one, many };

struct Rule {
  std::string_view message;
  std::uint64_t number;
  std::string_view member;
  Shape shape = Shape::text;
  std::string_view inner{};  ///< message of `one` and `many`
};

// What kubectl's commands write. Field numbers: generated.proto of k8s.io/api/{core,batch}/v1 and
// k8s.io/apimachinery/pkg/apis/meta/v1.
constexpr std::array rules{Rule{"ConfigMap", 1, "metadata", Shape::one, "ObjectMeta"},
                           Rule{"ConfigMap", 2, "data", Shape::map},
                           Rule{"Container", 1, "name"},
                           Rule{"Container", 2, "image"},
                           Rule{"Container", 3, "command", Shape::texts},
                           Rule{"Container", 4, "args", Shape::texts},
                           Rule{"Job", 1, "metadata", Shape::one, "ObjectMeta"},
                           Rule{"Job", 2, "spec", Shape::one, "JobSpec"},
                           Rule{"JobSpec", 6, "template", Shape::one, "PodTemplateSpec"},
                           Rule{"Namespace", 1, "metadata", Shape::one, "ObjectMeta"},
                           Rule{"ObjectMeta", 1, "name"},
                           Rule{"ObjectMeta", 2, "generateName"},
                           Rule{"ObjectMeta", 3, "namespace"},
                           Rule{"ObjectMeta", 11, "labels", Shape::map},
                           Rule{"ObjectMeta", 12, "annotations", Shape::map},
                           Rule{"PodSpec", 2, "containers", Shape::many, "Container"},
                           Rule{"PodSpec", 3, "restartPolicy"},
                           Rule{"PodTemplateSpec", 1, "metadata", Shape::one, "ObjectMeta"},
                           Rule{"PodTemplateSpec", 2, "spec", Shape::one, "PodSpec"}};

json::array& list_at(json::object& parent, std::string_view name) {
  json::value& list = parent[name];
  return list.is_array() ? list.get_array() : list.emplace_array();
}

bool read_message(json::object& out, std::string_view message, std::string_view bytes);

bool read_field(json::object& out, const Rule& rule, std::string_view bytes) {
  switch (rule.shape) {
    case Shape::text:
      if (!bytes.empty()) out[rule.member] = json::string(bytes);
      return true;
    case Shape::texts:
      list_at(out, rule.member).emplace_back(json::string(bytes));
      return true;
    case Shape::map:
      put_entry(out, rule.member, bytes);
      return true;
    case Shape::one:
    case Shape::many: {
      json::object inner;
      if (!read_message(inner, rule.inner, bytes)) return false;
      if (rule.shape == Shape::one) {
        out[rule.member] = std::move(inner);
      } else {
        list_at(out, rule.member).push_back(std::move(inner));
      }
      return true;
    }
  }
  return true;
}

/// Recursion is bounded by the rules: no message contains itself.
bool read_message(json::object& out, std::string_view message, std::string_view bytes) {
  bool sound = true;
  const bool whole = each_field(bytes, [&](const Field& field) {
    for (const Rule& rule : rules) {
      if (rule.message == message && rule.number == field.number)
        sound = read_field(out, rule, field.bytes) && sound;
    }
  });
  return whole && sound;
}

bool is_read(std::string_view version, std::string_view kind) {
  if (version == "batch/v1") return kind == "Job";
  return version == "v1" && (kind == "Namespace" || kind == "ConfigMap");
}

}  // namespace

std::optional<json::object> read_protobuf(std::string_view body) {
  constexpr std::string_view magic{"k8s\0", 4};
  if (!body.starts_with(magic)) return std::nullopt;
  std::string_view kind, version, raw;
  const bool sound = each_field(body.substr(magic.size()), [&](const Field& field) {
    if (field.number == 2) raw = field.bytes;
    if (field.number != 1) return;
    each_field(field.bytes,
               [&](const Field& part) { (part.number == 1 ? version : kind) = part.bytes; });
  });
  if (!sound || !is_read(version, kind)) return std::nullopt;
  json::object document;
  document["kind"] = json::string(kind);
  document["apiVersion"] = json::string(version);
  document["metadata"] = json::object{};
  if (!read_message(document, kind, raw)) return std::nullopt;
  return document;
}

}  // namespace copse::runner::sandbox
