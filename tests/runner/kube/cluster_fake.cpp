#include "tests/runner/kube/cluster_fake.hpp"

#include <algorithm>
#include <cstdio>

#include <boost/json.hpp>

namespace copse::tests {
namespace {

namespace json = boost::json;

// Takes an answer and tells nobody.
class Nobody : public Wire {
 public:
  void answer(int, std::string, Headers) override {}

  void begin(int) override {}

  void chunk(std::string) override {}

  void end() override {}

  void raw(std::string) override {}

  void cut() override {}

  void reset() override {}

  [[nodiscard]] bool is_gone() const override { return true; }
};

std::string name_of_verb(const FakeRequest& request) {
  const bool is_pods = request.path.find("/pods") != std::string::npos;
  if (request.path == "/version") return "version";
  if (request.path.ends_with("/log")) return "log";
  if (is_pods) return "pods";
  if (request.method == "POST") return "create";
  if (request.method == "DELETE") return "remove";
  if (!request.path.ends_with("/jobs")) return "get";
  return request.query.contains("watch") ? "watch" : "list";
}

std::uint64_t number(const std::string& text) {
  return text.empty() ? 0 : std::stoull(text);
}

std::string get(const std::map<std::string, std::string>& map, const std::string& key) {
  const auto found = map.find(key);
  return found == map.end() ? std::string() : found->second;
}

}  // namespace

ClusterFake::ClusterFake(boost::asio::io_context& io, std::optional<FakeTls> tls)
    : http_(
          io,
          [this](const FakeRequest& request, const std::shared_ptr<Wire>& wire) {
            handle(request, wire);
          },
          std::move(tls)) {}

std::string ClusterFake::status(int code, const std::string& reason, const std::string& message) {
  return json::serialize(json::object{{"kind", "Status"},
                                      {"apiVersion", "v1"},
                                      {"status", "Failure"},
                                      {"reason", reason},
                                      {"message", message},
                                      {"code", code}});
}

std::string ClusterFake::document(const FakeJob& job) {
  json::object meta{{"name", job.name},
                    {"namespace", "druid"},
                    {"uid", job.uid},
                    {"resourceVersion", std::to_string(job.version)},
                    {"creationTimestamp", "2026-11-24T12:00:00Z"},
                    {"labels", {{"copse/owner", "o1"}, {"copse/task", "t-" + job.name}}},
                    {"annotations", {{"task.id", "index_" + job.name}}}};
  if (job.is_terminating) meta["deletionTimestamp"] = "2026-11-24T12:10:00Z";
  return json::serialize(json::object{{"kind", "Job"},
                                      {"apiVersion", "batch/v1"},
                                      {"metadata", std::move(meta)},
                                      {"spec", {{"backoffLimit", 0}, {"completions", 1}}},
                                      {"status", json::parse(job.status)}});
}

void ClusterFake::touch(const std::string& name, std::string status) {
  const bool is_new = !jobs.contains(name);
  FakeJob& job = jobs[name];
  if (is_new) {
    char uid[40];
    std::snprintf(uid, sizeof uid, "00000000-0000-4000-8000-%012llx",
                  static_cast<unsigned long long>(next_uid_++));
    job.name = name;
    job.uid = uid;
  }
  job.version = ++version;
  job.status = std::move(status);
  tell(is_new ? "ADDED" : "MODIFIED", job);
}

void ClusterFake::remove(const std::string& name) {
  const auto found = jobs.find(name);
  if (found == jobs.end()) return;
  found->second.version = ++version;
  tell("DELETED", found->second);
  jobs.erase(found);
}

void ClusterFake::tell(const std::string& type, const FakeJob& job) {
  std::string line = R"({"type":")" + type + R"(","object":)" + document(job) + "}\n";
  history_.push_back({job.version, line});
  if (!frozen_) say(line);
}

void ClusterFake::bookmark() {
  say(R"({"type":"BOOKMARK","object":{"kind":"Job","apiVersion":"batch/v1","metadata":{"resourceVersion":")" +
      std::to_string(version) +
      R"("}}})"
      "\n");
}

std::size_t ClusterFake::watches() const {
  return static_cast<std::size_t>(std::count_if(watches_.begin(), watches_.end(),
                                                [](const auto& wire) { return !wire->is_gone(); }));
}

void ClusterFake::say(const std::string& line) {
  std::erase_if(watches_, [](const auto& wire) { return wire->is_gone(); });
  for (const auto& wire : watches_) wire->chunk(line);
}

void ClusterFake::end_watches() {
  for (const auto& wire : std::exchange(watches_, {})) wire->end();
}

void ClusterFake::cut_watches() {
  for (const auto& wire : std::exchange(watches_, {})) wire->cut();
}

void ClusterFake::handle(const FakeRequest& request, const std::shared_ptr<Wire>& wire) {
  const std::string verb = name_of_verb(request);
  ++seen[verb];
  requests.push_back(request);
  auto& waiting = misfortunes_[verb];
  if (waiting.empty()) return serve(request, wire);
  const Misfortune misfortune = std::move(waiting.front());
  waiting.pop_front();
  misfortune(request, wire);
}

