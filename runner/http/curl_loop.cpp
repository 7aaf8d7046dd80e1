#include "runner/http/curl_loop.hpp"

#include <cassert>
#include <chrono>
#include <unordered_map>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <curl/curl.h>
#include <fcntl.h>

namespace copse::runner::http {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

// One socket of libcurl's, which opens and closes it. It is watched through a duplicate: libcurl
// says that it has given up a socket after it closed it, when the number may be another thread's.
// Without descriptors left the socket itself is watched.
struct Socket {
  Socket(asio::io_context& io, curl_socket_t number)
      : fd(number),
        duplicate(::fcntl(number, F_DUPFD_CLOEXEC, 0)),
        descriptor(io, duplicate < 0 ? number : duplicate) {}

  void let_go() {
    gone = true;
    if (duplicate < 0) {
      descriptor.release();
      return;
    }
    boost::system::error_code ignored;
    descriptor.close(ignored);
  }

  curl_socket_t fd;
  int duplicate;
  asio::posix::stream_descriptor descriptor;
  int wanted = 0;        // CURL_POLL_*
  bool reading = false;  // a wait is under way
  bool writing = false;
  bool gone = false;  // libcurl has given it up: handlers still to come do nothing
};

}  // namespace

struct CurlLoop::State : std::enable_shared_from_this<State> {
  State(asio::io_context& context, Finished callback)
      : io(context), timer(context), finished(std::move(callback)) {}

  asio::io_context& io;
  asio::steady_timer timer;
  Finished finished;
  CURLM* multi = nullptr;  // null once the loop is gone
  std::unordered_map<curl_socket_t, std::shared_ptr<Socket>> sockets;
  Clock::time_point due = Clock::time_point::max();    // when libcurl wants to be called
  Clock::time_point armed = Clock::time_point::max();  // when the timer will fire
  bool inside = false;

  static int on_socket(CURL* /*easy*/, curl_socket_t fd, int what, void* self, void* /*socket*/) {
    static_cast<State*>(self)->watch(fd, what);
    return 0;
  }

  static int on_timer(CURLM* /*multi*/, long timeout_ms, void* self) {
    static_cast<State*>(self)->schedule(timeout_ms);
    return 0;
  }

  void watch(curl_socket_t fd, int what) {
    const auto found = sockets.find(fd);
    if (what == CURL_POLL_REMOVE) {
      if (found == sockets.end()) return;
      found->second->let_go();
      sockets.erase(found);
      return;
    }
    const std::shared_ptr<Socket> socket =
        found == sockets.end() ? sockets.emplace(fd, std::make_shared<Socket>(io, fd)).first->second
                               : found->second;
    socket->wanted = what;
    wait_for(socket);
  }

  void wait_for(const std::shared_ptr<Socket>& socket) {
    if ((socket->wanted & CURL_POLL_IN) != 0 && !socket->reading) {
      socket->reading = true;
      socket->descriptor.async_wait(
          asio::posix::stream_descriptor::wait_read,
          [state = weak_from_this(), socket](const boost::system::error_code& error) {
            socket->reading = false;
            if (const auto self = state.lock()) self->ready(socket, CURL_CSELECT_IN, error);
          });
    }
    if ((socket->wanted & CURL_POLL_OUT) != 0 && !socket->writing) {
      socket->writing = true;
      socket->descriptor.async_wait(
          asio::posix::stream_descriptor::wait_write,
          [state = weak_from_this(), socket](const boost::system::error_code& error) {
            socket->writing = false;
            if (const auto self = state.lock()) self->ready(socket, CURL_CSELECT_OUT, error);
          });
    }
  }

  void ready(const std::shared_ptr<Socket>& socket, int event,
             const boost::system::error_code& error) {
    if (socket->gone || multi == nullptr) return;
    // A wait that libcurl has lost interest in since it began.
    const int interest = event == CURL_CSELECT_IN ? CURL_POLL_IN : CURL_POLL_OUT;
    if ((socket->wanted & interest) == 0) return;
    act(socket->fd, error ? event | CURL_CSELECT_ERR : event);
    if (multi != nullptr && !socket->gone) wait_for(socket);
  }

  void schedule(long timeout_ms) {
    due = timeout_ms < 0 ? Clock::time_point::max()
                         : Clock::now() + std::chrono::milliseconds(timeout_ms);
    if (due < armed) arm();
  }

  // WHY: libcurl moves its timer at almost every call; the one of Asio only moves when it would
  // fire too late.
  void arm() {
    armed = due;
    timer.expires_at(due);
    timer.async_wait([state = weak_from_this()](const boost::system::error_code& error) {
      if (error) return;
      if (const auto self = state.lock()) self->timer_fired();
    });
  }

  void timer_fired() {
    armed = Clock::time_point::max();
    if (multi == nullptr || due == Clock::time_point::max()) return;
    if (Clock::now() < due) return arm();
    due = Clock::time_point::max();
    act(CURL_SOCKET_TIMEOUT, 0);
  }

  void act(curl_socket_t fd, int events) {
    assert(!inside);
    int running = 0;
    inside = true;
    curl_multi_socket_action(multi, fd, events, &running);
    inside = false;
    collect();
  }

  void collect() {
    const auto self = shared_from_this();  // `finished` may destroy the loop
    int left = 0;
    while (multi != nullptr) {
      const CURLMsg* message = curl_multi_info_read(multi, &left);
      if (message == nullptr) return;
      if (message->msg != CURLMSG_DONE) continue;
      CURL* easy = message->easy_handle;
      const int code = message->data.result;
      curl_multi_remove_handle(multi, easy);
      finished(easy, code);
    }
  }
};

CurlLoop::CurlLoop(asio::io_context& io, long connections, Finished finished)
    : state_(std::make_shared<State>(io, std::move(finished))) {
  CURLM* multi = curl_multi_init();
  state_->multi = multi;
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &State::on_socket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, state_.get());
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &State::on_timer);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, state_.get());
  curl_multi_setopt(multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
  curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, connections);
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, connections);
}

CurlLoop::~CurlLoop() {
  assert(!state_->inside);
  state_->timer.cancel();
  curl_multi_cleanup(std::exchange(state_->multi, nullptr));
  for (auto& [fd, socket] : state_->sockets) socket->let_go();
  state_->sockets.clear();
}

bool CurlLoop::add(void* easy) {
  assert(!state_->inside);
  return curl_multi_add_handle(state_->multi, easy) == CURLM_OK;
}

void CurlLoop::kick() {
  state_->act(CURL_SOCKET_TIMEOUT, 0);
}

void CurlLoop::remove(void* easy) {
  assert(!state_->inside);
  curl_multi_remove_handle(state_->multi, easy);
}

bool CurlLoop::is_inside() const {
  return state_->inside;
}

}  // namespace copse::runner::http
