#include "adapters/template_lint.hpp"

#include <map>
#include <string>

#include <catch2/catch.hpp>

using namespace copse::adapters;
namespace engine = copse::engine;

namespace {

const std::string apart = "  affinity: {podAntiAffinity: {}}\n";

std::string container(const std::string& limit, const std::string& rest) {
  return "spec:\n" + apart +
         "  containers:\n  - name: main\n    resources: {limits: {memory: " + limit + "}}\n" + rest;
}

std::string codes(const std::string& text) {
  std::string found;
  for (const engine::Diagnostic& each : lint_template({"base.yaml", text}))
    found += (found.empty() ? "" : " ") + each.code;
  return found;
}

std::string java(const std::string& limit, const std::string& options) {
  return codes(container(limit, "    env: [{name: JAVA_OPTS, value: '" + options + "'}]\n"));
}

}  // namespace

TEST_CASE("that replicas may share a node is said, unless the template keeps them apart",
          "[lint]") {
  CHECK(codes("spec:\n  containers: []\n") == "L0501");
  CHECK(codes("template:\n  spec:\n    containers: []\n") == "L0501");
  CHECK(codes("spec:\n" + apart).empty());
  CHECK(codes("spec:\n  topologySpreadConstraints: [{maxSkew: 1}]\n").empty());
  CHECK(codes("spec:\n  affinity: {nodeAffinity: {}}\n") == "L0501");
  const engine::Diagnostics said = lint_template({"base.yaml", "kind: PodTemplate\nspec: {}\n"});
  REQUIRE(said.size() == 1);
  CHECK(said[0].severity == engine::Severity::note);
  CHECK(said[0].place.line == 2);
  CHECK(said[0].place.column == 1);
}

TEST_CASE("a heap above the memory limit is a finding, whoever writes the sizes", "[lint]") {
  CHECK(java("2Gi", "-Xmx1g").empty());
  CHECK(java("2Gi", "-Xms4g -Xmx2g").empty());
  CHECK(java("2Gi", "-Xmx2049m") == "L0502");
  CHECK(java("2Gi", "-Xmx3G -ea") == "L0502");
  CHECK(java("2G", "-Xmx2g") == "L0502");
  CHECK(java("'2147483648'", "-Xmx2147483648").empty());
  CHECK(java("2e9", "-Xmx2g") == "L0502");
  CHECK(java("2Gi", "-Xmx3g -Xmx1g").empty());  // Java takes the last
  CHECK(java("2Gi", "-Xmx1g -XX:MaxDirectMemorySize=1g").empty());
  CHECK(java("2Gi", "-Xmx1500m -XX:MaxDirectMemorySize=600m") == "L0502");
  CHECK(java("2Gi", "-Xmxlots").empty());
  CHECK(java("", "-Xmx9g").empty());
  const std::string args = "    args: ['-Xmx3g', 'internal']\n";
  CHECK(codes(container("2Gi", args)) == "L0502");
  CHECK(codes(container("4Gi", args)).empty());
}

TEST_CASE("what cannot be read as a template has no findings of lint", "[lint]") {
  for (const char* text : {"", "null", "[]", "7", "a: [", "spec: 7", "spec: {containers: 7}",
                           "spec: {affinity: {podAntiAffinity: {}}, containers: [7]}"})
    CHECK(codes(text).find("L0502") == std::string::npos);
}
