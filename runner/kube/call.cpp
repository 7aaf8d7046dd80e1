#include "runner/kube/call.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <curl/curl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace copse::runner::kube {
namespace {

constexpr long connect_timeout_ms = 10'000;
// Half-open connections are found in 30 + 3 * 10 s when idle, and 45 s after unacknowledged data.
constexpr long keepalive_idle_s = 30;
constexpr long keepalive_interval_s = 10;
constexpr int keepalive_probes = 3;
constexpr unsigned user_timeout_ms = 45'000;
// API servers close a connection that was idle for 90 s; one that is younger is not about to
// vanish.
constexpr long idle_age_s = 80;
// An error body is only read for its message.
constexpr std::size_t error_body_limit = 64U << 10U;

int on_new_socket(void* /*data*/, curl_socket_t fd, curlsocktype purpose) {
  if (purpose != CURLSOCKTYPE_IPCXN) return CURL_SOCKOPT_OK;
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &keepalive_probes, sizeof keepalive_probes);
  setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout_ms, sizeof user_timeout_ms);
  return CURL_SOCKOPT_OK;
}

void set_blob(CURL* easy, CURLoption option, const std::string& text) {
  curl_blob blob{const_cast<char*>(text.data()), text.size(), CURL_BLOB_COPY};
  curl_easy_setopt(easy, option, text.empty() ? nullptr : &blob);
}

std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

bool names_loopback(std::string_view host) {
  return host == "localhost" || host.starts_with("127.") || host == "[::1]";
}

curl_slist* headers(const std::string& content_type, const std::string& host,
                    const std::string& bearer) {
  curl_slist* list = curl_slist_append(nullptr, "Accept: application/json");
  list = curl_slist_append(list, ("Content-Type: " + content_type).c_str());
  list =
      curl_slist_append(list, "Expect:");  // WHY: else bodies above 1 MiB wait a second for a 100
  if (!host.empty()) list = curl_slist_append(list, ("Host: " + host).c_str());
  if (!bearer.empty()) list = curl_slist_append(list, ("Authorization: Bearer " + bearer).c_str());
  return list;
}

}  // namespace

HeaderSet::HeaderSet(const std::string& host, const std::string& bearer)
    : list_(headers("application/json", host, bearer)),
      patch_(headers("application/json-patch+json", host, bearer)) {}

HeaderSet::~HeaderSet() {
  curl_slist_free_all(static_cast<curl_slist*>(patch_));
  curl_slist_free_all(static_cast<curl_slist*>(list_));
}

Target::Target(const Server& where) : server(where), base(where.url) {
  CURLU* url = curl_url();
  if (curl_url_set(url, CURLUPART_URL, server.url.c_str(), 0) == CURLUE_OK) {
    const std::string real = part_of(url, CURLUPART_HOST);
    const std::string port = part_of(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    is_tls = part_of(url, CURLUPART_SCHEME) == "https";
    is_loopback = names_loopback(real);
    if (is_tls && !server.tls_server_name.empty() && server.tls_server_name != real) {
      std::string path = part_of(url, CURLUPART_PATH);
      if (path == "/") path.clear();
      base = "https://" + server.tls_server_name + ":" + port + path;
      host = real + ":" + port;
      const std::string route = server.tls_server_name + ":" + port + ":" + real + ":" + port;
      connect_to = curl_slist_append(nullptr, route.c_str());
    }
  }
  curl_url_cleanup(url);
}

Target::~Target() {
  curl_slist_free_all(static_cast<curl_slist*>(connect_to));
}

Call::Call() : easy_(curl_easy_init()), error_(std::make_unique<char[]>(CURL_ERROR_SIZE)) {
  set_constant_options();
}

Call::~Call() {
  curl_easy_cleanup(easy_);
}

Call* Call::of(void* easy) {
  char* self = nullptr;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &self);
  return reinterpret_cast<Call*>(self);
}

void Call::set_constant_options() {
  curl_easy_setopt(easy_, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, error_.get());
  curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &Call::on_body);
  curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, &Call::on_header);
  curl_easy_setopt(easy_, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy_, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
  // WHY: the server pretty-prints for a User-Agent that begins with curl, which costs half as many
  // bytes again.
  curl_easy_setopt(easy_, CURLOPT_USERAGENT, "copse/" COPSE_VERSION);
  curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS, connect_timeout_ms);
  curl_easy_setopt(easy_, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(easy_, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy_, CURLOPT_TCP_KEEPIDLE, keepalive_idle_s);
  curl_easy_setopt(easy_, CURLOPT_TCP_KEEPINTVL, keepalive_interval_s);
  curl_easy_setopt(easy_, CURLOPT_SOCKOPTFUNCTION, &on_new_socket);
  curl_easy_setopt(easy_, CURLOPT_MAXAGE_CONN, idle_age_s);
  curl_easy_setopt(easy_, CURLOPT_PIPEWAIT, 1L);
  curl_easy_setopt(easy_, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  curl_easy_setopt(easy_, CURLOPT_SSLCERTTYPE, "PEM");
  curl_easy_setopt(easy_, CURLOPT_SSLKEYTYPE, "PEM");
}

void Call::set_target() {
  const Server& server = target_->server;
  curl_easy_setopt(easy_, CURLOPT_CONNECT_TO, target_->connect_to);
  curl_easy_setopt(easy_, CURLOPT_PROXY,
                   server.proxy_url.empty() ? nullptr : server.proxy_url.c_str());
  // WHY: libcurl would send even loopback through a proxy of the environment; other clients never
  // do.
  curl_easy_setopt(easy_, CURLOPT_NOPROXY,
                   target_->is_loopback && server.proxy_url.empty() ? "*" : nullptr);
  if (!target_->is_tls) return;
  curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYPEER, server.insecure ? 0L : 1L);
  curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYHOST, server.insecure ? 0L : 2L);
  set_blob(easy_, CURLOPT_CAINFO_BLOB, server.authority_pem);
  set_blob(easy_, CURLOPT_SSLCERT_BLOB, certificate_ ? certificate_->chain_pem : std::string());
  set_blob(easy_, CURLOPT_SSLKEY_BLOB,
           certificate_ ? certificate_->key_pem.reveal() : std::string());
}

