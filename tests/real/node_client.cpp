#include "tests/real/node_client.hpp"

#include "runner/kube/splitter.hpp"

#include <mutex>
#include <utility>
#include <vector>

#include <curl/curl.h>

namespace copse::tests::real {
namespace {

constexpr long request_limit_ms = 60'000;

void set_blob(CURL* easy, CURLoption option, const std::string& text) {
  if (text.empty()) return;
  curl_blob blob{const_cast<char*>(text.data()), text.size(), CURL_BLOB_COPY};
  curl_easy_setopt(easy, option, &blob);
}

std::size_t append(char* data, std::size_t size, std::size_t count, void* to) {
  static_cast<std::string*>(to)->append(data, size * count);
  return size * count;
}

struct Stream {
  runner::kube::LineSplitter splitter;
  const std::function<void(std::string_view)>& line;
  const std::atomic<bool>& stop;
};

std::size_t split(char* data, std::size_t size, std::size_t count, void* to) {
  auto* stream = static_cast<Stream*>(to);
  const bool whole = stream->splitter.feed({data, size * count}, [stream](std::string_view line) {
    stream->line(line);
    return !stream->stop;
  });
  return whole ? size * count : 0;
}

// libcurl asks this about once a second, also while nothing arrives.
int is_over(void* to, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Stream*>(to)->stop ? 1 : 0;
}

}  // namespace

struct NodeClient::Connections {
  runner::kube::ClusterAccess access;
  std::mutex mutex;
  std::vector<CURL*> idle;  // guarded by mutex

  CURL* take() {
    const std::lock_guard lock(mutex);
    if (idle.empty()) return curl_easy_init();
    CURL* easy = idle.back();
    idle.pop_back();
    return easy;
  }

  void give_back(CURL* easy) {
    const std::lock_guard lock(mutex);
    idle.push_back(easy);
  }

  // Everything but what is done with the answer. The list of headers is the caller's.
  curl_slist* prepare(CURL* easy, const Question& question) {
    curl_easy_reset(easy);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "sandbox-node");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(easy, CURLOPT_URL, (access.server.url + question.path).c_str());
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, question.method.c_str());
    set_blob(easy, CURLOPT_CAINFO_BLOB, access.server.authority_pem);
    if (access.certificate) {
      set_blob(easy, CURLOPT_SSLCERT_BLOB, access.certificate->chain_pem);
      set_blob(easy, CURLOPT_SSLKEY_BLOB, access.certificate->key_pem.reveal());
    }
    if (!question.body.empty()) {
      curl_easy_setopt(easy, CURLOPT_POSTFIELDS, question.body.data());
      curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                       static_cast<curl_off_t>(question.body.size()));
    }
    curl_slist* headers = curl_slist_append(nullptr, ("Content-Type: " + question.media).c_str());
    headers = curl_slist_append(headers, "Expect:");
    if (const auto* token = std::get_if<runner::kube::Secret>(&access.token)) {
      headers = curl_slist_append(headers, ("Authorization: Bearer " + token->reveal()).c_str());
    }
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    return headers;
  }
};

NodeClient::NodeClient(runner::kube::ClusterAccess access)
    : connections_(std::make_unique<Connections>()) {
  connections_->access = std::move(access);
  curl_global_init(CURL_GLOBAL_DEFAULT);
}

NodeClient::~NodeClient() {
  for (CURL* easy : connections_->idle) curl_easy_cleanup(easy);
}

Reply NodeClient::ask(const Question& question) {
  Reply reply;
  for (int n = 0; n < tries; ++n) {
    reply = {};
    CURL* easy = connections_->take();
    curl_slist* headers = connections_->prepare(easy, question);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &append);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &reply.body);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, request_limit_ms);
    long status = 0;
    if (curl_easy_perform(easy) == CURLE_OK)
      curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(headers);
    connections_->give_back(easy);
    reply.status = static_cast<int>(status);
    if (status != 0 && status != 429 && status < 500) break;
  }
  return reply;
}

void NodeClient::follow(const std::string& path, const std::function<void(std::string_view)>& line,
                        const std::atomic<bool>& stop) {
  Stream stream{.splitter = runner::kube::LineSplitter(), .line = line, .stop = stop};
  CURL* easy = connections_->take();
  curl_slist* headers = connections_->prepare(easy, {"GET", path, {}});
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &split);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &stream);
  curl_easy_setopt(easy, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, &is_over);
  curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &stream);
  curl_easy_perform(easy);
  curl_slist_free_all(headers);
  connections_->give_back(easy);
}

}  // namespace copse::tests::real
