#include "runner/overlord/acknowledgement.hpp"

#include <catch2/catch.hpp>

using namespace copse::runner::overlord;
using namespace std::chrono_literals;

namespace {

using Ids = std::vector<std::string>;

constexpr Acknowledgement::Time start{1h};

}  // namespace

TEST_CASE("nothing is asked while nothing has ended: an empty question would be refused",
          "[overlord]") {
  CHECK_FALSE(Acknowledgement().due());
}

TEST_CASE("what the Overlord knows to have ended, or does not know, is spoken of no more",
          "[overlord]") {
  Acknowledgement ends;
  ends.ended("a", start);
  ends.ended("b", start + 1s);
  ends.ended("c", start + 1s);
  CHECK(ends.due() == start + 2s);
  const Ids asked = ends.question();
  CHECK(Acknowledgement::body(asked) == R"(["a","b","c"])");
  CHECK_FALSE(ends.due());
  CHECK(ends.answered(R"({"a":{"id":"a","status":"SUCCESS"},"b":{"id":"b","status":"RUNNING"}})",
                      start + 3s) == Ids{"a", "c"});
  CHECK(ends.due() == start + 5s);
  CHECK(ends.question() == Ids{"b"});
  CHECK(ends.answered(R"({"b":{"status":"FAILED"}})", start + 6s) == Ids{"b"});
  CHECK_FALSE(ends.due());
  CHECK(ends.waiting() == 0);
}

TEST_CASE("a timer that rings twice asks once, and loses none of those that were asked for",
          "[overlord]") {
  Acknowledgement ends;
  ends.ended("a", start);
  CHECK(ends.question() == Ids{"a"});
  CHECK(ends.question().empty());
  ends.ended("b", start + 1s);
  CHECK(ends.question().empty());
  CHECK(ends.waiting() == 2);
  CHECK(ends.answered(R"({"a":{"status":"SUCCESS"}})", start + 2s) == Ids{"a"});
  CHECK(ends.question() == Ids{"b"});
}

TEST_CASE("an Overlord that is away is asked ever more seldom, and at once again when it is back",
          "[overlord]") {
  Acknowledgement ends;
  ends.ended("a", start);
  auto now = start;
  std::vector<milliseconds> pauses;
  for (int i = 0; i < 7; ++i) {
    pauses.push_back(std::chrono::duration_cast<milliseconds>(*ends.due() - now));
    now = *ends.due();
    CHECK(ends.question() == Ids{"a"});
    ends.failed(now);
  }
  CHECK(pauses == std::vector<milliseconds>{2s, 2s, 4s, 8s, 16s, 32s, 60s});
  CHECK(ends.question() == Ids{"a"});
  CHECK(ends.answered("{}", now) == Ids{"a"});
  ends.ended("b", now);
  CHECK(ends.due() == now + 2s);
}

TEST_CASE("an answer that is none is a failure, and nothing is forgotten for it", "[overlord]") {
  for (const char* answer : {"", "[]", "<html>", R"("a")"}) {
    Acknowledgement ends;
    ends.ended("a", start);
    CHECK(ends.question() == Ids{"a"});
    CHECK_FALSE(ends.answered(answer, start));
    CHECK(ends.waiting() == 1);
    CHECK(ends.due());
  }
}

TEST_CASE("a status that is not understood is no acknowledgement", "[overlord]") {
  for (const char* answer : {R"({"a":null})", R"({"a":{}})", R"({"a":{"status":5}})"}) {
    Acknowledgement ends;
    ends.ended("a", start);
    CHECK(ends.question() == Ids{"a"});
    CHECK(ends.answered(answer, start) == Ids{});
  }
}

TEST_CASE("one question holds a bounded number of tasks, and all have their turn", "[overlord]") {
  Acknowledgement ends;
  for (std::size_t i = 0; i < question_limit + 1; ++i) ends.ended(std::to_string(i), start);
  CHECK(ends.question().size() == question_limit);
  CHECK(ends.answered("{}", start)->size() == question_limit);
  CHECK(ends.question() == Ids{std::to_string(question_limit)});
}

TEST_CASE("an Overlord that lags behind a steady stream of ends is asked steadily", "[overlord]") {
  Acknowledgement ends;
  auto now = start;
  for (int i = 0; i < 20; ++i) {
    const std::string told = "told" + std::to_string(i);
    ends.ended(told, now);
    ends.ended("late" + std::to_string(i), now);
    CHECK(*ends.due() - now <= first_question);
    now = *ends.due();
    std::string answer = "{";
    for (const std::string& id : ends.question()) {
      if (id != told)
        answer += (answer.size() > 1 ? ",\"" : "\"") + id + R"(":{"status":"RUNNING"})";
    }
    CHECK(ends.answered(answer + "}", now) == Ids{told});
  }
}

TEST_CASE("a burst of ends is asked for without a pause between full questions", "[overlord]") {
  Acknowledgement ends;
  for (std::size_t i = 0; i < 3 * question_limit; ++i) ends.ended(std::to_string(i), start);
  CHECK_FALSE(ends.question().empty());
  CHECK(ends.answered("{}", start + 3s)->size() == question_limit);
  CHECK(ends.due() == start + 3s);
  CHECK_FALSE(ends.question().empty());
  CHECK(ends.answered("{}", start + 3s)->size() == question_limit);
  CHECK(ends.due() == start + 3s);
}
