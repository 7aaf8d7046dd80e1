#include "runner/kube/failure.hpp"

#include <algorithm>
#include <array>

#include <curl/curl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>

namespace copse::runner::kube {
namespace {

struct KindRow {
  FailureKind kind;
  std::string_view name;
  Recourse recourse;
  std::string_view check;  // what an operator may look at; ends the text
};

using enum FailureKind;
using enum Recourse;

constexpr std::array<KindRow, failure_kind_count> kinds{{
    {invalid, "invalid", never, "the server will never accept this request as it is"},
    {unauthorized, "unauthorized", later,
     "check that the token or client certificate is valid and not expired"},
    {forbidden, "forbidden", operators, "grant the permission with a Role and a RoleBinding"},
    {denied, "denied", never, "an admission webhook or policy of the cluster refuses this object"},
    {quota, "quota", later, "raise the ResourceQuota or wait until something ends"},
    {terminating, "terminating", never, "the namespace is being deleted"},
    {not_found, "not_found", look, "check the name and the namespace"},
    {already_exists, "already_exists", look, "an object of this name is there"},
    {being_deleted, "being_deleted", later, "an object of this name is still being deleted"},
    {conflict, "conflict", look, "somebody else changed it at the same time"},
    {expired, "expired", later, "the version asked for is no longer kept; a new list is needed"},
    {too_new, "too_new", later, "this API server lags behind the one that was asked before"},
    {throttled, "throttled", later, "the API server has too much to do"},
    {server, "server", later, "look at the API server's own health and log"},
    {unreachable, "unreachable", later,
     "check the address, the network, the proxy, and that the API server runs"},
    {tls, "tls", operators,
     "check the certificate authority, the server's name and the client certificate"},
    {unknown_outcome, "unknown_outcome", look, "it may or may not have happened"},
    {interrupted, "interrupted", later, "check the network and any proxy between"},
    {malformed, "malformed", later, "is this address a Kubernetes API server?"},
    {credentials, "credentials", operators, "check the token file or the exec plugin"},
    {overloaded, "overloaded", later, "too many requests wait inside copse"},
}};

const KindRow& row(FailureKind kind) {
  return *std::find_if(kinds.begin(), kinds.end(),
                       [&](const KindRow& r) { return r.kind == kind; });
}

struct VerbRow {
  std::string_view name;
  std::string_view doing;
  bool changes;
};

constexpr std::array<VerbRow, verb_count> verbs{{{"create", "creating through", true},
                                                 {"get", "reading", false},
                                                 {"list", "listing", false},
                                                 {"watch", "watching", false},
                                                 {"remove", "deleting", true},
                                                 {"patch", "patching", true},
                                                 {"log", "reading the log at", false},
                                                 {"version", "asking for", false},
                                                 {"probe", "probing", false}}};

const VerbRow& row(Verb verb) {
  return verbs.at(static_cast<std::size_t>(verb));
}

bool says(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// 403 is many things; where Status.details does not tell them apart the message does.
FailureKind forbidden_kind(const Status& status) {
  if (status.cause == "NamespaceTerminating" ||
      says(status.message, "because it is being terminated"))
    return terminating;
  if (says(status.message, "exceeded quota")) return quota;
  if (says(status.message, "failed quota") || says(status.message, "denied the request") ||
      says(status.message, "denied request") || says(status.message, "violates PodSecurity")) {
    return denied;
  }
  // WHY: RBAC says `… is forbidden: User "x" cannot …`; a Forbidden without it comes from an
  // admission plugin.
  // WHY: an API server that has just started says so of what its admission plugins do not know yet.
  if (says(status.message, "not yet ready to handle request")) return server;
  const bool about_user = says(status.message, "cannot ") || says(status.message, "User \"");
  return about_user || status.message.empty() ? forbidden : denied;
}

FailureKind conflict_kind(const Status& status) {
  if (says(status.message, "object is being deleted")) return being_deleted;
  if (status.reason == "AlreadyExists") return already_exists;
  return status.cause == "NamespaceTerminating" ? terminating : conflict;
}

FailureKind kind_of_status(int code, const Status& status) {
  switch (code) {
    case 400:
    case 405:
    case 406:
    case 413:
    case 415:
    case 422:
      return invalid;
    case 401:
      return unauthorized;
    case 403:
      return forbidden_kind(status);
    case 404:
      return not_found;
    case 409:
      return conflict_kind(status);
    case 410:
      return expired;
    case 408:
    case 429:
      return throttled;
    default:
      break;
  }
  if (status.cause == "ResourceVersionTooLarge" ||
      says(status.message, "Too large resource version"))
    return too_new;
  if (status.reason == "Expired" || status.reason == "Gone") return expired;
  if (code >= 500) return server;
  return malformed;
}

// WHY by the text: a server that goes away during the handshake is a failed handshake to libcurl.
bool went_away(std::string_view curl_text) {
  return says(curl_text, "reset by peer") || says(curl_text, "SSL_ERROR_SYSCALL") ||
         says(curl_text, "unexpected eof") || says(curl_text, "Broken pipe");
}

bool is_tls(int code, std::string_view curl_text) {
  switch (code) {
    case CURLE_SSL_CONNECT_ERROR:
      return !went_away(curl_text);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_CLIENTCERT:
      return true;
    default:
      return false;
  }
}

bool is_before_sending(int code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_PROXY:
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_NO_CONNECTION_AVAILABLE:
    case CURLE_INTERFACE_FAILED:
      return true;
    default:
      return false;
  }
}

// WHY by the text: in TLS 1.3 a server refuses a client certificate after the handshake, and
// libcurl only says that reading failed. Such a server has not looked at the request.
bool refuses_our_certificate(std::string_view curl_text) {
  return says(curl_text, "alert") &&
         (says(curl_text, "certificate") || says(curl_text, "unknown ca"));
}

FailureKind kind_of_break(const Exchange& x) {
  if (is_tls(x.curl_code, x.curl_text) || refuses_our_certificate(x.curl_text)) return tls;
  if (is_before_sending(x.curl_code) || !x.sent) return unreachable;
  if (x.curl_code == CURLE_WEIRD_SERVER_REPLY || x.curl_code == CURLE_UNSUPPORTED_PROTOCOL) {
    return changes_something(x.verb) ? unknown_outcome : malformed;
  }
  return changes_something(x.verb) ? unknown_outcome : interrupted;
}

std::string one_line(std::string_view text) {
  std::string line(text.substr(0, message_limit));
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

std::string duration(std::chrono::milliseconds time) {
  if (time < std::chrono::seconds(10)) return fmt::format("{} ms", time.count());
  return fmt::format("{} s", std::chrono::duration_cast<std::chrono::seconds>(time).count());
}

std::string describe(const Exchange& x, const Failure& failure) {
  const std::string_view path = x.path.substr(0, std::min<std::size_t>(x.path.find('?'), 300));
  std::string text = fmt::format("{} `{}` at {} ", row(x.verb).doing, path, x.server);
  if (x.http_status != 0 && x.curl_code == CURLE_OK) {
    text += fmt::format("was answered with {} after {}", x.http_status, duration(x.elapsed));
  } else if (x.curl_code == CURLE_OPERATION_TIMEDOUT) {
    text += fmt::format("had no {}answer within {}", x.http_status == 0 ? "" : "complete ",
                        duration(x.elapsed));
  } else {
    text += fmt::format("broke after {}", duration(x.elapsed));
  }
  if (!failure.message.empty()) text += ": " + failure.message;
  if (failure.retry_after)
    text += fmt::format(" (asks to wait {} s)", failure.retry_after->count());
  text += fmt::format("; {}", row(failure.kind).check);
  return text;
}

std::optional<std::chrono::seconds> believable(std::optional<std::chrono::seconds> wish) {
  if (!wish || *wish <= std::chrono::seconds(0)) return {};
  return std::min(*wish, retry_after_limit);
}

}  // namespace

std::string_view name(Verb verb) {
  return row(verb).name;
}

bool changes_something(Verb verb) {
  return row(verb).changes;
}

std::string_view name(FailureKind kind) {
  return row(kind).name;
}

Recourse recourse(FailureKind kind) {
  return row(kind).recourse;
}

std::optional<Failure> classify(const Exchange& x) {
  const bool orderly = x.curl_code == CURLE_OK;
  if (orderly && x.http_status >= 200 && x.http_status <= 299) return {};
  Failure failure;
  failure.http_status = x.http_status;
  // WHY: an error status whose body broke off is still that answer; a 2xx that broke off is not an
  // answer.
  if (x.http_status >= 400) {
    const Status status = read_status(x.body).value_or(Status{});
    failure.kind = kind_of_status(x.http_status, status);
    failure.reason = status.reason;
    failure.message = one_line(status.message.empty() ? x.body : std::string_view(status.message));
    failure.retry_after = believable(x.retry_after ? x.retry_after : status.retry_after);
  } else if (orderly) {
    failure.kind = malformed;
    failure.message = x.http_status == 0 ? "no HTTP answer" : "an unexpected HTTP status";
  } else {
    failure.kind = kind_of_break(x);
    failure.message = one_line(
        x.curl_text.empty() ? curl_easy_strerror(static_cast<CURLcode>(x.curl_code)) : x.curl_text);
  }
  failure.text = describe(x, failure);
  return failure;
}

Failure failure_of(const Status& status, std::string_view what) {
  Failure failure;
  failure.http_status = status.code;
  failure.kind = kind_of_status(status.code, status);
  failure.reason = status.reason;
  failure.message = one_line(status.message);
  failure.retry_after = believable(status.retry_after);
  failure.text = fmt::format("the server ended {} with {} {}: {}; {}", what, status.code,
                             status.reason, failure.message, row(failure.kind).check);
  return failure;
}

Failure local_failure(FailureKind kind, std::string text) {
  Failure failure;
  failure.kind = kind;
  failure.text = std::move(text);
  return failure;
}

}  // namespace copse::runner::kube
