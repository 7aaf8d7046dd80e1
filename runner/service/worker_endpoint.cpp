// WHY: io_context's executor keeps flags in the low bits of a pointer, which GCC 12 takes for a
// possible null when it inlines `post`.
#pragma GCC diagnostic ignored "-Wnull-dereference"
#include "runner/service/worker_endpoint.hpp"

#include "engine/json_writer.hpp"
#include "runner/overlord/routes.hpp"
#include "runner/overlord/smile.hpp"

#include <cstdint>
#include <iterator>
#include <map>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace copse::runner::service {
namespace {

namespace asio = boost::asio;
namespace route = overlord::route;
using overlord::to_smile;

http::Response json(int status, std::string body) {
  return {.status = status, .content_type = "application/json", .body = std::move(body)};
}

http::Response refusal(int status, std::string_view text) {
  return json(status,
              engine::JsonWriter().begin_object().member("error", text).end_object().take());
}

// Druid's media type, or JSON for people.
http::Response snapshot(const route::Poll& poll, std::string smile) {
  if (poll.wants_smile) {
    return {.status = 200,
            .content_type = std::string(overlord::smile_media_type),
            .body = std::move(smile)};
  }
  return json(200, overlord::smile_to_json(smile).value_or("{}"));
}

}  // namespace

struct WorkerEndpoint::Core : std::enable_shared_from_this<Core> {
  // A poll that waits for news.
  struct Held {
    Held(asio::io_context& io, route::Poll asked, http::Responder to)
        : poll(asked), responder(std::move(to)), deadline(io) {}

    route::Poll poll;
    http::Responder responder;
    asio::steady_timer deadline;
  };

  // By number: what a deadline refers to may have been answered in the same turn of the loop.
  using Polls = std::map<std::uint64_t, Held>;

  Core(asio::io_context& loop, Worker& of, overlord::History& told, std::string name, LogPort port)
      : io(loop), worker(of), history(told), identity(std::move(name)), logs(std::move(port)) {}

  asio::io_context& io;
  Worker& worker;
  overlord::History& history;
  std::string identity;
  LogPort logs;
  bool ready = false;
  bool asked_disabled = false;
  bool leaving = false;
  bool unable = false;
  bool answering = false;  // a turn of `answer_held` is coming
  Polls polls;
  std::uint64_t next_poll = 0;

  void operator()(const route::Poll& poll, const http::Request&, http::Responder responder) {
    if (!ready) return responder.send(refusal(503, "this worker is still recovering its tasks"));
    if (answer(poll, responder)) return;
    const std::uint64_t number = next_poll++;
    Held& held = polls.try_emplace(number, io, poll, std::move(responder)).first->second;
    held.responder.on_gone([this, number] { polls.erase(number); });
    held.deadline.expires_after(poll.timeout);
    held.deadline.async_wait([weak = weak_from_this(), number](const auto& error) {
      const auto core = weak.lock();
      if (!error && core) core->time_is_over(number);
    });
  }

  // No news: the same counter again, which a syncer takes for a success.
  void time_is_over(std::uint64_t number) {
    const auto at = polls.find(number);
    if (at == polls.end()) return;
    const route::Poll& poll = at->second.poll;
    at->second.responder.send(
        snapshot(poll, to_smile(overlord::answer::Changes{{poll.counter, poll.hash}, {}})));
    polls.erase(at);
  }

  // False: there is nothing to say yet.
  bool answer(const route::Poll& poll, http::Responder& responder) {
    const overlord::Answer found = history.poll(poll.counter, poll.hash);
    if (const auto* changes = std::get_if<overlord::answer::Changes>(&found)) {
      responder.send(snapshot(poll, to_smile(*changes)));
      return true;
    }
    if (const auto* reset = std::get_if<overlord::answer::Reset>(&found)) {
      responder.send(snapshot(poll, to_smile(*reset)));
      return true;
    }
    return false;
  }

  void show_ability() {
    const bool disabled = asked_disabled || unable || leaving;
    if (disabled == history.disabled()) return;
    history.set_disabled(disabled);
    news();
  }

  void finish() {
    while (!polls.empty()) time_is_over(polls.begin()->first);
  }

