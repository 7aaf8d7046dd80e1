#include "engine/json_fault.hpp"

#include <catch2/catch.hpp>

using namespace copse::engine;

namespace {

// The text that a diagnostic would underline, and why.
std::string fault(std::string_view text) {
  const auto found = find_json_fault(text);
  if (!found) return "none";
  return std::string(text.substr(found->begin, found->end - found->begin)) + " | " + found->title;
}

}  // namespace

TEST_CASE("what is JSON has no fault", "[engine]") {
  for (const std::string_view text :
       {"{}", "[]", " [1, -2.5e+3, 0, true, false, null, \"a\\u00e9\\n\xC3\xA9\"] ",
        "{\"a\":{\"b\":[{}]}}", "3", "\"x\"", "[[],[[]],{}]"}) {
    CHECK(fault(text) == "none");
  }
}

TEST_CASE("a fault names the text at which JSON ends and why", "[engine]") {
  CHECK(fault("") == " | the document is empty");
  CHECK(fault("{\"a\":1,}") == "} | a member's name should stand here, in double quotes");
  CHECK(fault("[1,]") == "] | a value is missing before this bracket");
  CHECK(fault("{\"a\" 1}") == "1 | expected `:` after the member's name");
  CHECK(fault("{\"a\":1 \"b\":2}") == "\" | expected `,` or `}` after this member");
  CHECK(fault("[1 2]") == "2 | expected `,` or `]` after this element");
  CHECK(fault("{\"a\":[1}") == "} | expected `,` or `]` after this element");
  CHECK(fault("{\"a\":") == " | the document ends where a value should stand");
  CHECK(fault("{\"a\":1") == " | the document ends inside an object");
  CHECK(fault("nulll") == "l | something follows the end of the document");
  CHECK(fault("{a:1}") == "a | a member's name should stand here, in double quotes");
  CHECK(fault("[True]") == "True | this is not a JSON value");
  CHECK(fault("{'a':1}") == "' | a member's name should stand here, in double quotes");
  CHECK(fault("[01]") == "01] | this is not a JSON number");
  CHECK(fault("[\"a]") == "\" | this text has no closing quote");
  CHECK(fault("[\"\\x\"]") == "\\x | this escape does not exist in JSON");
  CHECK(fault("[\"\xFF\"]") == "\xFF | this byte is not UTF-8");
  CHECK(fault("{} {}") == "{ | something follows the end of the document");
}

TEST_CASE("nesting beyond the limit is a fault and no stack overflow", "[engine]") {
  CHECK(fault(std::string(json_depth_limit, '[') + std::string(json_depth_limit, ']')) == "none");
  CHECK(fault(std::string(2'000'000, '[')) == "[ | nested deeper than 1024 levels");
}

TEST_CASE("a large document is looked at as a small one is", "[engine]") {
  const std::string filling = "\"" + std::string(100'000, 'x') + "\"";
  const auto nested = [&](std::size_t depth) {
    return std::string(depth, '[') + filling + std::string(depth, ']');
  };
  CHECK(fault(nested(1)) == "none");
  CHECK(fault(nested(json_depth_limit)) == "none");
  CHECK(fault(nested(json_depth_limit + 1)) == "[ | nested deeper than 1024 levels");
  // simdjson refuses these, and they are JSON.
  CHECK(fault("[" + filling + R"(, 1e999, 123456789012345678901234567890, "\ud800"])") == "none");
  CHECK(fault("[" + filling + ",]") == "] | a value is missing before this bracket");
  CHECK(fault("\xEF\xBB\xBF[" + filling + "]")
            .ends_with("a byte order mark stands before the document"));
}
