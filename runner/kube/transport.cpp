#include "runner/kube/transport.hpp"

#include "runner/http/curl_loop.hpp"
#include "runner/kube/call.hpp"
#include "runner/kube/login.hpp"
#include "runner/kube/window.hpp"

#include <algorithm>
#include <deque>
#include <random>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <curl/curl.h>

namespace copse::runner::kube {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

// Classes of requests with a window and a queue of their own, most urgent first.
enum class Class : std::uint8_t { stream, remove, read, create, log_stream };
constexpr std::size_t class_count = 5;

std::size_t index(Class c) {
  return static_cast<std::size_t>(c);
}

Class class_of(Verb verb, bool own_connection) {
  if (own_connection) return verb == Verb::log ? Class::log_stream : Class::stream;
  if (verb == Verb::create) return Class::create;
  return verb == Verb::remove ? Class::remove : Class::read;
}

// Watches and probes are few by construction; this only guards against a bug that opens them in a
// loop.
constexpr std::uint32_t watch_limit = 64;

// An idle handle holds a few KiB; more than a full window of them are never kept.
constexpr std::size_t idle_calls_limit = 256;

enum class Connection : std::uint8_t { shared, own, fresh };

}  // namespace

// One request from `send` to its last callback.
struct Flight {
  RequestId id{};
  Class kind = Class::read;
  Request request;
  Done done;
  StreamHandlers handlers;
  Connection connection = Connection::shared;
  std::optional<milliseconds> lifetime;
  std::unique_ptr<Call> call;  // set while it is with libcurl
  std::size_t lane = 0;
  std::uint64_t generation = 0;  // of the badge it carried
  bool repeated = false;
  bool cancelled = false;  // by the user, from inside libcurl
  Clock::time_point started{};
  std::unique_ptr<asio::steady_timer> open_timer;
};

struct Transport::Core : std::enable_shared_from_this<Core> {
  Core(asio::io_context& context, ClusterAccess access, TransportOptions chosen)
      : io(context),
        options(chosen),
        url(access.server.url),
        login(context, std::move(access),
              {chosen.token_reread, chosen.certificate_reread, chosen.plugin_deadline,
               chosen.plugin_pause}),
        wake(context),
        chance(std::random_device{}()) {
    adopt_badge();
    const std::uint32_t room =
        target->is_tls ? options.room_http2
                       : options.lanes * static_cast<std::uint32_t>(options.http1_connections);
    const std::uint32_t reserve = std::max(room / 4, 1U);
    const auto window = [](std::uint32_t ceiling) {
      return Window(std::min(window_start, ceiling), ceiling);
    };
    windows = {Window(watch_limit, watch_limit), window(reserve), window(reserve),
               window(std::max(room - reserve, 1U)),
               Window(options.log_streams, options.log_streams)};
    for (unsigned i = 0; i < options.lanes; ++i) add_lane(options.http1_connections);
    add_lane(
        static_cast<long>(watch_limit + options.log_streams));  // the last one: own connections
  }

  asio::io_context& io;
  TransportOptions options;
  std::string url;
  Login login;
  asio::steady_timer wake;  // a window closed by Retry-After opens
  std::minstd_rand chance;
  std::shared_ptr<const Target> target;
  std::shared_ptr<const HeaderSet> headers;
  std::uint64_t worn = ~std::uint64_t{0};  // generation that `target` and `headers` were made for
  std::vector<Window> windows;
  std::array<std::deque<std::unique_ptr<Flight>>, class_count> queues;
  std::vector<std::unique_ptr<http::CurlLoop>> lanes;
  std::vector<std::uint32_t> lane_load;
  std::unordered_map<std::uint64_t, std::unique_ptr<Flight>> flights;
  std::vector<std::unique_ptr<Call>> idle;
  std::vector<std::uint64_t> doomed;  // cancelled from inside libcurl
  Counters counters;
  std::uint64_t next_id = 1;
  bool pump_posted = false;
  bool obtaining = false;
  bool closed = false;

  void add_lane(long connections) {
    lanes.push_back(std::make_unique<http::CurlLoop>(io, connections, [this](void* easy, int code) {
      finish(*static_cast<Flight*>(Call::of(easy)->owner), code);
    }));
    lane_load.push_back(0);
  }

