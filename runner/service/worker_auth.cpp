#include "runner/service/worker_auth.hpp"

#include "runner/kube/base64.hpp"

#include <cstddef>
#include <string_view>

namespace copse::runner::service {
namespace {

// Takes as long for a wrong text as for the right one.
bool same(std::string_view given, std::string_view wanted) {
  unsigned difference = given.size() == wanted.size() ? 0U : 1U;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const char c = i < given.size() ? given[i] : '\0';
    difference |= static_cast<unsigned>(static_cast<unsigned char>(c ^ wanted[i]));
  }
  return difference == 0;
}

}  // namespace

std::string basic_authorization(const std::string& user, const std::string& password) {
  return "Basic " + kube::encode_base64(user + ":" + password);
}

std::optional<http::Response> refusal(const WorkerAuth& auth, const http::Request& request) {
  switch (auth.kind) {
    case WorkerAuth::Kind::none:
      return std::nullopt;
    case WorkerAuth::Kind::basic:
      if (same(request.authorization, basic_authorization(auth.user, auth.password)))
        return std::nullopt;
      return http::Response{
          .status = 401,
          .body = R"({"error":"copse wants the credentials of Druid's internal client here"})",
          .headers = {{"WWW-Authenticate", "Basic realm=\"druid\""}}};
    case WorkerAuth::Kind::certificate:
      if (!request.client_certificate.empty()) return std::nullopt;
      return http::Response{
          .status = 403,
          .body = R"({"error":"copse wants a client certificate here: see copse.tls.clientCa"})"};
  }
  return std::nullopt;
}

}  // namespace copse::runner::service
