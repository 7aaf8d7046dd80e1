#include "tests/runner/kube/http_fake.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <set>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <zlib.h>

namespace copse::tests {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      out.push_back(static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16)));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

FakeRequest request_of(const http::request<http::string_body>& from, std::size_t connection) {
  FakeRequest request;
  request.connection = connection;
  request.method = std::string(from.method_string());
  request.body = from.body();
  for (const auto& field : from) {
    std::string key(field.name_string());
    std::transform(key.begin(), key.end(), key.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    request.header[key] = std::string(field.value());
  }
  std::string_view target(from.target().data(), from.target().size());
  const std::size_t mark = target.find('?');
  request.path = decoded(target.substr(0, mark));
  if (mark == std::string_view::npos) return request;
  target.remove_prefix(mark + 1);
  while (!target.empty()) {
    const std::string_view pair = target.substr(0, target.find('&'));
    const std::size_t equals = pair.find('=');
    request.query[decoded(pair.substr(0, equals))] =
        equals == std::string_view::npos ? "" : decoded(pair.substr(equals + 1));
    target.remove_prefix(std::min(pair.size() + 1, target.size()));
  }
  return request;
}

// One connection; Stream is plain TCP or TLS over it.
template <class Stream>
class Connection : public Wire, public std::enable_shared_from_this<Connection<Stream>> {
 public:
  Connection(Stream stream, std::shared_ptr<const HttpFake::Handler> handler, std::size_t number,
             std::shared_ptr<std::set<Wire*>> open)
      : stream_(std::move(stream)),
        handler_(std::move(handler)),
        number_(number),
        open_(std::move(open)) {
    open_->insert(this);
  }

  ~Connection() override { open_->erase(this); }

  void start() {
    error_code ignored;
    beast::get_lowest_layer(stream_).set_option(tcp::no_delay(true), ignored);
    if constexpr (std::is_same_v<Stream, tcp::socket>) {
      read();
    } else {
      stream_.async_handshake(asio::ssl::stream_base::server,
                              [self = this->shared_from_this()](error_code error) {
                                if (!error) self->read();
                              });
    }
  }

  void answer(int status, std::string body, Headers headers) override {
    std::string text = head(status);
    for (const auto& [key, value] : headers) text += key + ": " + value + "\r\n";
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    write(std::move(text), After::read);
  }

  void begin(int status) override {
    write(head(status) + "Transfer-Encoding: chunked\r\n\r\n", After::nothing);
  }

  void chunk(std::string bytes) override {
    std::array<char, 20> size{};
    std::snprintf(size.data(), size.size(), "%zx\r\n", bytes.size());
    write(size.data() + bytes + "\r\n", After::nothing);
  }

  void end() override { write("0\r\n\r\n", After::read); }

  void raw(std::string bytes) override { write(std::move(bytes), After::nothing); }

  void cut() override { write({}, After::close); }

  void reset() override {
    error_code ignored;
    auto& socket = beast::get_lowest_layer(stream_);
    socket.set_option(asio::socket_base::linger(true, 0), ignored);
    socket.close(ignored);
    gone_ = true;
  }

  [[nodiscard]] bool is_gone() const override { return gone_; }

 private:
  enum class After { nothing, read, close };

  static std::string head(int status) {
    return "HTTP/1.1 " + std::to_string(status) + " " +
           std::string(http::obsolete_reason(http::int_to_status(static_cast<unsigned>(status)))) +
           "\r\nContent-Type: application/json\r\n";
  }

  void read() {
    parser_.emplace();
    parser_->body_limit(64U << 20U);
    http::async_read(stream_, buffer_, *parser_,
                     [self = this->shared_from_this()](error_code error, std::size_t) {
                       if (error) {
                         self->gone_ = true;
                         return;
                       }
                       FakeRequest request = request_of(self->parser_->get(), self->number_);
                       if constexpr (!std::is_same_v<Stream, tcp::socket>) {
                         X509* peer = SSL_get1_peer_certificate(self->stream_.native_handle());
                         if (peer != nullptr) {
                           std::array<char, 256> name{};
                           X509_NAME_oneline(X509_get_subject_name(peer), name.data(),
                                             static_cast<int>(name.size()));
                           request.peer = name.data();
                           X509_free(peer);
                         }
                       }
                       (*self->handler_)(request, self);
                       self->watch_for_end();
                     });
  }

  // While a request is being answered nothing comes from a client but its end.
  void watch_for_end() {
    auto& socket = beast::get_lowest_layer(stream_);
    socket.async_wait(tcp::socket::wait_read, [weak = this->weak_from_this()](error_code error) {
      const auto self = weak.lock();
      if (!self || error) return;
      char byte = 0;
      const int fd = beast::get_lowest_layer(self->stream_).native_handle();
      if (::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0) self->gone_ = true;
    });
  }

  void write(std::string bytes, After after) {
    queue_.push_back({std::move(bytes), after});
    if (queue_.size() == 1) write_next();
  }

  void write_next() {
    asio::async_write(
        stream_, asio::buffer(queue_.front().first),
        [self = this->shared_from_this()](error_code error, std::size_t) {
          const After after = self->queue_.front().second;
          self->queue_.pop_front();
          if (error) self->gone_ = true;
          if (after == After::close) {
            error_code ignored;
            beast::get_lowest_layer(self->stream_).shutdown(tcp::socket::shutdown_both, ignored);
            beast::get_lowest_layer(self->stream_).close(ignored);
            self->gone_ = true;
          } else if (after == After::read && !error) {
            self->read();
          }
          if (!self->queue_.empty()) self->write_next();
        });
  }

  Stream stream_;
  std::shared_ptr<const HttpFake::Handler> handler_;
  std::size_t number_;
  std::shared_ptr<std::set<Wire*>> open_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::deque<std::pair<std::string, After>> queue_;
  bool gone_ = false;
};

}  // namespace

