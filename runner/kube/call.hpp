#pragma once
// One re-usable libcurl transfer: everything that is set on an easy handle, and what its callbacks
// gather.
//
// Internal to transport.cpp. A Call is configured, handed to a http::CurlLoop, read when finished, and
// used again: creating and freeing a handle for each request costs several times the request's
// other work.

#include "runner/kube/credentials.hpp"
#include "runner/kube/failure.hpp"
#include "runner/kube/transport.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace copse::runner::kube {

/// Request headers as libcurl wants them, shared by all calls made with the same credential.
/// A patch has a media type of its own.
class HeaderSet {
 public:
  /// `host`: value of the Host header; empty: libcurl's own. `bearer`: empty: no Authorization.
  HeaderSet(const std::string& host, const std::string& bearer);

  HeaderSet(const HeaderSet&) = delete;
  HeaderSet& operator=(const HeaderSet&) = delete;
  ~HeaderSet();

  [[nodiscard]] void* list(Verb verb) const { return verb == Verb::patch ? patch_ : list_; }

 private:
  void* list_ = nullptr;
  void* patch_ = nullptr;
};

/// The server as libcurl is told it.
class Target {
 public:
  explicit Target(const Server& server);

  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;
  ~Target();

  Server server;
  std::string base;  ///< URL before the path; the host is tls-server-name where one is given
  std::string host;  ///< Host header, when it differs from the one in `base`
  void* connect_to = nullptr;  ///< where to connect instead
  bool is_tls = false;
  bool is_loopback = false;
};

struct CallOptions {
  bool own_connection = false;    ///< HTTP/1.1, so that nothing shares the connection
  bool fresh_connection = false;  ///< never one that was used before
  milliseconds timeout{0};        ///< 0: none
};

class Call {
 public:
  Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call();

  /// Everything for the next transfer. `request` and `handlers` (may be null) must live until it is
  /// finished.
  void prepare(const std::shared_ptr<const Target>& target,
               const std::shared_ptr<const HeaderSet>& headers,
               const std::shared_ptr<const Certificate>& certificate, const Request& request,
               StreamHandlers* handlers, const CallOptions& options);

  /// Handlers are not called any more, and the transfer ends at its next byte.
  void silence();

  /// The transfer as `classify` wants it, but for the time, which the transport knows.
  [[nodiscard]] Exchange exchange(int curl_code) const;

  void count(Counters& counters) const;

  [[nodiscard]] std::string take_body();

  [[nodiscard]] bool is_opened() const { return opened_; }

  [[nodiscard]] void* easy() const { return easy_; }

  void* owner = nullptr;  ///< the transport's record of the request

  [[nodiscard]] static Call* of(void* easy);

 private:
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  void set_constant_options();
  void set_target();
  void set_method();
  [[nodiscard]] int status() const;

  void* easy_;
  std::shared_ptr<const Target> target_;
  std::shared_ptr<const HeaderSet> headers_;
  std::shared_ptr<const Certificate> certificate_;
  const Request* request_ = nullptr;
  StreamHandlers* handlers_ = nullptr;
  std::string body_;
  bool opened_ = false;
  bool silent_ = false;
  bool too_large_ = false;
  std::unique_ptr<char[]> error_;
};

}  // namespace copse::runner::kube
