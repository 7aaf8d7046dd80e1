#pragma once
// Answers in the forms that an Overlord has.

#include "runner/http/message.hpp"

#include <string>
#include <string_view>

namespace copse::runner::overlord_sandbox {

[[nodiscard]] inline http::Response json_answer(int status, std::string body) {
  return {.status = status, .content_type = "application/json", .body = std::move(body)};
}

[[nodiscard]] inline http::Response text_answer(int status, std::string body) {
  return {.status = status, .content_type = "text/plain; charset=utf-8", .body = std::move(body)};
}

[[nodiscard]] inline http::Response empty_answer(int status) {
  return {.status = status, .content_type = "", .body = ""};
}

/// `{"error": text}`
[[nodiscard]] http::Response error_answer(int status, std::string_view text);

/// `{"name": value}`
[[nodiscard]] http::Response pair_answer(std::string_view name, std::string_view value);

}  // namespace copse::runner::overlord_sandbox
