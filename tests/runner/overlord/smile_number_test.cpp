// Numbers of any length inside a Smile document: what Jackson reads of them, and what no document
// may ask for.
#include "runner/overlord/smile_number.hpp"

#include "runner/overlord/smile.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace copse::runner::overlord;

namespace {

const std::string head = ":)\n\x05";

std::string read(const std::string& value) {
  const auto json = smile_to_json(head + value);
  return json ? *json : std::to_string(json.error().offset) + ": " + json.error().text;
}

std::string written(std::string_view json) {
  const auto smile = json_to_smile(json);
  return smile ? *smile : std::to_string(smile.error().offset) + ": " + smile.error().text;
}

// A document through both: JSON, Smile, JSON.
std::string there_and_back(std::string_view json) {
  const auto smile = json_to_smile(json);
  REQUIRE(smile);
  return smile_to_json(*smile).value();
}

// Groups of seven bits; the last has bit 7 set and holds six.
std::string variable(std::uint64_t value) {
  std::string out(1, static_cast<char>(0x80U | (value & 0x3FU)));
  for (value >>= 6U; value > 0; value >>= 7U) out.insert(0, 1, static_cast<char>(value & 0x7FU));
  return out;
}

std::string big_integer(const std::string& bytes) {
  return '\x26' + variable(bytes.size()) + to_seven_bits(bytes);
}

std::string big_decimal(std::int64_t scale, const std::string& bytes) {
  return '\x2A' + variable(zigzag(scale)) + variable(bytes.size()) + to_seven_bits(bytes);
}

}  // namespace

TEST_CASE("a number of no bytes is zero, whatever its scale, as Jackson reads it", "[overlord]") {
  CHECK(read(big_integer("")) == "0");
  for (const std::int64_t scale : {0L, 1L, -3L, 2147483647L, -2147483648L}) {
    INFO(scale);
    CHECK(read(big_decimal(scale, "")) == "0");
  }
}

TEST_CASE("a number takes smile_number_limit bytes and no more", "[overlord]") {
  const std::string most(smile_number_limit, '\x7F');
  CHECK(read(big_integer(most)).size() == 2466);
  CHECK(read(big_decimal(2, most)).size() == 2467);
  CHECK(read(big_integer(most + '\x7F')) == "7: a number or binary is longer than the document");
  CHECK(read(big_decimal(2, most + '\x7F')) == "8: a number or binary is longer than the document");
  CHECK(read('\x26' + variable(smile_number_limit) + "few") == "7: the document is cut off");
  CHECK(read('\x26' + variable(~std::uint64_t{0})) ==
        "15: a number or binary is longer than the document");
}

TEST_CASE("bits that pad a number are not part of it", "[overlord]") {
  CHECK(read({'\x26', '\x81', '\x7F', '\x01'}) == "-1");
  CHECK(read({'\x26', '\x81', '\x7F', '\x7F'}) == "-1");
}

TEST_CASE("a decimal's scale is never written out as zeros without end", "[overlord]") {
  const std::string five = "\x05";
  CHECK(read(big_decimal(20, five)) == "0.00000000000000000005");
  CHECK(read(big_decimal(21, five)) == "5E-21");
  CHECK(read(big_decimal(2147483647, five)) == "5E-2147483647");
  CHECK(read(big_decimal(-2147483648, five)) == "5E2147483648");
  CHECK(read(big_decimal(2147483648, five)) == "10: a number's scale has more than 32 bits");
  CHECK(read(big_decimal(-2147483649, five)) == "10: a number's scale has more than 32 bits");
}

TEST_CASE("short references may make a document longer, long ones only up to smile_growth_limit",
          "[overlord]") {
  const auto repeated = [](std::size_t name_size, std::size_t count) {
    std::string smile = head + "\xF8\xFA\x34" + std::string(name_size, 'n') + "\xFC\x21\xFB";
    for (std::size_t i = 0; i < count; ++i) smile += "\xFA\x40\x21\xFB";
    return smile_to_json(smile + '\xF9');
  };
  CHECK(repeated(1000, 1000)->size() == 1001 * 1010 + 1);
  CHECK(repeated(2000, 1000)->size() == 1001 * 2010 + 1);
  REQUIRE_FALSE(repeated(4000, 2000));
  CHECK(repeated(4000, 2000).error().text == "the document becomes too much JSON");

  std::string controls = ":)\n\x03\xF8\x7F" + std::string(64, '\x01');
  controls += std::string(10'000, '\x01') + '\xF9';
  CHECK(smile_to_json(controls)->size() == 10'001 * 387 + 1);
}

TEST_CASE("a number of JSON is the same after its way through Smile", "[overlord]") {
  for (const auto* number :
       {"0", "-1", "9223372036854775807", "9223372036854775808", "18446744073709551616",
        "-9223372036854775809", "340282366920938463463374607431768211456", "0.1", "-0.0",
        "1.917377330098547e+208", "-1.70861011730405e-26", "2.2250738585072014e-308", "5e-324",
        "1.7976931348623157e+308"}) {
    CHECK(there_and_back(number) == number);
  }
  CHECK(there_and_back("9007199254740993.0") == "9007199254740992.0");
  CHECK(there_and_back("-1e-400") == "-0.0");
  CHECK(there_and_back(R"({"a":1,"a":2.50} )") == R"({"a":1,"a":2.5})");
  const std::string longest = read(big_integer(std::string(smile_number_limit, '\x7F')));
  CHECK(there_and_back(longest) == longest);
}

TEST_CASE("a number of JSON that Smile cannot hold is refused with its place", "[overlord]") {
  CHECK(written("[1e400]") == "6: a number is too large for a double");
  CHECK(written("-1E+309") == "7: a number is too large for a double");
  const std::string nines(2466, '9');
  CHECK(written(nines) == "2466: a number has too many digits");
  CHECK(written(std::string(1'000'000, '9')) == "1000000: a number has too many digits");
}
