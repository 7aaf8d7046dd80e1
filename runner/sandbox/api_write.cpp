#include "runner/sandbox/api.hpp"
#include "runner/sandbox/defaults.hpp"
#include "runner/sandbox/document.hpp"
#include "runner/sandbox/field_types.hpp"
#include "runner/sandbox/patch.hpp"
#include "runner/sandbox/protobuf.hpp"
#include "runner/sandbox/validation.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace copse::runner::sandbox {
namespace {

namespace json = boost::json;

constexpr std::string_view modified_text =
    "the object has been modified; please apply your changes to the latest version and try again";

bool is_json(std::string_view content_type) {
  return content_type.empty() || content_type.starts_with("application/json");
}

Refusal unknown_body() {
  return unsupported_media_type("application/json");
}

Reply shown(int code, const Object& object, std::vector<std::string> warnings) {
  Reply reply{.code = code, .body = {}, .warnings = std::move(warnings)};
  append_object(reply.body, object, Head::full);
  return reply;
}

json::object& metadata_of(json::object& document) {
  json::value& metadata = document["metadata"];
  return metadata.is_object() ? metadata.get_object() : metadata.emplace_object();
}

bool is_dry_run(const Target& target) {
  return target.get("dryRun") == "All";
}

/// The kind and apiVersion of a body must be those of the path, where they are said.
std::optional<Refusal> check_kind(Resource resource, const json::object& document) {
  const std::string_view kind = text_at(document, "kind"),
                         version = text_at(document, "apiVersion");
  if (!version.empty() && version != api_version(resource)) {
    return bad_request(
        fmt::format("the API version in the data ({}) does not match the expected API version ({})",
                    version, api_version(resource)));
  }
  if (!kind.empty() && kind != info(resource).kind) {
    return bad_request(fmt::format(
        "{} in version \"{}\" cannot be handled as a {}: no kind \"{}\" is registered for version "
        "\"{}\"",
        kind, info(resource).version, info(resource).kind, kind, api_version(resource)));
  }
  return std::nullopt;
}

}  // namespace

/// Decoding: kind, types of fields, unknown fields, namespace.
std::optional<Refusal> Api::check_document(const Call& call, const json::object& document,
                                           std::vector<std::string>& warnings) const {
  if (auto refusal = check_kind(call.resource, document)) return refusal;
  const std::string_view kind = info(call.resource).kind;
  if (const auto fault = find_type_fault(kind, document)) {
    return bad_request(fmt::format("{0} in version \"{1}\" cannot be handled as a {0}: {2}", kind,
                                   info(call.resource).version, *fault));
  }
  const std::string_view ns = text_at(document, "metadata.namespace");
  if (!ns.empty() && ns != call.target.ns) {
    return bad_request(
        "the namespace of the provided object does not match the namespace sent on the request");
  }
  const std::string_view mode = call.target.get("fieldValidation");
  if (!options_.find_unknown_fields || mode.empty() || mode == "Ignore") return std::nullopt;
  const auto unknown = options_.find_unknown_fields(kind, json::serialize(document));
  if (unknown.empty()) return std::nullopt;
  if (mode == "Warn") {
    warnings.insert(warnings.end(), unknown.begin(), unknown.end());
    return std::nullopt;
  }
  return bad_request(
      fmt::format("{0} in version \"{1}\" cannot be handled as a {0}: strict decoding error: {2}",
                  kind, info(call.resource).version, fmt::join(unknown, ", ")));
}

/// Admission plugin NamespaceLifecycle.
std::optional<Refusal> Api::check_namespace(const Call& call) const {
  if (!info(call.resource).namespaced) return std::nullopt;
  const ObjectPtr ns = cluster_.store().find(Resource::namespaces, {}, call.target.ns);
  if (ns == nullptr) return not_found(Resource::namespaces, call.target.ns);
  if (!ns->deletion) return std::nullopt;
  const std::string text = fmt::format("namespace {} is being terminated", call.target.ns);
  Refusal refusal = forbidden(
      call.resource, {},
      fmt::format("unable to create new content in namespace {} because it is being terminated",
                  call.target.ns));
  refusal.causes = {{"NamespaceTerminating", text, "metadata.namespace"}};
  return refusal;
}

