// The small values: base64, uids, times, paths, and cutting streams into lines and items.

#include "runner/kube/base64.hpp"
#include "runner/kube/query.hpp"
#include "runner/kube/splitter.hpp"
#include "runner/kube/timestamp.hpp"
#include "runner/kube/transport.hpp"
#include "runner/kube/uid.hpp"

#include <random>

#include <catch2/catch.hpp>

using namespace copse::runner::kube;

TEST_CASE("base64 is read with line breaks and refused when it is cut or followed by something",
          "[values]") {
  CHECK(decode_base64("") == "");
  CHECK(decode_base64("QQ==") == "A");
  CHECK(decode_base64("QUI=") == "AB");
  CHECK(decode_base64("QUJD\nREVG\r\n") == "ABCDEF");
  for (const std::string_view bad :
       {"Q", "QQ", "QQ=", "QUI", "QQ===", "QUI==", "Q=Q=", "QQ==QQ==", "QU!D", "=", "===="}) {
    INFO(bad);
    CHECK_FALSE(decode_base64(bad));
  }
}

TEST_CASE("what was encoded is decoded to the same bytes", "[values]") {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    CHECK(decode_base64(encode_base64(bytes)) == bytes);
    bytes.push_back(static_cast<char>(i * 7));
  }
}

TEST_CASE("a uid is kept exactly, and any other text still tells two apart", "[values]") {
  const std::string uid = "0a1b2c3d-4e5f-4678-9abc-def012345678";
  CHECK(text(parse_uid(uid)) == uid);
  CHECK(parse_uid("0A1B2C3D-4E5F-4678-9ABC-DEF012345678") == parse_uid(uid));
  CHECK(parse_uid("job-1") != parse_uid("job-2"));
  CHECK(parse_uid("0a1b2c3d-4e5f-4678-9abc-def01234567g") != parse_uid(uid));
  CHECK(parse_uid("") != Uid{});
}

TEST_CASE("times are read with fractions and offsets, and anything else is no time", "[values]") {
  using namespace std::chrono;
  const auto expected = sys_days(2026y / November / 24) + 13h + 52min + 7s;
  CHECK(parse_timestamp("2026-11-24T13:52:07Z") == expected);
  CHECK(parse_timestamp("2026-11-24T13:52:07.123456Z") == expected);
  CHECK(parse_timestamp("2026-11-24T15:52:07+02:00") == expected);
  CHECK(parse_timestamp("2026-11-24T08:22:07-05:30") == expected);
  CHECK(parse_timestamp("2024-02-29T00:00:00Z") == sys_days(2024y / February / 29));
  for (const std::string_view bad :
       {"", "2026-11-24", "2026-11-24T13:52:07", "2026-13-24T13:52:07Z", "2026-02-29T00:00:00Z",
        "2026-11-24T24:00:00Z", "2026-11-24T13:52:07.Z", "2026-11-24T13:52:07+0200",
        "x026-11-24T13:52:07Z"}) {
    INFO(bad);
    CHECK_FALSE(parse_timestamp(bad));
  }
}

TEST_CASE("paths and queries are percent-encoded, and empty values are left out", "[values]") {
  CHECK(jobs_path("druid") == "/apis/batch/v1/namespaces/druid/jobs");
  CHECK(pods_path("druid", "a/b") == "/api/v1/namespaces/druid/pods/a%2Fb");
  CHECK(config_maps_path("druid", "c") == "/api/v1/namespaces/druid/configmaps/c");
  CHECK(Query("/x").add("labelSelector", "a=b,c in (d)").add("continue", "").add("limit", 5).text ==
        "/x?labelSelector=a%3Db%2Cc%20in%20%28d%29&limit=5");
}

namespace {

std::vector<std::string> lines_of(std::string_view text, std::size_t piece) {
  LineSplitter splitter;
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    CHECK(splitter.feed(text.substr(at, piece), [&](std::string_view line) {
      lines.emplace_back(line);
      return true;
    }));
  }
  return lines;
}

struct Cut {
  bool is_good = true;
  std::vector<std::string> items;
  std::expected<ListEnvelope, std::string> envelope;
};

