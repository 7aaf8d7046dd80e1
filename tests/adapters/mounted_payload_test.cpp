#include "adapters/mounted_payload.hpp"

#include "adapters/job.hpp"
#include "adapters/payload.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using namespace copse::adapters;
namespace engine = copse::engine;
namespace json = boost::json;

namespace {

// Text that gzip makes a quarter smaller, and no more.
std::string noise(std::size_t size) {
  static const std::string letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::mt19937 random(1);
  std::string text(size, ' ');
  std::generate(text.begin(), text.end(), [&] { return letters[random() % letters.size()]; });
  return text;
}

std::string task(std::size_t size) {
  return R"({"type":"index_parallel","id":"a:b","groupId":"a:b","dataSource":"wiki","x":")" +
         noise(size) + "\"}";
}

const std::string large = task(300'000);

struct Launch {
  std::string document = large;
  std::string pod = "containers: [{name: main, image: druid}]";
  std::string base_dir = "/tmp";
  LargePayload payload = LargePayload::mount;

  [[nodiscard]] std::expected<Job, engine::Diagnostic> build() const {
    const auto header = read_task_header({"task.json", document}).value();
    const auto reading =
        read_pod_template({"base.yaml", "template: {spec: {restartPolicy: Never, " + pod + "}}"});
    Settings settings;
    settings.namespace_name = "druid";
    settings.base_dir = base_dir;
    return build_job({document,
                      header,
                      traits_of(header.type),
                      *reading.pod_template,
                      "base",
                      settings,
                      engine::newest_release,
                      {},
                      payload});
  }

  // The pod's spec as JSON.
  [[nodiscard]] json::value spec() const {
    return json::parse(build().value().json).at("spec").at("template").at("spec");
  }
};

json::value parsed(const char* text) {
  return json::parse(text);
}

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("a payload that fits travels in the Job, however large ones are treated", "[adapters]") {
  Launch launch{.document = task(1'000)};
  const Job small = launch.build().value();
  CHECK_FALSE(small.mounted);
  launch.payload = LargePayload::omit;
  CHECK(launch.build()->json == small.json);
}

TEST_CASE("one that does not fit is left to the caller, or mounted from a ConfigMap",
          "[adapters]") {
  const Job omitted = Launch{.payload = LargePayload::omit}.build().value();
  CHECK(omitted.payload_omitted);
  CHECK_FALSE(omitted.mounted);
  const Job mounted = Launch{}.build().value();
  CHECK(mounted.payload_omitted);
  REQUIRE(mounted.mounted);
  CHECK(mounted.mounted->config_map.starts_with(mounted.name + "-payload-"));
  CHECK(mounted.mounted->key == "task.json.gz");
  CHECK(mounted.mounted->data == gzip(large));
  CHECK(Launch{}.build()->json == mounted.json);
  // Another task under the same id must never be found in place of this one.
  const Job other = Launch{.document = task(300'001)}.build().value();
  CHECK(other.name == mounted.name);
  CHECK(other.mounted->config_map != mounted.mounted->config_map);
}

TEST_CASE("the last init container unpacks it, with the image, rights and mounts of the main one",
          "[adapters]") {
  const json::value spec =
      Launch{.pod =
                 "initContainers: [{name: first, image: busybox}], "
                 "volumes: [{name: work, emptyDir: {}}], containers: [{name: main, "
                 "image: druid, imagePullPolicy: Always, ports: [{containerPort: 8100}], "
                 "command: [/peon.sh], args: [x], env: [{name: A, value: b}], "
                 "livenessProbe: {exec: {command: ['true']}}, "
                 "resources: {limits: {cpu: 2}}, securityContext: {runAsUser: 1000}, "
                 "volumeMounts: [{name: work, mountPath: /tmp}]}, {name: side, image: s}]"}
          .spec();
  const json::array& init = spec.at("initContainers").as_array();
  REQUIRE(init.size() == 2);
  CHECK(init[0].at("name") == "first");
  json::object unpack = init[1].as_object();
  CHECK(unpack.at("env") == spec.at("containers").at(0).at("env"));
  unpack.erase("env");
  unpack.erase("command");
  CHECK(json::value(unpack) ==
        parsed(R"({"name":"copse-payload","image":"druid","imagePullPolicy":"Always",
                   "resources":{"limits":{"cpu":"2"}},"securityContext":{"runAsUser":1000},
                   "volumeMounts":[{"name":"work","mountPath":"/tmp"},
                     {"name":"copse-payload","mountPath":"/copse/payload","readOnly":true}]})"));
  const json::value map{{"name", Launch{}.build()->mounted->config_map}};
  CHECK(spec.at("volumes") == json::array{{{"name", "work"}, {"emptyDir", json::object()}},
                                          {{"name", "copse-payload"}, {"configMap", map}}});
  // The main container mounts nothing that it did not mount.
  CHECK(spec.at("containers").at(0).at("volumeMounts").as_array().size() == 1);
}

TEST_CASE("without a volume at or above the task's folder the two share an emptyDir there",
          "[adapters]") {
  struct Case {
    std::string base_dir;
    std::string mount;
    bool is_covered;
  };

  const Case cases[] = {{"/tmp", "/tmp", true},        {"/tmp", "/tmp/", true},
                        {"/tmp", "/", true},           {"/data/tasks", "/data", true},
                        {"/tmp", "/tmp/cache", false}, {"/tmp", "/tm", false},
                        {"/tmp", "/opt", false}};
  for (const auto& [base_dir, mount, is_covered] : cases) {
    INFO(base_dir << " and " << mount);
    const json::value spec =
        Launch{.pod = "containers: [{name: main, volumeMounts: [{name: work, mountPath: " + mount +
                      "}]}], volumes: [{name: work, emptyDir: {}}]",
               .base_dir = base_dir}
            .spec();
    const json::value scratch{{"name", "copse-task-dir"}, {"mountPath", base_dir}};
    for (const json::value& container :
         {spec.at("containers").at(0), spec.at("initContainers").at(0)}) {
      const json::array& mounts = container.at("volumeMounts").as_array();
      CHECK((std::count(mounts.begin(), mounts.end(), scratch) == (is_covered ? 0 : 1)));
    }
    CHECK(spec.at("volumes").as_array().size() == (is_covered ? 2 : 3));
  }
}

TEST_CASE("its command leaves the task where a peon looks for it", "[adapters]") {
  const Job job = Launch{}.build().value();
  const json::value init =
      json::parse(job.json).at("spec").at("template").at("spec").at("initContainers").at(0);
  CHECK(init.at("command").at(0) == "sh");
  std::string script(std::string_view(init.at("command").at(2).as_string()));
  const std::filesystem::path pod =
      std::filesystem::temp_directory_path() / ("copse-payload-" + std::to_string(::getpid()));
  std::filesystem::create_directories(pod / "payload");
  std::ofstream(pod / "payload/task.json.gz", std::ios::binary) << job.mounted->data;
  const std::size_t at = script.find("/copse/payload");
  REQUIRE(at != std::string::npos);
  script.replace(at, std::string_view("/copse/payload").size(), (pod / "payload").string());
  ::setenv("TASK_DIR", (pod / "tasks/a:b c").c_str(), 1);
  CHECK(std::system(script.c_str()) == 0);
  CHECK((contents(pod / "tasks/a:b c/task.json") == large));
  std::filesystem::remove_all(pod);
}

TEST_CASE("what a ConfigMap cannot hold, and a folder that is none, fail the launch",
          "[adapters]") {
  // Six bits of noise a byte: the limit is at about four thirds of it.
  CHECK(Launch{.document = task(1'350'000)}.build()->mounted);
  const auto failed = Launch{.document = task(1'450'000)}.build();
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == "I0108");
  CHECK(failed.error().title.ends_with("after gzip, and a ConfigMap holds 1048576"));
  CHECK(Launch{.document = task(1'450'000), .payload = LargePayload::omit}.build());
  CHECK(Launch{.base_dir = "var/tmp"}.build().error().code == "C0136");
}

TEST_CASE("the limit of a ConfigMap is exact", "[adapters]") {
  // The longest noise that fits.
  std::size_t fits = 1'380'000;
  for (std::size_t step = 1U << 15U; step > 0; step /= 2) {
    if (gzip(noise(fits + step)).size() <= mounted_payload_limit) fits += step;
  }
  CHECK(payload_of("job", noise(fits))->data.size() <= mounted_payload_limit);
  CHECK(payload_of("job", noise(fits))->data.size() + 2 > mounted_payload_limit);
  CHECK(payload_of("job", noise(fits + 1)).error().code == "I0108");
}
