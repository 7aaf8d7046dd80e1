#pragma once
// Where the server listens, what it bounds, and what it counts.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace copse::runner::http {

using std::chrono::milliseconds;

/// What one client may ask of the server. Each has a test of its own.
struct Limits {
  /// Bytes of a request line and its header lines, and of one chunk's line. Beyond: 431.
  std::uint32_t head_bytes = 32U << 10U;
  /// Bytes of a body. A task with inline data has megabytes; an Overlord sends no more. Beyond:
  /// 413.
  std::uint64_t body_bytes = 32U << 20U;
  /// Open connections. One Overlord holds some hundreds at most. Beyond: 503 and closed.
  std::size_t connections = 1024;

  /// TLS handshake.
  milliseconds handshake{10'000};
  /// Between two requests. Not below 5 minutes: a client's pool must be the first to close, or it
  /// sends into a connection that is being closed. Beyond: closed.
  milliseconds idle{600'000};
  /// From the first byte of a request to the end of its head; for the first request of a connection
  /// from the connection on. Beyond: 408 and closed, without an answer when nothing was sent.
  milliseconds head{30'000};
  /// From the end of the head to the end of the body. Beyond: 408 and closed.
  milliseconds body{120'000};
  /// For the client to take `write_bytes` of an answer. Beyond: closed.
  milliseconds write{60'000};
  /// Bytes of an answer per `write`: together the lowest speed of a reader, about 4 KiB/s.
  std::size_t write_bytes = 256U << 10U;
  /// For the client to close after the server said that it does; what it still sends is thrown away
  /// …
  milliseconds linger{5'000};
  /// … up to so many bytes: most clients read an answer only when they have written all.
  std::size_t linger_bytes = 64U << 20U;

  /// Bytes of further requests that are taken from the wire while one is being answered. Beyond:
  /// left in the kernel, and a client that goes away is noticed only with the answer.
  std::size_t read_ahead = 64U << 10U;
  /// Unsent bytes of a streamed answer below which `done` is called for more.
  std::size_t stream_low = 64U << 10U;
  /// Unsent bytes of a streamed answer. A writer that does not wait for `done` and is already
  /// beyond loses its connection.
  std::size_t stream_backlog = 4U << 20U;

  /// Until the next try when the process has no descriptor left for a new connection.
  milliseconds accept_pause{100};
};

/// A PEM file, and how texts about it call it: the property that names it.
struct PemFile {
  std::string path = {};
  std::string label = {};
};

/// What a client has to show when there is an authority for clients.
enum class ClientCertificates : unsigned char {
  required,  ///< no handshake without one
  asked      ///< one that is shown must be right; the handler decides about none
};

struct TlsFiles {
  PemFile certificate{.path = {}, .label = "copse.tls.certificate"};  ///< with its chain
  PemFile key{.path = {}, .label = "copse.tls.key"};                  ///< not encrypted
  /// Who vouches for clients. Nothing: clients are not asked for certificates.
  std::optional<PemFile> client_authority = std::nullopt;
  ClientCertificates clients = ClientCertificates::required;
};

struct Options {
  std::string address = "127.0.0.1";  ///< IPv4 or IPv6; `::` takes both
  std::uint16_t port = 0;             ///< 0: any free port
  std::string address_label = "copse.bind";
  std::string port_label = "copse.port";
  std::optional<TlsFiles> tls = std::nullopt;  ///< present: HTTPS
  Limits limits = {};
};

struct Counters {
  std::size_t open = 0;         ///< connections now
  std::uint64_t accepted = 0;   ///< connections so far
  std::uint64_t refused = 0;    ///< connections above the limit
  std::uint64_t requests = 0;   ///< given to the handler
  std::uint64_t malformed = 0;  ///< refused by the server itself: 4xx, 5xx of its own
  std::uint64_t cut = 0;        ///< connections ended by a deadline other than `idle`, or a backlog
};

}  // namespace copse::runner::http