  bool is_inside() const {
    return std::any_of(lanes.begin(), lanes.end(),
                       [](const auto& lane) { return lane->is_inside(); });
  }

  void adopt_badge() {
    const Badge& badge = login.badge();
    if (worn == badge.generation) return;
    worn = badge.generation;
    const bool new_server = !target || target->server.authority_pem != badge.server.authority_pem;
    if (new_server) target = std::make_shared<const Target>(badge.server);
    headers = std::make_shared<const HeaderSet>(target->host, badge.bearer.reveal());
  }

  RequestId enqueue(std::unique_ptr<Flight> flight) {
    flight->id = RequestId{next_id++};
    flight->kind = class_of(flight->request.verb, flight->connection != Connection::shared);
    const RequestId id = flight->id;
    auto& queue = queues[index(flight->kind)];
    queue.push_back(std::move(flight));
    post_pump();
    return id;
  }

  void post_pump() {
    if (std::exchange(pump_posted, true)) return;
    asio::post(io, [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (!self || self->closed) return;
      self->pump_posted = false;
      self->pump();
    });
  }

  // Starts what may start. Never called from inside libcurl.
  void pump() {
    const auto self = shared_from_this();
    refuse_excess();
    if (closed || nothing_waits()) return;
    const auto now = Clock::now();
    const std::expected<bool, Failure> ready = login.refresh(now);
    if (!ready) return fail_waiting(ready.error());
    if (!*ready) return obtain();
    adopt_badge();
    std::vector<bool> touched(lanes.size(), false);
    std::optional<Clock::time_point> opens;
    for (std::size_t c = 0; c < class_count; ++c) {
      auto& queue = queues[c];
      while (!queue.empty() && windows[c].is_open(now)) {
        std::unique_ptr<Flight> flight = std::move(queue.front());
        queue.pop_front();
        if (!flight->cancelled) touched[start(std::move(flight))] = true;
      }
      const auto at = queue.empty() ? std::nullopt : windows[c].opens_at(now);
      if (at) opens = std::min(opens.value_or(*at), *at);
    }
    if (opens) wake_at(*opens);
    for (std::size_t lane = 0; lane < lanes.size() && !closed; ++lane) {
      if (touched[lane]) lanes[lane]->kick();
    }
  }

  bool nothing_waits() const {
    return std::all_of(queues.begin(), queues.end(),
                       [](const auto& queue) { return queue.empty(); });
  }

  void refuse_excess() {
    for (auto& queue : queues) {
      while (!closed && queue.size() > options.queue_limit) {
        std::unique_ptr<Flight> flight = std::move(queue.back());
        queue.pop_back();
        if (flight->cancelled) continue;
        conclude(*flight, local_failure(FailureKind::overloaded,
                                        "more than " + std::to_string(options.queue_limit) +
                                            " requests of one kind wait for " + url +
                                            "; too many requests wait inside copse"));
      }
    }
  }

  void obtain() {
    if (std::exchange(obtaining, true)) return;
    login.obtain([weak = weak_from_this()](std::expected<void, Failure> result) {
      const auto self = weak.lock();
      if (!self || self->closed) return;
      self->obtaining = false;
      if (!result) return self->fail_waiting(result.error());
      self->post_pump();
    });
  }

  void fail_waiting(const Failure& failure) {
    for (auto& queue : queues) {
      auto waiting = std::exchange(queue, {});
      for (auto& flight : waiting) {
        if (closed) return;
        if (!flight->cancelled) conclude(*flight, failure);
      }
    }
  }

