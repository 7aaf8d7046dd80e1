// copse drain: a serving copse takes no new task, waits for its own, then stops.
#include "engine/json_writer.hpp"
#include "runner/cli/basis.hpp"
#include "runner/cli/screen.hpp"
#include "runner/cli/serve_settings.hpp"
#include "runner/cli/verbs.hpp"
#include "runner/http/client.hpp"
#include "runner/service/service.hpp"
#include "runner/service/start_up.hpp"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <optional>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json.hpp>
#include <unistd.h>

namespace copse::runner::cli {
namespace {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;

// Shorter than service::leaving_rest: the end of the last task is seen.
constexpr std::chrono::milliseconds look_interval{500};

/// For each answer. A copse that gives none for so long has not stopped: it hangs.
constexpr std::chrono::milliseconds answer_deadline{10'000};

struct Progress {
  bool is_draining = false;
  std::int64_t tasks = 0;
  std::int64_t unacknowledged = 0;
};

std::optional<Progress> progress_of(const std::string& body) {
  json::error_code fault;
  const json::value status = json::parse(body, fault);
  if (fault || !status.is_object()) return std::nullopt;
  const json::object& members = status.get_object();
  const json::value* draining = members.if_contains("draining");
  const json::value* tasks = members.if_contains("tasks");
  const json::value* unacknowledged = members.if_contains("unacknowledged");
  if (draining == nullptr || !draining->is_bool() || tasks == nullptr || !tasks->is_int64() ||
      unacknowledged == nullptr || !unacknowledged->is_int64())
    return std::nullopt;
  return Progress{draining->get_bool(), tasks->get_int64(), unacknowledged->get_int64()};
}

class Drain {
 public:
  Drain(std::string url, http::ClientOptions options, Format format)
      : url_(std::move(url)), client_(io_, std::move(options)), timer_(io_), format_(format) {}

  int run() {
    std::signal(SIGPIPE, SIG_IGN);
    const auto instance = ask("GET", service::instance_path);
    if (!instance) return failed(instance.error());
    if (instance->status != 200) return failed("there is no serving copse: " + said(*instance));
    const auto begun = ask("POST", service::drain_path);
    if (!begun) return failed(begun.error());
    if (begun->status == 401 || begun->status == 403)
      return failed("may not: " + said(*begun) + "; give the properties that it serves by");
    if (begun->status != 200) return failed(said(*begun));
    return follow(instance->body, begun->body);
  }

 private:
  using Answer = std::expected<http::Reply, std::string>;

  // Until that process is gone; another one in its place is one that was started since.
  int follow(const std::string& instance, std::string status) {
    while (true) {
      const auto progress = progress_of(status);
      if (!progress) return failed("it says what no copse says: " + status);
      show_progress(*progress);
      if (!progress->is_draining) {
        clear();
        std::fprintf(stderr, "%s was enabled again: it takes tasks, and %lld run\n", url_.c_str(),
                     static_cast<long long>(progress->tasks));
        return exit_findings;
      }
      pause();
      const auto now = ask("GET", service::instance_path);
      if (!now || now->body != instance) return over(*progress);
      const auto answer = ask("GET", "/status");
      if (!answer) return over(*progress);
      status = answer->body;
    }
  }

  Answer ask(std::string method, std::string_view path) {
    std::optional<Answer> answer;
    http::Call call;
    call.method = std::move(method);
    call.url = url_ + std::string(path);
    call.deadline = answer_deadline;
    client_.send(std::move(call), [&](Answer given) { answer = std::move(given); });
    io_.restart();
    while (!answer && io_.run_one() > 0) {
    }
    return answer ? std::move(*answer) : Answer(std::unexpected(url_ + " was not asked"));
  }

  void pause() {
    timer_.expires_after(look_interval);
    timer_.wait();
  }

  static std::string said(const http::Reply& reply) {
    return std::to_string(reply.status) + " " + reply.body;
  }

  int failed(const std::string& why) {
    clear();
    std::fprintf(stderr, "%s is not drained: %s\n", url_.c_str(), why.c_str());
    return exit_world;
  }

  int over(const Progress& last) {
    clear();
    if (last.tasks != 0) {
      return failed("it ended with " + std::to_string(last.tasks) +
                    " tasks; they go on, and it takes them up when it is started again");
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - begun_).count();
    if (format_ == Format::json) {
      engine::JsonWriter out;
      out.begin_object().member("drained", url_).key("seconds").decimal(seconds).end_object();
      std::puts(out.take().c_str());
    } else {
      std::printf("drained: %s had no task left, and stopped after %.1f s\n", url_.c_str(),
                  seconds);
    }
    return exit_fine;
  }

  void show_progress(const Progress& progress) {
    if (!is_shown_) return;
    const auto running = static_cast<long long>(progress.tasks - progress.unacknowledged);
    std::fprintf(stderr,
                 "\r\033[Kdraining %s: %lld tasks run, %lld ends the Overlord does not know",
                 url_.c_str(), running, static_cast<long long>(progress.unacknowledged));
    std::fflush(stderr);
  }

  void clear() const {
    if (is_shown_) std::fputs("\r\033[K", stderr);
  }

  boost::asio::io_context io_{1};
  std::string url_;
  http::Client client_;
  boost::asio::steady_timer timer_;
  Format format_;
  bool is_shown_ = is_terminal(STDERR_FILENO);
  Clock::time_point begun_ = Clock::now();
};

}  // namespace

int drain(const Arguments& given) {
  Arguments arguments = given;
  arguments.environment = environment_properties(environ);
  auto basis = load_basis(arguments, Purpose::survey);
  if (!basis) {
    show(basis.error().said, arguments.format == Format::json);
    return basis.error().exit_code;
  }
  const ServeSettings settings =
      read_serve_settings(basis->properties, surroundings_of_process()).found;
  std::string url = arguments.url;
  if (url.empty()) url = (settings.node.tls ? "https://" : "http://") + settings.node.host_port();
  while (url.ends_with('/')) url.pop_back();
  http::ClientOptions options = settings.self;
  if (settings.worker_auth.kind == service::WorkerAuth::Kind::basic) {
    options.credentials.user = settings.worker_auth.user;
    options.credentials.password = settings.worker_auth.password;
  }
  return Drain(std::move(url), std::move(options), arguments.format).run();
}

}  // namespace copse::runner::cli
