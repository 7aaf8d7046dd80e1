// What is pure: targets, heads of answers, and bytes on their way.

#include "runner/http/answer_head.hpp"
#include "runner/http/message.hpp"
#include "runner/http/outbox.hpp"
#include "runner/http/target.hpp"

#include <array>

#include <catch2/catch.hpp>

using namespace copse::runner::http;
using Texts = std::vector<std::string_view>;

namespace {

std::string joined(const Outbox::Slice& slice) {
  std::string text;
  for (const std::string_view part : slice) text += part;
  return text;
}

}  // namespace

TEST_CASE("a target is split at its first question mark, and an absolute one behind its host",
          "[http]") {
  const auto is = [](std::string_view target, std::string_view path, std::string_view query) {
    const TargetParts parts = split_target(target);
    INFO(target);
    CHECK(parts.path == path);
    CHECK(parts.query == query);
  };
  is("/a/b?c=d?e", "/a/b", "c=d?e");
  is("/a", "/a", "");
  is("/a?", "/a", "");
  is("?x", "/", "x");
  is("*", "*", "");
  is("http://copse:8091/a?b", "/a", "b");
  is("http://copse", "/", "");
  is("http://copse?b", "/", "b");
  is("/a?to=http://b", "/a", "to=http://b");
}

TEST_CASE("segments are what stands between slashes, empty ones too", "[http]") {
  CHECK(segments_of("/a/b") == Texts{"a", "b"});
  CHECK(segments_of("/a%2Fb") == Texts{"a%2Fb"});
  CHECK(segments_of("/a//") == Texts{"a", "", ""});
  CHECK(segments_of("/") == Texts{""});
  CHECK(segments_of("") == Texts{""});
}

TEST_CASE("a segment is decoded once, and a bad escape is nothing", "[http]") {
  CHECK(decode_segment("index_a%2Fb%20c+d") == "index_a/b c+d");
  CHECK(decode_segment("%2541") == "%41");
  CHECK(decode_segment("%c3%A4") == "ä");
  CHECK(decode_segment("") == "");
  for (const char* bad : {"%", "a%4", "%zz", "%4g", "%00"}) CHECK_FALSE(decode_segment(bad));
}

TEST_CASE("a query parameter is the first of its name", "[http]") {
  const std::string_view query = "timeout=60000&a%20b=c+d&bare&timeout=1&bad=%&=x";
  CHECK(query_parameter(query, "timeout") == "60000");
  CHECK(query_parameter(query, "a b") == "c d");
  CHECK(query_parameter(query, "bare") == "");
  CHECK(query_parameter(query, "") == "x");
  CHECK_FALSE(query_parameter(query, "bad"));
  CHECK_FALSE(query_parameter(query, "time"));
  CHECK_FALSE(query_parameter("", "x"));
}

TEST_CASE("the name of a header is compared without regard to case", "[http]") {
  const std::array headers{Header{"If-Match", "\"7\""}, Header{"IF-MATCH", "\"8\""}};
  CHECK(find_header(headers, "if-match") == "\"7\"");
  CHECK(find_header(headers, "if-matc") == "");
}

TEST_CASE("no text of an answer can add a header line", "[http]") {
  const Response response{.status = 302,
                          .content_type = "text/plain",
                          .body = "abc",
                          .headers = {{"Location", "/x\r\nSet-Cookie: a=b"}}};
  CHECK(answer_head(response, {.date = "now"}) ==
        "HTTP/1.1 302 Found\r\nDate: now\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n"
        "Location: /x  Set-Cookie: a=b\r\n\r\n");
}

TEST_CASE("an answer without a body has no length", "[http]") {
  CHECK(answer_head({.status = 204, .content_type = {}}, {.keeps_open = false, .date = "now"}) ==
        "HTTP/1.1 204 No Content\r\nDate: now\r\nConnection: close\r\n\r\n");
}

TEST_CASE("dates are written as HTTP wants them", "[http]") {
  CHECK(http_date(784'111'777) == "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST_CASE("bytes leave in their order, no more at a time than allowed", "[http]") {
  Outbox outbox;
  outbox.add("head ");
  outbox.add(std::string(5000, 'b'));
  outbox.add("");
  CHECK(outbox.size() == 5005);
  const Outbox::Slice first = outbox.next(7);
  CHECK(joined(first) == "head bb");
  outbox.add("tail");  // while the first bytes are being written
  CHECK(joined(first) == "head bb");
  outbox.consume(7);
  CHECK(outbox.size() == 5002);
  std::string rest;
  while (outbox.size() > 0) {
    const std::string part = joined(outbox.next(999));
    rest += part;
    outbox.consume(part.size());
  }
  CHECK(rest == std::string(4998, 'b') + "tail");
}
