#pragma once
// A server on a free port of loopback, with a handler that answers as the path says.

#include "runner/http/server.hpp"
#include "tests/runner/http/client.hpp"

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

namespace copse::tests {

using namespace std::chrono_literals;
using namespace copse::runner::http;

inline Options with(Limits limits) {
  Options options;
  options.limits = limits;
  return options;
}

inline std::string get(const std::string& target, const std::string& more = {}) {
  return "GET " + target + " HTTP/1.1\r\nHost: copse\r\n" + more + "\r\n";
}

inline std::string post(const std::string& target, const std::string& body) {
  return "POST " + target +
         " HTTP/1.1\r\nHost: copse\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

/// `/hold…`: kept until the test answers. `/throw`: throws. Otherwise method, target and body.
struct World {
  explicit World(Options options = {}) : server(start(std::move(options))), port(server->port()) {}

  std::unique_ptr<Server> start(Options options) {
    auto listening =
        Server::listen(io, std::move(options), [this](const Request& request, Responder responder) {
          seen.emplace_back(request.target);
          subject = request.client_certificate;
          authorization = request.authorization;
          remote = request.remote;
          if (request.path.starts_with("/hold")) {
            responder.on_gone([this] { ++gone; });
            held.push_back(std::move(responder));
          } else if (request.path == "/throw") {
            throw std::runtime_error("a bug");
          } else if (request.path != "/forget") {
            responder.send({.body = std::string(request.method) + " " +
                                    std::string(request.target) + " " + std::string(request.body)});
          }
        });
    if (!listening) throw std::runtime_error(listening.error().text);
    return std::move(*listening);
  }

  HttpClient client() { return HttpClient(io, port); }

  /// Waits until so many requests are held.
  void holds(std::size_t count) {
    await(io, [&] { return held.size() == count; });
  }

  boost::asio::io_context io;
  std::vector<std::string> seen;  ///< targets
  std::string subject, authorization, remote;
  std::vector<Responder> held;
  int gone = 0;
  std::unique_ptr<Server> server;
  std::uint16_t port;
};

}  // namespace copse::tests
