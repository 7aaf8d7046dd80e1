#include "engine/number.hpp"

#include "engine/instant.hpp"
#include "engine/murmur3.hpp"

#include <map>
#include <string>

#include <catch2/catch.hpp>

using namespace copse::engine;

namespace {

std::string number(const char* text) {
  const auto read = parse_number(text);
  return read ? in_words(*read) : "none";
}

std::string quantity(const char* text) {
  const auto read = parse_quantity(text);
  return read ? in_words(*read) : "none";
}

std::string duration(const char* text) {
  const auto read = parse_duration(text);
  return read ? in_words(*read) : "none";
}

std::int64_t instant(const char* text) {
  const auto read = parse_instant(text);
  return read ? static_cast<std::int64_t>(*read) : -1;
}

}  // namespace

TEST_CASE("numbers are exact to nine digits, and stop at the ends", "[engine]") {
  const std::map<const char*, std::string> values{
      {"0", "0"},
      {"-0", "0"},
      {"42", "42"},
      {"-1.25", "-1.25"},
      {"-0.5", "-0.5"},
      {"1e3", "1000"},
      {"12.5E-1", "1.25"},
      {"0.1234567891", "0.123456789"},
      {"-0.0000000001", "-0.000000001"},  // cut off towards minus infinity
      {"9007199254740993", "9007199254740993"},
      {"9223372036854775807", "9223372036854775807"},
      {"9223372036854775808", in_words(largest_number)},
      {"1e400", in_words(largest_number)},
      {"-1e400", in_words(smallest_number)},
      {"1e-400", "0"},
      {"123456789012345678901234567890123456789012345678901234567890", in_words(largest_number)},
      {"0.00000000000000000000000000000000000000000000000000000000001", "0"},
      {"", "none"},
      {"-", "none"},
      {"1e", "none"},
      {"1 ", "none"},
      {"x", "none"}};
  for (const auto& [text, value] : values) {
    INFO(text);
    CHECK(number(text) == value);
  }
  CHECK(parse_number("0.1") > parse_number("0.09"));
  CHECK(parse_number("-2") < parse_number("-1.5"));
  CHECK(next({1, 999'999'999}) == Number{2, 0});
  CHECK(before({2, 0}) == Number{1, 999'999'999});
  CHECK(next(largest_number) == largest_number);
  CHECK(before(smallest_number) == smallest_number);
}

TEST_CASE("quantities have Kubernetes' values", "[engine]") {
  const std::map<const char*, std::string> values{{"0", "0"},
                                                  {"2", "2"},
                                                  {"1.5", "1.5"},
                                                  {"500m", "0.5"},
                                                  {"+3k", "3000"},
                                                  {"-1", "-1"},
                                                  {"1Ki", "1024"},
                                                  {"1.5Gi", "1610612736"},
                                                  {"2M", "2000000"},
                                                  {"1e3", "1000"},
                                                  {"1E", "1000000000000000000"},
                                                  {"1Ei", "1152921504606846976"},
                                                  {"8Ei", in_words(largest_number)},
                                                  {".5", "0.5"},
                                                  {"7u", "0.000007"},
                                                  {"1n", "0.000000001"},
                                                  {"1Pi", "1125899906842624"}};
  for (const auto& [text, value] : values) {
    INFO(text);
    CHECK(quantity(text) == value);
  }
  for (const char* text : {"", "k", "1kk", "1 Gi", "x", "1e", "--1"})
    CHECK(quantity(text) == "none");
}

TEST_CASE("durations are milliseconds", "[engine]") {
  CHECK(duration("30s") == "30000");
  CHECK(duration("10m") == "600000");
  CHECK(duration("1.5h") == "5400000");
  CHECK(duration("1d") == "86400000");
  CHECK(duration("250ms") == "250");
  for (const char* text : {"30", "10mm", "Gi", "", "s"}) CHECK(duration(text) == "none");
}