Answer Api::create(const Call& call) {
  if (call.request.content_type.starts_with(protobuf_media_type)) {
    auto document = read_protobuf(call.request.body);
    if (!document) return reply_of(unknown_body());
    return create_from(call, std::move(*document));
  }
  if (!is_json(call.request.content_type)) return reply_of(unknown_body());
  auto document = parse_document(call.request.body, *arena_);
  if (!document) return reply_of(document.error());
  return create_from(call, std::move(*document));
}

Answer Api::create_from(const Call& call, json::object document) {
  std::vector<std::string> warnings;
  if (auto refusal = check_document(call, document, warnings)) return reply_of(*refusal);
  if (auto refusal = check_namespace(call)) return reply_of(*refusal);
  json::object& metadata = metadata_of(document);
  if (!text_at(metadata, "resourceVersion").empty()) {
    return reply_of(bad_request("resourceVersion should not be set on objects to be created"));
  }
  Store& store = cluster_.store();
  std::string name{text_at(metadata, "name")};
  if (const std::string_view stem = text_at(metadata, "generateName");
      name.empty() && !stem.empty()) {
    name = std::string{stem.substr(0, generated_name_cut)} + store.new_suffix();
    metadata["name"] = name;
  }
  const std::string uid = store.new_uid();
  set_defaults(call.resource, document, uid, name);
  auto causes = find_faults(call.resource, document);
  if (!causes.empty()) return reply_of(invalid(call.resource, name, std::move(causes)));
  if (const ObjectPtr present = store.find(call.resource, call.target.ns, name)) {
    return reply_of(already_exists(call.resource, name, present->deletion.has_value()));
  }
  set_defaults_on_read(call.resource, document);
  Object object = object_from(call.resource, document);
  object.ns = call.target.ns;
  object.uid = uid;
  object.created = cluster_.now();
  object.deletion.reset();
  object.generation = info(call.resource).has_generation ? 1 : 0;
  if (call.resource != Resource::nodes) {
    object.status = first_status(call.resource);
    if (call.resource == Resource::pods) put(object.fields, "status.phase", "Pending");
    if (call.resource == Resource::namespaces) put(object.fields, "status.phase", "Active");
  }
  if (call.resource == Resource::jobs) put(object.fields, "status.successful", "0");
  if (is_dry_run(call.target)) return shown(201, object, std::move(warnings));
  return shown(201, *store.add(std::move(object)), std::move(warnings));
}

Answer Api::update(const Call& call) {
  if (!is_json(call.request.content_type)) return reply_of(unknown_body());
  auto document = parse_document(call.request.body, *arena_);
  if (!document) return reply_of(document.error());
  std::vector<std::string> warnings;
  if (auto refusal = check_document(call, *document, warnings)) return reply_of(*refusal);
  const std::string_view name = text_at(*document, "metadata.name");
  if (name != call.target.name) {
    return reply_of(bad_request(
        fmt::format("the name of the object ({}) does not match the name on the URL ({})", name,
                    call.target.name)));
  }
  const ObjectPtr current = cluster_.store().find(call.resource, call.target.ns, call.target.name);
  if (current == nullptr) return reply_of(not_found(call.resource, call.target.name));
  return store_update(call, current, std::move(*document));
}

