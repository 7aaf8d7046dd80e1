// What is said about Druid's configuration objects, and where: code, title, underlined text and
// help.
#include "engine/release.hpp"
#include "grammar/policy_document.hpp"
#include "grammar/properties_file.hpp"

#include <catch2/catch.hpp>

using namespace copse;
using engine::Release;

namespace {

std::string told(const engine::Diagnostic& d) {
  const std::string underlined =
      d.place.excerpt.substr(d.place.underline_at, d.place.underline_length);
  return d.code + " " + d.title + " [" + underlined + "]" + (d.help.empty() ? "" : " " + d.help);
}

// The first thing that is said about a policy document.
std::string about(std::string text, Release release = engine::newest_release) {
  const auto read = grammar::read_policy_document({"p.json", std::move(text)}, release);
  if (!read) return "error " + told(read.error()[0]);
  return read->warnings.empty() ? "nothing" : told(read->warnings[0]);
}

std::string selectors(const std::string& inner) {
  return R"({"podTemplateSelectStrategy":{"type":"selectorBased","selectors":)" + inner + "}}";
}

}  // namespace

TEST_CASE("a policy document is known by its content", "[grammar]") {
  using grammar::DocumentKind;
  const auto kind = [](std::string text) { return grammar::kind_of({"p", std::move(text)}); };
  CHECK(kind(R"({"podTemplateSelectStrategy":null})") == DocumentKind::dynamic_configuration);
  CHECK(kind(R"({"capacity":5})") == DocumentKind::dynamic_configuration);
  CHECK(kind(R"({})") == DocumentKind::dynamic_configuration);
  CHECK(kind(R"({"type":"selectorBased","selectors":[]})") == DocumentKind::strategy);
  CHECK(kind(R"({"type":"taskType"})") == DocumentKind::strategy);
  CHECK(kind(R"({"type":"default"})") == DocumentKind::strategy);
  CHECK(kind(R"({"type":"k8s"})") == DocumentKind::runner_strategy);
  CHECK(kind(R"({"type":"taskType","default":"k8s"})") == DocumentKind::runner_strategy);
  CHECK(kind("druid.indexer.runner.type=k8s\n") == DocumentKind::properties);
  CHECK(kind("# a comment\n") == DocumentKind::properties);
}

TEST_CASE("what Druid cannot read is an error with its place", "[grammar]") {
  CHECK(about("{\"podTemplateSelectStrategy\": }") ==
        "error P0101 a value is missing before this bracket [}] remove the comma before it");
  CHECK(about("[]") == "error P0201 a configuration must be a JSON object, not a list [[]");
  CHECK(
      about(R"({"podTemplateSelectStrategy":"selectorBased"})") ==
      "error P0201 `podTemplateSelectStrategy` must be an object, not a text [\"selectorBased\"]");
  CHECK(about(selectors("null")) ==
        "error P0202 a `selectorBased` strategy needs `selectors` [{] an empty list [] is valid: "
        "every task gets `base`");
  CHECK(about(selectors("7")) == "error P0201 `selectors` must be a list, not a number [7]");
  CHECK(about(selectors("[7]")) == "error P0201 selectors[0] must be an object, not a number [7]");
  CHECK(about(selectors(R"([{"type":"index"}])")) ==
        "error P0201 `type` must be a list of texts, not a text [\"index\"]");
  CHECK(about(selectors(R"([{"selectionKey":["a"]}])")) ==
        "error P0201 `selectionKey` must be a text, not a list [[]");
  CHECK(about(selectors(R"([{"context.tags":[]}])")) ==
        "error P0201 `context.tags` must be an object, not a list [[]");
  CHECK(about(R"({"capacity":"many"})") ==
        "error P0201 `capacity` must be a whole number from 0 to 2147483647 [\"many\"]");
  CHECK(about("{}", Release{33}) ==
        "error P0202 this Druid release needs a `podTemplateSelectStrategy` [{] add "
        "\"podTemplateSelectStrategy\": "
        "{\"type\": \"default\"}");
  CHECK(about(R"({"type":"taskType","overrides":{}})") ==
        "error P0202 a `taskType` runner strategy needs a `default` [\"taskType\"] add "
        "\"default\": \"k8s\"");
  CHECK(about(R"({"type":"taskType","default":"k8s","overrides":{"kill":"K8S"}})") ==
        "error P0205 the runner of `kill` is `K8S` [\"K8S\"] there are `k8s` and `worker`");
}