Cut cut(std::string_view text, std::size_t piece) {
  ListSplitter splitter;
  Cut result;
  for (std::size_t at = 0; at < text.size() && result.is_good; at += piece) {
    result.is_good = splitter.feed(text.substr(at, piece), [&](std::string_view item) {
      result.items.emplace_back(item);
      return true;
    });
  }
  result.envelope = splitter.finish();
  return result;
}

const std::string list = R"({ "kind" : "JobList", "apiVersion":"batch/v1",
  "metadata": {"resourceVersion":"123", "items": [7], "continue":"a\"]}b"},
  "items" : [ {"a":{"items":[1,{"}":"]"}]},"s":"\\"}, {"b":"\"}{["} ,{}], "tail": [[]] })";

}  // namespace

TEST_CASE("lines are the same however the stream is cut", "[splitter]") {
  const std::string text = "one\r\n\ntwo\nthree\n" + std::string(5000, 'x') + "\nrest";
  for (std::size_t piece = 1; piece < 40; ++piece) {
    CHECK(lines_of(text, piece) ==
          std::vector<std::string>{"one", "two", "three", std::string(5000, 'x')});
  }
}

TEST_CASE("a line longer than the limit is a fault", "[splitter]") {
  const auto ignore = [](std::string_view) { return true; };
  LineSplitter strict(10);
  CHECK(strict.feed("0123456789\n01234", ignore));
  CHECK_FALSE(strict.feed("56789x", ignore));
  LineSplitter whole(10);
  CHECK_FALSE(whole.feed("0123456789x\n", ignore));
}

TEST_CASE("the items of a list are the same however the stream is cut", "[splitter]") {
  for (std::size_t piece = 1; piece <= list.size(); ++piece) {
    const Cut result = cut(list, piece);
    REQUIRE(result.is_good);
    CHECK(result.items == std::vector<std::string>{R"({"a":{"items":[1,{"}":"]"}]},"s":"\\"})",
                                                   R"({"b":"\"}{["})", "{}"});
    REQUIRE(result.envelope);
    CHECK(result.envelope->version == "123");
    CHECK(result.envelope->continue_token == "a\"]}b");
  }
}

TEST_CASE("a list that is cut anywhere is never taken for a whole one", "[splitter]") {
  for (std::size_t length = 0; length + 1 < list.size(); ++length) {
    const Cut result = cut(std::string_view(list).substr(0, length), 16);
    CHECK_FALSE((result.is_good && result.envelope));
  }
}

TEST_CASE("metadata may follow the items, and no items may be null", "[splitter]") {
  CHECK(cut(R"({"items":[{}],"metadata":{"resourceVersion":"5"}})", 7).envelope->version == "5");
  CHECK(cut(R"({"items":null,"metadata":{"resourceVersion":"5"}})", 7).envelope->version == "5");
  CHECK(cut(R"({"metadata":{"resourceVersion":"5"},"items":[]})", 7).items.empty());
}

TEST_CASE("what is no list is refused", "[splitter]") {
  for (const std::string_view text :
       {"", "[]", "[{}]", "null", "<html></html>", R"({"kind":"Status"})", R"({"items":[1]})",
        R"({"items":["a"]})", R"({"items":[[]]})", R"({"items":[{]})", R"({"items":[{}})",
        R"({"metadata":{"resourceVersion":"5"}})", R"({"items":[]})", R"({} {})", "}", "]"}) {
    INFO(text);
    const Cut result = cut(text, 3);
    CHECK_FALSE((result.is_good && result.envelope));
  }
}

TEST_CASE("random bytes neither crash a splitter nor make it grow", "[splitter]") {
  std::minstd_rand random(7);
  const std::string_view alphabet = "{}[]\",:\\aitems0 \n\x01\xff";
  for (int round = 0; round < 20'000; ++round) {
    std::string text = round % 2 == 0 ? R"({"items":[)" : "";
    for (int i = 0; i < 40; ++i) text += alphabet[random() % alphabet.size()];
    static_cast<void>(cut(text, 1 + random() % 20));
  }
}

TEST_CASE("an item and an envelope beyond their limits are refused", "[splitter]") {
  CHECK_FALSE(cut(R"({"items":[{"a":")" + std::string(object_limit, 'x'), 16'384).is_good);
  CHECK_FALSE(cut(R"({"a":")" + std::string(envelope_limit + 1, 'x'), 16'384).is_good);
}