Answer Api::patch(const Call& call) {
  const auto kind = patch_kind(call.request.content_type);
  if (!kind) return reply_of(unsupported_media_type(patch_media_types));
  const ObjectPtr current = cluster_.store().find(call.resource, call.target.ns, call.target.name);
  if (current == nullptr && *kind != PatchKind::apply)
    return reply_of(not_found(call.resource, call.target.name));
  if (current == nullptr) {
    auto document = parse_document(call.request.body, *arena_);
    if (!document) return reply_of(document.error());
    return create_from(call, std::move(*document));
  }
  json::object document = document_of(*current);
  if (auto refusal = apply_patch(*kind, document, call.request.body)) {
    if (refusal->code == 422) {
      refusal->name = call.target.name;
    }
    return reply_of(*refusal);
  }
  std::vector<std::string> warnings;
  if (auto refusal = check_document(call, document, warnings)) return reply_of(*refusal);
  return store_update(call, current, std::move(document));
}

/// The common end of PUT and PATCH.
Answer Api::store_update(const Call& call, const ObjectPtr& current, json::object document) {
  json::object& metadata = metadata_of(document);
  const std::string_view rv = text_at(metadata, "resourceVersion");
  if (!rv.empty() && rv != std::to_string(static_cast<std::uint64_t>(current->rv))) {
    return reply_of(conflict(call.resource, current->name, modified_text));
  }
  if (const std::string_view uid = text_at(metadata, "uid"); !uid.empty() && uid != current->uid) {
    return reply_of(
        conflict(call.resource, current->name,
                 fmt::format("Precondition failed: UID in precondition: {}, UID in object meta: {}",
                             uid, current->uid)));
  }
  if (call.target.subresource == "status") return store_status(call, current, document);
  metadata["name"] = current->name;
  set_defaults(call.resource, document, current->uid, current->name);
  auto causes = find_update_faults(call.resource, document_of(*current), document);
  if (!causes.empty()) return reply_of(invalid(call.resource, current->name, std::move(causes)));
  set_defaults_on_read(call.resource, document);
  Object from = object_from(call.resource, document);
  Object next = *current;
  if (*from.written != *current->written) next.written = std::move(from.written);
  next.finalizers = std::move(from.finalizers);
  const bool respecified = next.written->body != current->written->body;
  if (respecified && next.generation > 0) ++next.generation;
  if (next.written == current->written && next.finalizers == current->finalizers)
    return shown(200, *current, {});
  if (respecified) refresh_fields(next);
  if (is_dry_run(call.target)) return shown(200, next, {});
  const Object last = next;
  const ObjectPtr stored = cluster_.store().replace(current, std::move(next));
  return shown(200, stored == nullptr ? last : *stored, {});
}

Answer Api::store_status(const Call& call, const ObjectPtr& current, const json::object& document) {
  Object next = *current;
  const json::value* status = document.if_contains("status");
  next.status = status != nullptr && status->is_object() ? json::serialize(*status) : "{}";
  if (next.status == current->status) return shown(200, *current, {});
  refresh_fields(next);
  if (is_dry_run(call.target)) return shown(200, next, {});
  return shown(200, *cluster_.store().replace(current, std::move(next)), {});
}

/// POST …/pods/x/binding: what a scheduler does.
Answer Api::bind(const Call& call) {
  const auto document = parse_document(call.request.body, *arena_);
  if (!document) return reply_of(document.error());
  const ObjectPtr pod = cluster_.store().find(Resource::pods, call.target.ns, call.target.name);
  if (pod == nullptr) return reply_of(not_found(Resource::pods, call.target.name));
  const std::string_view taken = field(*pod, "spec.nodeName");
  if (!taken.empty()) {
    return reply_of(
        conflict(Resource::pods, pod->name,
                 fmt::format("pod {} is already assigned to node \"{}\"", pod->name, taken)));
  }
  const std::string node{text_at(*document, "target.name")};
  json::object body = document_of(*pod);
  body["spec"].as_object()["nodeName"] = node;
  Object from = object_from(Resource::pods, body);
  Object next = *pod;
  next.written = std::move(from.written);
  next.fields = std::move(from.fields);
  cluster_.store().replace(pod, std::move(next));
  return Reply{
      .code = 201,
      .body = R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success","code":201})",
      .warnings = {}};
}

}  // namespace copse::runner::sandbox
