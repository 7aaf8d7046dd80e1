#pragma once
// What went wrong between copse and an API server, sorted by what the caller may do about it.
//
// `classify` is a pure function of one finished exchange; it is the only place that reads HTTP
// codes, Status objects, server messages and libcurl codes. Whoever acts on a Failure looks at
// `kind` (or `recourse(kind)`) and never at numbers or texts. A Failure never holds a credential.
//
// Facts: the error classes were read in apimachinery api/errors and seen on real servers. Where the
// API has no better field than the message (quota, RBAC, a name that is being deleted), the message
// decides.

#include "runner/kube/status.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace copse::runner::kube {

/// What a request wants. Decides its deadline, its window of requests in flight and how a broken
/// connection is judged: after a lost answer to `create`, `remove` or `patch` the outcome is
/// unknown.
enum class Verb {
  create,   ///< POST of one object
  get,      ///< GET of one object
  list,     ///< GET of a collection or of one page of it
  watch,    ///< GET of a collection with watch=1: a stream of lines
  remove,   ///< DELETE of one object
  patch,    ///< PATCH of one object by a JSON patch (RFC 6902)
  log,      ///< GET of a container's log, whole or as a stream
  version,  ///< GET /version
  probe     ///< a LIST of one object on a connection of its own: is the server alive and how far is
            ///< it?
};
inline constexpr int verb_count = 9;

/// `create`, `get`, ...: for texts and metrics.
[[nodiscard]] std::string_view name(Verb verb);

/// True when a lost answer leaves open whether the server acted.
[[nodiscard]] bool changes_something(Verb verb);

enum class FailureKind {
  invalid,         ///< 400, 405, 413, 415, 422: this request will never be accepted
  unauthorized,    ///< 401: the credential is missing, wrong or expired
  forbidden,       ///< 403 by RBAC: an operator must grant a permission
  denied,          ///< 403 by an admission webhook or policy: this object will never be accepted
  quota,           ///< 403 "exceeded quota": there is no room at present
  terminating,     ///< the namespace is being deleted: nothing will be created in it any more
  not_found,       ///< 404
  already_exists,  ///< 409: an object of this name is there; perhaps our own from a lost answer:
                   ///< look
  being_deleted,   ///< 409: an object of this name is there and on its way out
  conflict,   ///< 409: precondition failed, or two writers met (a quota object); look, then try
              ///< again
  expired,    ///< 410: the resourceVersion or continue token is too old
  too_new,    ///< 504 ResourceVersionTooLarge: this server has not come as far as the version asked
              ///< for
  throttled,  ///< 429: the server asks for patience
  server,     ///< 5xx: the server or something behind it is in trouble
  unreachable,      ///< no connection: name, route, port, proxy. Nothing was sent
  tls,              ///< the peer could not be trusted, or it did not trust us. Nothing was sent
  unknown_outcome,  ///< the answer to a write was lost: it may or may not have happened
  interrupted,      ///< the answer to a read was lost or came too slowly: nothing changed
  malformed,        ///< an answer that is not what the protocol says
  credentials,      ///< no credential could be had: token file, exec plugin. Nothing was sent
  overloaded,       ///< copse's own queue of requests is full. Nothing was sent
};
inline constexpr int failure_kind_count = 21;

/// The enumerator's own spelling.
[[nodiscard]] std::string_view name(FailureKind kind);

/// Whether trying again can help.
enum class Recourse {
  never,      ///< not with this request
  later,      ///< yes, after a pause that grows
  look,       ///< first find out what is there, then decide
  operators,  ///< only when a person changes something; try again rarely and say so loudly
};

[[nodiscard]] Recourse recourse(FailureKind kind);

struct Failure {
  FailureKind kind = FailureKind::malformed;
  std::string text;  ///< one line for an operator: what was tried, where, how long, what was said,
                     ///< what to check
  std::string reason;  ///< `reason` of the server's Status, e.g. `AlreadyExists`; may be empty
  std::string
      message;  ///< the server's own words, or libcurl's; cut to message_limit; may be empty
  int http_status = 0;                              ///< 0: there was no answer
  std::optional<std::chrono::seconds> retry_after;  ///< the server's wish, without jitter
};

/// Bytes of a server's message that a Failure keeps: a webhook may answer with a novel.
inline constexpr std::size_t message_limit = 1024;

/// The longest Retry-After that is believed; a larger one is cut. Priority and fairness never asks
/// for more.
inline constexpr std::chrono::seconds retry_after_limit{32};

/// One finished exchange, as the transport saw it.
struct Exchange {
  Verb verb = Verb::get;
  std::string_view path;       ///< path and query of the request
  std::string_view server;     ///< scheme://host:port
  int http_status = 0;         ///< 0: no status line came
  std::string_view body;       ///< whatever came; may be plain text, empty or cut
  int curl_code = 0;           ///< CURLcode; 0 when the transfer ended in order
  std::string_view curl_text;  ///< libcurl's explanation
  bool sent = false;           ///< some of the request left this machine
  std::optional<std::chrono::seconds> retry_after;  ///< from the header
  std::chrono::milliseconds elapsed{0};
};

/// The failure of an exchange, or nothing when it succeeded (2xx and an orderly end).
[[nodiscard]] std::optional<Failure> classify(const Exchange& exchange);

/// The failure that a Status object on a watch stream (an ERROR event) stands for. `what` names the
/// watch.
[[nodiscard]] Failure failure_of(const Status& status, std::string_view what);

/// A failure that arose here and not in an exchange.
[[nodiscard]] Failure local_failure(FailureKind kind, std::string text);

}  // namespace copse::runner::kube
