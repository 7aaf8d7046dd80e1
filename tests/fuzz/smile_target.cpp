// What holds of every Smile document, however damaged: it is JSON or a fault with its place; it
// costs memory in proportion to its size; without its last byte it is cut off; and what it is as
// JSON, it is again after one more way through Smile.
#include "engine/json_fault.hpp"
#include "runner/overlord/smile.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>

using namespace copse::runner::overlord;
using copse::tests::Broken;
using copse::tests::peak_bytes;

namespace {

// Memory that depends on no size: the tables of shared names and values, a number's digits.
constexpr std::size_t reading_bytes = std::size_t{64} << 10U;
constexpr std::size_t writing_bytes = std::size_t{128} << 10U;

// A text that grows has three times its size for a moment.
constexpr std::size_t growing = 3;

// `1.0,` becomes eleven bytes, in a text that grows; each name is kept once more.
constexpr std::size_t writing_factor = 12;

// Boost's parser refuses an exponent that does not fit into an int with what stands before it.
constexpr long long exponent_limit = 2'147'480'000;

void promise(bool holds, const std::string& what) {
  if (!holds) throw Broken(what);
}

struct Comparable {
  std::string text;
  bool is_beyond = false;  // has a number that need not fit into a double
};

// JSON with each number that has a point or an exponent as the double that C reads it as.
Comparable comparable(std::string_view json) {
  Comparable out;
  for (std::size_t at = 0; at < json.size();) {
    std::size_t end = at + 1;
    if (json[at] == '"') {
      for (; json[end] != '"'; ++end) end += json[end] == '\\' ? 1U : 0U;
      out.text += json.substr(at, ++end - at);
    } else if (json[at] == '-' || (json[at] >= '0' && json[at] <= '9')) {
      end = std::min(json.find_first_not_of("+-.0123456789eE", at), json.size());
      const std::string number(json.substr(at, end - at));
      if (number.find_first_of(".eE") == std::string::npos) {
        out.text += number;
      } else {
        std::array<char, 40> digits{};
        const double value = std::strtod(number.c_str(), nullptr);
        std::snprintf(digits.data(), digits.size(), "%.17g", value);
        out.text += digits.data();
        const std::size_t e = number.find_first_of("eE");
        const long long exponent =
            e == std::string::npos ? 0 : std::strtoll(number.c_str() + e + 1, nullptr, 10);
        out.is_beyond |= std::isinf(value) || std::llabs(exponent) > exponent_limit;
      }
    } else {
      out.text += json[at];
    }
    at = end;
  }
  return out;
}

void promise_same_again(const std::string& json) {
  const Comparable before = comparable(json);
  std::expected<std::string, SmileFault> smile;
  const std::size_t peak = peak_bytes([&] { smile = json_to_smile(json); });
  promise(peak <= writing_bytes + writing_factor * json.size(),
          "writing took " + std::to_string(peak) + " bytes for " + std::to_string(json.size()));
  if (!smile) {
    promise(before.is_beyond, "cannot be written: " + smile.error().text);
    return;
  }
  const auto again = smile_to_json(*smile);
  promise(again.has_value(),
          "what was written cannot be read" + (again ? "" : ": " + again.error().text));
  promise(comparable(*again).text == before.text,
          "is not the same again: " + json + " -> " + *again);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view smile(reinterpret_cast<const char*>(data), size);
  std::expected<std::string, SmileFault> json;
  const std::size_t peak = peak_bytes([&] { json = smile_to_json(smile); });
  const std::string took = "reading took " + std::to_string(peak) + " bytes";
  if (!json) {
    promise(json.error().offset <= size && !json.error().text.empty(), "a fault without a place");
    // Until the limit was seen it may have grown, by one last text.
    promise(peak <= reading_bytes + growing * (smile_growth_limit + 8) * size, took);
    return 0;
  }
  promise(json->size() <= smile_growth_limit * size, "too much JSON");
  promise(peak <= reading_bytes + growing * (json->size() + size), took);
  // A last 0xFF may be the mark of the end, which nobody misses.
  promise(smile.back() == '\xFF' || !smile_to_json(smile.substr(0, size - 1)),
          "is read without its last byte as well");
  const auto fault = copse::engine::find_json_fault(*json);
  promise(!fault, "is no JSON: " + (fault ? fault->title : "") + ": " + *json);
  promise_same_again(*json);
  return 0;
}
