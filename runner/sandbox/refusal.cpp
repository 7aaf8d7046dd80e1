#include "runner/sandbox/refusal.hpp"

#include "runner/sandbox/json_text.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace copse::runner::sandbox {
namespace {

Refusal about(Resource resource, std::string_view name, int code, std::string reason,
              std::string message) {
  return {.code = code,
          .reason = std::move(reason),
          .message = std::move(message),
          .name = std::string{name},
          .group = std::string{info(resource).group},
          .kind = std::string{info(resource).plural},
          .causes = {},
          .retry_after_seconds = 0};
}

Refusal plain(int code, std::string reason, std::string message) {
  return {.code = code,
          .reason = std::move(reason),
          .message = std::move(message),
          .name = {},
          .group = {},
          .kind = {},
          .causes = {},
          .retry_after_seconds = 0};
}

/// Each cause once: alone as it is, several in brackets.
std::string list(const std::vector<Cause>& causes) {
  std::vector<std::string> texts;
  for (const Cause& cause : causes) {
    std::string text = cause.field + ": " + cause.message;
    if (std::find(texts.begin(), texts.end(), text) == texts.end())
      texts.push_back(std::move(text));
  }
  return texts.size() == 1 ? texts.front() : fmt::format("[{}]", fmt::join(texts, ", "));
}

void append_causes(std::string& out, const std::vector<Cause>& causes) {
  out += '[';
  for (std::size_t i = 0; i < causes.size(); ++i) {
    if (i > 0) out += ',';
    ObjectText cause{out};
    cause.text("reason", causes[i].reason);
    cause.text("message", causes[i].message);
    if (!causes[i].field.empty()) cause.text("field", causes[i].field);
    cause.close();
  }
  out += ']';
}

void append_details(std::string& out, const Refusal& refusal) {
  ObjectText details{out};
  if (!refusal.name.empty()) details.text("name", refusal.name);
  if (!refusal.group.empty()) details.text("group", refusal.group);
  if (!refusal.kind.empty()) details.text("kind", refusal.kind);
  if (!refusal.causes.empty()) {
    details.key("causes");
    append_causes(out, refusal.causes);
  }
  if (refusal.retry_after_seconds > 0)
    details.number("retryAfterSeconds", refusal.retry_after_seconds);
  details.close();
}

}  // namespace

std::string status_text(const Refusal& refusal) {
  std::string out;
  ObjectText status{out};
  status.text("kind", "Status");
  status.text("apiVersion", "v1");
  status.raw("metadata", "{}");
  status.text("status", "Failure");
  status.text("message", refusal.message);
  if (!refusal.reason.empty()) status.text("reason", refusal.reason);
  const bool has_details = !refusal.name.empty() || !refusal.kind.empty() ||
                           !refusal.causes.empty() || refusal.retry_after_seconds > 0;
  if (has_details || refusal.code == 404) {
    status.key("details");
    append_details(out, refusal);
  }
  status.number("code", refusal.code);
  status.close();
  return out;
}

std::string success_text(Resource resource, std::string_view name, std::string_view uid) {
  std::string out;
  ObjectText status{out};
  status.text("kind", "Status");
  status.text("apiVersion", "v1");
  status.raw("metadata", "{}");
  status.text("status", "Success");
  status.key("details");
  ObjectText details{out};
  details.text("name", name);
  if (!info(resource).group.empty()) details.text("group", info(resource).group);
  details.text("kind", info(resource).plural);
  details.text("uid", uid);
  details.close();
  status.close();
  return out;
}

Refusal not_found(Resource resource, std::string_view name) {
  return about(resource, name, 404, "NotFound",
               fmt::format("{} \"{}\" not found", qualified_resource(resource), name));
}

Refusal no_such_path() {
  return plain(404, "NotFound", "the server could not find the requested resource");
}

Refusal already_exists(Resource resource, std::string_view name, bool being_deleted) {
  return about(
      resource, name, 409, "AlreadyExists",
      fmt::format("{}{} \"{}\" already exists", being_deleted ? "object is being deleted: " : "",
                  qualified_resource(resource), name));
}

Refusal conflict(Resource resource, std::string_view name, std::string_view why) {
  return about(resource, name, 409, "Conflict",
               fmt::format("Operation cannot be fulfilled on {} \"{}\": {}",
                           qualified_resource(resource), name, why));
}

Refusal bad_request(std::string message) {
  return plain(400, "BadRequest", std::move(message));
}

Refusal invalid(Resource resource, std::string_view name, std::vector<Cause> causes) {
  Refusal refusal =
      about(resource, name, 422, "Invalid",
            fmt::format("{} \"{}\" is invalid: {}", qualified_kind(resource), name, list(causes)));
  refusal.kind = info(resource).kind;
  refusal.causes = std::move(causes);
  return refusal;
}

Refusal invalid_kind(std::string_view kind, std::string_view name, std::vector<Cause> causes) {
  Refusal refusal =
      plain(422, "Invalid", fmt::format("{} \"{}\" is invalid: {}", kind, name, list(causes)));
  refusal.name = name;
  refusal.kind = kind;
  refusal.causes = std::move(causes);
  return refusal;
}

Refusal invalid_options(std::string_view kind, std::vector<Cause> causes) {
  Refusal refusal = invalid_kind(fmt::format("{}.meta.k8s.io", kind), {}, std::move(causes));
  refusal.group = "meta.k8s.io";
  refusal.kind = kind;
  return refusal;
}

Refusal internal_error(std::string message) {
  return plain(500, {}, std::move(message));
}

Refusal forbidden(Resource resource, std::string_view name, std::string_view why) {
  const std::string subject = name.empty()
                                  ? qualified_resource(resource)
                                  : fmt::format("{} \"{}\"", qualified_resource(resource), name);
  return about(resource, name, 403, "Forbidden", fmt::format("{} is forbidden: {}", subject, why));
}

Refusal method_not_allowed() {
  return plain(405, "MethodNotAllowed",
               "the server does not allow this method on the requested resource");
}

Refusal unauthorized() {
  return plain(401, "Unauthorized", "Unauthorized");
}

Refusal too_large() {
  return plain(413, "RequestEntityTooLarge", "Request entity too large: limit is 3145728");
}

Refusal unsupported_media_type(std::string_view accepted) {
  return plain(
      415, "UnsupportedMediaType",
      fmt::format(
          "the body of the request was in an unknown format - accepted media types include: {}",
          accepted));
}

Refusal expired(std::string message) {
  return plain(410, "Expired", std::move(message));
}

Refusal rv_too_large(Rv asked, Rv current) {
  Refusal refusal =
      plain(504, "Timeout",
            fmt::format("Timeout: Too large resource version: {}, current: {}",
                        static_cast<std::uint64_t>(asked), static_cast<std::uint64_t>(current)));
  refusal.causes = {{"ResourceVersionTooLarge", "Too large resource version", ""}};
  refusal.retry_after_seconds = 1;
  return refusal;
}

}  // namespace copse::runner::sandbox
