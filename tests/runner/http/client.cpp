#include "tests/runner/http/client.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <deque>
#include <stdexcept>
#include <variant>

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace copse::tests {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

/// Generous: sanitizers are slow, and machines shared.
constexpr std::chrono::seconds patience{20};

}  // namespace

void await(asio::io_context& io, const std::function<bool()>& done) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!done()) {
    if (std::chrono::steady_clock::now() >= deadline) throw std::runtime_error("waited in vain");
    if (io.stopped()) io.restart();
    io.run_one_for(std::chrono::milliseconds{100});
  }
}

struct HttpClient::Wire : std::enable_shared_from_this<Wire> {
  using Tls = asio::ssl::stream<tcp::socket>;

  explicit Wire(asio::io_context& io) : stream(tcp::socket(io)) {}

  std::optional<asio::ssl::context> tls;
  std::variant<tcp::socket, Tls> stream;
  std::array<char, 16384> room{};
  std::string received;
  std::deque<std::string> sending;
  bool reads = false;
  bool closed = false;

  tcp::socket& socket() {
    if (auto* plain = std::get_if<tcp::socket>(&stream)) return *plain;
    return std::get<Tls>(stream).next_layer();
  }

  void secure(const ClientPapers& papers) {
    tls.emplace(asio::ssl::context::tls_client);
    tls->add_certificate_authority(asio::buffer(papers.authority_pem));
    tls->set_verify_mode(asio::ssl::verify_peer);
    if (!papers.certificate_pem.empty()) {
      tls->use_certificate_chain(asio::buffer(papers.certificate_pem));
      tls->use_private_key(asio::buffer(papers.key_pem), asio::ssl::context::pem);
    }
    tcp::socket taken = std::move(std::get<tcp::socket>(stream));
    stream.emplace<Tls>(std::move(taken), *tls);
  }

  void read() {
    reads = true;
    std::visit(
        [&](auto& open) {
          open.async_read_some(asio::buffer(room),
                               [self = shared_from_this()](error_code fault, std::size_t count) {
                                 self->received.append(self->room.data(), count);
                                 if (fault) {
                                   self->closed = true;
                                 } else {
                                   self->read();
                                 }
                               });
        },
        stream);
  }

  void write() {
    std::visit(
        [&](auto& open) {
          asio::async_write(open, asio::buffer(sending.front()),
                            [self = shared_from_this()](error_code fault, std::size_t) {
                              self->sending.pop_front();
                              if (!fault && !self->sending.empty()) self->write();
                            });
        },
        stream);
  }
};

HttpClient::HttpClient(asio::io_context& io, std::uint16_t port, std::optional<ClientPapers> papers,
                       Reads reads)
    : io_(io), wire_(std::make_shared<Wire>(io)) {
  if (papers) wire_->secure(*papers);
  // Before the connection is made, so that the window that is offered stays small.
  wire_->socket().open(tcp::v4());
  if (reads == Reads::when_told)
    wire_->socket().set_option(asio::socket_base::receive_buffer_size(16384));
  wire_->socket().connect({asio::ip::make_address("127.0.0.1"), port});
  wire_->socket().set_option(tcp::no_delay(true));
  if (papers) {
    std::optional<error_code> result;
    std::get<Wire::Tls>(wire_->stream)
        .async_handshake(asio::ssl::stream_base::client, [&](error_code fault) { result = fault; });
    await(io, [&] { return result.has_value(); });
    wire_->closed = static_cast<bool>(*result);
  }
  if (reads == Reads::at_once && !wire_->closed) wire_->read();
}

HttpClient::~HttpClient() {
  error_code ignored;
  wire_->socket().close(ignored);
}

void HttpClient::send(std::string_view bytes) {
  wire_->sending.emplace_back(bytes);
  if (wire_->sending.size() == 1) wire_->write();
}

void HttpClient::end() {
  await(io_, [&] { return wire_->sending.empty(); });
  wire_->socket().shutdown(tcp::socket::shutdown_send);
}

void HttpClient::read() {
  wire_->read();
}

HttpAnswer HttpClient::answer(bool to_head) {
  http::response_parser<http::string_body> parser;
  parser.eager(true);
  parser.skip(to_head);
  parser.body_limit(std::uint64_t{1} << 30U);
  await(io_, [&] {
    while (!parser.is_done() && !wire_->received.empty()) {
      error_code fault;
      const std::size_t taken = parser.put(asio::buffer(wire_->received), fault);
      wire_->received.erase(0, taken);
      if (fault && fault != http::error::need_more) throw std::runtime_error(fault.message());
      if (taken == 0) break;
    }
    if (!parser.is_done() && wire_->closed) {
      error_code fault;
      if (parser.got_some()) parser.put_eof(fault);
      if (fault || !parser.got_some()) throw std::runtime_error("closed within an answer");
    }
    return parser.is_done();
  });
  HttpAnswer answer{
      .status = static_cast<int>(parser.get().result_int()), .header = {}, .body = {}};
  for (const auto& field : parser.get()) {
    std::string name(field.name_string());
    std::ranges::transform(name, name.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    answer.header[name] = std::string(field.value());
  }
  answer.body = parser.get().body();
  return answer;
}

std::string HttpClient::until(std::string_view text) {
  std::size_t found = std::string::npos;
  await(io_, [&] {
    found = wire_->received.find(text);
    if (found == std::string::npos && wire_->closed)
      throw std::runtime_error("closed before the text came: " + wire_->received);
    return found != std::string::npos;
  });
  std::string taken = wire_->received.substr(0, found + text.size());
  wire_->received.erase(0, taken.size());
  return taken;
}

void HttpClient::closed() {
  await(io_, [&] { return wire_->closed; });
}

bool HttpClient::is_closed() const {
  return wire_->closed;
}

const std::string& HttpClient::received() const {
  return wire_->received;
}

}  // namespace copse::tests
