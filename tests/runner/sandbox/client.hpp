#pragma once
// A small blocking HTTP/1.1 client for tests: one keep-alive connection, plain TCP.
//
// It knows no JSON and no Kubernetes. Every wait is bounded by `patience` of real time; that is a
// safety net for a hanging server, not something a test measures.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace sandbox_test {

struct Response {
  int code = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
};

class Client {
 public:
  /// `url`: `http://127.0.0.1:PORT`. Asserts that it can connect.
  explicit Client(std::string_view url);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();

  /// Sent with every request, e.g. `Authorization: Bearer x`.
  std::string extra_header;

  /// Sends one request and reads the whole answer. A JSON body gets `content_type`.
  Response ask(std::string_view method, std::string_view target, std::string_view body = {},
               std::string_view content_type = "application/json", std::string_view accept = {});

  /// Sends a request whose answer is chunked and goes on; reads its head only. Returns the code.
  int open_stream(std::string_view target, std::string_view accept = {});
  /// The next line of the stream, without its newline. Nothing: the stream ended.
  std::optional<std::string> next_line();
  /// Sends raw bytes.
  void send_raw(std::string_view bytes);
  /// Reads one whole answer.
  Response read_response();

 private:
  bool fill();
  std::string take_until(std::string_view mark);
  std::string take(std::size_t count);
  Response read_head();
  bool read_chunk();

  int socket_ = -1;
  std::string input_;
  std::string stream_;
  bool stream_over_ = true;
};

/// One GET over TLS that checks the server against `authority`; shows the certificate when one is
/// given. The code of the answer, or 0 when the handshake fails. All in PEM.
int ask_tls(std::string_view url, std::string_view target, const std::string& authority,
            const std::string& certificate = {}, const std::string& key = {});

}  // namespace sandbox_test