void Call::set_method() {
  const std::string& body = request_->body;
  curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, nullptr);
  if (request_->verb == Verb::create || !body.empty()) {
    curl_easy_setopt(easy_, CURLOPT_POST, 1L);
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, body.data());
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  } else {
    curl_easy_setopt(easy_, CURLOPT_HTTPGET, 1L);
  }
  if (request_->verb == Verb::remove) curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, "DELETE");
  if (request_->verb == Verb::patch) curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, "PATCH");
}

void Call::prepare(const std::shared_ptr<const Target>& target,
                   const std::shared_ptr<const HeaderSet>& headers,
                   const std::shared_ptr<const Certificate>& certificate, const Request& request,
                   StreamHandlers* handlers, const CallOptions& options) {
  const bool same_peer = target_ == target && certificate_ == certificate;
  target_ = target;
  headers_ = headers;
  certificate_ = certificate;
  request_ = &request;
  handlers_ = handlers;
  body_.clear();
  opened_ = silent_ = too_large_ = false;
  error_[0] = '\0';
  if (!same_peer) set_target();
  set_method();
  curl_easy_setopt(easy_, CURLOPT_URL, (target_->base + request.path).c_str());
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_->list(request.verb));
  curl_easy_setopt(easy_, CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.count()));
  const bool http2 = target_->is_tls && !options.own_connection;
  curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION,
                   static_cast<long>(http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy_, CURLOPT_FRESH_CONNECT, options.fresh_connection ? 1L : 0L);
  curl_easy_setopt(easy_, CURLOPT_FORBID_REUSE, options.fresh_connection ? 1L : 0L);
  const bool gzip = request.verb == Verb::list && target_->server.compress;
  curl_easy_setopt(easy_, CURLOPT_ACCEPT_ENCODING, gzip ? "gzip" : nullptr);
}

void Call::silence() {
  silent_ = true;
  handlers_ = nullptr;
}

int Call::status() const {
  long code = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &code);
  return static_cast<int>(code);
}

std::size_t Call::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  Call& call = *static_cast<Call*>(self);
  const std::size_t length = size * count;
  if (call.silent_) return 0;
  const bool ends_header = length <= 2 && (length == 0 || data[0] == '\r' || data[0] == '\n');
  if (!ends_header || call.opened_) return length;
  const int status = call.status();
  if (status < 200 || status > 299) return length;
  call.opened_ = true;
  if (call.handlers_ != nullptr && call.handlers_->opened) call.handlers_->opened();
  return call.silent_ ? 0 : length;
}

std::size_t Call::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  Call& call = *static_cast<Call*>(self);
  const std::size_t length = size * count;
  if (call.silent_) return 0;
  if (call.handlers_ != nullptr && call.opened_) {
    call.handlers_->chunk({data, length});
    return call.silent_ ? 0 : length;
  }
  const std::size_t limit = call.opened_ ? answer_limit : error_body_limit;
  if (call.body_.size() + length > limit) {
    call.too_large_ = call.opened_;
    if (call.too_large_) return 0;
    call.body_.append(data, std::min(length, limit - call.body_.size()));
    return length;
  }
  call.body_.append(data, length);
  return length;
}

Exchange Call::exchange(int curl_code) const {
  Exchange x;
  x.verb = request_->verb;
  x.path = request_->path;
  x.server = target_->server.url;
  x.http_status = status();
  x.body = body_;
  x.curl_code = curl_code;
  x.curl_text = too_large_ ? "the answer is larger than copse accepts" : error_.get();
  long request_bytes = 0;
  curl_off_t before_us = 0;
  curl_off_t retry_after_s = 0;
  curl_easy_getinfo(easy_, CURLINFO_REQUEST_SIZE, &request_bytes);
  curl_easy_getinfo(easy_, CURLINFO_PRETRANSFER_TIME_T, &before_us);
  curl_easy_getinfo(easy_, CURLINFO_RETRY_AFTER, &retry_after_s);
  x.sent = request_bytes > 0 || before_us > 0;
  if (retry_after_s > 0) x.retry_after = std::chrono::seconds(retry_after_s);
  return x;
}

void Call::count(Counters& counters) const {
  long connects = 0;
  curl_off_t down = 0;
  curl_off_t up = 0;
  curl_easy_getinfo(easy_, CURLINFO_NUM_CONNECTS, &connects);
  curl_easy_getinfo(easy_, CURLINFO_SIZE_DOWNLOAD_T, &down);
  curl_easy_getinfo(easy_, CURLINFO_SIZE_UPLOAD_T, &up);
  counters.connections += static_cast<std::uint64_t>(std::max(connects, 0L));
  counters.bytes_received += static_cast<std::uint64_t>(std::max<curl_off_t>(down, 0));
  counters.bytes_sent += static_cast<std::uint64_t>(std::max<curl_off_t>(up, 0));
}

std::string Call::take_body() {
  body_.reserve(body_.size() + answer_padding);
  return std::move(body_);
}

}  // namespace copse::runner::kube
