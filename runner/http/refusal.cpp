#include "runner/http/refusal.hpp"

#include "runner/http/options.hpp"

#include <algorithm>

#include <boost/beast/http/error.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <fmt/format.h>

namespace copse::runner::http {
namespace {

bool is_same(std::string_view a, std::string_view b) {
  const Header header{.name = a, .value = "same"};
  return !find_header({&header, 1}, b).empty();
}

auto count(std::span<const Header> headers, std::string_view name) {
  return std::ranges::count_if(headers,
                               [&](const Header& header) { return is_same(header.name, name); });
}

bool is_servable(std::string_view method, std::string_view target) {
  if (target.starts_with('/')) return true;
  if (target == "*") return method == "OPTIONS";
  return target.starts_with("http://") || target.starts_with("https://");
}

}  // namespace

std::optional<Refusal> refuse_head(const Head& head) {
  const auto hosts = count(head.headers, "Host");
  if (hosts > 1) return Refusal{400, "more than one Host header"};
  if (hosts == 0 && head.version >= 11) return Refusal{400, "no Host header"};
  if (!is_servable(head.method, head.target)) {
    return Refusal{400, fmt::format("cannot serve the target of this {} request: a path is wanted",
                                    head.method)};
  }
  const bool has_length = count(head.headers, "Content-Length") > 0;
  if (count(head.headers, "Transfer-Encoding") > 0) {
    if (has_length) return Refusal{400, "both Content-Length and Transfer-Encoding are given"};
    if (!head.chunked || count(head.headers, "Transfer-Encoding") > 1 ||
        !is_same(find_header(head.headers, "Transfer-Encoding"), "chunked")) {
      return Refusal{501, "of transfer codings only chunked is known"};
    }
    if (head.version < 11) return Refusal{400, "HTTP/1.0 has no transfer codings"};
  }
  const std::string_view expectation = find_header(head.headers, "Expect");
  if (!expectation.empty() && !is_same(expectation, "100-continue"))
    return Refusal{417, fmt::format("cannot meet the expectation {}", expectation)};
  return std::nullopt;
}

Refusal refusal_of(const boost::system::error_code& fault, const Limits& limits) {
  using boost::beast::http::error;
  if (fault == error::body_limit)
    return {413, fmt::format("the body is larger than {} bytes", limits.body_bytes)};
  if (fault == error::header_limit)
    return {431, fmt::format("the head is larger than {} bytes", limits.head_bytes)};
  if (fault == error::bad_version) return {505, "only HTTP/1.0 and HTTP/1.1 are served"};
  return {400, fmt::format("malformed request: {}", fault.message())};
}

std::string error_body(std::string_view text) {
  return "{\"error\":" + boost::json::serialize(boost::json::string{text}) + "}";
}

}  // namespace copse::runner::http
