#include "runner/overlord/ask.hpp"

#include <utility>

#include <curl/curl.h>

namespace copse::runner::overlord {
namespace {

struct Body {
  std::string text;
  bool too_large = false;
};

std::size_t take(char* bytes, std::size_t size, std::size_t count, void* to) {
  Body& body = *static_cast<Body*>(to);
  if (body.text.size() + size * count > answer_limit) {
    body.too_large = true;
    return 0;
  }
  body.text.append(bytes, size * count);
  return size * count;
}

AskFailure refused(const std::string& asked, long status) {
  AskFailure failure{asked + "HTTP status " + std::to_string(status), ""};
  if (status == 401 || status == 403)
    failure.help = "the Overlord wants credentials: write them as http://USER:PASSWORD@HOST";
  else if (status == 404)
    failure.help = "the Overlord does not know it, or this is not an Overlord";
  else
    failure.help = "see the Overlord's log";
  return failure;
}

}  // namespace

struct Asker::Handle {
  CURL* easy = curl_easy_init();

  Handle() = default;
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  ~Handle() { curl_easy_cleanup(easy); }
};

Asker::Asker(std::string url) : base_(std::move(url)), handle_(std::make_unique<Handle>()) {
  while (base_.ends_with('/')) base_.pop_back();
  CURL* easy = handle_->easy;
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(easy, CURLOPT_MAXREDIRS, redirect_limit);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, connect_deadline_seconds);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT, answer_deadline_seconds);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &take);
}

Asker::~Asker() = default;

std::expected<std::string, AskFailure> Asker::get(const std::string& path) {
  CURL* easy = handle_->easy;
  Body body;
  const std::string url = base_ + path;
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &body);
  const CURLcode result = curl_easy_perform(easy);
  const std::string asked = "GET " + shown(url) + ": ";
  if (body.too_large) {
    return std::unexpected(
        AskFailure{asked + "the answer is larger than " + std::to_string(answer_limit) + " bytes",
                   "ask for fewer tasks with --max"});
  }
  if (result != CURLE_OK) {
    return std::unexpected(AskFailure{
        asked + curl_easy_strerror(result),
        "is this the address of an Overlord or Router, and can it be reached from here?"});
  }
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  // Druid has no content where nothing was set yet.
  if (status != 200 && status != 204) return std::unexpected(refused(asked, status));
  return std::move(body.text);
}

std::string path_segment(const std::string& text) {
  const std::unique_ptr<char, decltype(&curl_free)> made(
      curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size())), &curl_free);
  return made ? made.get() : text;
}

std::string shown(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::size_t at = url.find('@');
  if (scheme == std::string::npos || at == std::string::npos || at > url.find('/', scheme + 3))
    return url;
  return url.substr(0, scheme + 3) + "…" + url.substr(at);
}

}  // namespace copse::runner::overlord
