// How many small requests a second one loop answers over loopback with keep-alive: the median of
// five runs. Not a test; run it by hand: http_bench [CONNECTIONS [SECONDS]].
//
// Clients are threads with blocking sockets, one request at a time each.

#include "runner/http/server.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

namespace {

using namespace copse::runner::http;
namespace asio = boost::asio;

constexpr std::string_view request = "GET /status/health HTTP/1.1\r\nHost: copse\r\n\r\n";

void ask(std::uint16_t port, const std::atomic<bool>& over, std::atomic<std::uint64_t>& answers) {
  asio::io_context io;
  asio::ip::tcp::socket socket(io);
  socket.connect({asio::ip::make_address("127.0.0.1"), port});
  socket.set_option(asio::ip::tcp::no_delay(true));
  std::array<char, 4096> room{};
  while (!over) {
    asio::write(socket, asio::buffer(request));
    std::string_view got;
    std::size_t size = 0;
    while (!got.ends_with("true")) {
      size += socket.read_some(asio::buffer(room.data() + size, room.size() - size));
      got = {room.data(), size};
    }
    ++answers;
  }
}

double rate(std::uint16_t port, int connections, std::chrono::seconds length) {
  std::atomic<bool> over = false;
  std::atomic<std::uint64_t> answers = 0;
  std::vector<std::jthread> clients;
  for (int i = 0; i < connections; ++i)
    clients.emplace_back([&, port] { ask(port, over, answers); });
  asio::io_context time;
  asio::steady_timer(time, length).wait();
  over = true;
  return static_cast<double>(answers) / static_cast<double>(length.count());
}

}  // namespace

int main(int count, char** words) {
  const int connections = count > 1 ? std::atoi(words[1]) : 8;
  const std::chrono::seconds length{count > 2 ? std::atoi(words[2]) : 2};
  asio::io_context io;
  auto server = Server::listen(
      io, {}, [](const Request&, Responder responder) { responder.send({.body = "true"}); });
  if (!server) return std::puts(server.error().text.c_str()), 1;
  std::array<double, 5> rates{};
  {
    const std::jthread loop([&] { io.run(); });
    for (double& one : rates) one = rate((*server)->port(), connections, length);
    asio::post(io, [&] { (*server)->stop(); });
  }
  std::ranges::sort(rates);
  std::printf("%d connections: %.0f requests/s (%.0f to %.0f)\n", connections, rates[2], rates[0],
              rates[4]);
}
