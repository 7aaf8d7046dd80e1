#include "runner/sandbox/discovery.hpp"

#include "runner/sandbox/document.hpp"
#include "runner/sandbox/json_text.hpp"
#include "runner/sandbox/resource.hpp"

#include <algorithm>
#include <array>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace copse::runner::sandbox {
namespace {

constexpr std::string_view verbs =
    R"(["create","delete","deletecollection","get","list","patch","update","watch"])";
constexpr std::string_view json_type = "application/json";
constexpr std::string_view authorization_group = "authorization.k8s.io";

struct Group {
  std::string_view name;  ///< empty: the core group
};

constexpr std::array groups{Group{""}, Group{"batch"}, Group{authorization_group}};

std::string group_version(std::string_view group) {
  return group.empty() ? "v1" : fmt::format("{}/v1", group);
}

/// One entry of an APIResourceList.
void append_resource(std::string& out, std::string_view name, std::string_view singular,
                     bool namespaced, std::string_view kind, std::string_view entry_verbs,
                     const ResourceInfo* row) {
  if (out.back() != '[') out += ',';
  ObjectText text{out};
  text.text("name", name);
  text.text("singularName", singular);
  text.boolean("namespaced", namespaced);
  text.text("kind", kind);
  text.raw("verbs", entry_verbs);
  if (row != nullptr && !row->short_name.empty())
    text.raw("shortNames", fmt::format("[\"{}\"]", row->short_name));
  if (row != nullptr && row->in_all) text.raw("categories", R"(["all"])");
  text.close();
}

std::string resource_list(std::string_view group) {
  std::string out = fmt::format(
      R"({{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"{}","resources":[)",
      group_version(group));
  for (const ResourceInfo& row : resources()) {
    if (row.group != group) continue;
    append_resource(out, row.plural, row.singular, row.namespaced, row.kind, verbs, &row);
    if (row.has_status) {
      append_resource(out, fmt::format("{}/status", row.plural), "", row.namespaced, row.kind,
                      R"(["get","patch","update"])", nullptr);
    }
    if (row.id != Resource::pods) continue;
    append_resource(out, "pods/log", "", true, "Pod", R"(["get"])", nullptr);
    append_resource(out, "pods/binding", "", true, "Binding", R"(["create"])", nullptr);
  }
  if (group == authorization_group) {
    append_resource(out, "selfsubjectaccessreviews", "selfsubjectaccessreview", false,
                    "SelfSubjectAccessReview", R"(["create"])", nullptr);
  }
  return out += "]}";
}

std::string group_text(std::string_view group) {
  return fmt::format(
      R"({{"name":"{0}","versions":[{{"groupVersion":"{0}/v1","version":"v1"}}],"preferredVersion":{{"groupVersion":"{0}/v1","version":"v1"}}}})",
      group);
}

std::string response_kind(std::string_view group, std::string_view kind) {
  return fmt::format(R"({{"group":"{}","version":"v1","kind":"{}"}})", group, kind);
}

/// One entry of an aggregated discovery document.
void append_aggregated(std::string& out, const ResourceInfo& row) {
  if (out.back() != '[') out += ',';
  ObjectText text{out};
  text.text("resource", row.plural);
  text.raw("responseKind", response_kind(row.group, row.kind));
  text.text("scope", row.namespaced ? "Namespaced" : "Cluster");
  text.text("singularResource", row.singular);
  text.raw("verbs", verbs);
  if (!row.short_name.empty()) text.raw("shortNames", fmt::format("[\"{}\"]", row.short_name));
  if (row.in_all) text.raw("categories", R"(["all"])");
  if (row.has_status) {
    std::string subs = fmt::format(
        R"([{{"subresource":"status","responseKind":{},"verbs":["get","patch","update"]}})",
        response_kind(row.group, row.kind));
    if (row.id == Resource::pods) {
      subs += fmt::format(R"(,{{"subresource":"log","responseKind":{},"verbs":["get"]}})",
                          response_kind("", "Pod"));
      subs += fmt::format(R"(,{{"subresource":"binding","responseKind":{},"verbs":["create"]}})",
                          response_kind("", "Binding"));
    }
    text.raw("subresources", subs + "]");
  }
  text.close();
}

std::string aggregated(bool core) {
  std::string out =
      R"({"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},"items":[)";
  for (const Group& group : groups) {
    if (group.name.empty() != core) continue;
    if (out.back() != '[') out += ',';
    out += R"({"metadata":{)";
    if (!core) out += fmt::format(R"("name":"{}",)", group.name);
    out += R"("creationTimestamp":null},"versions":[{"version":"v1","resources":[)";
    for (const ResourceInfo& row : resources()) {
      if (row.group == group.name) append_aggregated(out, row);
    }
    if (group.name == authorization_group) {
      out += fmt::format(
          R"({{"resource":"selfsubjectaccessreviews","responseKind":{},"scope":"Cluster","singularResource":"selfsubjectaccessreview","verbs":["create"]}})",
          response_kind(authorization_group, "SelfSubjectAccessReview"));
    }
    out += R"(],"freshness":"Current"}]})";
  }
  return out += "]}";
}

std::string version_text(std::string_view version) {
  const std::string_view number = version.starts_with('v') ? version.substr(1) : version;
  const std::size_t dot = number.find('.');
  const std::string_view minor = dot == std::string_view::npos
                                     ? "0"
                                     : number.substr(dot + 1, number.find('.', dot + 1) - dot - 1);
  return fmt::format(
      R"({{"major":"{}","minor":"{}","gitVersion":"{}","gitCommit":"","gitTreeState":"clean","buildDate":"2026-01-01T00:00:00Z","goVersion":"none","compiler":"none","platform":"linux/amd64"}})",
      number.substr(0, dot), minor, version);
}

