#include "runner/sandbox/document.hpp"

#include "runner/sandbox/json_text.hpp"

#include <array>
#include <charconv>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace copse::runner::sandbox {
namespace {

namespace json = boost::json;

Pairs pairs_at(const json::object& object, std::string_view name) {
  Pairs pairs;
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_object()) return pairs;
  for (const auto& [key, text] : value->get_object()) {
    if (text.is_string()) put(pairs, key, text.get_string());
  }
  return pairs;
}

std::vector<Owner> owners_at(const json::object& metadata) {
  std::vector<Owner> owners;
  const json::value* list = metadata.if_contains("ownerReferences");
  if (list == nullptr || !list->is_array()) return owners;
  for (const json::value& item : list->get_array()) {
    if (!item.is_object()) continue;
    const json::object& owner = item.get_object();
    owners.push_back({.api_version = std::string{text_at(owner, "apiVersion")},
                      .kind = std::string{text_at(owner, "kind")},
                      .name = std::string{text_at(owner, "name")},
                      .uid = std::string{text_at(owner, "uid")},
                      .controller = flag_at(owner, "controller"),
                      .blocks_deletion = flag_at(owner, "blockOwnerDeletion")});
  }
  return owners;
}

void read_metadata(Object& object, Written& written, const json::object& metadata) {
  object.name = text_at(metadata, "name");
  if (info(object.resource).namespaced) object.ns = text_at(metadata, "namespace");
  object.uid = text_at(metadata, "uid");
  const std::string_view rv = text_at(metadata, "resourceVersion");
  std::uint64_t number = 0;
  std::from_chars(rv.data(), rv.data() + rv.size(), number);
  object.rv = Rv{number};
  object.generation = number_at(metadata, "generation", 0);
  object.created = parse_timestamp(text_at(metadata, "creationTimestamp")).value_or(Moment{});
  object.deletion = parse_timestamp(text_at(metadata, "deletionTimestamp"));
  object.grace_seconds = number_at(metadata, "deletionGracePeriodSeconds", 0);
  if (const json::value* list = metadata.if_contains("finalizers");
      list != nullptr && list->is_array()) {
    for (const json::value& item : list->get_array()) {
      if (item.is_string()) object.finalizers.emplace_back(item.get_string());
    }
  }
  written.generate_name = text_at(metadata, "generateName");
  written.labels = pairs_at(metadata, "labels");
  written.annotations = pairs_at(metadata, "annotations");
  written.owners = owners_at(metadata);
}

/// Everything but the head, the metadata and (where there is one) the status, as JSON members.
std::string body_text(Resource resource, const json::object& document) {
  std::string body;
  for (const auto& [key, value] : document) {
    if (key == "apiVersion" || key == "kind" || key == "metadata") continue;
    if (key == "status" && info(resource).has_status) continue;
    if (value.is_null()) continue;
    if (!body.empty()) body += ',';
    append_quoted(body, key);
    body += ':';
    body += json::serialize(value);
  }
  return body;
}

void put_field(Object& object, const json::object& document, std::string_view path) {
  const std::string_view text = text_at(document, path);
  if (!text.empty()) put(object.fields, path, text);
}

std::vector<ContainerFacts> containers_at(const json::object& document, std::string_view path) {
  std::vector<ContainerFacts> containers;
  const json::value* list = member(document, path);
  if (list == nullptr || !list->is_array()) return containers;
  for (const json::value& item : list->get_array()) {
    if (!item.is_object()) continue;
    containers.push_back({std::string{text_at(item.get_object(), "name")},
                          std::string{text_at(item.get_object(), "image")}});
  }
  return containers;
}

bool is_ready(const json::object& status) {
  const json::value* list = status.if_contains("conditions");
  if (list == nullptr || !list->is_array()) return false;
  for (const json::value& item : list->get_array()) {
    if (!item.is_object() || text_at(item.get_object(), "type") != "Ready") continue;
    return text_at(item.get_object(), "status") == "True";
  }
  return false;
}

void read_fields(Object& object, const json::object& body, const json::object& status) {
  object.fields.clear();
  switch (object.resource) {
    case Resource::pods:
      for (const char* path : {"spec.nodeName", "spec.restartPolicy", "spec.schedulerName",
                               "spec.serviceAccountName"}) {
        put_field(object, body, path);
      }
      object.fields.reserve(8);
      put(object.fields, "spec.hostNetwork", flag_at(body, "spec.hostNetwork") ? "true" : "false");
      put(object.fields, "status.phase", text_at(status, "phase"));
      put(object.fields, "ready", is_ready(status) ? "true" : "false");
      put(object.fields, "status.podIP", text_at(status, "podIP"));
      put(object.fields, "status.nominatedNodeName", text_at(status, "nominatedNodeName"));
      return;
    case Resource::jobs:
      put(object.fields, "status.successful", std::to_string(number_at(status, "succeeded", 0)));
      return;
    case Resource::namespaces:
      put(object.fields, "status.phase", text_at(status, "phase"));
      return;
    case Resource::nodes:
      put(object.fields, "spec.unschedulable",
          flag_at(body, "spec.unschedulable") ? "true" : "false");
      return;
    case Resource::events:
      for (const char* path :
           {"involvedObject.kind", "involvedObject.namespace", "involvedObject.name",
            "involvedObject.uid", "involvedObject.apiVersion", "involvedObject.resourceVersion",
            "involvedObject.fieldPath", "reason", "reportingComponent", "type"}) {
        put_field(object, body, path);
      }
      put(object.fields, "source", text_at(body, "source.component"));
      return;
    case Resource::configmaps:
      return;
  }
}

