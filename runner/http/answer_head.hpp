#pragma once
// The first bytes of an answer: status line and header lines. Pure.

#include "runner/http/message.hpp"

#include <ctime>
#include <string>
#include <string_view>

namespace copse::runner::http {

/// How the client learns where the body ends.
enum class Framing : unsigned char {
  length,      ///< by Content-Length
  chunked,     ///< by the last chunk
  until_close  ///< by the end of the connection: what HTTP/1.0 has instead of chunks
};

struct AnswerShape {
  Framing framing = Framing::length;
  bool keeps_open = true;      ///< more requests may follow
  bool must_say_so = false;    ///< an HTTP/1.0 client takes silence for closing
  std::string_view date = {};  ///< as `http_date` writes it
};

/// Status line, header lines and the empty line. A control character in a text becomes a space, so
/// that no text can add a line.
[[nodiscard]] std::string answer_head(const Response& response, const AnswerShape& shape);

/// An answer with this status never has a body.
[[nodiscard]] bool is_bodiless(int status);

/// `Sun, 06 Nov 1994 08:49:37 GMT`
[[nodiscard]] std::string http_date(std::time_t when);

}  // namespace copse::runner::http