void ClusterFake::serve(const FakeRequest& request, const std::shared_ptr<Wire>& wire) {
  if (!token.empty() && get(request.header, "authorization") != "Bearer " + token) {
    return wire->answer(401, status(401, "Unauthorized", "Unauthorized"));
  }
  const std::string verb = name_of_verb(request);
  if (verb == "version")
    return wire->answer(200, R"({"major":"1","minor":"34+","gitVersion":"v1.34.4"})");
  if (verb == "pods") return wire->answer(200, pods);
  if (verb == "create") return create(request, wire);
  if (verb == "list") return list(request, wire);
  if (verb == "watch") return watch(request, wire);
  if (verb == "log") {
    if (!request.query.contains("follow")) return wire->answer(200, log);
    wire->begin(200);
    wire->chunk(log);
    return;
  }
  const std::string name = request.path.substr(request.path.rfind('/') + 1);
  if (!jobs.contains(name)) {
    return wire->answer(404, status(404, "NotFound", "jobs.batch \"" + name + "\" not found"));
  }
  if (verb == "remove") return erase(request, wire, name);
  wire->answer(200, document(jobs[name]));
}

void ClusterFake::create(const FakeRequest& request, const std::shared_ptr<Wire>& wire) {
  const std::string name(json::parse(request.body).at_pointer("/metadata/name").as_string());
  if (const auto found = jobs.find(name); found != jobs.end()) {
    const std::string prefix = found->second.is_terminating ? "object is being deleted: " : "";
    return wire->answer(
        409, status(409, "AlreadyExists", prefix + "jobs.batch \"" + name + "\" already exists"));
  }
  touch(name);
  wire->answer(201, document(jobs[name]));
}

void ClusterFake::erase(const FakeRequest& request, const std::shared_ptr<Wire>& wire,
                        const std::string& name) {
  const json::value options = json::parse(request.body);
  const std::string uid(options.at_pointer("/preconditions/uid").as_string());
  if (uid != jobs[name].uid) {
    return wire->answer(
        409, status(409, "Conflict", "the UID in the precondition (" + uid + ") does not match"));
  }
  remove(name);
  wire->answer(200, R"({"kind":"Status","apiVersion":"v1","status":"Success"})");
}

// A continue token is the version of the snapshot and the name after which to go on; the snapshot
// is now, which is enough as long as a test changes nothing between two pages.
void ClusterFake::list(const FakeRequest& request, const std::shared_ptr<Wire>& wire) {
  const std::string token_text = get(request.query, "continue");
  if (!token_text.empty() && number(token_text) < oldest_) {
    return wire->answer(410, status(410, "Expired", "The provided continue parameter is too old"));
  }
  if (number(get(request.query, "resourceVersion")) > version) {
    return wire->answer(
        504, R"({"kind":"Status","status":"Failure","reason":"Timeout","code":504,)"
             R"("message":"Too large resource version","details":{"retryAfterSeconds":1,)"
             R"("causes":[{"reason":"ResourceVersionTooLarge"}]}})");
  }
  const std::size_t slash = token_text.find('/');
  const std::string after = slash == std::string::npos ? "" : token_text.substr(slash + 1);
  const std::size_t limit =
      page_size != 0 && request.query.contains("limit") ? page_size : jobs.size();
  std::string items;
  std::string last;
  std::size_t count = 0;
  auto job = jobs.upper_bound(after);
  for (; job != jobs.end() && count < limit; ++job, ++count) {
    items += (count == 0 ? "" : ",") + document(job->second);
    last = job->first;
  }
  const std::string more = job == jobs.end() ? "" : std::to_string(version) + "/" + last;
  std::string body =
      R"({"kind":"JobList","apiVersion":"batch/v1","metadata":{"resourceVersion":")" +
      std::to_string(version) + R"(","continue":")" + more + R"("},"items":[)" + items + "]}";
  if (get(request.header, "accept-encoding").find("gzip") == std::string::npos)
    return wire->answer(200, std::move(body));
  wire->answer(200, gzipped(body), {{"Content-Encoding", "gzip"}});
}

void ClusterFake::watch(const FakeRequest& request, const std::shared_ptr<Wire>& wire) {
  const std::uint64_t from = number(get(request.query, "resourceVersion"));
  wire->begin(200);
  if (from < oldest_) {
    wire->chunk(R"({"type":"ERROR","object":)" +
                status(410, "Expired", "too old resource version") + "}\n");
    return wire->end();
  }
  watches_.push_back(wire);
  if (frozen_) return;
  for (const Change& change : history_) {
    if (change.version > from) wire->chunk(change.line);
  }
}

ClusterFake::Misfortune answers(int code, std::string body, Wire::Headers headers) {
  return [code, body = std::move(body), headers = std::move(headers)](
             const FakeRequest&, const std::shared_ptr<Wire>& wire) {
    wire->answer(code, body, headers);
  };
}

ClusterFake::Misfortune resets() {
  return [](const FakeRequest&, const std::shared_ptr<Wire>& wire) { wire->reset(); };
}

ClusterFake::Misfortune resets_after(ClusterFake& fake) {
  return [&fake](const FakeRequest& request, const std::shared_ptr<Wire>& wire) {
    fake.serve(request, std::make_shared<Nobody>());
    wire->reset();
  };
}

ClusterFake::Misfortune says_nothing(ClusterFake& fake) {
  return [&fake](const FakeRequest&, const std::shared_ptr<Wire>& wire) {
    fake.unanswered.push_back(wire);
  };
}

}  // namespace copse::tests
