#pragma once
// A worker whose every answer is the test's: it says RUNNING of what it is given and FAILED of what
// it is to end, unless it is told otherwise. And an Overlord beside it, on one loop.

#include "runner/http/server.hpp"
#include "runner/overlord/history.hpp"
#include "runner/overlord/routes.hpp"
#include "runner/overlord/smile.hpp"
#include "runner/overlord_sandbox/overlord_sandbox.hpp"
#include "tests/runner/http/client.hpp"
#include "tests/runner/overlord_sandbox/stage.hpp"

#include <functional>
#include <list>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>

namespace copse::tests {

namespace http = copse::runner::http;

class HandWorker {
 public:
  explicit HandWorker(boost::asio::io_context& io) : io_(io) { come_up(); }

  void come_up() {
    auto listening = http::Server::listen(io_, {.port = port_},
                                          [this](const http::Request& request, http::Responder to) {
                                            serve(request, std::move(to));
                                          });
    REQUIRE(listening);
    server_ = std::move(*listening);
    port_ = server_->port();
  }

  // The process ends; what it has to say is lost with `forget`.
  void go_down() {
    held_.clear();
    server_.reset();
  }

  void forget() { history_ = overlord::History(++hash_); }

  WorkerNode node(std::uint32_t capacity = 10) const {
    WorkerNode node = worker_node("127.0.0.1", capacity);
    node.port = port_;
    return node;
  }

  std::string host() const { return node().host_port(); }

  void say(const Announced& announced) {
    history_.update(announced.task);
    news();
  }

  void remove(const std::string& id) {
    history_.remove(id);
    news();
  }

  void set_disabled(bool disabled) {
    history_.set_disabled(disabled);
    news();
  }

  Texts given = {};  // bodies of assignments, as JSON
  Texts ended = {};  // tasks that were to be ended
  Texts seen_authorization = {};
  int assign_status = 200;   // of answers to assignments
  int poll_status = 200;     // of answers to polls
  bool says_running = true;  // of what it is given
  bool says_failed = true;   // of what it is to end
  bool hides_tasks = false;  // from who asks for everything
  bool sends_json = false;   // instead of Smile

 private:
  void serve(const http::Request& request, http::Responder to) {
    seen_authorization.emplace_back(request.authorization);
    const overlord::Route route =
        overlord::route_of(request.method, request.path, request.query, request.accept);
    if (const auto* poll = std::get_if<overlord::route::Poll>(&route)) {
      held_.emplace_back(*poll, std::move(to));
      return news();
    }
    if (std::holds_alternative<overlord::route::Assign>(route)) return take(request, std::move(to));
    if (const auto* kill = std::get_if<overlord::route::Kill>(&route)) {
      ended.push_back(kill->task_ids.front());
      if (says_failed) say(said(ended.back(), TaskState::failed));
      return to.send({});
    }
    if (const auto* log = std::get_if<overlord::route::Log>(&route)) {
      return to.send({.status = 404,
                      .content_type = "text/plain",
                      .body = "live log of " + log->task_ids.front() + " from " +
                              std::to_string(log->offset)});
    }
    if (const auto* wanted = std::get_if<overlord::route::SetDisabled>(&route)) {
      set_disabled(wanted->disabled);
      return to.send({});
    }
    to.send({.status = 404});
  }

  void take(const http::Request& request, http::Responder to) {
    given.push_back(overlord::smile_to_json(request.body).value());
    if (assign_status == 200 && says_running)
      say(said(std::string(boost::json::parse(given.back()).at("id").as_string())));
    to.send({.status = assign_status});
  }

  // Answers the polls for which there is something.
  void news() {
    for (auto at = held_.begin(); at != held_.end();) {
      auto answer = history_.poll(at->first.counter, at->first.hash);
      std::string body;
      if (auto* changes = std::get_if<overlord::answer::Changes>(&answer)) {
        if (hides_tasks && at->first.counter < 0) changes->changes.resize(1);
        body = overlord::to_smile(*changes);
      }
      if (const auto* reset = std::get_if<overlord::answer::Reset>(&answer))
        body = overlord::to_smile(*reset);
      if (body.empty() && poll_status == 200) {
        ++at;
        continue;
      }
      if (sends_json) body = "{}";
      at->second.send({.status = poll_status, .content_type = "", .body = std::move(body)});
      at = held_.erase(at);
    }
  }

  boost::asio::io_context& io_;
  std::uint16_t port_ = 0;
  std::int64_t hash_ = 1;
  overlord::History history_{1};
  std::list<std::pair<overlord::route::Poll, http::Responder>> held_;
  std::unique_ptr<http::Server> server_;
};

// An Overlord in a hurry.
inline Options quick() {
  Options options;
  options.times.sync = 2s;
  options.times.retry = 20ms;
  options.times.retry_limit = 100ms;
  options.times.management = 1ms;
  options.times.idle_management = 50ms;
  return options;
}

inline std::string noop(const std::string& id) {
  return R"({"type":"noop","id":")" + id + R"(","dataSource":"wiki"})";
}

// An Overlord, asked over HTTP and by hand.
struct Desk {
  boost::asio::io_context& io;
  std::unique_ptr<OverlordSandbox> overlord;

  Desk(boost::asio::io_context& loop, Metadata& metadata, Options options = quick()) : io(loop) {
    auto listening = OverlordSandbox::listen(io, metadata, std::move(options));
    REQUIRE(listening);
    overlord = std::move(*listening);
  }

  HttpAnswer ask(const std::string& method, const std::string& path, const std::string& body = "",
                 const std::string& headers = "") const {
    HttpClient client(io, overlord->port());
    client.send(method + " " + path + " HTTP/1.1\r\nHost: overlord\r\n" + headers +
                "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\n\r\n" + body);
    return client.answer();
  }

  HttpAnswer get(const std::string& path) const { return ask("GET", "/druid/indexer/v1/" + path); }

  HttpAnswer post(const std::string& path, const std::string& body = "",
                  const std::string& headers = "") const {
    return ask("POST", "/druid/indexer/v1/" + path, body, headers);
  }

  bool has(const std::string& id, TaskState state) const {
    const auto report = overlord->task(id);
    return report && report->status.state == state;
  }

  bool has(const std::string& id, RunnerState state) const {
    const auto report = overlord->task(id);
    return report && report->runner == state;
  }

  const Texts& violations() const { return overlord->facts().violations; }
};

// One Overlord and one worker.
struct Scene {
  boost::asio::io_context io;
  Metadata metadata;
  HandWorker worker{io};
  Desk desk;

  explicit Scene(Options options = quick()) : desk(io, metadata, std::move(options)) {
    desk.overlord->add_worker(worker.node());
  }

  void until(const std::function<bool()>& holds) { await(io, holds); }

  // Hands a task in, and waits until its worker has it.
  void start(const std::string& id) {
    REQUIRE(desk.overlord->submit(noop(id)));
    until([&] { return desk.has(id, RunnerState::running); });
  }
};

}  // namespace copse::tests
