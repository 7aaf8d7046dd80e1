#include "runner/kube/exec_plugin.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace copse::runner::kube {
namespace {

namespace asio = boost::asio;

// Of a plugin's standard error, the last bytes are shown.
constexpr std::size_t shown_error_bytes = 400;

// A pipe whose ends close on exec; -1 when the system has none left.
struct Pipe {
  int read_end = -1;
  int write_end = -1;

  Pipe() {
    std::array<int, 2> ends{-1, -1};
    if (pipe2(ends.data(), O_CLOEXEC) == 0) {
      read_end = ends[0];
      write_end = ends[1];
    }
  }

  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  ~Pipe() {
    if (read_end >= 0) close(read_end);
    if (write_end >= 0) close(write_end);
  }

  int release_read_end() { return std::exchange(read_end, -1); }
};

std::vector<std::string> environment_of(const ExecPlugin& plugin) {
  std::vector<std::string> all;
  const auto overridden = [&](std::string_view entry) {
    for (const auto& [key, value] : plugin.environment) {
      if (entry.starts_with(key + "=")) return true;
    }
    return entry.starts_with("KUBERNETES_EXEC_INFO=");
  };
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!overridden(*entry)) all.emplace_back(*entry);
  }
  for (const auto& [key, value] : plugin.environment) all.push_back(key + "=" + value);
  all.push_back("KUBERNETES_EXEC_INFO=" + exec_info(plugin));
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (std::string& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

// The process id, or the errno of the failure, negated.
pid_t spawn(const ExecPlugin& plugin, int out, int err) {
  std::vector<std::string> words{plugin.command};
  words.insert(words.end(), plugin.arguments.begin(), plugin.arguments.end());
  std::vector<std::string> variables = environment_of(plugin);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  pid_t pid = 0;
  const int error = posix_spawnp(&pid, plugin.command.c_str(), &actions, &attributes,
                                 pointers(words).data(), pointers(variables).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error == 0 ? pid : -error;
}

}  // namespace

struct PluginRun::State : std::enable_shared_from_this<State> {
  State(asio::io_context& context, ExecPlugin what, Done callback)
      : plugin(std::move(what)),
        done(std::move(callback)),
        out(context),
        err(context),
        exit(context),
        timer(context) {}

  ExecPlugin plugin;
  Done done;
  asio::posix::stream_descriptor out;
  asio::posix::stream_descriptor err;
  asio::posix::stream_descriptor exit;  // a pidfd: readable once the process has ended
  asio::steady_timer timer;
  std::string printed;
  std::string complaints;
  std::array<char, 4096> out_buffer{};
  std::array<char, 4096> err_buffer{};
  pid_t pid = 0;
  bool timed_out = false;

  void start(asio::io_context& io, std::chrono::milliseconds deadline) {
    Pipe out_pipe;
    Pipe err_pipe;
    pid = out_pipe.read_end < 0 || err_pipe.read_end < 0
              ? -EMFILE
              : spawn(plugin, out_pipe.write_end, err_pipe.write_end);
    const int pidfd = pid > 0 ? static_cast<int>(syscall(SYS_pidfd_open, pid, 0)) : -1;
    if (pidfd < 0) {
      const std::string cause = std::strerror(pid > 0 ? errno : -pid);
      stop();
      asio::post(io,
                 [self = shared_from_this(), cause] { self->fail("cannot be started: " + cause); });
      return;
    }
    exit.assign(pidfd);
    out.assign(out_pipe.release_read_end());
    err.assign(err_pipe.release_read_end());
    read_more(out, out_buffer, printed);
    read_more(err, err_buffer, complaints);
    exit.async_wait(asio::posix::stream_descriptor::wait_read,
                    [self = shared_from_this()](const boost::system::error_code& error) {
                      if (!error) self->ended();
                    });
    timer.expires_after(deadline);
    timer.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (error || self->pid <= 0) return;
      self->timed_out = true;
      kill(-self->pid, SIGKILL);
    });
  }

  void read_more(asio::posix::stream_descriptor& from, std::array<char, 4096>& buffer,
                 std::string& into) {
    from.async_read_some(
        asio::buffer(buffer),
        [&, self = shared_from_this()](const boost::system::error_code& error, std::size_t count) {
          if (into.size() < plugin_output_limit) into.append(buffer.data(), count);
          if (!error) self->read_more(from, buffer, into);
        });
  }

  // The process has ended; what it wrote last may still stand in the pipe.
  void drain(asio::posix::stream_descriptor& from, std::string& into) {
    boost::system::error_code error;
    from.non_blocking(true, error);
    std::array<char, 4096> buffer{};
    while (!error && into.size() < plugin_output_limit) {
      into.append(buffer.data(), from.read_some(asio::buffer(buffer), error));
    }
  }

  void ended() {
    int status = 0;
    waitpid(std::exchange(pid, 0), &status, 0);
    drain(out, printed);
    drain(err, complaints);
    stop();
    if (timed_out) return fail("did not end in time and was killed");
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
      return fail(WIFEXITED(status) ? fmt::format("ended with exit code {}", WEXITSTATUS(status))
                                    : fmt::format("was ended by signal {}", WTERMSIG(status)));
    }
    auto credential = read_exec_credential(printed, plugin.api_version);
    if (!credential) return fail("is of no use: " + credential.error());
    if (done) std::exchange(done, nullptr)(std::move(*credential));
  }

  void fail(const std::string& what) {
    if (!done) return;
    std::string text = fmt::format("exec plugin `{}` {}", plugin.command, what);
    std::string tail =
        complaints.substr(complaints.size() - std::min(complaints.size(), shown_error_bytes));
    for (char& c : tail) {
      if (static_cast<unsigned char>(c) < 0x20) c = ' ';
    }
    if (!tail.empty()) text += "; it said: " + tail;
    if (!plugin.install_hint.empty()) text += "; " + plugin.install_hint;
    std::exchange(
        done, nullptr)(std::unexpected(local_failure(FailureKind::credentials, std::move(text))));
  }

  void stop() {
    boost::system::error_code ignored;
    timer.cancel();
    out.close(ignored);
    err.close(ignored);
    exit.close(ignored);
  }

  void abandon() {
    done = nullptr;
    stop();
    if (pid <= 0) return;
    kill(-pid, SIGKILL);
    waitpid(std::exchange(pid, 0), nullptr, 0);
  }
};

PluginRun::PluginRun(asio::io_context& io, const ExecPlugin& plugin,
                     std::chrono::milliseconds deadline, Done done)
    : state_(std::make_shared<State>(io, plugin, std::move(done))) {
  state_->start(io, deadline);
}

PluginRun::~PluginRun() {
  state_->abandon();
}

}  // namespace copse::runner::kube
