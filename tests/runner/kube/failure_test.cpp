// What an exchange means: every class of error that an API server, a proxy or a network is known to
// produce.

#include "runner/kube/failure.hpp"

#include "runner/kube/window.hpp"

#include <catch2/catch.hpp>
#include <curl/curl.h>

using namespace std::chrono_literals;
using namespace copse::runner::kube;
using enum copse::runner::kube::FailureKind;

namespace {

std::string status(int code, const std::string& reason, const std::string& message,
                   const std::string& details = "{}") {
  return R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":")" +
         message + R"(","reason":")" + reason + R"(","details":)" + details + R"(,"code":)" +
         std::to_string(code) + "}";
}

struct Row {
  std::string what;
  Verb verb;
  int code;
  std::string body;
  FailureKind expected;
};

const std::string user = R"(User \"system:serviceaccount:druid:copse\" )";

const std::vector<Row> answers{
    {"bad request", Verb::create, 400, status(400, "BadRequest", "cannot be handled as a Job"),
     invalid},
    {"invalid field", Verb::create, 422, status(422, "Invalid", "spec.template: Required value"),
     invalid},
    {"too large", Verb::create, 413, status(413, "RequestEntityTooLarge", "limit is 3145728"),
     invalid},
    {"media type", Verb::create, 415, "", invalid},
    {"method", Verb::remove, 405, status(405, "MethodNotAllowed", "no"), invalid},
    {"a patch that does not apply", Verb::patch, 422,
     status(422, "Invalid", "the server rejected our request due to an error in our request"),
     invalid},
    {"container not started", Verb::log, 400,
     status(400, "BadRequest", "container is waiting to start"), invalid},
    {"no token", Verb::list, 401, status(401, "Unauthorized", "Unauthorized"), unauthorized},
    {"RBAC", Verb::create, 403,
     status(403, "Forbidden", "jobs.batch is forbidden: " + user + "cannot create resource"),
     forbidden},
    {"RBAC of a delete", Verb::remove, 403,
     status(403, "Forbidden", "jobs.batch is forbidden: " + user + "cannot delete"), forbidden},
    {"RBAC of a patch", Verb::patch, 403,
     status(403, "Forbidden", R"(pods \"p\" is forbidden: )" + user + "cannot patch"), forbidden},
    {"403 of a proxy", Verb::list, 403, "<html>Forbidden</html>", forbidden},
    {"quota", Verb::create, 403,
     status(403, "Forbidden",
            "jobs.batch j1 is forbidden: exceeded quota: jobs, requested: count/jobs.batch=1, "
            "used: 5, limited: 5"),
     quota},
    {"quota that wants a field", Verb::create, 403,
     status(403, "Forbidden", "failed quota: q: must specify limits.cpu"), denied},
    {"namespace ends", Verb::create, 403,
     status(403, "Forbidden",
            "unable to create new content in namespace x because it is being terminated",
            R"({"causes":[{"reason":"NamespaceTerminating","field":"metadata.namespace"}]})"),
     terminating},
    {"namespace ends, old server", Verb::create, 403,
     status(403, "Forbidden",
            "unable to create new content in namespace x because it is being terminated"),
     terminating},
    {"webhook", Verb::create, 403,
     status(403, "Forbidden", R"(admission webhook \"x\" denied the request: no)"), denied},
    {"webhook with 400", Verb::create, 400,
     status(400, "BadRequest", R"(admission webhook \"x\" denied the request)"), invalid},
    {"pod security", Verb::create, 403,
     status(403, "Forbidden", "violates PodSecurity restricted:latest"), denied},
    {"no namespace", Verb::create, 404, status(404, "NotFound", R"(namespaces \"x\" not found)"),
     not_found},
    {"gone already", Verb::remove, 404, status(404, "NotFound", R"(jobs.batch \"j\" not found)"),
     not_found},
    {"name taken", Verb::create, 409,
     status(409, "AlreadyExists", R"(jobs.batch \"j\" already exists)"), already_exists},
    {"name on its way out", Verb::create, 409,
     status(409, "AlreadyExists", R"(object is being deleted: jobs.batch \"j\" already exists)"),
     being_deleted},
    {"quota object raced", Verb::create, 409,
     status(409, "Conflict",
            "Operation cannot be fulfilled on resourcequotas: the object has been modified"),
     conflict},
    {"another uid", Verb::remove, 409,
     status(409, "Conflict", "Precondition failed: UID in precondition: a, in meta: b"), conflict},
    {"409 without a Status", Verb::create, 409, "conflict", conflict},
    {"old version", Verb::watch, 410, status(410, "Expired", "too old resource version"), expired},
    {"old token", Verb::list, 410,
     status(410, "Expired", "The provided continue parameter is too old"), expired},
    {"410 without a Status", Verb::list, 410, "", expired},
    {"future version", Verb::list, 504,
     status(
         504, "Timeout", "Timeout: Too large resource version: 9, current: 5",
         R"({"retryAfterSeconds":1,"causes":[{"reason":"ResourceVersionTooLarge","message":"Too large resource version"}]})"),
     too_new},
    {"priority and fairness, plain text", Verb::create, 429,
     "Too many requests, please try again later.\n", throttled},
    {"storage is not ready", Verb::list, 429,
     status(429, "TooManyRequests", "storage is (re)initializing"), throttled},
    {"leader changed", Verb::create, 500,
     status(500, "InternalError", "etcdserver: leader changed"), server},
    {"quota evaluation slow", Verb::create, 500,
     status(500, "InternalError", "resource quota evaluation timed out"), server},
    {"proxy in trouble", Verb::get, 502, "<html>bad gateway</html>", server},
    {"unavailable", Verb::create, 503, "", server},
    {"server timeout", Verb::create, 504,
     status(504, "Timeout", "the server was unable to return a response in time"), server},
    {"admission that has just started", Verb::create, 403,
     status(403, "Forbidden", "jobs.batch is forbidden: not yet ready to handle request"), server},
    {"a redirect", Verb::get, 302, "", malformed},
    {"a teapot", Verb::get, 418, "", malformed},
};

