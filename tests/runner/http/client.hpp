#pragma once
// A client of HTTP/1.1 that sends what the test writes, byte for byte, and lives on the test's own
// loop: nothing happens behind the test's back, and no wait is longer than `patience`.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace boost::asio {
class io_context;
}

namespace copse::tests {

/// Runs `io` until `done` says so; throws when it does not within the patience of a test.
void await(boost::asio::io_context& io, const std::function<bool()>& done);

/// An answer as it came.
struct HttpAnswer {
  int status = 0;
  std::map<std::string, std::string> header;  ///< names in lower case
  std::string body;                           ///< chunks joined
};

struct ClientPapers {
  std::string authority_pem;    ///< who vouches for the server
  std::string certificate_pem;  ///< empty: none is shown
  std::string key_pem;
};

enum class Reads : unsigned char { at_once, when_told };

class HttpClient {
 public:
  /// Connects to loopback; with papers it speaks TLS.
  HttpClient(boost::asio::io_context& io, std::uint16_t port,
             std::optional<ClientPapers> papers = {}, Reads reads = Reads::at_once);
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  /// Goes away without a word.
  ~HttpClient();

  void send(std::string_view bytes);
  /// Says that nothing more will be sent.
  void end();
  /// Starts to read, for one that reads `when_told`.
  void read();

  /// Waits for the next answer. One to HEAD has no body.
  HttpAnswer answer(bool to_head = false);
  /// Waits for bytes that contain `text`, and takes all up to its end.
  std::string until(std::string_view text);
  /// Waits for the server to close.
  void closed();
  [[nodiscard]] bool is_closed() const;
  /// Bytes that came and are not taken yet.
  [[nodiscard]] const std::string& received() const;

 private:
  struct Wire;
  boost::asio::io_context& io_;
  std::shared_ptr<Wire> wire_;
};

}  // namespace copse::tests
