// Starts one Overlord in simulation and keeps it up until its standard input ends: for suites in
// other languages.
//
//     overlord_sandbox [--port N] [--threads N] [--logs DIR] [--auth USER:PASSWORD]
//                      [--worker-auth USER:PASSWORD] [--version V] [--assignment-timeout MS]
//                      [--cleanup-timeout MS] [[--capacity N] [--category C] --worker HOST:PORT]…
//
// --auth is what users must show, --worker-auth what it shows to workers; capacity and category are
// those of the workers behind them. Prints `ready PORT`. `GET /sandbox/facts` says what it saw;
// these change it while it runs:
//
//     POST /sandbox/workers/HOST:PORT?capacity=N&category=C    DELETE /sandbox/workers/HOST:PORT
//     POST /sandbox/restart    POST /sandbox/lead
//     POST /sandbox/follow?url=U                               without a URL nobody leads
//     POST /sandbox/misbehave?answerAfter=MS&assignTwice=true&twoPollers=true

#include "runner/overlord_sandbox/overlord_sandbox.hpp"

#include "runner/http/target.hpp"

#include <array>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <unistd.h>

namespace {

using namespace copse::runner;
using namespace copse::runner::overlord_sandbox;

constexpr std::uint32_t default_capacity = 10;

struct Wishes {
  Options options;
  std::vector<overlord::WorkerNode> workers;
};

std::uint32_t number(std::string_view text, std::uint32_t otherwise = 0) {
  std::from_chars(text.data(), text.data() + text.size(), otherwise);
  return otherwise;
}

// `text` is LEFT:RIGHT.
std::pair<std::string, std::string> halves(const std::string& text) {
  const std::size_t at = text.rfind(':');
  return {text.substr(0, at), at == std::string::npos ? "" : text.substr(at + 1)};
}

http::Credentials credentials(const std::string& text) {
  const std::size_t at = text.find(':');
  return {.user = text.substr(0, at), .password = text.substr(at + 1)};
}

overlord::WorkerNode worker(const std::string& host_port, std::uint32_t capacity,
                            const std::string& category) {
  overlord::WorkerNode node;
  const auto [host, port] = halves(host_port);
  node.host = host;
  node.port = static_cast<std::uint16_t>(number(port));
  node.capacity = capacity;
  node.category = category;
  return node;
}

Wishes read_arguments(const std::vector<std::string>& words) {
  Wishes wishes;
  Options& options = wishes.options;
  std::uint32_t capacity = default_capacity;
  std::string category = "copse";
  for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
    const std::string &word = words[i], &value = words[i + 1];
    if (word == "--port") options.port = static_cast<std::uint16_t>(number(value));
    if (word == "--threads") options.assignment_threads = number(value);
    if (word == "--logs") options.log_directory = value;
    if (word == "--auth") options.users = credentials(value);
    if (word == "--worker-auth") options.client.credentials = credentials(value);
    if (word == "--version") options.version = value;
    if (word == "--assignment-timeout") options.times.assignment = milliseconds(number(value));
    if (word == "--cleanup-timeout") options.times.cleanup = milliseconds(number(value));
    if (word == "--capacity") capacity = number(value);
    if (word == "--category") category = value;
    if (word == "--worker") wishes.workers.push_back(worker(value, capacity, category));
  }
  return wishes;
}

// Carries out what a request below `/sandbox/` wants. False: there is no such thing.
bool control(OverlordSandbox& overlord, const http::Request& request) {
  const auto wish = [&](std::string_view name) {
    return http::query_parameter(request.query, name).value_or("");
  };
  const bool is_post = request.method == "POST";
  constexpr std::string_view workers = "/sandbox/workers/";
  if (request.path.starts_with(workers)) {
    const std::string host_port(request.path.substr(workers.size()));
    const std::string category = wish("category");
    if (request.method == "DELETE") {
      overlord.remove_worker(host_port);
    } else {
      overlord.add_worker(worker(host_port, number(wish("capacity"), default_capacity),
                                 category.empty() ? "copse" : category));
    }
    return is_post || request.method == "DELETE";
  }
  if (is_post && request.path == "/sandbox/restart") {
    overlord.restart();
  } else if (is_post && request.path == "/sandbox/lead") {
    overlord.lead();
  } else if (is_post && request.path == "/sandbox/follow") {
    overlord.follow(wish("url"));
  } else if (is_post && request.path == "/sandbox/misbehave") {
    overlord.misbehave({.answer_after = milliseconds(number(wish("answerAfter"))),
                        .assign_twice = wish("assignTwice") == "true",
                        .two_pollers = wish("twoPollers") == "true"});
  } else {
    return false;
  }
  return true;
}

// Stops the loop at the end of the standard input.
class UntilInputEnds {
 public:
  explicit UntilInputEnds(boost::asio::io_context& io) : io_(io), input_(io, ::dup(STDIN_FILENO)) {
    read();
  }

 private:
  void read() {
    input_.async_read_some(boost::asio::buffer(bytes_), [this](const auto& error, std::size_t) {
      if (error) return io_.stop();
      read();
    });
  }

  boost::asio::io_context& io_;
  boost::asio::posix::stream_descriptor input_;
  std::array<char, 256> bytes_{};
};

}  // namespace

int main(int count, char** arguments) {
  std::signal(SIGPIPE, SIG_IGN);
  Wishes wishes = read_arguments({arguments + 1, arguments + count});
  boost::asio::io_context io{1};
  Metadata metadata;
  OverlordSandbox* controlled = nullptr;
  wishes.options.control = [&controlled](const http::Request& request, http::Responder& to) {
    if (controlled == nullptr || !control(*controlled, request)) return false;
    to.send({});
    return true;
  };
  const auto overlord = OverlordSandbox::listen(io, metadata, std::move(wishes.options));
  if (!overlord) {
    std::cerr << overlord.error().text << '\n';
    return EXIT_FAILURE;
  }
  controlled = overlord->get();
  for (overlord::WorkerNode& node : wishes.workers) controlled->add_worker(std::move(node));
  std::cout << "ready " << controlled->port() << std::endl;
  const UntilInputEnds until(io);
  io.run();
  return EXIT_SUCCESS;
}