  void wake_at(Clock::time_point at) {
    wake.expires_at(at);
    wake.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
      const auto self = weak.lock();
      if (!error && self && !self->closed) self->post_pump();
    });
  }

  std::size_t choose_lane(const Flight& flight) const {
    if (flight.connection != Connection::shared) return lanes.size() - 1;
    const auto least = std::min_element(lane_load.begin(), lane_load.end() - 1);
    return static_cast<std::size_t>(least - lane_load.begin());
  }

  // Gives a request to libcurl and returns the lane.
  std::size_t start(std::unique_ptr<Flight> owned) {
    Flight& flight = *owned;
    if (idle.empty()) {
      flight.call = std::make_unique<Call>();
    } else {
      flight.call = std::move(idle.back());
      idle.pop_back();
    }
    flight.lane = choose_lane(flight);
    flight.generation = worn;
    flight.started = Clock::now();
    const milliseconds by_verb = options.deadlines[static_cast<std::size_t>(flight.request.verb)];
    const milliseconds deadline = flight.request.deadline.value_or(by_verb);
    CallOptions how;
    how.own_connection = flight.connection != Connection::shared;
    how.fresh_connection = flight.connection == Connection::fresh;
    how.timeout =
        flight.connection == Connection::own ? flight.lifetime.value_or(milliseconds(0)) : deadline;
    const bool streams = static_cast<bool>(flight.handlers.closed);
    flight.call->owner = &flight;
    flight.call->prepare(target, headers, login.badge().certificate, flight.request,
                         streams ? &flight.handlers : nullptr, how);
    if (flight.connection == Connection::own) watch_opening(flight, deadline);
    windows[index(flight.kind)].started();
    ++lane_load[flight.lane];
    ++counters.requests[static_cast<std::size_t>(flight.request.verb)];
    const std::size_t lane = flight.lane;
    void* easy = flight.call->easy();
    flights.emplace(std::to_underlying(flight.id), std::move(owned));
    if (!lanes[lane]->add(easy)) {
      asio::post(io, [weak = weak_from_this(), id = flight.id] {
        const auto self = weak.lock();
        if (!self || self->closed) return;
        const auto found = self->flights.find(std::to_underlying(id));
        if (found != self->flights.end()) self->finish(*found->second, CURLE_FAILED_INIT);
      });
    }
    return lane;
  }

  void watch_opening(Flight& flight, milliseconds deadline) {
    flight.open_timer = std::make_unique<asio::steady_timer>(io, deadline);
    flight.open_timer->async_wait(
        [weak = weak_from_this(), id = flight.id](const boost::system::error_code& error) {
          const auto self = weak.lock();
          if (error || !self || self->closed) return;
          const auto found = self->flights.find(std::to_underlying(id));
          if (found == self->flights.end() || found->second->call->is_opened()) return;
          self->lanes[found->second->lane]->remove(found->second->call->easy());
          self->finish(*found->second, CURLE_OPERATION_TIMEDOUT);
        });
  }

  // The transfer of `flight` has ended and is out of its loop.
  void finish(Flight& flight, int code) {
    const auto self = shared_from_this();
    const auto found = flights.find(std::to_underlying(flight.id));
    std::unique_ptr<Flight> owned = std::move(found->second);
    flights.erase(found);
    --lane_load[flight.lane];
    flight.call->count(counters);
    const auto now = Clock::now();
    Exchange exchange = flight.call->exchange(code);
    exchange.elapsed = std::chrono::duration_cast<milliseconds>(now - flight.started);
    if (!flight.cancelled) ++counters.answers[{flight.request.verb, exchange.http_status}];
    std::optional<Failure> failure = flight.cancelled ? std::nullopt : classify(exchange);
    const bool is_to_repeat = failure && failure->kind == FailureKind::unauthorized &&
                              !flight.repeated && login.rejected(flight.generation, now);
    if (is_to_repeat)
      windows[index(flight.kind)].withdrawn();
    else
      settle(flight, failure, now);
    if (failure && failure->kind == FailureKind::tls) login.suspect(now);
    if (is_to_repeat) return repeat(std::move(owned));
    Answer answer;
    if (!failure && !flight.cancelled)
      answer = {exchange.http_status, flight.call->take_body(), exchange.elapsed};
    if (idle.size() < idle_calls_limit) idle.push_back(std::move(flight.call));
    if (!nothing_waits()) post_pump();
    if (flight.cancelled) return;
    if (flight.done && !failure) return flight.done(std::move(answer));
    conclude(flight, std::move(failure));
  }

  void settle(const Flight& flight, const std::optional<Failure>& failure, Clock::time_point now) {
    Window& window = windows[index(flight.kind)];
    if (flight.cancelled || flight.kind == Class::stream || flight.kind == Class::log_stream) {
      return window.withdrawn();
    }
    if (!failure) return window.answered();
    switch (failure->kind) {
      case FailureKind::throttled:
      case FailureKind::server:
      case FailureKind::unknown_outcome:
      case FailureKind::interrupted:
        return window.complained(now, failure->retry_after,
                                 std::uniform_real_distribution<>()(chance));
      case FailureKind::unauthorized:
        return window.complained(now, unauthorized_pause,
                                 std::uniform_real_distribution<>()(chance));
      case FailureKind::unreachable:
      case FailureKind::tls:
        return window.withdrawn();
      default:
        return window.answered();
    }
  }

  void repeat(std::unique_ptr<Flight> flight) {
    flight->repeated = true;
    ++counters.repeats;
    flight->open_timer.reset();
    idle.push_back(std::move(flight->call));
    queues[index(flight->kind)].push_front(std::move(flight));
    post_pump();
  }

  static void conclude(Flight& flight, std::optional<Failure> failure) {
    if (flight.done) {
      flight.done(std::unexpected(std::move(*failure)));
    } else {
      flight.handlers.closed(std::move(failure));
    }
  }

  void cancel(RequestId id) {
    const auto found = flights.find(std::to_underlying(id));
    if (found == flights.end()) {
      for (auto& queue : queues) {
        for (auto& flight : queue) {
          if (flight->id == id) flight->cancelled = true;
        }
      }
      return;
    }
    Flight& flight = *found->second;
    if (std::exchange(flight.cancelled, true)) return;
    flight.call->silence();
    doomed.push_back(std::to_underlying(id));
    if (is_inside()) return post_reaper();
    reap();
  }

  void post_reaper() {
    asio::post(io, [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (self && !self->closed) self->reap();
    });
  }

  // Takes cancelled transfers back from libcurl.
  void reap() {
    for (const std::uint64_t id : std::exchange(doomed, {})) {
      const auto found = flights.find(id);
      if (found == flights.end()) continue;
      lanes[found->second->lane]->remove(found->second->call->easy());
      finish(*found->second, CURLE_OK);
    }
  }

  void close() {
    closed = true;
    wake.cancel();
    for (auto& [id, flight] : flights) {
      flight->call->silence();
      lanes[flight->lane]->remove(flight->call->easy());
    }
    lanes.clear();
    flights.clear();
    for (auto& queue : queues) queue.clear();
    idle.clear();
  }
};