Exchange answer(const Row& row) {
  Exchange x;
  x.verb = row.verb;
  x.path = "/apis/batch/v1/namespaces/druid/jobs?limit=1";
  x.server = "https://host:6443";
  x.http_status = row.code;
  x.body = row.body;
  x.sent = true;
  x.elapsed = 12ms;
  return x;
}

Exchange broken(Verb verb, int curl_code, bool sent) {
  Exchange x = answer({"", verb, 0, "", malformed});
  x.curl_code = curl_code;
  x.sent = sent;
  return x;
}

FailureKind kind_of(const Exchange& x) {
  const auto failure = classify(x);
  REQUIRE(failure);
  return failure->kind;
}

}  // namespace

TEST_CASE("each answer of a server has one meaning", "[failure]") {
  for (const Row& row : answers) {
    INFO(row.what);
    const auto failure = classify(answer(row));
    REQUIRE(failure);
    CHECK(name(failure->kind) == name(row.expected));
    CHECK(failure->http_status == row.code);
  }
}

TEST_CASE("a success that ended in order is no failure", "[failure]") {
  for (const int code : {200, 201, 202, 204})
    CHECK_FALSE(classify(answer({"", Verb::create, code, "{}", malformed})));
}

TEST_CASE("a lost answer to a write is an unknown outcome, to a read an interruption",
          "[failure]") {
  for (const int code : {CURLE_OPERATION_TIMEDOUT, CURLE_RECV_ERROR, CURLE_GOT_NOTHING,
                         CURLE_PARTIAL_FILE, CURLE_HTTP2, CURLE_HTTP2_STREAM, CURLE_SEND_ERROR}) {
    CHECK(kind_of(broken(Verb::create, code, true)) == unknown_outcome);
    CHECK(kind_of(broken(Verb::remove, code, true)) == unknown_outcome);
    CHECK(kind_of(broken(Verb::patch, code, true)) == unknown_outcome);
    CHECK(kind_of(broken(Verb::list, code, true)) == interrupted);
    CHECK(kind_of(broken(Verb::watch, code, true)) == interrupted);
  }
}

