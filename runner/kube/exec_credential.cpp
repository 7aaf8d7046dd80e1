#include "runner/kube/exec_plugin.hpp"
#include "runner/kube/timestamp.hpp"

#include <boost/json.hpp>

namespace copse::runner::kube {
namespace {

namespace json = boost::json;

std::string text_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::unexpected<std::string> bad(std::string text) {
  return std::unexpected(std::move(text));
}

}  // namespace

std::expected<ExecCredential, std::string> read_exec_credential(std::string_view text,
                                                                std::string_view api_version) {
  boost::system::error_code error;
  const json::value root = json::parse(text, error);
  if (error || !root.is_object()) return bad("it printed something that is not a JSON object");
  const json::object& document = root.get_object();
  if (text_of(document, "kind") != "ExecCredential") return bad("it printed no ExecCredential");
  if (text_of(document, "apiVersion") != api_version) {
    return bad("it answered with an apiVersion other than " + std::string(api_version));
  }
  const json::value* status = document.if_contains("status");
  if (status == nullptr || !status->is_object()) return bad("its ExecCredential has no status");
  ExecCredential credential;
  credential.token = Secret(text_of(status->get_object(), "token"));
  const std::string chain = text_of(status->get_object(), "clientCertificateData");
  const std::string key = text_of(status->get_object(), "clientKeyData");
  if (chain.empty() != key.empty())
    return bad("it gave a client certificate without its key, or the reverse");
  if (!chain.empty()) credential.certificate = Certificate{chain, Secret(key)};
  if (credential.token.empty() && chain.empty())
    return bad("it gave neither a token nor a client certificate");
  const std::string expires = text_of(status->get_object(), "expirationTimestamp");
  if (!expires.empty()) {
    const auto time = parse_timestamp(expires);
    if (!time) return bad("its expirationTimestamp is not a time");
    credential.expires = *time;
  }
  return credential;
}

std::string exec_info(const ExecPlugin& plugin) {
  json::object spec{{"interactive", false}};
  if (!plugin.cluster_info.empty()) {
    boost::system::error_code error;
    json::value cluster = json::parse(plugin.cluster_info, error);
    if (!error) spec["cluster"] = std::move(cluster);
  }
  return json::serialize(json::object{
      {"apiVersion", plugin.api_version}, {"kind", "ExecCredential"}, {"spec", std::move(spec)}});
}

}  // namespace copse::runner::kube
