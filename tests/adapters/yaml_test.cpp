#include "adapters/yaml.hpp"

#include "adapters/document.hpp"
#include "adapters/json_text.hpp"

#include <random>

#include <catch2/catch.hpp>

using namespace copse::adapters;

namespace {

// A document as compact JSON, from the tree that a reader made.
void append(std::string& out, const Document& document, const Node& node) {
  switch (node.kind) {
    case NodeKind::text:
      append_json_string(out, node.text);
      return;
    case NodeKind::list:
    case NodeKind::map:
      break;
    case NodeKind::null:
      out += "null";
      return;
    case NodeKind::boolean:
    case NodeKind::integer:
    case NodeKind::real:
      out += node.text;
      return;
  }
  const bool list = node.kind == NodeKind::list;
  out += list ? '[' : '{';
  for (std::size_t i = 0; i < node.members.size(); ++i) {
    if (i > 0) out += ',';
    if (!list) {
      append_json_string(out, node.members[i].key);
      out += ':';
    }
    append(out, document, document[node.members[i].value]);
  }
  out += list ? ']' : '}';
}

std::string back(const std::string& yaml) {
  const auto reading = read_yaml_document({"back", yaml});
  if (!reading.document) return reading.diagnostics.front().title;
  std::string out;
  append(out, *reading.document, reading.document->nodes.front());
  return out;
}

std::string yaml(const std::string& json) {
  return json_to_yaml(json).value_or("error");
}

}  // namespace

TEST_CASE("a Job reads as kubectl would print it", "[adapters]") {
  CHECK(
      yaml(
          R"({"kind":"Job","metadata":{"labels":{},"name":"a"},"spec":{"containers":[{"args":["-c","a\nb\n"],)"
          R"("env":[{"name":"PORT","value":"8100"},{"name":"ON","value":"yes"}],"resources":{"limits":{"memory":"2Gi","cpu":"1"}}}],)"
          R"("backoffLimit":0,"tls":true,"none":null,"tolerations":[]}})") ==
      "kind: Job\n"
      "metadata:\n"
      "  labels: {}\n"
      "  name: a\n"
      "spec:\n"
      "  containers:\n"
      "  - args:\n"
      "    - \"-c\"\n"
      "    - |\n"
      "      a\n"
      "      b\n"
      "    env:\n"
      "    - name: PORT\n"
      "      value: \"8100\"\n"
      "    - name: \"ON\"\n"
      "      value: \"yes\"\n"
      "    resources:\n"
      "      limits:\n"
      "        memory: 2Gi\n"
      "        cpu: \"1\"\n"
      "  backoffLimit: 0\n"
      "  tls: true\n"
      "  none: null\n"
      "  tolerations: []\n");
}

TEST_CASE("texts come back from YAML as they were", "[adapters]") {
  for (const std::string_view text : {"",
                                      " ",
                                      "a ",
                                      " a",
                                      "true",
                                      "True",
                                      "~",
                                      "null",
                                      "1",
                                      "1.5",
                                      "0x1F",
                                      "1_000",
                                      "12:30:45",
                                      "2026-01-31",
                                      "- a",
                                      "a: b",
                                      "a:",
                                      "a #b",
                                      "#",
                                      "*x",
                                      "&x",
                                      "!x",
                                      "|",
                                      ">",
                                      "%",
                                      "@",
                                      "`",
                                      "'",
                                      "\"",
                                      "a'b",
                                      "{a",
                                      "[a",
                                      "a,b",
                                      "?",
                                      ":",
                                      "\n",
                                      "a\n",
                                      "a\nb",
                                      "a\n\n",
                                      "\na",
                                      "  a\nb",
                                      "a\n  b\n",
                                      "a\tb",
                                      "\ta\nb",
                                      "a\r\nb",
                                      "a\x01",
                                      "a\x7F",
                                      "ü",
                                      "a\xC2\x85"
                                      "b\nc",
                                      "---",
                                      "...",
                                      "a\n---\nb",
                                      "=",
                                      "<<",
                                      "y",
                                      "N",
                                      "2Gi",
                                      "500m",
                                      "1e3",
                                      "1E",
                                      ".5",
                                      "+1",
                                      "metadata.annotations['task']",
                                      "/peon.sh /druid/data 1",
                                      "apache/druid:33.0.0",
                                      "a\nb\n\n\n",
                                      "a\n \nb"}) {
    const std::string json = "{\"k\":[" + json_string(text) + "]," +
                             json_string(std::string("z") + std::string(text)) + ":" +
                             json_string(text) + "}";
    INFO(yaml(json));
    CHECK(back(yaml(json)) == json);
  }
}

TEST_CASE("random documents come back from YAML as they were", "[adapters]") {
  std::mt19937 random(11);
  const std::string_view alphabet = "ab:- #\n'\"{}[],&*!|>%@`~0123.eE\t\\=?<";
  const auto text = [&] {
    std::string out;
    for (std::size_t n = random() % 12; n > 0; --n) out += alphabet[random() % alphabet.size()];
    return json_string(out);
  };
  for (int round = 0; round < 5000; ++round) {
    const std::string json = "{" + text() + ":" + text() + ",\"x" + std::to_string(round) + "\":{" +
                             text() + ":[" + text() + ",[" + text() + "," + text() + "],{" +
                             text() + ":[]}]}}";
    const std::string rendered = yaml(json);
    if (rendered == "error") continue;
    INFO(rendered);
    REQUIRE(back(rendered).size() >= json.size() - 40);
    CHECK(yaml(back(rendered)) == rendered);
  }
}

TEST_CASE("what is not JSON is said instead of rendered", "[adapters]") {
  CHECK(json_to_yaml("{").error().find("not JSON") != std::string::npos);
  CHECK(json_to_yaml(std::string(200, '[') + std::string(200, ']')).error() ==
        "nested deeper than 128 levels");
}
