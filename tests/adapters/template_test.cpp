#include "adapters/document.hpp"
#include "adapters/json_text.hpp"
#include "adapters/pod_template.hpp"
#include "tests/adapters/vectors.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include <catch2/catch.hpp>

using namespace copse::adapters;
using namespace copse::tests;
namespace engine = copse::engine;
namespace fs = std::filesystem;

namespace {

const fs::path folder = COPSE_TEMPLATES;

std::string read(const fs::path& path) {
  return file_text(path.string());
}

TemplateReading reading_of(const std::string& name,
                           TemplateForm form = TemplateForm::pod_template) {
  return read_pod_template({name, read(folder / name)}, form);
}

TemplateReading from_text(const std::string& text) {
  return read_pod_template({"t.yaml", text});
}

// The pod as JSON, with what a Job puts between the pieces left empty.
std::string pod(const TemplateReading& reading) {
  REQUIRE(reading.pod_template.has_value());
  const auto& pieces = reading.pod_template->pieces;
  return pieces[0] + "A" + pieces[1] + "L" + pieces[2] + pieces[3];
}

// All that a person is told, and what becomes of the file.
std::string report(const TemplateReading& reading) {
  std::string text;
  for (const engine::Diagnostic& diagnostic : reading.diagnostics)
    text += engine::render(diagnostic);
  if (!reading.pod_template) return text + "== refused\n";
  return text +
         (reading.pod_template->has_container ? "== " + pod(reading) + "\n" : "== no container\n");
}

}  // namespace

TEST_CASE("each sample template is told what its expectation says", "[adapters][golden]") {
  const bool update = std::getenv("UPDATE_GOLDEN") != nullptr;
  std::size_t samples = 0;
  std::size_t rewritten = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() == ".err") continue;
    ++samples;
    const fs::path golden = folder / (name + ".err");
    const std::string actual = report(reading_of(name));
    const std::string expected = read(golden);
    if (update && actual != expected) {
      std::ofstream(golden, std::ios::binary) << actual;
      ++rewritten;
      continue;
    }
    INFO(name);
    CHECK(actual == expected);
  }
  CHECK(samples == 35);
  if (update) FAIL("rewrote " << rewritten << " files; read the diff");
}

TEST_CASE("both templates of Druid's own page load, and only the second is told of its numbers",
          "[adapters]") {
  const auto first = reading_of("example1.yaml");
  CHECK(first.diagnostics.empty());
  CHECK(first.pod_template->first_container == "main");
  // The page indents restartPolicy, securityContext and tolerations into the container.
  const auto second = reading_of("example2.yaml");
  std::string codes;
  for (const auto& diagnostic : second.diagnostics) {
    CHECK(diagnostic.severity == engine::Severity::warning);
    codes += diagnostic.code + " ";
  }
  CHECK(codes == "T0109 T0108 T0108 T0108 T0108 T0104 T0104 ");
  CHECK(second.diagnostics[1].title == "`template.spec.containers[0].env[0].value` should be text");
  CHECK(second.diagnostics[1].place.excerpt == "          value: 8100");
  CHECK(second.diagnostics[1].help == "write `\"8100\"`");
  CHECK(pod(second).find(R"({"name":"druid_port","value":"8100"})") != std::string::npos);
  CHECK(pod(second).find(R"({"name":"druid_indexer_task_encapsulatedTask","value":"true"})") !=
        std::string::npos);
}

TEST_CASE("the template inside the ConfigMap of Druid's page is the file that it becomes",
          "[adapters]") {
  const engine::Source map{"example2-configmap.yaml", read(folder / "example2-configmap.yaml")};
  const auto document = read_document(map);
  REQUIRE(document.document.has_value());
  const Node* data = document.document->find(document.document->nodes.front(), "data");
  REQUIRE(data != nullptr);
  const Node* text = document.document->find(*data, "basePodSpec.yaml");
  REQUIRE(text != nullptr);
  CHECK(pod(read_pod_template({"basePodSpec.yaml", text->text})) ==
        pod(reading_of("example2.yaml")));
}

TEST_CASE("a ConfigMap given as a template is named as one", "[adapters]") {
  const auto reading = reading_of("example2-configmap.yaml");
  const auto about_kind = std::find_if(reading.diagnostics.begin(), reading.diagnostics.end(),
                                       [](const auto& d) { return d.code == "T0118"; });
  REQUIRE(about_kind != reading.diagnostics.end());
  CHECK(about_kind->help.find("as texts under `data`") != std::string::npos);
}

TEST_CASE("a folder of templates may hold bare ones, Druid's property may not", "[adapters]") {
  CHECK(reading_of("bare.yaml", TemplateForm::bare_allowed).diagnostics.empty());
  CHECK(pod(reading_of("bare.yaml", TemplateForm::bare_allowed)).find("\"name\":\"main\"") !=
        std::string::npos);
  CHECK_FALSE(reading_of("bare.yaml").pod_template->has_container);
}