/// kubectl looks into the PATCH operation of a kind for the parameter fieldValidation: that is all
/// the document has to say (client-go, query_param_verifier_v3.go).
std::string openapi_document(std::string_view group) {
  std::string paths;
  for (const ResourceInfo& row : resources()) {
    if (row.group != group) continue;
    if (!paths.empty()) paths += ',';
    const std::string root = group.empty() ? "/api/v1" : fmt::format("/apis/{}/v1", group);
    paths += fmt::format(
        R"("{}{}/{}/{{name}}":{{"patch":{{"x-kubernetes-action":"patch","x-kubernetes-group-version-kind":{{"group":"{}","version":"v1","kind":"{}"}},)"
        R"("parameters":[{{"name":"fieldValidation","in":"query","schema":{{"type":"string","uniqueItems":true}}}},{{"name":"dryRun","in":"query","schema":{{"type":"string","uniqueItems":true}}}}],)"
        R"("responses":{{"200":{{"description":"OK"}}}}}}}})",
        root, row.namespaced ? "/namespaces/{namespace}" : "", row.plural, group, row.kind);
  }
  return fmt::format(
      R"({{"openapi":"3.0.0","info":{{"title":"Kubernetes","version":"sandbox"}},"paths":{{{}}},"components":{{"schemas":{{}}}}}})",
      paths);
}

constexpr std::string_view openapi_index =
    R"({"paths":{"api/v1":{"serverRelativeURL":"/openapi/v3/api/v1?hash=1"},"apis/batch/v1":{"serverRelativeURL":"/openapi/v3/apis/batch/v1?hash=1"}}})";

/// OpenAPI v2 without a definition: kubectl asks for it when v3 does not know a group, finds
/// nothing to check against and goes on. It takes protobuf only: swagger "2.0" and info (title,
/// version).
constexpr std::string_view openapi_v2_json =
    R"({"swagger":"2.0","info":{"title":"Kubernetes","version":"sandbox"},"paths":{}})";
constexpr std::string_view openapi_v2_protobuf =
    "\x0a\x03"
    "2.0"
    "\x12\x15\x0a\x0a"
    "Kubernetes"
    "\x12\x07"
    "sandbox";
constexpr std::string_view openapi_v2_type =
    "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

DiscoveryPage json_page(std::string body) {
  return {std::string{json_type}, std::move(body)};
}

std::optional<DiscoveryPage> group_page(std::string_view path, std::string_view accept) {
  const bool wants_aggregated = accept.find("as=APIGroupDiscoveryList") != std::string_view::npos &&
                                accept.find("v=v2;") != std::string_view::npos;
  if ((path == "/api" || path == "/apis") && wants_aggregated) {
    return DiscoveryPage{"application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
                         aggregated(path == "/api")};
  }
  if (path == "/api") {
    return json_page(R"({"kind":"APIVersions","versions":["v1"],"serverAddressByClientCIDRs":[]})");
  }
  if (path == "/apis") {
    std::string out = R"({"kind":"APIGroupList","apiVersion":"v1","groups":[)";
    for (const Group& group : groups) {
      if (group.name.empty()) continue;
      if (out.back() != '[') out += ',';
      out += group_text(group.name);
    }
    return json_page(out + "]}");
  }
  for (const Group& group : groups) {
    const std::string root =
        group.name.empty() ? "/api/v1" : fmt::format("/apis/{}/v1", group.name);
    if (path == root) return json_page(resource_list(group.name));
    if (!group.name.empty() && path == fmt::format("/apis/{}", group.name)) {
      return json_page(R"({"kind":"APIGroup","apiVersion":"v1",)" +
                       group_text(group.name).substr(1));
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<DiscoveryPage> discovery_page(std::string_view path, std::string_view accept,
                                            std::string_view version) {
  if (path == "/healthz" || path == "/livez" || path == "/readyz")
    return DiscoveryPage{"text/plain; charset=utf-8", "ok"};
  if (path == "/version") return json_page(version_text(version));
  if (path == "/openapi/v2") {
    return accept.find("protobuf") == std::string_view::npos
               ? json_page(std::string{openapi_v2_json})
               : DiscoveryPage{std::string{openapi_v2_type}, std::string{openapi_v2_protobuf}};
  }
  if (path == "/openapi/v3") return json_page(std::string{openapi_index});
  if (path == "/openapi/v3/api/v1") return json_page(openapi_document(""));
  if (path == "/openapi/v3/apis/batch/v1") return json_page(openapi_document("batch"));
  return group_page(path, accept);
}

bool is_below_group(std::string_view path) {
  return std::any_of(groups.begin(), groups.end(), [&](const Group& group) {
    const std::string root = group.name.empty() ? "/api/" : fmt::format("/apis/{}/", group.name);
    return path.starts_with(root);
  });
}

std::optional<std::string> review_access(std::string_view path, std::string_view body) {
  if (path != "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews") return std::nullopt;
  // kubectl may send protobuf; what was asked does not matter to the answer.
  boost::json::object review;
  if (auto sent = parse_document(body)) review = std::move(*sent);
  review["kind"] = "SelfSubjectAccessReview";
  review["apiVersion"] = "authorization.k8s.io/v1";
  review["status"] = boost::json::object{{"allowed", true}};
  return boost::json::serialize(review);
}

}  // namespace copse::runner::sandbox
