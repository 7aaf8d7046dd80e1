#pragma once
// Which request the server answers by itself, with which status and text. Pure.

#include "runner/http/message.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace boost::system {
class error_code;
}

namespace copse::runner::http {

struct Limits;

struct Refusal {
  int status = 400;
  std::string text;
};

/// What is known when the head is complete.
struct Head {
  unsigned version = 11;  ///< 10 or 11
  std::string_view method;
  std::string_view target;
  std::span<const Header> headers;
  bool chunked = false;  ///< the body comes in chunks
};

/// What HTTP demands of a head beyond its grammar: one Host, a target that can be served, an
/// expectation and a coding that are known.
[[nodiscard]] std::optional<Refusal> refuse_head(const Head& head);

/// What the parser found wrong.
[[nodiscard]] Refusal refusal_of(const boost::system::error_code& fault, const Limits& limits);

/// `{"error":"…"}`
[[nodiscard]] std::string error_body(std::string_view text);

}  // namespace copse::runner::http
