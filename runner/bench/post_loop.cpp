#include "runner/bench/post_loop.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include <curl/curl.h>

namespace copse::runner::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int poll_ms = 1'000;

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
  explicit Loop(const Posts& posts)
      : posts_(posts),
        headers_(curl_slist_append(nullptr, ("Content-Type: " + posts.content_type).c_str())),
        multi_(curl_multi_init()) {
    const std::size_t connections = std::min(posts.connections, posts.bodies.size());
    curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(connections));
    handles_.reserve(connections);
    sent_.resize(connections);
    posted_.took.reserve(posts.bodies.size());
    for (std::size_t i = 0; i < connections; ++i) {
      CURL* easy = handles_.emplace_back(curl_easy_init()).get();
      curl_easy_setopt(easy, CURLOPT_URL, posts.url.c_str());
      curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_.get());
      curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &swallow);
      curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
      curl_easy_setopt(easy, CURLOPT_PRIVATE, &sent_[i]);
    }
  }

  ~Loop() {
    for (const auto& easy : handles_) curl_multi_remove_handle(multi_.get(), easy.get());
  }

  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  std::expected<Posted, std::string> run() {
    const auto begin = Clock::now();
    for (const auto& easy : handles_) send_next(easy.get());
    int running = 1;
    while (running != 0 && fault_.empty()) {
      curl_multi_perform(multi_.get(), &running);
      int left = 0;
      while (CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
        finished(message->easy_handle, message->data.result);
        running = 1;
      }
      if (next_ == posts_.bodies.size() && under_way_ == 0) break;
      curl_multi_poll(multi_.get(), nullptr, 0, poll_ms, nullptr);
    }
    if (!fault_.empty()) return std::unexpected(fault_);
    posted_.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    return std::move(posted_);
  }

 private:
  void send_next(CURL* easy) {
    const std::string& body = posts_.bodies[next_++];
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.data());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
    sent_of(easy) = Clock::now();
    curl_multi_add_handle(multi_.get(), easy);
    ++under_way_;
  }

  static Clock::time_point& sent_of(CURL* easy) {
    Clock::time_point* sent = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &sent);
    return *sent;
  }

  void finished(CURL* easy, CURLcode result) {
    posted_.took.push_back(
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - sent_of(easy)));
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (result != CURLE_OK) fault_ = curl_easy_strerror(result);
    if (result == CURLE_OK && status != posts_.expected_status)
      fault_ = posts_.url + " was answered with HTTP status " + std::to_string(status);
    curl_multi_remove_handle(multi_.get(), easy);
    --under_way_;
    if (next_ < posts_.bodies.size()) send_next(easy);
  }

  const Posts& posts_;
  std::size_t next_ = 0;
  std::size_t under_way_ = 0;
  std::string fault_;
  Posted posted_;
  std::vector<Clock::time_point> sent_;  // of each handle's request
  Headers headers_;
  Multi multi_;
  std::vector<Easy> handles_;
};

}  // namespace

std::expected<Posted, std::string> post_all(const Posts& posts) {
  return Loop(posts).run();
}

}  // namespace copse::runner::bench
