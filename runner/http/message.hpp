#pragma once
// What the server hands to its handler, and what the handler answers. Plain data.

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::runner::http {

/// One header line of a request; the name as the client wrote it.
struct Header {
  std::string_view name;
  std::string_view value;
};

/// A complete, well-formed request. Every text is valid only during the handler's call.
struct Request {
  std::string_view method;  ///< as sent; any token, also one that HTTP does not know
  std::string_view target;  ///< `path?query`, as sent; or `*`
  std::string_view path;    ///< not decoded, see target.hpp
  std::string_view query;   ///< behind the `?`, not decoded; empty: none
  std::string_view body;    ///< chunks joined
  std::string_view content_type;
  std::string_view accept;
  std::string_view authorization;
  std::string_view client_certificate;  ///< subject of a verified certificate as RFC 2253 writes
                                        ///< it (`CN=overlord,O=druid`); empty: none presented
  std::string remote;                   ///< address of the client: `10.0.0.7:51234`, `[::1]:51234`
  std::span<const Header> headers;      ///< all of the head, in order; none that came as a trailer
};

/// First value of a header, the name compared without regard to case; empty: absent.
[[nodiscard]] inline std::string_view find_header(std::span<const Header> headers,
                                                  std::string_view name) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  for (const Header& header : headers) {
    if (header.name.size() != name.size()) continue;
    std::size_t same = 0;
    while (same < name.size() && lower(header.name[same]) == lower(name[same])) ++same;
    if (same == name.size()) return header.value;
  }
  return {};
}

/// Extra header lines of an answer. Control characters in them become spaces.
using Headers = std::vector<std::pair<std::string, std::string>>;

/// A whole answer. The server adds Date, Content-Length and Connection.
struct Response {
  int status = 200;
  std::string content_type = "application/json";  ///< empty: no such line
  std::string body = {};                          ///< not sent for HEAD, 204 and 304
  Headers headers = {};
};

}  // namespace copse::runner::http
