// From the body of a request to a document: decoding, conversion and strictness.
#include "runner/sandbox/api.hpp"
#include "runner/sandbox/decoder.hpp"
#include "runner/sandbox/field_types.hpp"
#include "runner/sandbox/patch.hpp"
#include "runner/sandbox/protobuf.hpp"

#include <algorithm>
#include <array>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace copse::runner::sandbox {
namespace {

namespace json = boost::json;

/// Bytes of a body that is no object shown in its refusal.
constexpr std::size_t summary_bytes = 30;

bool is_json(std::string_view content_type) {
  return content_type.empty() || content_type.starts_with("application/json");
}

/// What the body looked like (apiserver, endpoints/handlers: summarizeData).
std::string summary(std::string_view body) {
  if (body.empty()) return "<empty>";
  std::string shown;
  const std::string_view begin = body.substr(0, summary_bytes);
  if (body.front() == '{') {
    shown = begin;
  } else {
    for (const char c : begin) shown += fmt::format("{:02x}", static_cast<unsigned char>(c));
  }
  return body.size() > summary_bytes ? shown + " ..." : shown;
}

/// Kinds of the two groups that the sandbox has no resource for: the server knows them and cannot
/// make one of another.
constexpr std::array core_kinds{"Binding",       "ConfigMap",        "Endpoints",
                                "Event",         "LimitRange",       "Namespace",
                                "Node",          "PersistentVolume", "PersistentVolumeClaim",
                                "Pod",           "PodTemplate",      "ReplicationController",
                                "ResourceQuota", "Secret",           "Service",
                                "ServiceAccount"};
constexpr std::array batch_kinds{"CronJob", "Job"};

bool is_registered(std::string_view group, std::string_view kind) {
  const auto among = [&](const auto& kinds) {
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
  };
  return group.empty() ? among(core_kinds) : among(batch_kinds);
}

/// The kind and apiVersion of a body must be those of the path, where they are said.
std::optional<Refusal> check_kind(Resource resource, const json::object& document) {
  const ResourceInfo& row = info(resource);
  const std::string_view kind = text_at(document, "kind"),
                         version = text_at(document, "apiVersion");
  if (!version.empty() && version != api_version(resource)) {
    return bad_request(
        fmt::format("the API version in the data ({}) does not match the expected API version ({})",
                    version, api_version(resource)));
  }
  if (kind.empty() || kind == row.kind) return std::nullopt;
  const std::string why =
      is_registered(row.group, kind)
          ? fmt::format("converting ({}.{}) to ({}.{}): unknown conversion", row.version, kind,
                        row.group.empty() ? "core" : row.group, row.kind)
          : fmt::format("no kind \"{}\" is registered for version \"{}\"", kind,
                        api_version(resource));
  return bad_request(fmt::format("{} in version \"{}\" cannot be handled as a {}: {}", kind,
                                 row.version, row.kind, why));
}

Refusal unfit(Resource resource, std::string_view why) {
  return bad_request(fmt::format("{0} in version \"{1}\" cannot be handled as a {0}: {2}",
                                 info(resource).kind, info(resource).version, why));
}

std::string strict_error(const std::vector<std::string>& faults) {
  return fmt::format("strict decoding error: {}", fmt::join(faults, ", "));
}

void append(std::vector<std::string>& out, std::vector<std::string> more) {
  std::move(more.begin(), more.end(), std::back_inserter(out));
}

/// A patch whose outcome is no object of the kind.
Refusal unfit_patch(std::string_view patched, std::string_view why) {
  return invalid_kind(
      {}, {}, {{"FieldValueInvalid", fmt::format("Invalid value: {}: {}", patched, why), "patch"}});
}

}  // namespace

std::expected<json::object, Refusal> Api::decode(const Call& call, const WriteOptions& options,
                                                 std::vector<std::string>& warnings) {
  const std::string_view body = call.request.body;
  if (call.request.content_type.starts_with(protobuf_media_type)) {
    if (auto document = read_protobuf(body))
      return accept(call, options, std::move(*document), {}, warnings);
  }
  if (!is_json(call.request.content_type))
    return std::unexpected{unsupported_media_type("application/json")};
  return decode_json(call, options, warnings);
}

std::expected<json::object, Refusal> Api::decode_json(const Call& call, const WriteOptions& options,
                                                      std::vector<std::string>& warnings) {
  const std::string_view kind = info(call.resource).kind;
  std::vector<std::string> faults;
  auto document = decode_document(call.request.body, kind, *arena_, faults);
  if (!document) {
    return std::unexpected{
        bad_request(fmt::format("the object provided is unrecognized (must be of type {}): {} ({})",
                                kind, document.error().message, summary(call.request.body)))};
  }
  return accept(call, options, std::move(*document), std::move(faults), warnings);
}

/// What is asked of an object once it is read, `faults` being those of its fields.
std::expected<json::object, Refusal> Api::accept(const Call& call, const WriteOptions& options,
                                                 json::object document,
                                                 std::vector<std::string> faults,
                                                 std::vector<std::string>& warnings) const {
  if (auto refusal = check_kind(call.resource, document)) return std::unexpected{*refusal};
  if (const auto fault = find_type_fault(info(call.resource).kind, document))
    return std::unexpected{unfit(call.resource, *fault)};
  if (!faults.empty() && options.validation == FieldValidation::strict)
    return std::unexpected{unfit(call.resource, strict_error(faults))};
  if (options.validation == FieldValidation::warn) append(warnings, std::move(faults));
  const std::string_view ns = text_at(document, "metadata.namespace");
  if (!ns.empty() && ns != call.target.ns) {
    return std::unexpected{bad_request(
        "the namespace of the provided object does not match the namespace sent on the request")};
  }
  return document;
}

std::expected<json::object, Refusal> Api::decode_patch(const Call& call,
                                                       const WriteOptions& options, PatchKind kind,
                                                       const Object& current,
                                                       std::vector<std::string>& warnings) {
  json::object document = document_of(current);
  if (auto refusal = apply_patch(kind, document, call.request.body))
    return std::unexpected{std::move(*refusal)};
  std::vector<std::string> faults = find_field_faults(call.request.body, {});
  if (kind == PatchKind::json) {
    for (std::string& fault : faults) fault.insert(0, "json patch ");
  }
  const std::string patched = json::serialize(document);
  auto decoded = decode_document(patched, info(call.resource).kind, *arena_, faults);
  if (!decoded) return decoded;
  if (auto refusal = check_kind(call.resource, *decoded)) return std::unexpected{*refusal};
  if (const auto fault = find_type_fault(info(call.resource).kind, *decoded))
    return std::unexpected{unfit_patch(patched, *fault)};
  if (!faults.empty() && options.validation == FieldValidation::strict)
    return std::unexpected{unfit_patch(patched, strict_error(faults))};
  if (options.validation == FieldValidation::warn) append(warnings, std::move(faults));
  return decoded;
}

}  // namespace copse::runner::sandbox