TEST_CASE("a success that broke off in its body is no success", "[failure]") {
  Exchange x = broken(Verb::create, CURLE_PARTIAL_FILE, true);
  x.http_status = 201;
  CHECK(kind_of(x) == unknown_outcome);
}

TEST_CASE("a refusal that broke off in its body is still that refusal", "[failure]") {
  Exchange x = broken(Verb::create, CURLE_PARTIAL_FILE, true);
  x.http_status = 422;
  CHECK(kind_of(x) == invalid);
}

TEST_CASE("what never left this machine has no unknown outcome", "[failure]") {
  for (const int code : {CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT,
                         CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY}) {
    CHECK(kind_of(broken(Verb::create, code, false)) == unreachable);
  }
  CHECK(kind_of(broken(Verb::create, CURLE_OPERATION_TIMEDOUT, false)) == unreachable);
}

TEST_CASE("a client certificate that the server refuses after the handshake is a matter of trust",
          "[failure]") {
  for (const std::string_view alert :
       {"tlsv1 alert unknown ca", "sslv3 alert certificate expired",
        "tlsv13 alert certificate required", "sslv3 alert bad certificate"}) {
    Exchange x = broken(Verb::create, CURLE_RECV_ERROR, true);
    const std::string text = "OpenSSL SSL_read: error:0A000418:SSL routines::" + std::string(alert);
    x.curl_text = text;
    CHECK(kind_of(x) == tls);
  }
  Exchange other = broken(Verb::create, CURLE_RECV_ERROR, true);
  other.curl_text = "OpenSSL SSL_read: error:0A000438:SSL routines::tlsv1 alert internal error";
  CHECK(kind_of(other) == unknown_outcome);
}

TEST_CASE("trouble with certificates is told apart from trouble with the network", "[failure]") {
  for (const int code :
       {CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM}) {
    CHECK(kind_of(broken(Verb::create, code, false)) == tls);
  }
}

TEST_CASE("a server that goes away during the handshake is not one that cannot be trusted",
          "[failure]") {
  for (const std::string_view text :
       {"Recv failure: Connection reset by peer",
        "OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to host:6443",
        "error:0A000126:SSL routines::unexpected eof while reading"}) {
    Exchange x = broken(Verb::create, CURLE_SSL_CONNECT_ERROR, false);
    x.curl_text = text;
    CHECK(kind_of(x) == unreachable);
  }
}

TEST_CASE("a text says what was tried, where, how long, what was said and what to check",
          "[failure]") {
  const auto failure = classify(
      answer({"", Verb::create, 401, status(401, "Unauthorized", "Unauthorized"), malformed}));
  CHECK(failure->text ==
        "creating through `/apis/batch/v1/namespaces/druid/jobs` at https://host:6443 was answered "
        "with 401 after 12 ms: "
        "Unauthorized; check that the token or client certificate is valid and not expired");
  Exchange late = broken(Verb::list, CURLE_OPERATION_TIMEDOUT, true);
  late.elapsed = 60s;
  late.curl_text = "Operation timed out after 60000 milliseconds";
  CHECK_THAT(classify(late)->text,
             Catch::Contains("listing `") && Catch::Contains("had no answer within 60 s"));
}

TEST_CASE("Retry-After comes from the header, else from the Status, and a huge one is cut",
          "[failure]") {
  const Row row{"", Verb::create, 429,
                status(429, "TooManyRequests", "", R"({"retryAfterSeconds":7})"), malformed};
  Exchange x = answer(row);
  CHECK(classify(x)->retry_after == 7s);
  x.retry_after = 3s;
  CHECK(classify(x)->retry_after == 3s);
  x.retry_after = 86400s;
  CHECK(classify(x)->retry_after == retry_after_limit);
}

