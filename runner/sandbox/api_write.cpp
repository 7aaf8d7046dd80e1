#include "runner/sandbox/api.hpp"
#include "runner/sandbox/defaults.hpp"
#include "runner/sandbox/document.hpp"
#include "runner/sandbox/patch.hpp"
#include "runner/sandbox/validation.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace copse::runner::sandbox {
namespace {

namespace json = boost::json;

constexpr std::string_view modified_text =
    "the object has been modified; please apply your changes to the latest version and try again";

Reply shown(int code, const Object& object, std::vector<std::string> warnings) {
  Reply reply{.code = code, .body = {}, .warnings = std::move(warnings)};
  append_object(reply.body, object, Head::full);
  return reply;
}

json::object& metadata_of(json::object& document) {
  json::value& metadata = document["metadata"];
  return metadata.is_object() ? metadata.get_object() : metadata.emplace_object();
}

std::optional<Refusal> check_name(const Target& target, const json::object& document) {
  const std::string_view name = text_at(document, "metadata.name");
  if (name == target.name) return std::nullopt;
  return bad_request(fmt::format(
      "the name of the object ({}) does not match the name on the URL ({})", name, target.name));
}

/// What the router says, before any handler.
Refusal unsupported_patch() {
  Refusal refusal = unsupported_media_type({});
  refusal.message = "415: Unsupported Media Type";
  return refusal;
}

/// `after`, written for `current`: its status stays where the object itself is changed.
Object updated(const Object& current, Object after) {
  Object next = current;
  if (*after.written != *current.written) next.written = std::move(after.written);
  next.finalizers = std::move(after.finalizers);
  const bool respecified = next.written->body != current.written->body;
  if (respecified && next.generation > 0) ++next.generation;
  if (respecified) refresh_fields(next);
  return next;
}

/// `after`, written for the status of `current`: its spec stays. Metadata changes in both, but a
/// pod's owners and quality of service do not (podStatusStrategy).
Object updated_status(const Object& current, json::object& document) {
  if (current.resource == Resource::pods) {
    json::value& status = document["status"];
    if (!status.is_object()) status.emplace_object();
    if (!status.get_object().contains("qosClass")) {
      const json::object before = document_of(current);
      status.get_object()["qosClass"] = json::string(text_at(before, "status.qosClass"));
    }
  }
  Object after = object_from(current.resource, document);
  Object next = current;
  Written written = *current.written;
  written.labels = after.written->labels;
  written.annotations = after.written->annotations;
  if (current.resource != Resource::pods) written.owners = after.written->owners;
  if (written != *current.written) next.written = std::make_shared<const Written>(written);
  next.finalizers = std::move(after.finalizers);
  next.status = after.status.empty() ? "{}" : std::move(after.status);
  refresh_fields(next);
  return next;
}

bool differs(const Object& a, const Object& b) {
  return a.written != b.written || a.finalizers != b.finalizers || a.status != b.status;
}

}  // namespace

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
  const auto options = read_write_options(call.target, "CreateOptions");
  if (!options) return reply_of(options.error());
  std::vector<std::string> warnings;
  auto document = decode(call, *options, warnings);
  if (!document) return reply_of(document.error());
  return create_from(call, *options, std::move(*document), std::move(warnings));
}

Answer Api::create_from(const Call& call, const WriteOptions& options, json::object document,
                        std::vector<std::string> warnings) {
  if (auto refusal = check_namespace(call)) return reply_of(*refusal, std::move(warnings));
  json::object& metadata = metadata_of(document);
  if (!text_at(metadata, "resourceVersion").empty()) {
    return reply_of(bad_request("resourceVersion should not be set on objects to be created"),
                    std::move(warnings));
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
  if (!causes.empty())
    return reply_of(invalid(call.resource, name, std::move(causes)), std::move(warnings));
  if (const ObjectPtr present = store.find(call.resource, call.target.ns, name)) {
    return reply_of(already_exists(call.resource, name, present->deletion.has_value()),
                    std::move(warnings));
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
  if (options.dry_run) return shown(201, object, std::move(warnings));
  return shown(201, *store.add(std::move(object)), std::move(warnings));
}

Answer Api::update(const Call& call) {
  const auto options = read_write_options(call.target, "UpdateOptions");
  if (!options) return reply_of(options.error());
  std::vector<std::string> warnings;
  auto document = decode(call, *options, warnings);
  if (!document) return reply_of(document.error());
  if (auto refusal = check_name(call.target, *document))
    return reply_of(*refusal, std::move(warnings));
  const ObjectPtr current = cluster_.store().find(call.resource, call.target.ns, call.target.name);
  if (current == nullptr)
    return reply_of(not_found(call.resource, call.target.name), std::move(warnings));
  return store_update(call, *options, current, std::move(*document), std::move(warnings));
}

Answer Api::patch(const Call& call) {
  const auto kind = patch_kind(call.request.content_type);
  if (!kind) return reply_of(unsupported_patch());
  const auto options = read_write_options(call.target, "PatchOptions");
  if (!options) return reply_of(options.error());
  const ObjectPtr current = cluster_.store().find(call.resource, call.target.ns, call.target.name);
  std::vector<std::string> warnings;
  if (current == nullptr) {
    if (*kind != PatchKind::apply)
      return reply_of(not_found(call.resource, call.target.name), std::move(warnings));
    auto document = decode_json(call, *options, warnings);
    if (!document) return reply_of(document.error());
    return create_from(call, *options, std::move(*document), std::move(warnings));
  }
  auto document = decode_patch(call, *options, *kind, *current, warnings);
  if (!document) return reply_of(document.error());
  if (auto refusal = check_name(call.target, *document))
    return reply_of(*refusal, std::move(warnings));
  return store_update(call, *options, current, std::move(*document), std::move(warnings));
}

/// The common end of PUT and PATCH, of the object and of its status.
Answer Api::store_update(const Call& call, const WriteOptions& options, const ObjectPtr& current,
                         json::object document, std::vector<std::string> warnings) {
  json::object& metadata = metadata_of(document);
  const std::string_view rv = text_at(metadata, "resourceVersion");
  if (!rv.empty() && rv != std::to_string(static_cast<std::uint64_t>(current->rv))) {
    return reply_of(conflict(call.resource, current->name, modified_text), std::move(warnings));
  }
  if (const std::string_view uid = text_at(metadata, "uid"); !uid.empty() && uid != current->uid) {
    return reply_of(
        conflict(call.resource, current->name,
                 fmt::format("Precondition failed: UID in precondition: {}, UID in object meta: {}",
                             uid, current->uid)),
        std::move(warnings));
  }
  const bool of_status = call.target.subresource == "status";
  if (!of_status) set_defaults(call.resource, document, current->uid, current->name);
  auto causes = of_status ? find_metadata_faults(*current, document)
                          : find_update_faults(*current, document_of(*current), document);
  if (!causes.empty())
    return reply_of(invalid(call.resource, current->name, std::move(causes)), std::move(warnings));
  set_defaults_on_read(call.resource, document);
  Object next = of_status ? updated_status(*current, document)
                          : updated(*current, object_from(call.resource, document));
  if (!differs(next, *current)) return shown(200, *current, std::move(warnings));
  if (options.dry_run) return shown(200, next, std::move(warnings));
  const Object last = next;
  const ObjectPtr stored = cluster_.store().replace(current, std::move(next));
  return shown(200, stored == nullptr ? last : *stored, std::move(warnings));
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
