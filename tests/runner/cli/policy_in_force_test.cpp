#include "runner/cli/policy_in_force.hpp"

#include "runner/cli/scratch.hpp"

#include <filesystem>
#include <fstream>
#include <future>

#include <catch2/catch.hpp>
#include <sys/stat.h>

using namespace copse;
using namespace copse::runner;

namespace {

constexpr std::string_view document = R"({"id":"a","type":"noop","dataSource":"wiki"})";

// Files of a policy that may be changed, and what was made of them.
struct Files {
  cli::Scratch folder = std::move(*cli::Scratch::make("copse-test-"));
  int writes = 0;

  Files() {
    write("runtime.properties",
          "druid.indexer.runner.namespace=druid\n"
          "druid.indexer.runner.k8s.adapter.type=customTemplateAdapter\n"
          "druid.indexer.runner.k8s.podTemplate.base=" +
              path("base.yaml") +
              "\n"
              "druid.indexer.runner.k8s.podTemplate.small=" +
              path("small.yaml") + "\n");
    write_template("base", "one");
    write_template("small", "one");
    write_policy("base");
  }

  [[nodiscard]] std::string path(const std::string& name) const {
    return folder.path() + "/" + name;
  }

  // Each write is newer than the last, however coarse the file system's clock is.
  void write(const std::string& name, const std::string& text) {
    std::ofstream(path(name)) << text;
    const auto now = std::filesystem::last_write_time(path(name));
    std::filesystem::last_write_time(path(name), now + std::chrono::seconds(++writes));
  }

  void write_template(const std::string& name, const std::string& image) {
    write(
        name + ".yaml",
        "template:\n  spec:\n    containers:\n      - name: main\n        image: " + image + "\n");
  }

  void write_policy(const std::string& key) {
    write("policy.json",
          R"({"type":"default","podTemplateSelectStrategy":{"type":"selectorBased","selectors":[)"
          R"({"selectionKey":")" +
              key + R"(","type":["noop"]}]}})");
  }

  // Properties that name no templates, and a policy in copse's language.
  void write_language(const std::string& text) {
    write("runtime.properties",
          "druid.indexer.runner.namespace=druid\n"
          "druid.indexer.runner.k8s.adapter.type=customTemplateAdapter\n");
    write("policy.json", text);
  }

  std::expected<cli::PolicyInForce, cli::Refusal> load(cli::PolicyInForce::Said said =
                                                           [](auto&&...) {}) {
    cli::Arguments arguments;
    arguments.policy = path("policy.json");
    arguments.properties = {path("runtime.properties")};
    return cli::PolicyInForce::load(std::move(arguments), "owner", std::move(said));
  }
};

std::string image_of(cli::PolicyInForce& policy) {
  const auto launchable = policy.decide(std::string(document));
  if (!launchable) return launchable.error();
  const std::string& job = launchable->spec.job_json;
  const std::size_t at = job.find(R"("image":")") + 9;
  return job.substr(at, job.find('"', at) - at);
}

// Looks, and puts in force what there is.
std::optional<engine::Diagnostics> look(cli::PolicyInForce& policy) {
  const auto loading = policy.look();
  if (!loading) return std::nullopt;
  const auto loaded = (*loading)();
  return policy.take(*loaded);
}

// What there is to do when the policy says `small` now.
cli::PolicyInForce::Loading look_at_another(Files& files, cli::PolicyInForce& policy) {
  files.write_policy("small");
  auto loading = policy.look();
  REQUIRE(loading);
  return *loading;
}

}  // namespace

TEST_CASE("files that are as they were are no news", "[cli]") {
  Files files;
  auto policy = files.load();
  REQUIRE(policy);
  CHECK_FALSE(look(*policy));
}

TEST_CASE("a changed policy is in force at the next look, with a version of its own", "[cli]") {
  Files files;
  auto policy = files.load();
  REQUIRE(policy);
  const std::string before = policy->version();
  CHECK(policy->decide(std::string(document))->decided.template_key == "base");
  files.write_policy("small");
  const auto said = look(*policy);
  REQUIRE(said);
  CHECK(said->empty());
  CHECK(policy->version() != before);
  CHECK(policy->decide(std::string(document))->decided.template_key == "small");
  CHECK_FALSE(look(*policy));
}

TEST_CASE("a changed pod template is another version of the policy", "[cli]") {
  Files files;
  auto policy = files.load();
  REQUIRE(policy);
  const std::string before = policy->version();
  CHECK(image_of(*policy) == "one");
  files.write_template("base", "two");
  const auto said = look(*policy);
  REQUIRE(said);
  CHECK(said->empty());
  CHECK(policy->version() != before);
  CHECK(image_of(*policy) == "two");
}