TEST_CASE("a message is kept to one line of bounded length", "[failure]") {
  const auto failure =
      classify(answer({"", Verb::get, 502, "a\nb\x01" + std::string(100'000, 'x'), malformed}));
  CHECK(failure->message.size() == message_limit);
  CHECK(failure->message.starts_with("a b x"));
}

TEST_CASE("a body that only looks like a Status is read as far as it goes", "[failure]") {
  for (const std::string body : {R"({"kind":"Status","code":"x","details":[],"message":null})",
                                 R"({"kind":"Status","details":{"causes":{}}})",
                                 R"({"kind":"Status")", "[]", "null", "", "\xff"}) {
    CHECK(kind_of(answer({"", Verb::create, 409, body, malformed})) == conflict);
  }
}

TEST_CASE("an ERROR event is classified like an answer", "[failure]") {
  Status gone;
  gone.code = 410;
  gone.reason = "Expired";
  gone.message = "too old resource version: 1 (9)";
  const Failure failure = failure_of(gone, "the watch of `x`");
  CHECK(failure.kind == expired);
  CHECK_THAT(failure.text, Catch::Contains("the watch of `x`") && Catch::Contains("too old"));
}

TEST_CASE("every kind has a name of its own and says whether trying again helps", "[failure]") {
  std::vector<std::string_view> seen;
  for (int i = 0; i < failure_kind_count; ++i) {
    const auto kind = static_cast<FailureKind>(i);
    CHECK(std::find(seen.begin(), seen.end(), name(kind)) == seen.end());
    seen.push_back(name(kind));
  }
  CHECK(recourse(invalid) == Recourse::never);
  CHECK(recourse(quota) == Recourse::later);
  CHECK(recourse(unknown_outcome) == Recourse::look);
  CHECK(recourse(forbidden) == Recourse::operators);
}

TEST_CASE("a window doubles while the server keeps up, and halves once when it complains",
          "[window]") {
  const Window::Time start{1h};
  Window window(4, 32);
  for (int i = 0; i < 4; ++i) window.started();
  CHECK_FALSE(window.is_open(start));
  for (int i = 0; i < 4; ++i) window.answered();
  CHECK(window.size() == 8);
  for (int i = 0; i < 8; ++i) window.started();
  for (int i = 0; i < 3; ++i) window.complained(start, {}, 0);
  CHECK(window.size() == 4);
  window.complained(start + window_round_trip, {}, 0);
  CHECK(window.size() == 2);
  for (int i = 0; i < 10; ++i) window.complained(start + 10s * (i + 1), {}, 0), window.started();
  CHECK(window.size() == 1);
}

TEST_CASE("after a complaint a window grows by one for each window of successes, up to its ceiling",
          "[window]") {
  Window window(4, 6);
  window.started();
  window.complained(Window::Time{1h}, {}, 0);
  CHECK(window.size() == 2);
  const auto succeed = [&](int times) {
    for (int i = 0; i < times; ++i) window.started(), window.answered();
  };
  succeed(2);
  CHECK(window.size() == 3);
  succeed(3);
  CHECK(window.size() == 4);
  succeed(100);
  CHECK(window.size() == 6);
}

TEST_CASE("a Retry-After closes the window for that long and up to half as long again",
          "[window]") {
  const Window::Time now{1h};
  Window window(4, 4);
  window.started();
  window.complained(now, 10s, 0.5);
  CHECK(window.opens_at(now) == now + 12500ms);
  CHECK_FALSE(window.is_open(now + 12s));
  CHECK(window.is_open(now + 13s));
}

TEST_CASE("a withdrawn request neither grows nor shrinks the window", "[window]") {
  Window window(4, 8);
  window.started();
  window.withdrawn();
  CHECK(window.size() == 4);
  CHECK(window.in_flight() == 0);
}
