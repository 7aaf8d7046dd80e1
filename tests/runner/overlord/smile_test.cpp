#include "runner/overlord/smile.hpp"

#include "engine/json_fault.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using namespace copse::runner::overlord;

namespace {

// Hexadecimal digits, blanks between them as one likes, as bytes.
std::string bytes(std::string_view hex) {
  std::string out;
  std::string pair;
  for (const char c : hex) {
    if (c == ' ' || c == '\n') continue;
    pair += c;
    if (pair.size() < 2) continue;
    out += static_cast<char>(std::stoi(pair, nullptr, 16));
    pair.clear();
  }
  return out;
}

std::string file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string read(std::string_view smile) {
  const auto json = smile_to_json(smile);
  return json ? *json : std::to_string(json.error().offset) + ": " + json.error().text;
}

std::string written(std::string_view json) {
  const auto smile = json_to_smile(json);
  return smile ? *smile : smile.error().text;
}

const std::string head = bytes("3a290a05");

}  // namespace

TEST_CASE("what a real Overlord sent reads as the task that it is, and is written the same",
          "[overlord]") {
  std::size_t seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator(COPSE_TEST_DATA "/smile")) {
    const std::string smile = file(entry.path());
    const std::string json = file(std::filesystem::path(COPSE_RULES "/demo/tasks") /
                                  entry.path().stem().concat(".json"));
    INFO(entry.path());
    CHECK(read(smile) == json);
    CHECK(written(json) == smile);
    ++seen;
  }
  CHECK(seen == 11);
}

TEST_CASE("what Jackson writes under Druid's settings is read, and written the same",
          "[overlord]") {
  const std::vector<std::pair<std::string, std::string>> vectors{
      {"{}", "fafb"},
      {"[]", "f8f9"},
      {"0", "c0"},
      {"-1", "c1"},
      {"15", "de"},
      {"-16", "df"},
      {"16", "24a0"},
      {"31", "24be"},
      {"32", "240180"},
      {"8191", "24017fbe"},
      {"2147483647", "241f7f7f7fbe"},
      {"-2147483648", "241f7f7f7fbf"},
      {"2147483648", "252000000080"},
      {"1700000000000", "25 01 45 73 7c 56 40 80"},
      {"9223372036854775807", "25 03 7f7f7f7f7f7f7f7f be"},
      {"-9223372036854775808", "25 03 7f7f7f7f7f7f7f7f bf"},
      {"1.5", "29 00 3f 7c 00 00 00 00 00 00 00"},
      {R"("a")", "4061"},
      {R"("é")", "80c3a9"},
      {R"("café")", "83636166c3a9"},
      {R"({"type":"noop","id":"noop_1","groupId":"noop_1","resource":{"availabilityGroup":"noop_1","requiredCapacity":1},"context":{"priority":50,"id":"x"}})",
       "fa8374797065436e6f6f70816964456e6f6f705f318667726f75704964456e6f6f705f31877265736f75726365f"
       "a"
       "90617661696c6162696c69747947726f7570456e6f6f705f318f72657175697265644361706163697479c2fb866"
       "3"
       "6f6e74657874fa877072696f726974792401a4414078fbfb"},
      {R"({"resetCounter":false,"resetCause":null,"counter":{"counter":0,"hash":1700000000000},"requests":[{"type":"metadata","disabled":false}]})",
       "fa8b7265736574436f756e7465722289726573657443617573652186636f756e746572fa42c0836861736825014"
       "573"
       "7c564080fb877265717565737473f8fa8374797065476d657461646174618764697361626c656422fbf9fb"}};
  for (const auto& [json, hex] : vectors) {
    INFO(json);
    CHECK(read(head + bytes(hex)) == json);
    CHECK(written(json) == head + bytes(hex));
  }
}

TEST_CASE("long and short texts and names begin as their length wants it", "[overlord]") {
  const auto is_written = [](const std::string& json, std::string_view hex) {
    const std::string smile = written(json);
    CHECK(smile.substr(4).starts_with(bytes(hex)));
    CHECK(read(smile) == json);
  };
  const auto repeated = [](std::string_view unit, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += unit;
    return out;
  };
  const auto text = [&](std::string_view unit, std::size_t count, std::string_view hex) {
    is_written("\"" + repeated(unit, count) + "\"", hex);
  };
  const auto name = [&](std::string_view unit, std::size_t count, std::string_view hex) {
    is_written("{\"" + repeated(unit, count) + "\":{}}", hex);
  };
  text("a", 32, "5f");
  text("a", 33, "60");
  text("a", 64, "7f");
  text("a", 65, "e0");
  text("é", 16, "9e");
  text("é", 17, "a0");
  text("é", 32, "be");
  text("é", 33, "e4");
  name("a", 1, "fa80");
  name("a", 64, "fabf");
  name("a", 65, "fa34");
  name("é", 28, "faf6");
  name("é", 29, "fa34");
}