TEST_CASE("what Druid takes in silence is a warning with its place", "[grammar]") {
  CHECK(about(selectors(R"([{"selectionkey":"a"}])")) ==
        "P0203 selectors[0] has no member `selectionkey` [\"selectionkey\"] did you mean "
        "`selectionKey`?");
  CHECK(about(selectors(R"([{"comment":"x"}])")) ==
        "P0203 selectors[0] has no member `comment` [\"comment\"]");
  CHECK(about(R"({"podTemplateSelectStrategy":{"type":"selectorbased","selectors":[]}})") ==
        "P0204 there is no strategy `selectorbased` [\"selectorbased\"] did you mean "
        "`selectorBased`?");
  CHECK(about(R"({"podTemplateSelectStrategy":{"selectors":[]}})") ==
        "P0204 the strategy has `selectors` but no `type` [{] add \"type\": \"selectorBased\"");
  CHECK(about(selectors("[null]")) == "P0202 selectors[0] is null [null] remove it");
  CHECK(about(selectors(R"([{"context.tags":{"team":null}}])")) ==
        "P0202 tag `team` of selectors[0] is null [null] list its values, or remove the tag");
  CHECK(about(selectors(R"([{"context.tags":{"team":[]}}])")) ==
        "P0208 tag `team` of selectors[0] lists nothing [[] list its values, or remove the tag");
  CHECK(about(selectors(R"([{"type":[null]}])")) ==
        "P0208 null in `type` matches nothing [null] remove it");
  CHECK(about(R"({"capacity":-1})") == "P0205 a negative `capacity` [-1] 0 stops new tasks");
  CHECK(
      about(R"({"type":"taskType","default":"Worker"})") ==
      "P0207 the `default` of a runner strategy is `k8s` or `worker`, not `Worker` [\"taskType\"]");
  CHECK(about(R"({"type":"tasktype","overrides":{}})") ==
        "P0206 there is no runner strategy `tasktype` [\"tasktype\"] did you mean `taskType`?");
}

TEST_CASE("texts keep their escapes, and a member that is repeated counts where it stands last",
          "[grammar]") {
  const auto read = grammar::read_strategy(
      {"p",
       R"({"type":"selectorBased","selectors":[{"selectionKey":"a","selectionKey":"\u00fc\ud83d\ude00\n"}]})"},
      engine::newest_release);
  REQUIRE(read);
  const auto& strategy = std::get<grammar::SelectorBased>(*read->value.strategy);
  CHECK(strategy.selectors[0].selection_key == "\xC3\xBC\xF0\x9F\x98\x80\n");
}

TEST_CASE("a properties file is read as Java reads it", "[grammar]") {
  const auto read =
      grammar::read_properties({"runtime.properties",
                                "# comment\n! another\n\n"
                                "a=1\n  b : 2\nc 3\nd=x \\\n   y\ne=\\u00fc\\t\\=\nf\na=last\r\n"});
  REQUIRE(read);
  CHECK(read->value("a") == "last");
  CHECK(read->value("b") == "2");
  CHECK(read->value("c") == "3");
  CHECK(read->value("d") == "x y");
  CHECK(read->value("e") == "\xC3\xBC\t=");
  CHECK(read->value("f") == "");
  CHECK(read->find("b")->place.line == 5);
}

TEST_CASE("a properties file of a mebibyte is read, and a larger one refused", "[grammar]") {
  std::string text = "a=1\n";
  text.resize(grammar::properties_size_limit, '#');
  CHECK(grammar::read_properties({"f", text}));
  const auto read = grammar::read_properties({"f", text + "#"});
  REQUIRE_FALSE(read);
  CHECK(read.error()[0].code == "C0102");
}

TEST_CASE("an escape that Java refuses is an error with its place", "[grammar]") {
  const auto read = grammar::read_properties({"runtime.properties", "a=C:\\users\n"});
  REQUIRE_FALSE(read);
  CHECK(told(read.error()[0]) ==
        "C0101 a `\\u` escape needs four hexadecimal digits [\\users] write a backslash as \\\\");
}