TEST_CASE("instants are those of ISO 8601", "[engine]") {
  CHECK(instant("1970-01-01") == 0);
  CHECK(instant("1970-01-01T00:00:00.250Z") == 250);
  CHECK(instant("2026-11-24T23:00:00+01:00") == 1795557600000);
  CHECK(instant("2026-11-24T22:00Z") == 1795557600000);
  CHECK(instant("2024-02-29T12") == 1709208000000);
  for (const char* text : {"", "2026", "2023-02-29", "2026-13-01", "2026-11-24T25:00Z",
                           "2026-11-24T10:61", "2026-11-24T10:00:00+1", "26-11-24", "yesterday"}) {
    INFO(text);
    CHECK(instant(text) == (std::string(text) == "2026" ? 1767225600000 : -1));
  }
}

TEST_CASE("an interval has a length", "[engine]") {
  constexpr std::int64_t day = 86'400'000;
  CHECK(interval_millis("2026-01-01/2026-02-01") == 31 * day);
  CHECK(interval_millis("2026-01-01/P1D") == day);
  CHECK(interval_millis("P1M/2026-03-01") == 28 * day);
  CHECK(interval_millis("2026-01-31/P1M") == 28 * day);  // to the month's last day
  CHECK(interval_millis("2026-01-01T12:00:00.000Z/2026-01-01T13:00:00.000Z") == 3'600'000);
  CHECK(interval_millis("2026-01-01/2026-01-01") == 0);
  CHECK(interval_millis("1970-01-01/10000-01-01") == 2'932'897 * day);
  CHECK(interval_millis("-0001-01-01/0000-01-01") == 365 * day);
  CHECK(interval_millis("-0004-01-01/-0003-01-01") == 366 * day);
  CHECK(interval_millis("+12345-01-01/P1D") == day);
  // Druid's Intervals.ETERNITY: from the least to the largest half of its milliseconds.
  CHECK(interval_millis("-146136543-09-08T08:23:32.096Z/146140482-04-24T15:36:27.903Z") ==
        INT64_MAX);
  CHECK_FALSE(interval_millis("-146190000-01-01/146190000-01-01"));  // longer than 64 bits tell
  CHECK_FALSE(interval_millis("146199999-01-01/P1Y"));
  CHECK_FALSE(interval_millis("999999999-01-01/999999999-01-02"));
  for (const char* text : {"", "/", "2026-01-01", "2026-01-02/2026-01-01", "P1D/P1D", "a/b"})
    CHECK_FALSE(interval_millis(text));
}

TEST_CASE("a zone knows its daylight saving", "[engine]") {
  const auto berlin = Zone::named("Europe/Berlin");
  REQUIRE(berlin);
  const auto at = [&](const char* text) { return berlin->at(*parse_instant(text)); };
  CHECK(at("2026-07-01T12:00Z").minute == 14 * 60);
  CHECK(at("2026-12-01T12:00Z").minute == 13 * 60);
  // The night of 25 October has the hour from two to three twice.
  CHECK(at("2026-10-25T00:30Z").minute == 2 * 60 + 30);
  CHECK(at("2026-10-25T01:30Z").minute == 2 * 60 + 30);
  CHECK(at("2026-10-25T02:30Z").minute == 3 * 60 + 30);
  CHECK(at("2026-11-24T23:30Z").weekday == 3);  // a Wednesday there, Tuesday in UTC
  CHECK_FALSE(Zone::named("Europe/Atlantis"));
}

TEST_CASE("a salted hash is that of the texts put together", "[engine]") {
  for (const std::string salt :
       {"", "s", "java21", "exactly15bytes_", "a salt of more than sixteen"}) {
    for (std::size_t size = 0; size < 70; ++size) {
      const std::string text(size, 'x');
      std::string hex = murmur3_x64_128(salt + '\0' + text).substr(0, 16);
      std::uint64_t expected = 0;
      for (int byte = 7; byte >= 0; --byte)
        expected = expected << 8U |
                   std::stoul(hex.substr(static_cast<std::size_t>(byte) * 2, 2), nullptr, 16);
      CHECK(murmur3_salted(salt, text) == expected);
    }
  }
}
