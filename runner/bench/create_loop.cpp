#include "runner/bench/create_loop.hpp"

#include <algorithm>
#include <memory>

#include <curl/curl.h>

namespace copse::runner::bench {
namespace {

constexpr int poll_ms = 1'000;
constexpr long created = 201;

std::size_t swallow(char*, std::size_t size, std::size_t count, void*) {
  return size * count;
}

template <auto close>
struct Closer {
  void operator()(auto* handle) const { close(handle); }
};

using Headers = std::unique_ptr<curl_slist, Closer<&curl_slist_free_all>>;
using Easy = std::unique_ptr<CURL, Closer<&curl_easy_cleanup>>;
using Multi = std::unique_ptr<CURLM, Closer<&curl_multi_cleanup>>;

class Loop {
 public:
  Loop(const std::string& url, const std::vector<std::string>& documents)
      : documents_(documents),
        headers_(curl_slist_append(nullptr, "Content-Type: application/json")),
        multi_(curl_multi_init()) {
    curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(loop_connections));
    const std::string jobs = url + "/apis/batch/v1/namespaces/default/jobs";
    for (std::size_t i = 0; i < std::min(loop_connections, documents.size()); ++i) {
      CURL* easy = handles_.emplace_back(curl_easy_init()).get();
      curl_easy_setopt(easy, CURLOPT_URL, jobs.c_str());
      curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_.get());
      curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &swallow);
      curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
      send_next(easy);
    }
  }

  ~Loop() {
    for (const auto& easy : handles_) curl_multi_remove_handle(multi_.get(), easy.get());
  }

  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  std::expected<void, std::string> run() {
    int running = 1;
    while (running != 0 && fault_.empty()) {
      curl_multi_perform(multi_.get(), &running);
      int left = 0;
      while (CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
        finished(message->easy_handle, message->data.result);
        running = 1;
      }
      if (next_ == documents_.size() && under_way_ == 0) break;
      curl_multi_poll(multi_.get(), nullptr, 0, poll_ms, nullptr);
    }
    if (!fault_.empty()) return std::unexpected(fault_);
    return {};
  }

 private:
  void send_next(CURL* easy) {
    const std::string& body = documents_[next_++];
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.c_str());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
    curl_multi_add_handle(multi_.get(), easy);
    ++under_way_;
  }

  void finished(CURL* easy, CURLcode result) {
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (result != CURLE_OK) fault_ = curl_easy_strerror(result);
    if (result == CURLE_OK && status != created)
      fault_ = "a Job was refused with HTTP status " + std::to_string(status);
    curl_multi_remove_handle(multi_.get(), easy);
    --under_way_;
    if (next_ < documents_.size()) send_next(easy);
  }

  const std::vector<std::string>& documents_;
  std::size_t next_ = 0;
  std::size_t under_way_ = 0;
  std::string fault_;
  Headers headers_;
  Multi multi_;
  std::vector<Easy> handles_;
};

}  // namespace

std::expected<void, std::string> create_all(const std::string& url,
                                            const std::vector<std::string>& documents) {
  return Loop(url, documents).run();
}

}  // namespace copse::runner::bench
