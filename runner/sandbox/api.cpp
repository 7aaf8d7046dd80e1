#include "runner/sandbox/api.hpp"

#include "runner/sandbox/discovery.hpp"

#include <fmt/format.h>

namespace copse::runner::sandbox {
namespace {

bool is_read(std::string_view method) {
  return method == "GET" || method == "HEAD";
}

std::string_view verb_of(const Request& request, const Target& target) {
  if (request.method == "GET") {
    if (target.flag("watch")) return "watch";
    return target.name.empty() ? "list" : "get";
  }
  if (request.method == "POST") return "create";
  if (request.method == "PUT") return "update";
  if (request.method == "PATCH") return "patch";
  if (request.method == "DELETE") return target.name.empty() ? "deletecollection" : "delete";
  return "other";
}

std::string_view first_segment(std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  return path.substr(0, path.find('/'));
}

/// What `system:public-info-viewer` may see.
bool is_public(std::string_view path) {
  return path == "/version" || path == "/healthz" || path == "/livez" || path == "/readyz";
}

}  // namespace

Reply reply_of(const Refusal& refusal, std::vector<std::string> warnings) {
  return {.code = refusal.code,
          .content_type = "application/json",
          .body = status_text(refusal),
          .warnings = std::move(warnings),
          .retry_after_seconds = refusal.retry_after_seconds};
}

Api::Api(Cluster& cluster, ApiOptions options)
    : cluster_{cluster}, options_{std::move(options)}, arena_{std::make_unique<DocumentArena>()} {}

Api::~Api() = default;

void Api::count(std::string_view verb, std::string_view resource, std::string_view subresource) {
  std::string what{resource};
  if (!subresource.empty()) what.append(1, '/').append(subresource);
  ++counts_[{std::string{verb}, std::move(what)}];
}

Answer Api::handle(const Request& request, Moment now) {
  arena_->clear();
  const Target target = parse_target(request.target);
  const std::string_view verb = verb_of(request, target);
  if (!request.is_second_look) {
    if (target.resource != nullptr) {
      count(verb, target.resource->plural, target.subresource);
    } else {
      count(is_read(request.method) ? "get" : verb, first_segment(target.path), {});
    }
  }
  std::string user;
  if (auto refusal = admit(request, target, user)) return reply_of(*refusal);
  if (request.body.size() > body_limit) return reply_of(too_large());
  if (target.resource == nullptr) return serve_other(request, target);
  return serve_resource({request, target, target.resource->id, now, user});
}

std::optional<Refusal> Api::admit(const Request& request, const Target& target,
                                  std::string& user) const {
  const bool is_open = options_.tokens.empty() && !options_.certificates;
  user = is_open || request.has_certificate ? "kubernetes-admin" : "system:anonymous";
  if (is_open || request.has_certificate) return std::nullopt;
  bool may = is_public(target.path);
  constexpr std::string_view scheme = "Bearer ";
  if (request.authorization.starts_with(scheme)) {
    const std::string_view token = request.authorization.substr(scheme.size());
    const TokenUser* found = nullptr;
    for (const TokenUser& one : options_.tokens) {
      if (one.token == token) found = &one;
    }
    if (found == nullptr) return unauthorized();
    user = found->user;
    may = is_read(request.method) ? found->may_read : found->may_write;
  }
  if (may) return std::nullopt;
  const std::string_view verb = verb_of(request, target);
  if (target.resource == nullptr) {
    Refusal refusal = no_such_path();
    refusal.code = 403;
    refusal.reason = "Forbidden";
    refusal.message = fmt::format("forbidden: User \"{}\" cannot {} path \"{}\"", user,
                                  verb == "list" ? "get" : verb, target.path);
    return refusal;
  }
  const std::string scope = target.ns.empty() ? "at the cluster scope"
                                              : fmt::format("in the namespace \"{}\"", target.ns);
  const std::string_view slash = target.subresource.empty() ? "" : "/";
  return forbidden(target.resource->id, target.name,
                   fmt::format("User \"{}\" cannot {} resource \"{}{}{}\" in API group \"{}\" {}",
                               user, verb, target.resource->plural, slash, target.subresource,
                               target.resource->group, scope));
}

Answer Api::serve_resource(const Call& call) {
  const std::string_view method = call.request.method;
  const Target& target = call.target;
  const bool needs_namespace = target.resource->namespaced && target.ns.empty();
  if (needs_namespace && (!target.name.empty() || !is_read(method))) {
    return reply_of(target.name.empty() ? method_not_allowed() : no_such_path());
  }
  if (!target.subresource.empty()) return serve_subresource(call);
  if (method == "GET") {
    if (target.flag("watch")) return watch(call);
    return target.name.empty() ? list(call) : get(call);
  }
  if (method == "POST" && target.name.empty()) return create(call);
  if (method == "PUT" && !target.name.empty()) return update(call);
  if (method == "PATCH" && !target.name.empty()) return patch(call);
  if (method == "DELETE") return target.name.empty() ? remove_collection(call) : remove(call);
  return reply_of(method_not_allowed());
}

Answer Api::serve_subresource(const Call& call) {
  const std::string_view method = call.request.method;
  const std::string_view sub = call.target.subresource;
  if (sub == "status" && call.target.resource->has_status) {
    if (method == "GET") return get(call);
    if (method == "PUT") return update(call);
    if (method == "PATCH") return patch(call);
    return reply_of(method_not_allowed());
  }
  if (call.resource == Resource::pods && sub == "log") {
    return method == "GET" ? log(call) : Answer{reply_of(method_not_allowed())};
  }
  if (call.resource == Resource::pods && sub == "binding") {
    return method == "POST" ? bind(call) : Answer{reply_of(method_not_allowed())};
  }
  return reply_of(no_such_path());
}

Answer Api::serve_other(const Request& request, const Target& target) {
  if (request.method == "POST") {
    if (auto review = review_access(target.path, request.body)) {
      return Reply{.code = 201, .body = std::move(*review), .warnings = {}};
    }
  }
  if (is_read(request.method)) {
    if (auto page = discovery_page(target.path, request.accept, options_.version)) {
      return Reply{.content_type = std::move(page->content_type),
                   .body = std::move(page->body),
                   .warnings = {}};
    }
  }
  if (is_below_group(target.path)) return reply_of(no_such_path());
  return Reply{.code = 404,
               .content_type = "text/plain; charset=utf-8",
               .body = "404 page not found\n",
               .warnings = {}};
}

}  // namespace copse::runner::sandbox