Transport::Transport(asio::io_context& io, ClusterAccess access, TransportOptions options)
    : core_(std::make_shared<Core>(io, std::move(access), options)) {}

Transport::~Transport() {
  core_->close();
}

RequestId Transport::send(Request request, Done done) {
  auto flight = std::make_unique<Flight>();
  if (request.verb == Verb::probe) flight->connection = Connection::fresh;
  flight->request = std::move(request);
  flight->done = std::move(done);
  return core_->enqueue(std::move(flight));
}

RequestId Transport::fetch(Request request, StreamHandlers handlers) {
  auto flight = std::make_unique<Flight>();
  flight->request = std::move(request);
  flight->handlers = std::move(handlers);
  return core_->enqueue(std::move(flight));
}

RequestId Transport::open(Request request, StreamHandlers handlers,
                          std::optional<milliseconds> lifetime) {
  auto flight = std::make_unique<Flight>();
  flight->connection = Connection::own;
  flight->lifetime = lifetime;
  flight->request = std::move(request);
  flight->handlers = std::move(handlers);
  return core_->enqueue(std::move(flight));
}

void Transport::cancel(RequestId id) {
  core_->cancel(id);
}

Counters Transport::counters() const {
  return core_->counters;
}

std::size_t Transport::queued(Verb verb) const {
  return core_->queues[index(class_of(verb, false))].size();
}

const std::string& Transport::server() const {
  return core_->url;
}

asio::io_context& Transport::io() const {
  return core_->io;
}

}  // namespace copse::runner::kube
