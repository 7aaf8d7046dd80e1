#include "tests/runner/sandbox/client.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace sandbox_test {
namespace {

/// A server that says nothing for so long hangs. Generous: sanitizers are slow.
constexpr timeval patience{20, 0};

std::uint16_t port_of(std::string_view url) {
  const std::string_view digits = url.substr(url.rfind(':') + 1);
  std::uint16_t port = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return port;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

Client::Client(std::string_view url) : socket_{::socket(AF_INET, SOCK_STREAM, 0)} {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_of(url));
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sockaddr generic{};
  static_assert(sizeof generic == sizeof address);
  std::copy_n(reinterpret_cast<const char*>(&address), sizeof address,
              reinterpret_cast<char*>(&generic));
  if (connect(socket_, &generic, sizeof generic) != 0) throw std::runtime_error("cannot connect");
}

Client::~Client() {
  ::close(socket_);
}

void Client::send_raw(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) throw std::runtime_error("cannot send");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

Response Client::ask(std::string_view method, std::string_view target, std::string_view body,
                     std::string_view content_type, std::string_view accept) {
  std::string text;
  text.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: sandbox\r\n");
  if (!extra_header.empty()) text.append(extra_header).append("\r\n");
  if (!accept.empty()) text.append("Accept: ").append(accept).append("\r\n");
  if (!body.empty()) {
    text.append("Content-Type: ").append(content_type).append("\r\nContent-Length: ");
    text.append(std::to_string(body.size())).append("\r\n");
  }
  text.append("\r\n").append(body);
  send_raw(text);
  return read_response();
}

Response Client::read_response() {
  Response response = read_head();
  const auto length = response.headers.find("content-length");
  if (length != response.headers.end()) {
    response.body = take(std::stoul(length->second));
    return response;
  }
  while (read_chunk()) {
  }
  response.body = std::move(stream_);
  stream_.clear();
  return response;
}

int Client::open_stream(std::string_view target, std::string_view accept) {
  std::string text = "GET ";
  text.append(target).append(" HTTP/1.1\r\nHost: sandbox\r\n");
  if (!extra_header.empty()) text.append(extra_header).append("\r\n");
  if (!accept.empty()) text.append("Accept: ").append(accept).append("\r\n");
  send_raw(text + "\r\n");
  return read_head().code;
}

std::optional<std::string> Client::next_line() {
  while (stream_.find('\n') == std::string::npos) {
    if (!read_chunk()) return std::nullopt;
  }
  const std::size_t end = stream_.find('\n');
  std::string line = stream_.substr(0, end);
  stream_.erase(0, end + 1);
  return line;
}

Response Client::read_head() {
  std::string head = take_until("\r\n\r\n");
  Response response;
  response.code = std::stoi(head.substr(9, 3));
  stream_.clear();
  stream_over_ = true;
  for (std::size_t at = head.find("\r\n"); at + 2 < head.size();) {
    const std::size_t end = head.find("\r\n", at + 2);
    const std::string line = head.substr(at + 2, end - at - 2);
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) break;
    response.headers[lower(line.substr(0, colon))] = line.substr(colon + 2);
    at = end;
  }
  stream_over_ = !response.headers.contains("transfer-encoding");
  return response;
}

/// Appends the next chunk to stream_; false after the last one.
bool Client::read_chunk() {
  if (stream_over_) return false;
  const std::string size_line = take_until("\r\n");
  const std::size_t size = std::stoul(size_line, nullptr, 16);
  stream_ += take(size);
  take(2);
  stream_over_ = size == 0;
  return !stream_over_;
}

bool Client::fill() {
  char bytes[65536];
  const auto count = ::recv(socket_, bytes, sizeof bytes, 0);
  if (count <= 0) return false;
  input_.append(bytes, static_cast<std::size_t>(count));
  return true;
}

std::string Client::take_until(std::string_view mark) {
  std::size_t at = 0;
  while ((at = input_.find(mark)) == std::string::npos) {
    if (!fill()) throw std::runtime_error("the server closed the connection or said nothing");
  }
  std::string text = input_.substr(0, at + mark.size());
  input_.erase(0, at + mark.size());
  return text;
}

std::string Client::take(std::size_t count) {
  while (input_.size() < count) {
    if (!fill()) throw std::runtime_error("the server closed the connection or said nothing");
  }
  std::string text = input_.substr(0, count);
  input_.erase(0, count);
  return text;
}

}  // namespace sandbox_test
