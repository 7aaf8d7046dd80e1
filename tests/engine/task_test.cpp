#include "engine/task.hpp"

#include "engine/facts.hpp"

#include <catch2/catch.hpp>

using namespace copse::engine;

namespace {

// `text [underlined]` of the first diagnostic, or the task's id.
std::string read(std::string text) {
  const auto task = read_task({"t.json", std::move(text)});
  if (task) return task->id;
  const Diagnostic& d = task.error()[0];
  return d.code + " " + d.title;
}

std::string data_source(std::string text) {
  const auto task = read_task({"t.json", std::move(text)});
  REQUIRE(task);
  return task->data_source.value_or("<none>");
}

}  // namespace

TEST_CASE("a task is read whole, and Druid's envelope is unwrapped", "[engine]") {
  const auto task =
      read_task({"t", R"( {"task":"a","payload":{"type":"noop","id":"a","groupId":"g"}} )"});
  REQUIRE(task);
  CHECK(task->document == R"({"type":"noop","id":"a","groupId":"g"})");
  CHECK(task->type == "noop");
  CHECK(task->group_id == "g");
  CHECK(task->data_source == "none");
}

TEST_CASE("the datasource of a submitted spec is found where its type keeps it", "[engine]") {
  CHECK(
      data_source(
          R"({"type":"index","id":"a","dataSource":"top","spec":{"dataSchema":{"dataSource":"s"}}})") ==
      "top");
  CHECK(data_source(
            R"({"type":"index_parallel","id":"a","spec":{"dataSchema":{"dataSource":"s"}}})") ==
        "s");
  CHECK(data_source(R"({"type":"index_kafka","id":"a","dataSchema":{"dataSource":"k"}})") == "k");
  CHECK(data_source(
            R"({"type":"query_controller","id":"a","spec":{"destination":{"dataSource":"q"}}})") ==
        "q");
  CHECK(data_source(R"({"type":"index","id":"a"})") == "<none>");
}

TEST_CASE("a text that is no task says why", "[engine]") {
  CHECK(read("[1]") == "I0102 a task must be a JSON object");
  CHECK(read("{\"type\":\"noop\"}") == "I0103 the task has no `id`");
  CHECK(read("{\"id\":\"a\"}") == "I0103 the task has no `type`");
  CHECK(read("{\"id\":\"a\",\"type\":7}") == "I0103 the task has no `type`");
  CHECK(read("{\"id\":\"a\",") == "I0101 the document ends inside an object");
  CHECK(read("garbage") == "I0101 this is not a JSON value");
  CHECK(read(std::string(100'000, '[')) == "I0101 nested deeper than 1024 levels");
  CHECK(read("{\"id\":\"a\",\"type\":\"t\",\"x\":\"" + std::string(task_size_limit, 'x') + "\"}")
            .starts_with("I0104"));
}

TEST_CASE("the line of a broken task counts from where its text starts", "[engine]") {
  const auto task = read_task({"t.ndjson", "{\"id\":}"}, 17);
  REQUIRE_FALSE(task);
  CHECK(task.error()[0].place.line == 17);
}

TEST_CASE("facts are exact about absent, ill-typed and repeated members", "[engine]") {
  FactReader reader({type_attribute(), tag_attribute("team"), tag_attribute("t\"q")});
  const auto state = [&](const std::string& document, std::size_t i) {
    const auto facts = reader.read(document);
    REQUIRE(facts);
    const Fact fact = (*facts)[i];
    return fact.state() == Fact::State::absent ? std::string("absent")
           : fact.state() == Fact::State::text ? "text " + std::string(fact.text())
                                               : std::string("ill-typed");
  };
  CHECK(state(R"({"type":"a","type":"b"})", 0) == "text a");
  CHECK(state(R"({"type":null})", 0) == "absent");
  CHECK(state(R"({"type":[]})", 0) == "ill-typed");
  CHECK(state(R"({"context":{"tags":{"team":"x\u00e9\n"}}})", 1) == "text x\xC3\xA9\n");
  CHECK(state(R"({"context":{"tags":{"team":12345678901234567890123}}})", 1) == "ill-typed");
  CHECK(state(R"({"context":{"tags":["team"]}})", 1) == "ill-typed");
  CHECK(state(R"({"context":{"tags":null}})", 1) == "absent");
  CHECK(state(R"({"context":7})", 1) == "ill-typed");
  CHECK(state(R"({"context":{"tags":{"t\"q":"yes"}}})", 2) == "text yes");
  CHECK(state(R"({"cont\u0065xt":{"t\u0061gs":{"team":"z"}}})", 1) == "text z");
}