TEST_CASE("what Druid's settings do not write is read all the same", "[overlord]") {
  CHECK(read(bytes("3a290a00 fa8b7265736574436f756e74657222fb")) == R"({"resetCounter":false})");
  CHECK(read(head + bytes("28 03 7e 00 00 00")) == "1.5");
  CHECK(read(head + bytes("2a 84 81 37 00")) == R"(1.10)");
  CHECK(read(head + bytes("fd 83 01 02 ff")) == R"("AQL/")");
  CHECK(read(head + bytes("e8 83 00 40 5f 07")) == R"("AQL/")");
  SECTION("texts by reference, short and long") {
    CHECK(read(bytes("3a290a03 f8 4061 4062 01 02 ec00 f9")) == R"(["a","b","a","b","a"])");
    CHECK(read(bytes("3a290a01 f8 4061 01 f9")) == "8: a reference to a text that was not there");
    const std::string longest(64, 'a');
    CHECK(read(bytes("3a290a03 f8 7f") + longest + bytes("01 f9")) ==
          "[\"" + longest + "\",\"" + longest + "\"]");
    // A byte more is in the one token for texts that are not kept.
    CHECK(read(bytes("3a290a03 f8 bf") + longest + bytes("61 01 f9")) ==
          "72: a reference to a text that was not there");
  }
  SECTION("integers of any length") {
    const auto big = [](std::string_view decimal) {
      SmileWriter out;
      return read(out.big_integer(decimal).take()) == decimal;
    };
    for (const auto* decimal :
         {"0", "1", "-1", "127", "128", "-128", "-129", "255", "256", "18446744073709551615",
          "-340282366920938463463374607431768211456", "9999999999999999999999999999999999999999"}) {
      INFO(decimal);
      CHECK(big(decimal));
    }
  }
  SECTION("decimals that Java writes by an exponent") {
    CHECK(read(head + bytes("2a 83 81 02 01")) == "5E2");
    CHECK(read(head + bytes("2a 86 81 02 01")) == "0.005");
    CHECK(read(head + bytes("2a 0188 81 02 01")) == "5E-36");
  }
  SECTION("the end-of-content mark") {
    CHECK(read(head + bytes("c2ff")) == "1");
  }
}

TEST_CASE("names beyond the table's end begin a new table, and awkward numbers are not referred to",
          "[overlord]") {
  for (const int count : {60, 70, 300, 1023, 1024, 1100, 2200}) {
    std::string object = "{";
    for (int i = 0; i < count; ++i) {
      object += (i == 0 ? "" : ",");
      object += "\"name" + std::to_string(i) + "\":" + std::to_string(i);
    }
    object += "}";
    const std::string json = "[" + object + "," + object + "]";
    INFO(count);
    CHECK(read(written(json)) == json);
    CHECK(written(json).find_first_of("\xFE\xFF") == std::string::npos);
  }
}

TEST_CASE("hostile documents are refused with the place, at once", "[overlord]") {
  const auto refused = [](const std::string& smile, std::string_view text) {
    INFO(text);
    CHECK(read(smile) == text);
  };
  refused("", "0: the document is empty");
  refused("{}", "0: this is JSON, not Smile");
  refused("x", "0: there is no Smile header");
  refused(bytes("3a290a"), "0: there is no Smile header");
  refused(bytes("3a290a15c0"), "4: a version of Smile that is not known");
  refused(head, "4: the document is cut off");
  refused(head + bytes("fa"), "5: the document is cut off");
  refused(head + bytes("c0c0"), "5: there are bytes after the end of the document");
  refused(head + bytes("7f61"), "5: the document is cut off");
  refused(head + bytes("e0616161"), "5: a long text has no end");
  refused(head + bytes("fa40c0fb"), "6: a reference to a text that was not there");
  refused(head + bytes("fa33ffc0fb"), "7: a reference to a text that was not there");
  refused(head + bytes("fa00c0fb"), "6: a byte that begins no name");
  refused(head + bytes("00"), "4: a byte that begins no value");
  refused(head + bytes("f9"), "4: a byte that begins no value");
  refused(head + bytes("80ffff"), "7: a text is not UTF-8");
  refused(head + bytes("fd 037f7f7f7f7f7f7f7fbf"), "15: the document is cut off");
  refused(head + bytes("e8 037f7f7f7f7f7f7f7fbf"),
          "15: a number or binary is longer than the document");
  refused(head + bytes("26 7f7fbf"), "8: a number or binary is longer than the document");
  refused(head + bytes("25 7f7f7f7f7f7f7f7f7f7fbf"), "15: a number has more than 64 bits");
  refused(head + std::string(2000, '\xF8'), "1029: the document is nested too deeply");
}

// Any damage to a real document gives a document or a fault, never more: the sanitizers watch.
TEST_CASE("damaged documents never do harm", "[overlord]") {
  std::mt19937 random(3);
  for (const auto& entry : std::filesystem::directory_iterator(COPSE_TEST_DATA "/smile")) {
    const std::string smile = file(entry.path());
    for (std::size_t size = 0; size < smile.size(); ++size)
      REQUIRE_FALSE(smile_to_json(std::string_view(smile).substr(0, size)));
    for (int round = 0; round < 2'000; ++round) {
      std::string damaged = smile;
      for (std::uint32_t n = 1 + random() % 4; n > 0; --n)
        damaged[4 + random() % (damaged.size() - 4)] = static_cast<char>(random() & 0xFFU);
      const auto json = smile_to_json(damaged);
      if (json) REQUIRE(json->size() < 64 * damaged.size());
    }
  }
}
