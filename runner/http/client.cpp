#include "runner/http/client.hpp"

#include "runner/http/curl_loop.hpp"

#include <unordered_map>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <curl/curl.h>

namespace copse::runner::http {
namespace {

namespace asio = boost::asio;

// A connection that was idle for longer may be about to vanish (Druid's servers keep them 5 min).
constexpr long idle_age_s = 120;

std::string text_of(CURL* easy, CURLINFO info) {
  const char* text = nullptr;
  curl_easy_getinfo(easy, info, &text);
  return text == nullptr ? std::string() : std::string(text);
}

bool is_loopback(std::string_view url) {
  const std::size_t at = url.find("://");
  const std::string_view host = at == std::string_view::npos ? url : url.substr(at + 3);
  return host.starts_with("127.") || host.starts_with("localhost") || host.starts_with("[::1]");
}

std::string_view origin(std::string_view url) {
  const std::size_t scheme = url.find("://");
  return url.substr(0, url.find('/', scheme == std::string_view::npos ? 0 : scheme + 3));
}

// One request, from `send` to its answer.
struct Transfer {
  CallId id{};
  Call call;
  Replied done;
  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
  std::string body;
  bool too_large = false;
  char error[CURL_ERROR_SIZE] = {};

  Transfer() = default;
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  ~Transfer() {
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
  }

  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self) {
    Transfer& transfer = *static_cast<Transfer*>(self);
    const std::size_t length = size * count;
    transfer.too_large = transfer.body.size() + length > reply_limit;
    if (transfer.too_large) return 0;
    transfer.body.append(data, length);
    return length;
  }

  void header(const std::string& line) { headers = curl_slist_append(headers, line.c_str()); }

  void prepare(const ClientOptions& options) {
    easy = curl_easy_init();
    set_headers(options.credentials);
    set_method();
    curl_easy_setopt(easy, CURLOPT_URL, call.url.c_str());
    curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "copse/" COPSE_VERSION);
    curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, idle_age_s);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(call.deadline.count()));
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(client_connect_deadline.count()));
    // WHY: libcurl would send even loopback through a proxy of the environment.
    if (is_loopback(call.url)) curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    set_tls(options);
  }

  void set_headers(const Credentials& credentials) {
    header("Expect:");  // WHY: else bodies above 1 MiB wait a second for a 100
    if (!call.content_type.empty()) header("Content-Type: " + call.content_type);
    if (!call.accept.empty()) header("Accept: " + call.accept);
    for (const auto& [name, value] : call.headers) header(name + ": " + value);
    if (!credentials.token.empty()) {
      header("Authorization: Bearer " + credentials.token);
    } else if (!credentials.user.empty()) {
      curl_easy_setopt(easy, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
      curl_easy_setopt(easy, CURLOPT_USERNAME, credentials.user.c_str());
      curl_easy_setopt(easy, CURLOPT_PASSWORD, credentials.password.c_str());
    }
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  }

  void set_method() {
    if (call.method == "GET") return;
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call.body.data());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
    if (call.method != "POST") curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call.method.c_str());
  }

  void set_tls(const ClientOptions& options) {
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    const auto file = [this](CURLoption option, const std::string& path) {
      if (!path.empty()) curl_easy_setopt(easy, option, path.c_str());
    };
    file(CURLOPT_CAINFO, options.authority_file);
    file(CURLOPT_SSLCERT, options.certificate_file);
    file(CURLOPT_SSLKEY, options.key_file);
  }

  std::expected<Reply, std::string> result(int code) {
    if (code == CURLE_OK) {
      long status = 0;
      curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
      return Reply{static_cast<int>(status), text_of(easy, CURLINFO_REDIRECT_URL),
                   text_of(easy, CURLINFO_CONTENT_TYPE), std::move(body)};
    }
    const std::string server(origin(call.url));
    if (too_large) return std::unexpected(server + ": the answer is larger than copse accepts");
    const char* why = error[0] != '\0' ? error : curl_easy_strerror(static_cast<CURLcode>(code));
    return std::unexpected(server + ": " + why);
  }
};

}  // namespace

struct Client::Core : std::enable_shared_from_this<Core> {
  Core(asio::io_context& loop, ClientOptions given)
      : io(loop),
        options(std::move(given)),
        curl(loop, options.connections, [this](void* easy, int code) { finished(easy, code); }) {}

  asio::io_context& io;
  ClientOptions options;
  std::unordered_map<CallId, std::unique_ptr<Transfer>> transfers;
  std::uint64_t next = 0;
  bool kicking = false;
  CurlLoop curl;

  CallId send(Call call, Replied done) {
    const CallId id{++next};
    auto transfer = std::make_unique<Transfer>();
    transfer->id = id;
    transfer->call = std::move(call);
    transfer->done = std::move(done);
    transfer->prepare(options);
    transfers.emplace(id, std::move(transfer));
    // WHY: not from within libcurl, nor from within this call.
    asio::post(io, [weak = weak_from_this(), id] {
      if (const auto core = weak.lock()) core->begin(id);
    });
    return id;
  }

  void begin(CallId id) {
    const auto at = transfers.find(id);
    if (at == transfers.end()) return;
    if (curl.add(at->second->easy)) return curl.kick();
    end(at->second.get(), CURLE_FAILED_INIT);
  }

  void finished(void* easy, int code) {
    char* self = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &self);
    end(reinterpret_cast<Transfer*>(self), code);
  }

  void end(Transfer* transfer, int code) {
    const auto at = transfers.find(transfer->id);
    if (at == transfers.end()) return;
    const std::unique_ptr<Transfer> ended = std::move(at->second);
    transfers.erase(at);
    ended->done(ended->result(code));
  }

  void cancel(CallId id) {
    const auto at = transfers.find(id);
    if (at == transfers.end()) return;
    curl.remove(at->second->easy);
    transfers.erase(at);
  }

  void cancel_all() {
    for (auto& [id, transfer] : transfers) curl.remove(transfer->easy);
    transfers.clear();
  }
};

Client::Client(asio::io_context& io, ClientOptions options)
    : core_(std::make_shared<Core>(io, std::move(options))) {}

Client::~Client() {
  core_->cancel_all();
}

CallId Client::send(Call call, Replied done) {
  return core_->send(std::move(call), std::move(done));
}

void Client::cancel(CallId id) {
  core_->cancel(id);
}

std::size_t Client::open() const {
  return core_->transfers.size();
}

}  // namespace copse::runner::http
