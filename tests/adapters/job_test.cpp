#include "adapters/job.hpp"

#include "adapters/job_check.hpp"
#include "adapters/kubernetes_fields.hpp"
#include "adapters/payload.hpp"
#include "adapters/quantity.hpp"
#include "engine/number.hpp"
#include "adapters/readback.hpp"

#include <cstdint>
#include <random>

#include <catch2/catch.hpp>

using namespace copse::adapters;
namespace engine = copse::engine;

namespace {

Settings in_namespace(const std::string& name) {
  Settings settings;
  settings.namespace_name = name;
  return settings;
}

// One launch, with everything at its simplest; a test changes what it is about.
struct Launch {
  std::string document =
      R"({"type":"noop","id":"id","groupId":"g","dataSource":"wiki","context":{}})";
  std::string pod_template = "template: {spec: {restartPolicy: Never, containers: [{name: main}]}}";
  Settings settings = in_namespace("druid");
  engine::Release release = engine::newest_release;
  Additions additions;

  template <typename Use>
  auto with_request(Use use) const {
    const auto header = read_task_header({"task.json", document}).value();
    const auto reading = read_pod_template({"base.yaml", pod_template});
    const TaskTraits traits = traits_of(header.type);
    return use(JobRequest{document, header, traits, *reading.pod_template, "base", settings,
                          release, additions});
  }

  [[nodiscard]] std::expected<Job, engine::Diagnostic> build() const {
    return with_request(build_job);
  }

  [[nodiscard]] engine::Diagnostics check() const { return with_request(check_job); }

  [[nodiscard]] std::string error() const { return build().error().title; }
};

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the smallest Job is this one", "[adapters]") {
  const auto job = Launch{}.build().value();
  const std::string payload = pack_payload(Launch{}.document);
  CHECK(job.name == "id-3e70afe5cd823dfc7dd308eea616426b");
  CHECK(job.namespace_name == "druid");
  const std::string labels =
      R"("labels":{"druid.k8s.peons":"true","druid.overlord.namespace":"druid","druid.task.id":"id",)"
      R"("druid.task.type":"noop","druid.task.group.id":"g","druid.task.datasource":"wiki"})";
  CHECK(
      job.json ==
      R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"annotations":{"task.id":"id","task.type":"noop",)"
      R"("task.group.id":"g","task.datasource":"wiki","task.jobTemplate":"base"},)" +
          labels +
          R"(,"name":"id-3e70afe5cd823dfc7dd308eea616426b"},"spec":{"activeDeadlineSeconds":14400,"backoffLimit":0,)"
          R"("template":{"metadata":{"annotations":{"tls.enabled":"false","task.id":"id","task.type":"noop",)"
          R"("task.group.id":"g","task.datasource":"wiki","task":")" +
          payload + R"(","task.jobTemplate":"base"},)" + labels +
          R"(},"spec":{"containers":[{"env":[{"name":"TASK_DIR","value":"/tmp/id"},)"
          R"({"name":"druid_indexer_task_baseTaskDir","value":"/tmp"},{"name":"TASK_ID","value":"id"},)"
          R"({"name":"LOAD_BROADCAST_DATASOURCE_MODE","value":"ALL"},{"name":"LOAD_BROADCAST_SEGMENTS","value":"true"},)"
          R"({"name":"DRUID_POD_TEMPLATE","valueFrom":{"fieldRef":{"fieldPath":"metadata.annotations['task.jobTemplate']"}}},)"
          R"({"name":"TASK_JSON","valueFrom":{"fieldRef":{"fieldPath":"metadata.annotations['task']"}}}],"name":"main"}],)"
          R"("restartPolicy":"Never"}},"ttlSecondsAfterFinished":172800}})");
}

TEST_CASE("the same request gives the same bytes", "[adapters]") {
  CHECK(Launch{}.build()->json == Launch{}.build()->json);
}

