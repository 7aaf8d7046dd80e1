#include "runner/http/answer_head.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include <boost/beast/http/status.hpp>
#include <fmt/format.h>

namespace copse::runner::http {
namespace {

void add_line(std::string& head, std::string_view name, std::string_view value) {
  const auto add = [&](std::string_view text) {
    std::ranges::transform(text, std::back_inserter(head), [](char c) {
      const bool control = (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f';
      return control ? ' ' : c;
    });
  };
  add(name);
  head += ": ";
  add(value);
  head += "\r\n";
}

}  // namespace

std::string answer_head(const Response& response, const AnswerShape& shape) {
  const auto reason =
      boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(response.status));
  std::string head = fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status,
                                 std::string_view{reason.data(), reason.size()}, shape.date);
  if (!response.content_type.empty()) add_line(head, "Content-Type", response.content_type);
  if (!is_bodiless(response.status)) {
    if (shape.framing == Framing::length)
      fmt::format_to(std::back_inserter(head), "Content-Length: {}\r\n", response.body.size());
    if (shape.framing == Framing::chunked) head += "Transfer-Encoding: chunked\r\n";
  }
  for (const auto& [name, value] : response.headers) add_line(head, name, value);
  if (!shape.keeps_open) {
    head += "Connection: close\r\n";
  } else if (shape.must_say_so) {
    head += "Connection: keep-alive\r\n";
  }
  return head += "\r\n";
}

bool is_bodiless(int status) {
  return status == 204 || status == 304;
}

std::string http_date(std::time_t when) {
  constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm parts{};
  gmtime_r(&when, &parts);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT",
                     days[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                     months[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

}  // namespace copse::runner::http
