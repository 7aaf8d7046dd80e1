#include "runner/logs/timed_log.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using copse::runner::logs::TimedLog;

namespace {

struct Line {
  std::string time;
  std::string text;
};

// What a kubelet sends of a log: everything whose second is not before `since`.
std::string stream(const std::vector<Line>& lines, const std::string& since) {
  std::string bytes;
  for (const Line& line : lines) {
    if (!since.empty() && line.time.substr(0, 19) < since.substr(0, 19)) continue;
    bytes += line.time + " " + line.text + "\n";
  }
  return bytes;
}

}  // namespace

TEST_CASE("times are taken off the lines, whatever pieces they come in", "[logs]") {
  const std::string bytes =
      "2026-11-26T13:30:12Z one\n2026-11-26T13:30:12.5Z two three\n2026-11-26T13:30:12.51Z \n";
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    TimedLog log;
    std::string whole = log.feed(std::string_view(bytes).substr(0, cut));
    whole += log.feed(std::string_view(bytes).substr(cut));
    CHECK(whole == "one\ntwo three\n\n");
    CHECK(log.since() == "2026-11-26T13:30:12Z");
  }
}

TEST_CASE("a line without a time is passed on as it is", "[logs]") {
  TimedLog log;
  CHECK(log.feed("unable to retrieve container logs\n2026-11-26T13:30:12Z one\n") ==
        "unable to retrieve container logs\none\n");
  CHECK(log.feed("no\n") == "no\n");
}

TEST_CASE("a line whose rest was lost with a rotated file ends where it was cut", "[logs]") {
  TimedLog log;
  CHECK(log.feed("2026-11-26T13:30:12Z on") == "on");
  log.cut();
  CHECK(log.feed("2026-11-26T13:30:14Z three\n") == "\nthree\n");
}

// Streams that break anywhere, also within a time or a line, many lines of one time among them.
TEST_CASE("a stream that breaks again and again gives the log once", "[logs]") {
  std::mt19937 random(5);
  for (int round = 0; round < 500; ++round) {
    std::vector<Line> lines;
    std::string log_text;
    std::uint64_t time = 0;  // in tenths of a second
    for (auto n = random() % 60; n > 0; --n) {
      time += random() % 4 == 0 ? random() % 15 : 0;
      const std::string second = std::to_string(10 + time / 10);
      const std::string tenth = time % 10 == 0 ? "" : "." + std::to_string(time % 10);
      lines.push_back({"2026-11-26T13:30:" + second + tenth + "Z",
                       std::string(random() % 5 == 0 ? 200 : random() % 12, 'x') +
                           std::to_string(random() % 3)});
      log_text += lines.back().text + "\n";
    }
    TimedLog log;
    std::string seen;
    for (int streams = 0; streams < 12; ++streams) {
      const std::string bytes = stream(lines, log.since());
      std::size_t left = streams == 11 ? bytes.size() : random() % (bytes.size() + 1);
      for (std::size_t at = 0; left > 0;) {
        const std::size_t piece = std::min<std::size_t>(left, 1 + random() % 40);
        seen += log.feed(std::string_view(bytes).substr(at, piece));
        at += piece;
        left -= piece;
      }
      log.cut();
    }
    REQUIRE(seen == log_text);
  }
}