/// One buffer for all of a document: it is built once and thrown away whole.
json::storage_ptr document_storage() {
  return json::make_shared_resource<json::monotonic_resource>();
}

json::object parse_trusted(const std::string& text) {
  json::parse_options options;
  options.max_depth = json_depth;
  json::value value = json::parse(text, document_storage(), options);
  return value.is_object() ? std::move(value.get_object()) : json::object{};
}

std::expected<json::object, Refusal> parse_into(std::string_view body, json::storage_ptr storage) {
  json::parse_options options;
  options.max_depth = json_depth;
  json::error_code fault;
  json::value value = json::parse(body, fault, std::move(storage), options);
  if (fault) return std::unexpected{unreadable_document(fault.message())};
  if (!value.is_object()) return std::unexpected{unreadable_document({})};
  return std::move(value.get_object());
}

}  // namespace

struct DocumentArena::Memory {
  std::array<unsigned char, 64 * 1024> first;  ///< enough for a usual Job: no allocation at all
  std::optional<json::monotonic_resource> resource;

  /// WHY made anew: Boost's `release` keeps the doubled size of the next block, which overflows in
  /// time.
  void clear() { resource.emplace(first.data(), first.size()); }
};

DocumentArena::DocumentArena() : memory_{std::make_unique<Memory>()} {
  memory_->clear();
}

DocumentArena::~DocumentArena() = default;

void DocumentArena::clear() {
  memory_->clear();
}

json::storage_ptr storage_of(DocumentArena& arena) {
  return json::storage_ptr{&*arena.memory_->resource};
}

Refusal unreadable_document(std::string_view why) {
  return bad_request(
      fmt::format("couldn't get version/kind; json parse error: {}",
                  why.empty() ? "json: cannot unmarshal into Go value of type struct" : why));
}

std::expected<json::object, Refusal> parse_document(std::string_view body, DocumentArena& arena) {
  return parse_into(body, storage_of(arena));
}

std::expected<json::object, Refusal> parse_document(std::string_view body) {
  return parse_into(body, document_storage());
}

std::vector<ConfigMapVolume> config_map_volumes(const json::object& pod) {
  std::vector<ConfigMapVolume> volumes;
  const json::value* list = member(pod, "spec.volumes");
  if (list == nullptr || !list->is_array()) return volumes;
  for (const json::value& item : list->get_array()) {
    if (!item.is_object()) continue;
    const json::object& volume = item.get_object();
    const std::string_view name = text_at(volume, "configMap.name");
    if (name.empty() || flag_at(volume, "configMap.optional")) continue;
    volumes.push_back({std::string{text_at(volume, "name")}, std::string{name}});
  }
  return volumes;
}

Object object_from(Resource resource, const json::object& document) {
  Object object;
  object.resource = resource;
  Written written;
  if (const json::value* metadata = document.if_contains("metadata");
      metadata != nullptr && metadata->is_object()) {
    read_metadata(object, written, metadata->get_object());
  }
  written.body = body_text(resource, document);
  if (resource == Resource::pods) {
    written.containers = containers_at(document, "spec.containers");
    written.init_containers = containers_at(document, "spec.initContainers");
    written.config_maps = config_map_volumes(document);
  }
  json::object status;
  if (info(resource).has_status) {
    if (const json::value* found = document.if_contains("status");
        found != nullptr && found->is_object()) {
      status = found->get_object();
      object.status = json::serialize(status);
    }
  }
  read_fields(object, document, status);
  object.written = std::make_shared<const Written>(std::move(written));
  return object;
}

json::object document_of(const Object& object) {
  std::string text;
  append_object(text, object, Head::full);
  return parse_trusted(text);
}

json::object body_of(const Object& object) {
  return parse_trusted("{" + object.written->body + "}");
}

void refresh_fields(Object& object) {
  read_fields(object, body_of(object),
              object.status.empty() ? json::object{} : parse_trusted(object.status));
}

const json::value* member(const json::object& object, std::string_view dotted_path) {
  const json::object* here = &object;
  while (true) {
    const std::size_t dot = dotted_path.find('.');
    const json::value* value = here->if_contains(dotted_path.substr(0, dot));
    if (value == nullptr || dot == std::string_view::npos) return value;
    if (!value->is_object()) return nullptr;
    here = &value->get_object();
    dotted_path.remove_prefix(dot + 1);
  }
}

std::string_view text_at(const json::object& object, std::string_view dotted_path) {
  const json::value* value = member(object, dotted_path);
  if (value == nullptr || !value->is_string()) return {};
  return value->get_string();
}

std::int64_t number_at(const json::object& object, std::string_view dotted_path,
                       std::int64_t fallback) {
  const json::value* value = member(object, dotted_path);
  if (value == nullptr) return fallback;
  json::error_code fault;
  const auto number = value->to_number<std::int64_t>(fault);
  return fault ? fallback : number;
}

bool flag_at(const json::object& object, std::string_view dotted_path) {
  const json::value* value = member(object, dotted_path);
  return value != nullptr && value->is_bool() && value->get_bool();
}

}  // namespace copse::runner::sandbox