TEST_CASE("a template that is broken or gone stays in force as it was, and is told once", "[cli]") {
  Files files;
  auto policy = files.load();
  REQUIRE(policy);
  const std::string before = policy->version();
  const bool is_deleted = GENERATE(false, true);
  if (is_deleted) {
    std::filesystem::remove(files.path("base.yaml"));
  } else {
    files.write("base.yaml", "nope: [");
  }
  CHECK(image_of(*policy) == "one");
  const auto said = look(*policy);
  REQUIRE(said);
  CHECK(engine::one_line(said->front()).find(files.path("base.yaml")) != std::string::npos);
  CHECK(image_of(*policy) == "one");
  CHECK(policy->version() == before);
  CHECK_FALSE(look(*policy));
  files.write_template("base", "two");
  CHECK(look(*policy) == engine::Diagnostics{});
  CHECK(image_of(*policy) == "two");
}

TEST_CASE("a pipe at the path of a file is refused without waiting for who writes to it", "[cli]") {
  Files files;
  auto policy = files.load();
  REQUIRE(policy);
  const std::string name = GENERATE("policy.json", "runtime.properties", "base.yaml");
  std::filesystem::remove(files.path(name));
  REQUIRE(::mkfifo(files.path(name).c_str(), 0600) == 0);
  const auto said = look(*policy);
  REQUIRE(said);
  CHECK(engine::one_line(said->front()).find("no regular file") != std::string::npos);
  CHECK(engine::one_line(said->front()).find(files.path(name)) != std::string::npos);
  CHECK(image_of(*policy) == "one");
  const auto anew = files.load();
  REQUIRE_FALSE(anew);
  CHECK(anew.error().said == *said);
}

TEST_CASE("a policy without templates is not put in force, at the start nor later", "[cli]") {
  Files files;
  const std::string rest = "default { template \"base\" }\n";
  files.write_language(rest);
  const auto refused = files.load();
  REQUIRE_FALSE(refused);
  CHECK(engine::one_line(refused.error().said.front())
            .starts_with(files.path("policy.json") +
                         ": D0301: a Job needs pod templates, and none were given"));
  std::filesystem::create_directory(files.path("pods"));
  files.write_template("pods/base", "one");
  files.write_language("templates from \"pods\"\n" + rest);
  auto policy = files.load();
  REQUIRE(policy);
  CHECK(image_of(*policy) == "one");
  files.write_language(rest);
  const auto said = look(*policy);
  REQUIRE(said);
  CHECK(*said == refused.error().said);
  CHECK(policy->refused() == *said);
  CHECK(image_of(*policy) == "one");
}

TEST_CASE("a policy that leaves every task to workers needs no templates", "[cli]") {
  Files files;
  files.write_language(
      "rule \"a\" when type == \"noop\" { runner worker }\n"
      "default { runner worker; template \"base\" }\n");
  CHECK(files.load());
  files.write_language(
      "rule \"a\" when type == \"noop\" { runner worker }\n"
      "default { template \"base\" }\n");
  CHECK_FALSE(files.load());
}

TEST_CASE(
    "a task that is here becomes a Job also where the policy leaves it to workers; that is told",
    "[cli]") {
  Files files;
  std::filesystem::create_directory(files.path("pods"));
  files.write_template("pods/base", "one");
  files.write_language(
      "templates from \"pods\"\nlist moved = [\"compact\"]\n"
      "rule \"not-yet\" when not type in moved { runner worker }\n"
      "default { template \"base\" }\n");
  std::vector<std::string> told;
  auto policy = files.load([&](const std::string& task, const std::string& what, bool misdirected) {
    told.push_back(task + ": " + what);
    CHECK(misdirected);
  });
  REQUIRE(policy);
  CHECK(image_of(*policy) == "one");
  CHECK(told == std::vector<std::string>{
                    "a: runner rule `not-yet` would send it to a worker; it runs on Kubernetes all "
                    "the same"});
  REQUIRE(policy->decide(R"({"id":"b","type":"compact","dataSource":"wiki"})"));
  CHECK(told.size() == 1);
}

TEST_CASE("an adapter that is not built by this version is not put in force", "[cli]") {
  Files files;
  auto policy = files.load();
  REQUIRE(policy);
  files.write("runtime.properties", "druid.indexer.runner.namespace=druid\n");
  const auto said = look(*policy);
  REQUIRE(said);
  CHECK(said->front().code == "D0301");
  CHECK(image_of(*policy) == "one");
}

