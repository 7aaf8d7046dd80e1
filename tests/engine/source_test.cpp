#include "engine/source.hpp"

#include "engine/diagnostic.hpp"

#include <catch2/catch.hpp>

using namespace copse::engine;

TEST_CASE("a span is found by line and by column in code points", "[engine]") {
  const Source source{"pods.copse", "one\nz\xC3\xBC = wrong\nthree"};
  const Place place = locate(source, {10, 15});
  CHECK(place.line == 2);
  CHECK(place.column == 6);
  CHECK(place.excerpt == "z\xC3\xBC = wrong");
  CHECK(place.underline_at == 5);
  CHECK(place.underline_length == 5);
}

TEST_CASE("a span beyond the text is the end of its last line", "[engine]") {
  const Place place = locate(Source{"f", "ab\ncd"}, {99, 100});
  CHECK(place.line == 2);
  CHECK(place.column == 3);
  CHECK(place.underline_length == 0);
}

TEST_CASE("a line of megabytes is shown as a window around the span", "[engine]") {
  const Source source{"min.json",
                      std::string(1'000'000, 'a') + "HERE" + std::string(1'000'000, 'b')};
  const Place place = locate(source, {1'000'000, 1'000'004});
  CHECK(place.excerpt.size() == excerpt_limit);
  CHECK(place.excerpt.substr(place.underline_at, place.underline_length) == "HERE");
}

TEST_CASE("places found one after the other are those found alone", "[engine]") {
  const Source source{"f", "one\r\nz\xC3\xBC = wrong\n\nthree\nlast"};
  for (std::uint32_t first = 0; first <= source.text.size(); ++first) {
    Locator places(source);
    static_cast<void>(places.place({first, first + 1}));
    for (std::uint32_t next = 0; next <= source.text.size(); ++next)
      REQUIRE(places.place({next, next + 3}) == locate(source, {next, next + 3}));
  }
}

TEST_CASE("ten thousand places in one line of megabytes take one pass", "[engine]") {
  const Source source{"min.json", std::string(20'000'000, 'a')};
  Locator places(source);
  std::uint32_t column = 0;
  for (std::uint32_t i = 0; i < 10'000; ++i)
    column = places.place({i * 2'000, i * 2'000 + 1}).column;
  CHECK(column == 9'999 * 2'000 + 1);
}

TEST_CASE("places in a text that was made are those where it was written", "[engine]") {
  Original original;
  original.text = "{\n \"name\": \"abc\",\n \"size\": 10\n}";
  // `name abc size ten`: the whole, the name as it is, the size in other words.
  original.passages = {
      {.begin = 0, .end = 17, .written_begin = 0, .written_end = 31},
      {.begin = 5, .end = 8, .written_begin = 12, .written_end = 15, .outer = 0, .is_copy = true},
      {.begin = 14, .end = 17, .written_begin = 27, .written_end = 29, .outer = 0}};
  const Source source{"f", "name abc size ten",
                      std::make_shared<const Original>(std::move(original))};
  const auto underlined = [&](Span span) {
    const Place place = locate(source, span);
    return std::to_string(place.line) + " " +
           place.excerpt.substr(place.underline_at, place.underline_length);
  };
  CHECK(underlined({5, 8}) == "2 abc");
  CHECK(underlined({6, 7}) == "2 b");
  CHECK(underlined({14, 17}) == "3 10");
  CHECK(underlined({15, 16}) == "3 10");
  CHECK(underlined({0, 4}) == "1 {");
  CHECK(underlined({5, 17}) == "1 {");
  CHECK(as_written(source, {6, 8}) == Span{13, 15});
  CHECK(as_written(source, {8, 8}) == Span{15, 15});
  CHECK_FALSE(as_written(source, {14, 17}));
  CHECK(as_written({"f", "abc"}, {1, 2}) == Span{1, 2});
}

TEST_CASE("a diagnostic shows code, title, place, underlined text and help", "[engine]") {
  const Source source{"pods.copse", "a\nb\nc\nd\ne\nf\ng\nh\ni\n  when context.priorty > 1\n"};
  Diagnostic diagnostic;
  diagnostic.code = "P0203";
  diagnostic.title = "unknown attribute `context.priorty`";
  diagnostic.place = locate(source, {25, 40});
  diagnostic.label = "not in schema druid.task";
  diagnostic.help = "did you mean `priority`?";
  CHECK(render(diagnostic) ==
        "error[P0203]: unknown attribute `context.priorty`\n"
        "  --> pods.copse:10:8\n"
        "   |\n"
        "10 |   when context.priorty > 1\n"
        "   |        ^^^^^^^^^^^^^^^ not in schema druid.task\n"
        "   = help: did you mean `priority`?\n");
}

TEST_CASE("a diagnostic fits a line of a log, with its place", "[engine]") {
  Diagnostic diagnostic;
  diagnostic.title = "unknown attribute `a`";
  CHECK(one_line(diagnostic) == "unknown attribute `a`");
  diagnostic.code = "P0203";
  diagnostic.place = locate({"pods.copse", "x\n  a\n"}, {4, 5});
  diagnostic.label = "not in schema";
  diagnostic.help = "did you mean `b`?";
  CHECK(one_line(diagnostic) ==
        "pods.copse:2:3: P0203: unknown attribute `a`: not in schema; did you mean `b`?");
  diagnostic.place = whole_file("pods.copse");
  CHECK(one_line(diagnostic).starts_with("pods.copse: P0203: "));
}

TEST_CASE("the nearest word is at most a third of the letters away", "[engine]") {
  CHECK(nearest("selecters", {"selectors", "type"}) == "selectors");
  CHECK(nearest("lagre", {"small", "large"}) == "large");
  CHECK(nearest("xyz", {"selectors", "type"}).empty());
}