TEST_CASE("a launch that Druid fails fails with Druid's message and a remedy", "[adapters]") {
  Launch launch;
  launch.settings.labels = {{"druid.task.id", "q"}};
  launch.settings.labels_place = engine::whole_file("runtime.properties");
  const auto failed = launch.build();
  REQUIRE_FALSE(failed.has_value());
  CHECK(failed.error().title ==
        "Multiple entries with same key: druid.task.id=id and druid.task.id=q");
  CHECK(failed.error().place.file == "runtime.properties");
  CHECK(contains(failed.error().help, "remove it from `druid.indexer.runner.labels`"));

  launch.settings.labels = {{"a", std::nullopt}};
  CHECK(launch.error() == "null value in entry: a=null");
  launch.settings.labels.clear();
  launch.settings.annotations = {{"task.type", "q"}};
  CHECK(launch.error() == "Multiple entries with same key: task.type=noop and task.type=q");
  launch.settings.annotations.clear();
  launch.settings.max_task_duration = engine::Period{.months = 1};
  CHECK(contains(launch.error(), "contains months and months vary in length"));
}

TEST_CASE("a task without dataSource fails, but for noop, whose default is none", "[adapters]") {
  Launch launch;
  launch.document = R"({"type":"noop","id":"id"})";
  CHECK(contains(launch.build()->json, R"("task.datasource":"none")"));
  launch.document =
      R"({"type":"index_parallel","id":"id","spec":{"dataSchema":{"dataSource":"deep"}}})";
  CHECK(contains(launch.build()->json, R"("task.datasource":"deep")"));
  launch.document = R"({"type":"index_parallel","id":"id"})";
  CHECK(launch.error() == "null value in entry: task.datasource=null");
}

TEST_CASE("a template without container loads and fails the launch", "[adapters]") {
  Launch launch;
  launch.pod_template = "template: {}";
  CHECK(launch.error() == "Can't edit first containers. The list is empty.");
}

TEST_CASE("broadcast modes are Druid's names to the letter", "[adapters]") {
  Launch launch;
  const auto with = [&](const std::string& context, const std::string& type = "index_parallel") {
    launch.document =
        R"({"type":")" + type + R"(","id":"i","dataSource":"d","context":{)" + context + "}}";
    const auto job = launch.build();
    if (!job) return job.error().title;
    const std::size_t at = job->json.find("LOAD_BROADCAST_DATASOURCE_MODE\",\"value\":\"") + 41;
    return job->json.substr(at, job->json.find('"', at) - at);
  };
  CHECK(with("") == "ALL");
  CHECK(with(R"("broadcastDatasourceLoadingMode":null)") == "ALL");
  CHECK(with(R"("broadcastDatasourceLoadingMode":"NONE")") == "NONE");
  CHECK(with(R"("broadcastDatasourceLoadingMode":"none")") ==
        "Invalid value of broadcastDatasourceLoadingMode[none]. Allowed values are [ALL, NONE, "
        "ONLY_REQUIRED]");
  const std::string required = R"("broadcastDatasourceLoadingMode":"ONLY_REQUIRED")";
  CHECK(with(required) ==
        "Set of broadcast datasources to load cannot be null for mode[ONLY_REQUIRED].");
  CHECK(with(required + R"(,"broadcastDatasourcesToLoad":[])") ==
        "Set of broadcast datasources to load cannot be [] for mode[ONLY_REQUIRED].");
  CHECK(with(required + R"(,"broadcastDatasourcesToLoad":["a"])") == "ONLY_REQUIRED");
  CHECK(contains(with(required + R"(,"broadcastDatasourcesToLoad":"a")"),
                 "Please provide a comma-separated list"));
  CHECK(with("", "kill") == "NONE");
  CHECK(with(R"("broadcastDatasourceLoadingMode":"ALL")", "kill") == "NONE");
  CHECK(traits_of("index_kafka").supports_queries);
}