TEST_CASE("a policy that cannot be read is told once, and the old one stays in force", "[cli]") {
  Files files;
  auto policy = files.load();
  REQUIRE(policy);
  const std::string before = policy->version();
  files.write("policy.json", "{");
  const auto said = look(*policy);
  REQUIRE(said);
  CHECK(engine::one_line(said->back()).starts_with(files.path("policy.json") + ":1:"));
  CHECK(policy->version() == before);
  CHECK(policy->decide(std::string(document))->decided.template_key == "base");
  CHECK_FALSE(look(*policy));
  CHECK(policy->describe().find(R"("version":")" + before + '"') != std::string::npos);
  CHECK(policy->describe().find(R"("refused":[{)") != std::string::npos);
  SECTION("until another one can be read") {
    files.write_policy("small");
    CHECK(look(*policy) == engine::Diagnostics{});
    CHECK(policy->version() != before);
    CHECK(policy->describe().find(R"("refused":[])") != std::string::npos);
  }
  SECTION("and is told to be in force when it is back") {
    files.write_policy("base");
    CHECK(look(*policy) == engine::Diagnostics{});
    CHECK(policy->version() == before);
    CHECK_FALSE(look(*policy));
  }
}

TEST_CASE("tasks with a value of another type than the policy asks for are counted", "[cli]") {
  Files files;
  auto policy = files.load();
  REQUIRE(policy);
  files.write(
      "policy.json",
      R"({"type":"selectorBased","selectors":[{"selectionKey":"small","dataSource":["wiki"]}]})");
  REQUIRE(look(*policy) == engine::Diagnostics{});
  REQUIRE(policy->decide(std::string(document)));
  CHECK(policy->ill_typed() == 0);
  REQUIRE(policy->decide(R"({"id":"b","type":"noop","dataSource":7})"));
  CHECK(policy->ill_typed() == 1);
}

TEST_CASE("a policy that lacks a template is taken when the template has come back", "[cli]") {
  Files files;
  auto policy = files.load();
  REQUIRE(policy);
  std::filesystem::rename(files.path("base.yaml"), files.path("away"));
  files.write_policy("small");
  const auto said = look(*policy);
  REQUIRE(said);
  CHECK(engine::one_line(said->front()).find(files.path("base.yaml")) != std::string::npos);
  CHECK_FALSE(look(*policy));
  std::filesystem::rename(files.path("away"), files.path("base.yaml"));
  CHECK(look(*policy) == engine::Diagnostics{});
  CHECK(policy->decide(std::string(document))->decided.template_key == "small");
}

TEST_CASE("a template that was named before it was there is taken when it comes", "[cli]") {
  Files files;
  auto policy = files.load();
  REQUIRE(policy);
  files.write("runtime.properties",
              "druid.indexer.runner.namespace=druid\n"
              "druid.indexer.runner.k8s.adapter.type=customTemplateAdapter\n"
              "druid.indexer.runner.k8s.podTemplate.base=" +
                  files.path("late.yaml") + "\n");
  REQUIRE(look(*policy));
  CHECK_FALSE(look(*policy));
  files.write_template("late", "late");
  CHECK(look(*policy) == engine::Diagnostics{});
  CHECK(image_of(*policy) == "late");
}

TEST_CASE("while a changed policy is read the old one decides, and then the new one", "[cli]") {
  Files files;
  auto policy = files.load();
  REQUIRE(policy);
  auto loading = look_at_another(files, *policy);
  auto loaded = std::async(std::launch::async, loading);
  // Whatever the other thread has read so far.
  for (int i = 0; i < 100; ++i)
    REQUIRE(policy->decide(std::string(document))->decided.template_key == "base");
  const auto ready = loaded.get();
  CHECK(policy->decide(std::string(document))->decided.template_key == "base");
  CHECK(policy->take(*ready) == engine::Diagnostics{});
  CHECK(policy->decide(std::string(document))->decided.template_key == "small");
}

TEST_CASE("what was read for another release than the Overlord's is read again", "[cli]") {
  Files files;
  auto policy = files.load();
  REQUIRE(policy);
  const auto loaded = look_at_another(files, *policy)();
  policy->follow(engine::Release{34});
  CHECK_FALSE(policy->take(*loaded));
  CHECK(policy->basis().release == engine::Release{34});
  CHECK(policy->look());
  CHECK(policy->basis().release == engine::Release{34});
  CHECK(policy->decide(std::string(document))->decided.template_key == "small");
}

TEST_CASE("a policy that changes often decides each time as if it had been loaded anew", "[cli]") {
  Files files;
  auto policy = files.load();
  REQUIRE(policy);
  const auto rule = [](const std::string& key, const std::string& sources) {
    return R"({"selectionKey":")" + key + R"(","type":["noop"],"dataSource":[)" + sources + "]}";
  };
  const std::string wiki = rule("small", R"("wiki")");
  const std::string other = rule("base", R"("other","more")");
  const std::string broken = "no JSON";
  for (const std::string& rules : {wiki, other + "," + wiki, rule("base", R"("wiki")") + "," + wiki,
                                   broken, wiki + "," + other, other}) {
    files.write("policy.json",
                R"({"type":"default","podTemplateSelectStrategy":{"type":"selectorBased",)"
                R"("selectors":[)" +
                    rules + "]}}");
    REQUIRE(look(*policy));
    CHECK(policy->refused().empty() == (rules != broken));
    if (rules == broken) continue;
    auto anew = files.load();
    REQUIRE(anew);
    CHECK(policy->version() == anew->version());
    CHECK(image_of(*policy) == image_of(*anew));
    CHECK(policy->decide(std::string(document))->decided.rule ==
          anew->decide(std::string(document))->decided.rule);
    CHECK(dump(policy->basis().image) == dump(anew->basis().image));
  }
}