TEST_CASE("scalars are what the JSON schema of YAML 1.2 says, as Druid's client reads them",
          "[adapters]") {
  const auto value = [](const std::string& scalar) {
    const auto reading = from_text(
        "template:\n  spec:\n    containers:\n    - env:\n      - value: " + scalar + "\n");
    const std::string text = pod(reading);
    const std::size_t at = text.find("\"value\":");
    return at == std::string::npos ? std::string("absent")
                                   : text.substr(at + 8, text.find("}]", at) - at - 8);
  };
  CHECK(value("8100") == "\"8100\"");
  CHECK(value("010") == "\"010\"");
  CHECK(value("-0") == "\"0\"");
  CHECK(value("1.10") == "\"1.1\"");
  CHECK(value("1e3") == "\"1000.0\"");
  CHECK(value("1e10") == "\"1.0E10\"");
  CHECK(value("0.0001") == "\"1.0E-4\"");
  CHECK(value("True") == "\"True\"");
  CHECK(value("yes") == "\"yes\"");
  CHECK(value("~") == "\"~\"");
  CHECK(value("Null") == "\"Null\"");
  CHECK(value("null") == "absent");
  CHECK(value("\"null\"") == "\"null\"");
  CHECK(value("${X}") == "\"${X}\"");
  CHECK(value("2026-01-31") == "\"2026-01-31\"");
  CHECK(value("0x1F") == "\"0x1F\"");
}

TEST_CASE("JSON keeps the digits of a number that YAML would round", "[adapters]") {
  const auto reading = from_text(
      R"({"template":{"spec":{"containers":[{"name":"m","env":[{"name":"A","value":1.10}]}]}}})");
  CHECK(pod(reading).find(R"("value":"1.10")") != std::string::npos);
}

TEST_CASE("what is beyond a limit is an error that names the limit", "[adapters]") {
  const auto title = [](const std::string& text) {
    const auto reading = from_text(text);
    REQUIRE_FALSE(reading.pod_template.has_value());
    return reading.diagnostics.front().title;
  };
  CHECK(title("a: " + std::string(document_bytes_limit, 'x')).find("Druid reads at most 3145728") !=
        std::string::npos);
  const std::size_t deep = document_depth_limit;
  CHECK(title(std::string(deep + 1, '[') + std::string(deep + 1, ']')) ==
        "nested deeper than 100 levels");
  CHECK(title("a: " + std::string(deep + 1, '[') + std::string(deep + 1, ']')) ==
        "nested deeper than 100 levels");
  CHECK_FALSE(title("a: " + std::string(200'000, '[')).empty());
  CHECK(title(std::string(200'000, '{')).find("not JSON") != std::string::npos);
  std::string wide = "a:\n";
  for (std::size_t i = 0; i <= document_members_limit; ++i)
    wide += "  k" + std::to_string(i) + ": 1\n";
  CHECK(title(wide) == "a map of more than 2000 fields");
  std::string aliases = "a: &a []\nb:\n";
  for (std::size_t i = 0; i <= alias_limit; ++i) aliases += "- *a\n";
  CHECK(title(aliases) == "more than 50 aliases stand for lists or maps");
  CHECK(
      from_text(std::string(deep - 1, '[') + std::string(deep - 1, ']')).diagnostics.front().code ==
      "T0103");
}

TEST_CASE("a file full of faults is told of the first fifty, errors before all", "[adapters]") {
  std::string text =
      "template:\n  spec:\n    restartPolicy: Never\n    containers:\n    - name: m\n      ports: "
      "[{containerPort: x}]\n";
  std::string many;
  for (int i = 0; i < 80; ++i) many += "unknown" + std::to_string(i) + ": 1\n";
  const auto reading = from_text(many + text);
  REQUIRE(reading.diagnostics.size() == template_diagnostics_limit + 1);
  CHECK(reading.diagnostics.front().code == "T0107");
  CHECK(reading.diagnostics.back().title == "31 more findings in this template");
}

TEST_CASE("a damaged template never crashes the reader", "[adapters]") {
  std::mt19937 random(7);
  const std::vector<std::string> seeds{
      read(folder / "example1.yaml"), read(folder / "example2.yaml"), read(folder / "anchors.yaml"),
      read(folder / "duplicate.json")};
  std::size_t refused = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string text = seeds[random() % seeds.size()];
    for (std::size_t cuts = random() % 4 + 1; cuts > 0; --cuts) {
      const std::size_t at = random() % text.size();
      switch (random() % 4) {
        case 0:
          text[at] = static_cast<char>(random() % 256);
          break;
        case 1:
          text.erase(at, random() % 20);
          break;
        case 2:
          text.insert(at, text.substr(random() % text.size(), random() % 40));
          break;
        default:
          text.insert(at, 1, "{}[]:,&*!|>'\"%@`#-? \n\t"[random() % 22]);
          break;
      }
      if (text.empty()) break;
    }
    const auto reading = from_text(text);
    refused += reading.pod_template ? 0U : 1U;
    if (!reading.pod_template) REQUIRE(engine::has_errors(reading.diagnostics));
  }
  CHECK(refused > 100);
}