TEST_CASE("the payload is the task without blanks, and beyond the limit it is left out",
          "[adapters]") {
  Launch launch;
  launch.document = "{ \"type\": \"noop\",\n \"id\": \"i d\", \"dataSource\":\"w\" }\n";
  const auto job = launch.build().value();
  CHECK(read_task(job.json, {}).value() == R"({"type":"noop","id":"i d","dataSource":"w"})");
  CHECK(read_task_id(job.json).value() == "i d");

  std::mt19937 random(3);
  std::string noise;
  while (noise.size() < 150'000) noise += static_cast<char>('0' + random() % 75);
  std::erase_if(noise, [](char c) { return c == '\\'; });
  launch.document =
      R"({"type":"noop","id":"id","dataSource":"w","context":{"x":")" + noise + "\"}}";
  const auto large = launch.build().value();
  CHECK(large.payload_omitted);
  CHECK(large.payload_characters > payload_limit);
  CHECK_FALSE(contains(large.json, "TASK_JSON"));
  CHECK_FALSE(contains(large.json, R"("task":)"));
  const auto from_store = [&](std::string_view id) {
    return std::optional(std::string(id) == "id" ? launch.document : "");
  };
  CHECK(read_task(large.json, from_store).value() == launch.document);
}

TEST_CASE("a payload that unpacks beyond the limit is refused", "[adapters]") {
  CHECK(unpack_payload(pack_payload("x")) == "x");
  CHECK(unpack_payload(pack_payload("")) == "");
  CHECK(contains(unpack_payload(pack_payload(std::string(unpacked_limit + 1, 'a'))).error(),
                 "unpacks to more than"));
  CHECK(unpack_payload("!").error() == "Illegal base64 character 21");
  CHECK(unpack_payload("aGFsbG8=").error() == "Not in GZIP format");
  const std::string packed = pack_payload("hello hello hello");
  CHECK_FALSE(unpack_payload(packed.substr(0, packed.size() / 2 / 4 * 4)).has_value());
}

TEST_CASE("what copse adds stands beside Druid's fields and replaces none of them", "[adapters]") {
  Launch launch;
  launch.additions = {{{"copse/owner", "o"}}, {{"copse/decision", "{}"}}, "Failed"};
  const std::string json = launch.build()->json;
  CHECK(contains(json, R"("copse/decision":"{}"},"labels")"));
  CHECK(contains(json, R"("backoffLimit":0,"podReplacementPolicy":"Failed","template")"));
  const std::string label = R"("druid.task.datasource":"wiki","copse/owner":"o"})";
  CHECK(json.find(label) != json.rfind(label));
}

TEST_CASE("labels of the file give way to Druid's and keep their place", "[adapters]") {
  Launch launch;
  launch.pod_template =
      "template: {metadata: {labels: {druid.task.id: mine, a: b}, annotations: {task: old, x: "
      "\"y\"}, finalizers: [f]}, "
      "spec: {containers: [{name: main, env: [{name: A, value: b}]}, {name: side}]}}";
  const std::string json = launch.build()->json;
  CHECK(contains(json, R"("labels":{"druid.task.id":"id","a":"b","druid.k8s.peons")"));
  CHECK(contains(json, R"("finalizers":["f"],"labels")"));
  CHECK(contains(json, R"("env":[{"name":"A","value":"b"},{"name":"TASK_DIR")"));
  CHECK(contains(json, R"({"name":"side"}])"));
}

TEST_CASE("what the API server will refuse is told before the Job is sent", "[adapters]") {
  Launch launch;
  CHECK(launch.check().empty());
  launch.document =
      R"({"type":"noop","id":"數據\\","groupId":"g","dataSource":"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff12.456"})";
  launch.release = engine::Release{33};
  launch.settings.labels = {{"team", "a b"}};
  launch.settings.max_task_duration = engine::Period{.seconds = -5};
  launch.settings.task_cleanup_delay = engine::Period{.days = 24856};
  std::string codes;
  for (const engine::Diagnostic& diagnostic : launch.check()) {
    CHECK(diagnostic.severity == engine::Severity::warning);
    codes += diagnostic.code + " ";
  }
  CHECK(codes == "I0106 I0107 I0107 C0134 C0135 C0135 ");
  CHECK(launch.build().has_value());
  launch.release = engine::Release{37};  // cuts first, then trims
  CHECK(launch.check().size() == 5);
}

