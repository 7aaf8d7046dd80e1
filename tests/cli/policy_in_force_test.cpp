// A policy that is looked at again and again while somebody edits it.
#include "runner/cli/policy_in_force.hpp"

#include "runner/cli/scratch.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include <catch2/catch.hpp>

using namespace copse;
using runner::cli::PolicyInForce;

namespace {

const std::string by_task = R"({"type":"default","podTemplateSelectStrategy":{"type":"taskType"}})";
const std::string broken =
    R"({"type":"default","podTemplateSelectStrategy":{"type":"selectorBased"}})";

struct Files {
  runner::cli::Scratch folder = std::move(*runner::cli::Scratch::make("copse-test-"));

  Files() {
    write("base.yaml",
          "template:\n"
          "  spec:\n"
          "    restartPolicy: Never\n"
          "    containers: [{name: main, image: a}]\n");
    write("runtime.properties",
          "druid.indexer.runner.namespace=druid\n"
          "druid.indexer.runner.k8s.adapter.type=customTemplateAdapter\n"
          "druid.indexer.runner.k8s.podTemplate.base=" +
              path("base.yaml") + "\n");
    write("policy.json", by_task);
  }

  std::string path(const std::string& name) const { return folder.path() + "/" + name; }

  // Each time it is another file to whoever looks at times.
  void write(const std::string& name, const std::string& text) {
    std::ofstream(path(name)) << text;
    std::filesystem::last_write_time(
        path(name), std::filesystem::file_time_type{} + std::chrono::hours(++writes));
  }

  PolicyInForce load() const {
    runner::cli::Arguments arguments;
    arguments.properties = {path("runtime.properties")};
    arguments.policy = path("policy.json");
    auto loaded = PolicyInForce::load(arguments, "me", {});
    INFO((loaded ? "" : engine::one_line(loaded.error().said.back())));
    REQUIRE(loaded);
    return std::move(*loaded);
  }

  int writes = 0;
};

}  // namespace

TEST_CASE("a broken policy is told once and does not replace the one in force", "[cli]") {
  Files files;
  PolicyInForce policy = files.load();
  const std::string before = policy.version();
  CHECK_FALSE(policy.look());

  files.write("policy.json", broken);
  const auto said = policy.look();
  REQUIRE(said);
  CHECK(engine::one_line(said->back()).starts_with(files.path("policy.json") + ":1:"));
  CHECK(policy.version() == before);
  CHECK_FALSE(policy.look());
}

TEST_CASE("a policy that is as it was before it broke is told to be in force again", "[cli]") {
  Files files;
  PolicyInForce policy = files.load();
  files.write("policy.json", broken);
  REQUIRE(policy.look());
  files.write("policy.json", by_task);
  CHECK(policy.look() == engine::Diagnostics{});
  CHECK_FALSE(policy.look());
}

TEST_CASE("a policy that lacks a template is taken when the template has come back", "[cli]") {
  Files files;
  PolicyInForce policy = files.load();
  std::filesystem::rename(files.path("base.yaml"), files.path("away"));
  files.write("policy.json", by_task + "\n");
  const auto said = policy.look();
  REQUIRE(said);
  CHECK(engine::one_line(said->back()).find(files.path("base.yaml")) != std::string::npos);
  CHECK_FALSE(policy.look());
  std::filesystem::rename(files.path("away"), files.path("base.yaml"));
  CHECK(policy.look() == engine::Diagnostics{});
}
