#include "runner/sandbox/field_types.hpp"

#include <algorithm>
#include <array>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace copse::runner::sandbox {
namespace {

namespace json = boost::json;

enum class Shape : unsigned char { text, whole, flag, texts, map, one, many };

struct Row {
  std::string_view owner;  ///< Go struct
  std::string_view member;
  Shape shape;
  std::string_view type;     ///< Go type as the decoder prints it
  std::string_view inner{};  ///< struct of `one` and `many`
};

constexpr Row metadata_row(std::string_view owner) {
  return {owner, "metadata", Shape::one, "v1.ObjectMeta", "ObjectMeta"};
}

// Source: staging/src/k8s.io/api/{core,batch}/v1/types.go. Sorted by owner.
constexpr std::array table{
    metadata_row("ConfigMap"),
    Row{"ConfigMap", "data", Shape::map, "string"},
    Row{"Container", "args", Shape::texts, "string"},
    Row{"Container", "command", Shape::texts, "string"},
    Row{"Container", "env", Shape::many, "[]v1.EnvVar", "EnvVar"},
    Row{"Container", "image", Shape::text, "string"},
    Row{"Container", "imagePullPolicy", Shape::text, "v1.PullPolicy"},
    Row{"Container", "name", Shape::text, "string"},
    Row{"Container", "ports", Shape::many, "[]v1.ContainerPort", "ContainerPort"},
    Row{"Container", "terminationMessagePath", Shape::text, "string"},
    Row{"Container", "volumeMounts", Shape::many, "[]v1.VolumeMount", "VolumeMount"},
    Row{"Container", "workingDir", Shape::text, "string"},
    Row{"ContainerPort", "containerPort", Shape::whole, "int32"},
    Row{"ContainerPort", "name", Shape::text, "string"},
    Row{"ContainerPort", "protocol", Shape::text, "v1.Protocol"},
    Row{"EnvVar", "name", Shape::text, "string"},
    Row{"EnvVar", "value", Shape::text, "string"},
    Row{"EnvVar", "valueFrom", Shape::one, "v1.EnvVarSource", "EnvVarSource"},
    metadata_row("Job"),
    Row{"Job", "spec", Shape::one, "v1.JobSpec", "JobSpec"},
    Row{"JobSpec", "activeDeadlineSeconds", Shape::whole, "int64"},
    Row{"JobSpec", "backoffLimit", Shape::whole, "int32"},
    Row{"JobSpec", "completions", Shape::whole, "int32"},
    Row{"JobSpec", "parallelism", Shape::whole, "int32"},
    Row{"JobSpec", "suspend", Shape::flag, "bool"},
    Row{"JobSpec", "template", Shape::one, "v1.PodTemplateSpec", "PodTemplateSpec"},
    Row{"JobSpec", "ttlSecondsAfterFinished", Shape::whole, "int32"},
    metadata_row("Namespace"),
    metadata_row("Node"),
    Row{"ObjectMeta", "annotations", Shape::map, "string"},
    Row{"ObjectMeta", "finalizers", Shape::texts, "string"},
    Row{"ObjectMeta", "generateName", Shape::text, "string"},
    Row{"ObjectMeta", "labels", Shape::map, "string"},
    Row{"ObjectMeta", "name", Shape::text, "string"},
    Row{"ObjectMeta", "namespace", Shape::text, "string"},
    metadata_row("Pod"),
    Row{"Pod", "spec", Shape::one, "v1.PodSpec", "PodSpec"},
    Row{"PodSpec", "activeDeadlineSeconds", Shape::whole, "int64"},
    Row{"PodSpec", "containers", Shape::many, "[]v1.Container", "Container"},
    Row{"PodSpec", "hostNetwork", Shape::flag, "bool"},
    Row{"PodSpec", "initContainers", Shape::many, "[]v1.Container", "Container"},
    Row{"PodSpec", "nodeName", Shape::text, "string"},
    Row{"PodSpec", "nodeSelector", Shape::map, "string"},
    Row{"PodSpec", "priorityClassName", Shape::text, "string"},
    Row{"PodSpec", "restartPolicy", Shape::text, "v1.RestartPolicy"},
    Row{"PodSpec", "serviceAccountName", Shape::text, "string"},
    Row{"PodSpec", "terminationGracePeriodSeconds", Shape::whole, "int64"},
    metadata_row("PodTemplateSpec"),
    Row{"PodTemplateSpec", "spec", Shape::one, "v1.PodSpec", "PodSpec"},
    Row{"VolumeMount", "mountPath", Shape::text, "string"},
    Row{"VolumeMount", "name", Shape::text, "string"},
    Row{"VolumeMount", "readOnly", Shape::flag, "bool"},
    Row{"VolumeMount", "subPath", Shape::text, "string"},
};

static_assert(std::is_sorted(table.begin(), table.end(),
                             [](const Row& a, const Row& b) { return a.owner < b.owner; }));

std::string_view json_kind(const json::value& value) {
  if (value.is_string()) return "string";
  if (value.is_bool()) return "bool";
  if (value.is_array()) return "array";
  if (value.is_object()) return "object";
  return "number";
}

/// The way to a field; written out only when something is wrong with it.
struct Path {
  const Path* parent = nullptr;
  std::string_view member;
};

std::string text_of(const Path& path) {
  std::string text{path.member};
  for (const Path* step = path.parent; step != nullptr && !step->member.empty();
       step = step->parent) {
    text = fmt::format("{}.{}", step->member, text);
  }
  return text;
}

std::string wrong(const Row& row, const Path& path, const json::value& value,
                  std::string_view type) {
  std::string kind{json_kind(value)};
  if (kind == "number" && row.shape == Shape::whole) kind += " " + json::serialize(value);
  return fmt::format("json: cannot unmarshal {} into Go struct field {}.{} of type {}", kind,
                     row.owner, text_of(path), type);
}

using Found = std::optional<std::string>;

Found check_struct(std::string_view owner, const Path& path, const json::object& object);

Found check_member(const Row& row, const Path& path, const json::value& value) {
  switch (row.shape) {
    case Shape::text:
      return value.is_string() ? Found{} : wrong(row, path, value, row.type);
    case Shape::flag:
      return value.is_bool() ? Found{} : wrong(row, path, value, row.type);
    case Shape::whole:
      return value.is_int64() || value.is_uint64() ? Found{} : wrong(row, path, value, row.type);
    case Shape::texts: {
      if (!value.is_array()) return wrong(row, path, value, fmt::format("[]{}", row.type));
      for (const json::value& item : value.get_array()) {
        if (!item.is_string() && !item.is_null()) return wrong(row, path, item, row.type);
      }
      return std::nullopt;
    }
    case Shape::map: {
      if (!value.is_object())
        return wrong(row, path, value, fmt::format("map[string]{}", row.type));
      for (const auto& [key, item] : value.get_object()) {
        if (!item.is_string() && !item.is_null()) return wrong(row, path, item, row.type);
      }
      return std::nullopt;
    }
    case Shape::one:
      if (!value.is_object()) return wrong(row, path, value, row.type);
      return check_struct(row.inner, path, value.get_object());
    case Shape::many: {
      if (!value.is_array()) return wrong(row, path, value, row.type);
      for (const json::value& item : value.get_array()) {
        if (item.is_null()) continue;
        if (!item.is_object()) return wrong(row, path, item, row.type.substr(2));
        if (Found found = check_struct(row.inner, path, item.get_object())) return found;
      }
      return std::nullopt;
    }
  }
  return std::nullopt;
}

/// Recursion is bounded by the table: no struct in it contains itself.
Found check_struct(std::string_view owner, const Path& path, const json::object& object) {
  const auto rows = std::equal_range(table.begin(), table.end(), Row{owner, {}, Shape::text, {}},
                                     [](const Row& a, const Row& b) { return a.owner < b.owner; });
  for (auto row = rows.first; row != rows.second; ++row) {
    const json::value* value = object.if_contains(row->member);
    if (value == nullptr || value->is_null()) continue;
    const Path here{&path, row->member};
    if (Found found = check_member(*row, here, *value)) return found;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> find_type_fault(std::string_view kind, const json::object& document) {
  return check_struct(kind, Path{}, document);
}

}  // namespace copse::runner::sandbox