TEST_CASE("TASK_DIR is joined as Java joins paths", "[adapters]") {
  Launch launch;
  const auto task_dir = [&](const std::string& base) {
    launch.settings.base_dir = base;
    const std::string json = launch.build()->json;
    const std::size_t at = json.find("TASK_DIR\",\"value\":\"") + 19;
    return json.substr(at, json.find('"', at) - at);
  };
  CHECK(task_dir("/a//b/") == "/a/b/id");
  CHECK(task_dir("/") == "/id");
  CHECK(task_dir("relative") == "relative/id");
  launch.release = engine::Release{33};
  CHECK(task_dir("/a//b/") == "/a//b/");
}

TEST_CASE("a task that cannot be read is told with its place", "[adapters]") {
  const auto fault = [](const std::string& text) {
    const auto header = read_task_header({"t.json", text});
    REQUIRE_FALSE(header.has_value());
    return header.error().front();
  };
  CHECK(fault("{\"id\":1,}").title ==
        "the task is not JSON: a member's name should stand here, in double quotes");
  CHECK(fault("{\"id\":1,}").place.column == 9);
  CHECK(fault("[]").code == "I0102");
  CHECK(fault("{\"id\":\"a\"}").title == "the task has no `type`");
  CHECK(fault("{\"type\":\"a\",\"id\":null}").title == "the task has no `id`");
  CHECK(fault("").code == "I0101");
  CHECK(fault(std::string(100'000, '{')).code == "I0101");
}

TEST_CASE("the last of two members counts, and a missing group is the id", "[adapters]") {
  const auto header =
      read_task_header({"t", R"({"id":"a","id":"b","type":"noop","groupId":null,"dataSource":7})"})
          .value();
  CHECK(header.id == "b");
  CHECK(header.group_id == "b");
  CHECK(header.data_source == "7");
}

TEST_CASE("the table of fields has every type that a field names, in order", "[adapters]") {
  CHECK(type_count() > 115);
  for (std::uint16_t i = 0; i < type_count(); ++i) {
    const TypeId type{i};
    CHECK(find_type(name(type)) == type);
    for (const Field& field : fields(type)) {
      REQUIRE(static_cast<std::uint16_t>(field.type) < type_count());
      CHECK(find_field(type, field.name) == &field);
    }
  }
  const Field* containers = find_field(type_named("PodSpec"), "containers");
  REQUIRE(containers != nullptr);
  CHECK(containers->required);
  CHECK(containers->shape == FieldShape::list);
  CHECK(containers->merge_key == "name");
  CHECK(name(containers->type) == "Container");
  CHECK(find_field(type_named("JobSpec"), "podReplacementPolicy") != nullptr);
  CHECK(find_field(type_named("ResourceRequirements"), "limits")->kind == FieldKind::quantity);
  CHECK(find_field(type_named("Container"), "Name") == nullptr);
  CHECK_FALSE(find_type("Deployment").has_value());
}

TEST_CASE("quantities are those of Kubernetes", "[adapters]") {
  for (const char* good : {"1", "0.5", ".5", "5.", "+1", "-1", "500m", "2Gi", "1e3", "1E3", "1e-3",
                           "1E", "12k", "100n"}) {
    INFO(good);
    CHECK(engine::is_quantity(good));
  }
  for (const char* bad : {"", "m", "1 Gi", "1GB", "1gi", "1K", "e3", "1.2.3", "--1", "1e", "ten"}) {
    INFO(bad);
    CHECK_FALSE(engine::is_quantity(bad));
  }
  CHECK(is_refused_quantity(""));
  CHECK(is_refused_quantity("1Gi5x"));
  CHECK_FALSE(is_refused_quantity("ten"));
}
