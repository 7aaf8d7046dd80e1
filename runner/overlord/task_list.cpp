#include "runner/overlord/task_list.hpp"

#include <memory>
#include <string_view>
#include <vector>

#include <boost/json.hpp>
#include <curl/curl.h>

namespace copse::runner::overlord {
namespace {

struct Closer {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};

struct Body {
  std::string text;
  bool too_large = false;
};

std::size_t take(char* bytes, std::size_t size, std::size_t count, void* to) {
  Body& body = *static_cast<Body*>(to);
  if (body.text.size() + size * count > task_answer_limit) {
    body.too_large = true;
    return 0;
  }
  body.text.append(bytes, size * count);
  return size * count;
}

// Without a password that stands in the address.
std::string shown(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::size_t at = url.find('@');
  if (scheme == std::string::npos || at == std::string::npos || at > url.find('/', scheme + 3))
    return url;
  return url.substr(0, scheme + 3) + "…" + url.substr(at);
}

class Asker {
 public:
  explicit Asker(const std::string& url) : base_(url), easy_(curl_easy_init()) {
    while (base_.ends_with('/')) base_.pop_back();
    CURL* easy = easy_.get();
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(easy, CURLOPT_MAXREDIRS, redirect_limit);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, connect_deadline_seconds);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, answer_deadline_seconds);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &take);
  }

  std::expected<std::string, AskFailure> get(const std::string& path) {
    Body body;
    const std::string url = base_ + path;
    curl_easy_setopt(easy_.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy_.get(), CURLOPT_WRITEDATA, &body);
    const CURLcode result = curl_easy_perform(easy_.get());
    const std::string asked = "GET " + shown(url) + ": ";
    if (body.too_large) {
      return std::unexpected(AskFailure{
          asked + "the answer is larger than " + std::to_string(task_answer_limit) + " bytes",
          "ask for fewer tasks with --max"});
    }
    if (result != CURLE_OK) {
      return std::unexpected(AskFailure{
          asked + curl_easy_strerror(result),
          "is this the address of an Overlord or Router, and can it be reached from here?"});
    }
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) return std::unexpected(refused(asked, status));
    return std::move(body.text);
  }

  [[nodiscard]] std::string escaped(const std::string& text) const {
    const std::unique_ptr<char, decltype(&curl_free)> made(
        curl_easy_escape(easy_.get(), text.data(), static_cast<int>(text.size())), &curl_free);
    return made ? made.get() : text;
  }

 private:
  static AskFailure refused(const std::string& asked, long status) {
    AskFailure failure{asked + "HTTP status " + std::to_string(status), ""};
    if (status == 401 || status == 403)
      failure.help = "the Overlord wants credentials: write them as http://USER:PASSWORD@HOST";
    else if (status == 404)
      failure.help = "the Overlord does not know it, or this is not an Overlord";
    else
      failure.help = "see the Overlord's log";
    return failure;
  }

  std::string base_;
  std::unique_ptr<CURL, Closer> easy_;
};

std::expected<std::vector<std::string>, AskFailure> ids_of(const std::string& list,
                                                           const std::string& url) {
  const AskFailure not_a_list{shown(url) + " does not answer with a list of tasks",
                              "is this the address of an Overlord or Router?"};
  boost::system::error_code error;
  const boost::json::value read = boost::json::parse(list, error);
  if (error || !read.is_array()) return std::unexpected(not_a_list);
  std::vector<std::string> ids;
  for (const boost::json::value& task : read.get_array()) {
    const auto* object = task.if_object();
    const auto* id = object == nullptr ? nullptr : object->if_contains("id");
    if (id == nullptr || !id->is_string()) return std::unexpected(not_a_list);
    ids.emplace_back(std::string_view(id->get_string()));
  }
  return ids;
}

}  // namespace

std::expected<void, AskFailure> read_tasks(
    const TaskQuery& query,
    const std::function<void(const std::string&, std::expected<std::string, AskFailure>)>& visit) {
  Asker asker(query.url);
  std::string path = "/druid/indexer/v1/tasks?max=" + std::to_string(query.max_tasks);
  if (query.state != "all") path += "&state=" + query.state;
  const auto list = asker.get(path);
  if (!list) return std::unexpected(list.error());
  auto ids = ids_of(*list, query.url);
  if (!ids) return std::unexpected(std::move(ids.error()));
  if (ids->size() > query.max_tasks) ids->resize(query.max_tasks);
  for (const std::string& id : *ids)
    visit(id, asker.get("/druid/indexer/v1/task/" + asker.escaped(id)));
  return {};
}

}  // namespace copse::runner::overlord