struct HttpFake::State : std::enable_shared_from_this<State> {
  State(asio::io_context& context, Handler what)
      : io(context), acceptor(context), handler(std::make_shared<const Handler>(std::move(what))) {}

  asio::io_context& io;
  tcp::acceptor acceptor;
  std::shared_ptr<const Handler> handler;
  std::optional<asio::ssl::context> tls;
  std::uint16_t port = 0;
  std::size_t accepted = 0;
  std::shared_ptr<std::set<Wire*>> open = std::make_shared<std::set<Wire*>>();

  void listen() {
    const tcp::endpoint endpoint(asio::ip::make_address("127.0.0.1"), port);
    acceptor.open(endpoint.protocol());
    acceptor.set_option(asio::socket_base::reuse_address(true));
    acceptor.bind(endpoint);
    acceptor.listen();
    port = acceptor.local_endpoint().port();
    accept();
  }

  void accept() {
    acceptor.async_accept([weak = weak_from_this()](error_code error, tcp::socket socket) {
      const auto self = weak.lock();
      if (!self || error) return;
      const std::size_t number = ++self->accepted;
      if (self->tls) {
        using Tls = beast::ssl_stream<tcp::socket>;
        std::make_shared<Connection<Tls>>(Tls(std::move(socket), *self->tls), self->handler, number,
                                          self->open)
            ->start();
      } else {
        std::make_shared<Connection<tcp::socket>>(std::move(socket), self->handler, number,
                                                  self->open)
            ->start();
      }
      self->accept();
    });
  }

  void use(const FakeTls& from) {
    tls.emplace(asio::ssl::context::tls_server);
    tls->use_certificate_chain(asio::buffer(from.certificate_pem));
    tls->use_private_key(asio::buffer(from.key_pem), asio::ssl::context::pem);
    if (from.client_authority_pem.empty()) return;
    tls->add_certificate_authority(asio::buffer(from.client_authority_pem));
    tls->set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
  }
};

HttpFake::HttpFake(asio::io_context& io, Handler handler, std::optional<FakeTls> tls)
    : state_(std::make_shared<State>(io, std::move(handler))) {
  if (tls) state_->use(*tls);
  state_->listen();
}

HttpFake::~HttpFake() {
  stop();
  state_->io.restart();
  state_->io.poll();  // lets the connections notice and go
}

std::uint16_t HttpFake::port() const {
  return state_->port;
}

std::string HttpFake::url() const {
  return (state_->tls ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(state_->port);
}

std::size_t HttpFake::connections() const {
  return state_->accepted;
}

std::size_t HttpFake::open_connections() const {
  return static_cast<std::size_t>(std::count_if(state_->open->begin(), state_->open->end(),
                                                [](const Wire* wire) { return !wire->is_gone(); }));
}

void HttpFake::stop() {
  error_code ignored;
  state_->acceptor.close(ignored);
  for (Wire* wire : std::set<Wire*>(*state_->open)) wire->reset();
}

void HttpFake::resume() {
  state_->listen();
}

bool run_until(asio::io_context& io, const std::function<bool()>& done) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (!done()) {
    io.restart();
    if (std::chrono::steady_clock::now() >= deadline) return false;
    io.run_one_for(std::chrono::milliseconds(100));
  }
  return true;
}

std::string gzipped(std::string_view bytes) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string in(bytes);
  std::string out(deflateBound(&stream, in.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace copse::tests
