#include "runner/doctor/row.hpp"

#include "runner/cli/row_screen.hpp"

#include <catch2/catch.hpp>

using namespace copse::runner;
using namespace copse::runner::doctor;

TEST_CASE("the exit code is of the gravest row", "[doctor]") {
  CHECK(exit_code({}) == 0);
  CHECK(exit_code(
            {{"a", Verdict::ok, ""}, {"b", Verdict::note, ""}, {"c", Verdict::skipped, ""}}) == 0);
  CHECK(exit_code({{"a", Verdict::ok, ""}, {"b", Verdict::warning, ""}}) == 1);
  CHECK(exit_code({{"a", Verdict::error, ""}, {"b", Verdict::ok, ""}}) == 1);
  CHECK(exit_code({{"a", Verdict::error, "", "", true}, {"b", Verdict::error, ""}}) == 6);
}

TEST_CASE("what was skipped outweighs nothing", "[doctor]") {
  CHECK(graver(Verdict::ok, Verdict::note) == Verdict::note);
  CHECK(graver(Verdict::error, Verdict::warning) == Verdict::error);
  CHECK(graver(Verdict::note, Verdict::skipped) == Verdict::note);
}

TEST_CASE("a row is one JSON object with all its members", "[doctor]") {
  CHECK(to_json({"own port", Verdict::warning, "a \"b\"", ""}) ==
        R"({"check":"own port","verdict":"warning","found":"a \"b\"","remedy":""})");
}

TEST_CASE("a list reads as a sentence", "[doctor]") {
  CHECK(listed({}).empty());
  CHECK(listed({"a"}) == "a");
  CHECK(listed({"a", "b"}) == "a and b");
  CHECK(listed({"a", "b", "c"}) == "a, b and c");
}

TEST_CASE("long texts are broken at blanks, below their beginning", "[doctor]") {
  CHECK(cli::wrapped("one two three", 100, 4) == "one two three");
  CHECK(cli::wrapped("one two three", 7, 2) == "one two\n  three");
  CHECK(cli::wrapped("http://a.long.word then", 5, 1) == "http://a.long.word\n then");
  CHECK(cli::wrapped("\u00e4\u00e4 \u00e4\u00e4", 5, 1) == "\u00e4\u00e4 \u00e4\u00e4");
  CHECK(cli::wrapped("", 5, 1).empty());
}