  // Once for all that happens in this turn of the loop.
  void news() {
    if (polls.empty() || std::exchange(answering, true)) return;
    asio::post(io, [weak = weak_from_this()] {
      const auto core = weak.lock();
      if (!core) return;
      core->answering = false;
      for (auto at = core->polls.begin(); at != core->polls.end();) {
        const bool is_answered = core->answer(at->second.poll, at->second.responder);
        at = is_answered ? core->polls.erase(at) : std::next(at);
      }
    });
  }

  void operator()(const route::Assign&, const http::Request& request, http::Responder responder) {
    std::string document(request.body);
    if (request.content_type.starts_with(overlord::smile_media_type)) {
      auto read = overlord::smile_to_json(request.body);
      if (!read) {
        return responder.send(refusal(400, "the body is no Smile document: byte " +
                                               std::to_string(read.error().offset) + ": " +
                                               read.error().text));
      }
      document = std::move(*read);
    }
    worker.assign(std::move(document), [responder = std::move(responder)](auto result) mutable {
      responder.send(result ? json(200, "") : refusal(400, result.error()));
    });
  }

  // The first that is known, else the first.
  const std::string& meant(const std::vector<std::string>& ids) const {
    for (const std::string& id : ids) {
      if (worker.knows(id)) return id;
    }
    return ids.front();
  }

  void operator()(const route::Kill& kill, const http::Request&, http::Responder responder) {
    const std::string& id = meant(kill.task_ids);
    worker.kill(id);
    engine::JsonWriter out;
    responder.send(json(200, out.begin_object().member("task", id).end_object().take()));
  }

  void operator()(const route::Log& log, const http::Request&, http::Responder responder) {
    logs(meant(log.task_ids), log.offset, std::move(responder));
  }

  void operator()(const route::SetDisabled& wanted, const http::Request&,
                  http::Responder responder) {
    asked_disabled = wanted.disabled;
    leaving = leaving && wanted.disabled;
    show_ability();
    engine::JsonWriter out;
    out.begin_object().member(identity, wanted.disabled ? "disabled" : "enabled").end_object();
    responder.send(json(200, out.take()));
  }

  void operator()(const route::IsEnabled&, const http::Request&, http::Responder responder) {
    engine::JsonWriter out;
    out.begin_object().key(identity).boolean(!history.disabled()).end_object();
    responder.send(json(200, out.take()));
  }

  void operator()(const route::Tasks&, const http::Request&, http::Responder responder) {
    engine::JsonWriter out;
    out.begin_array();
    for (const std::string& id : worker.task_ids()) out.text(id);
    responder.send(json(200, out.end_array().take()));
  }

  void operator()(const route::Refused& refused, const http::Request&, http::Responder responder) {
    http::Response made = refusal(refused.status, refused.text);
    if (!refused.allowed.empty()) made.headers.emplace_back("Allow", refused.allowed);
    responder.send(std::move(made));
  }
};

WorkerEndpoint::WorkerEndpoint(asio::io_context& io, Worker& worker, overlord::History& history,
                               std::string identity, LogPort logs)
    : core_(std::make_shared<Core>(io, worker, history, std::move(identity), std::move(logs))) {}

WorkerEndpoint::~WorkerEndpoint() = default;

void WorkerEndpoint::handle(const http::Request& request, http::Responder responder) {
  const overlord::Route found =
      overlord::route_of(request.method, request.path, request.query, request.accept);
  std::visit([&](const auto& each) { (*core_)(each, request, std::move(responder)); }, found);
}

void WorkerEndpoint::set_ready() {
  core_->ready = true;
}

void WorkerEndpoint::set_unable(bool unable) {
  core_->unable = unable;
  core_->show_ability();
}

void WorkerEndpoint::leave() {
  core_->leaving = true;
  core_->show_ability();
}

bool WorkerEndpoint::is_leaving() const {
  return core_->leaving;
}

void WorkerEndpoint::finish() {
  core_->finish();
}

void WorkerEndpoint::news() {
  core_->news();
}

std::size_t WorkerEndpoint::held() const {
  return core_->polls.size();
}

}  // namespace copse::runner::service
