// Reading Jobs and Pods as servers send them, and everything that is not quite that.

#include "runner/kube/watch_event.hpp"

#include "runner/kube/transport.hpp"

#include <random>

#include <catch2/catch.hpp>

using namespace copse::runner::kube;

namespace {

// The text with the padding that a parser may look at.
struct Padded {
  explicit Padded(std::string text) : size(text.size()), bytes(std::move(text)) {
    bytes.append(answer_padding, '!');
  }

  operator std::string_view() const { return {bytes.data(), size}; }

  std::size_t size;
  std::string bytes;
};

const std::string job =
    R"({"kind":"Job","apiVersion":"batch/v1","metadata":{"name":"index-parallel-x","namespace":"druid",
 "uid":"0a1b2c3d-4e5f-4678-9abc-def012345678","resourceVersion":"4711","generation":1,"creationTimestamp":"2026-11-24T13:52:07Z",
 "labels":{"copse/owner":"o1","copse/task":"00112233445566778899aabbccddeeff","druid.k8s.peons":"true"},
 "annotations":{"task.id":"index_parallel_wiki_\"x\"","copse/decision":"v3 rule=big","task":"H4sIAAAA"},
 "managedFields":[{"manager":"copse","operation":"Update","fieldsV1":{"f:metadata":{"f:labels":{".":{}}}}}]},
 "spec":{"parallelism":1,"completions":1,"template":{"metadata":{"name":"no","uid":"no"},"spec":{"containers":[{"name":"main"}]}}},
 "status":{"conditions":[
   {"type":"SuccessCriteriaMet","status":"True","lastTransitionTime":"2026-11-24T14:00:00Z","reason":"CompletionsReached","message":"Reached expected number of succeeded pods"},
   {"type":"Complete","status":"True","lastTransitionTime":"2026-11-24T14:00:01Z","reason":"CompletionsReached","message":"done"},
   {"type":"Suspended","status":"False"},{"type":"Failed","status":"False","reason":"no"},{"type":"FutureThing","status":"True"}],
  "startTime":"2026-11-24T13:52:08Z","completionTime":"2026-11-24T14:00:01Z","succeeded":1,"active":0,"uncountedTerminatedPods":{},"ready":0}})";

const std::string pod =
    R"({"kind":"Pod","apiVersion":"v1","metadata":{"name":"p-abcde","namespace":"druid","uid":"11111111-4e5f-4678-9abc-def012345678",
 "resourceVersion":"4712","deletionTimestamp":"2026-11-24T14:10:00Z","labels":{"copse/owner":"o1","copse/task":"t1"},"annotations":{"tls.enabled":"false"},
 "ownerReferences":[{"apiVersion":"batch/v1","kind":"Job","name":"index-parallel-x","uid":"0a1b2c3d-4e5f-4678-9abc-def012345678","controller":true}]},
 "spec":{"nodeName":"node-7","containers":[{"name":"istio"},{"name":"main"}]},
 "status":{"phase":"Failed","reason":"Evicted","message":"The node was low on resource: memory.","podIP":"10.1.2.3","conditions":[
   {"type":"PodScheduled","status":"True"},{"type":"DisruptionTarget","status":"True","reason":"TerminationByKubelet","message":"low"}],
  "containerStatuses":[
   {"name":"istio","restartCount":0,"state":{"running":{"startedAt":"2026-11-24T13:52:10Z"}}},
   {"name":"main","restartCount":2,"lastState":{"terminated":{"exitCode":1}},"state":{"terminated":{"exitCode":137,"signal":9,"reason":"OOMKilled",
     "message":"killed\nhard","startedAt":"2026-11-24T13:52:10Z","finishedAt":"2026-11-24T14:00:00Z"}}}]}})";

std::string event(const std::string& type, const std::string& object) {
  return R"({"type":")" + type + R"(","object":)" + object + "}";
}

const std::string told =
    R"({"kind":"Event","apiVersion":"v1","metadata":{"name":"j.18a2","namespace":"druid","uid":"22222222-4e5f-4678-9abc-def012345678",
 "resourceVersion":"4713"},"involvedObject":{"kind":"Job","namespace":"druid","name":"j","uid":"0a1b2c3d-4e5f-4678-9abc-def012345678","apiVersion":"batch/v1"},
 "reason":"FailedCreate","message":"Error creating: pods \"j-x7k2p\" is forbidden: exceeded quota","source":{"component":"job-controller"},
 "firstTimestamp":"2026-11-24T14:00:00Z","lastTimestamp":"2026-11-24T14:00:00Z","count":3,"type":"Warning","eventTime":null,
 "reportingComponent":"job-controller","reportingInstance":""})";

std::string pod_with(const std::string& meta, const std::string& status) {
  return R"({"metadata":{"name":"p","uid":"u","resourceVersion":"1")" + meta + R"(},"status":)" +
         status + "}";
}

}  // namespace

TEST_CASE("an Event tells about what it is, and how often it was said", "[kube]") {
  Parser parser;
  const auto read = parser.event<EventView>(Padded(event("MODIFIED", told)));
  REQUIRE(read);
  const EventView& view = read->object;
  CHECK(view.meta.resource_version == "4713");
  CHECK(view.about_kind == "Job");
  CHECK(view.about_name == "j");
  CHECK(view.about == parse_uid("0a1b2c3d-4e5f-4678-9abc-def012345678"));
  CHECK(view.reason == "FailedCreate");
  CHECK(view.message == R"(Error creating: pods "j-x7k2p" is forbidden: exceeded quota)");
  CHECK(view.count == 3);
}

TEST_CASE("a Job's event gives what the runner looks at", "[parse]") {
  Parser parser;
  const Padded line(event("MODIFIED", job));
  const auto read = parser.event<JobView>(line);
  REQUIRE(read);
  CHECK(read->type == EventType::modified);
  const JobView& view = read->object;
  CHECK(view.meta.name == "index-parallel-x");
  CHECK(view.meta.namespace_name == "druid");
  CHECK(text(view.meta.uid) == "0a1b2c3d-4e5f-4678-9abc-def012345678");
  CHECK(view.meta.resource_version == "4711");
  CHECK_FALSE(view.meta.is_terminating);
  CHECK(view.owner == "o1");
  CHECK(view.task == "00112233445566778899aabbccddeeff");
  CHECK(view.task_id == "index_parallel_wiki_\"x\"");
  CHECK(view.decision == "v3 rule=big");
  REQUIRE(view.complete);
  CHECK(view.complete->reason == "CompletionsReached");
  CHECK(view.complete->since == view.completed);
  CHECK(view.success_criteria_met);
  CHECK_FALSE(view.failed);
  CHECK_FALSE(view.failure_target);
  CHECK(view.is_finished());
  CHECK(view.succeeded == 1);
  CHECK(view.started);
}

TEST_CASE("a Pod's event gives what the runner looks at, of the container that runs the task",
          "[parse]") {
  Parser parser;
  const Padded line(event("ADDED", pod));
  const auto read = parser.event<PodView>(line);
  REQUIRE(read);
  const PodView& view = read->object;
  CHECK(view.meta.name == "p-abcde");
  CHECK(view.meta.is_terminating);
  CHECK(view.job_name == "index-parallel-x");
  CHECK(text(view.job_uid) == "0a1b2c3d-4e5f-4678-9abc-def012345678");
  CHECK(view.phase == "Failed");
  CHECK(view.reason == "Evicted");
  CHECK(view.ip == "10.1.2.3");
  CHECK(view.node == "node-7");
  CHECK(view.tls_enabled == "false");
  CHECK(view.is_scheduled);
  REQUIRE(view.disruption);
  CHECK(view.disruption->reason == "TerminationByKubelet");
  REQUIRE(view.container);
  CHECK(view.container->name == "main");
  CHECK(view.container->is_terminated);
  CHECK(view.container->exit_code == 137);
  CHECK(view.container->signal == 9);
  CHECK(view.container->reason == "OOMKilled");
  CHECK(view.container->message == "killed\nhard");
  CHECK(view.container->restarts == 2);
}

TEST_CASE("of what a Job owns only its owner is looked at", "[parse]") {
  Parser parser;
  const Padded map(
      R"({"kind":"ConfigMap","metadata":{"name":"m","uid":"u","resourceVersion":"1","labels":{"copse/owner":"o1","copse/task":"t1"},
 "ownerReferences":[{"kind":"Node","name":"n","uid":"x"},{"kind":"Job","name":"j","uid":"0a1b2c3d-4e5f-4678-9abc-def012345678"}]},
 "immutable":true,"binaryData":{"metadata":"AAE="}})");
  const auto view = parser.object<OwnedView>(map);
  REQUIRE(view);
  CHECK(view->job_name == "j");
  CHECK(text(view->job_uid) == "0a1b2c3d-4e5f-4678-9abc-def012345678");
  CHECK(view->owner == "o1");
  CHECK(view->task == "t1");
  CHECK_FALSE(parser.object<OwnedView>(Padded(R"({"metadata":{"name":"m"}})")));
}

TEST_CASE("the task's container is the annotated one, else main, else the first", "[parse]") {
  const std::string status = R"({"containerStatuses":[{"name":"a"},{"name":"main"},{"name":"c"}]})";
  Parser parser;
  CHECK(parser.object<PodView>(Padded(pod_with("", status)))->container->name == "main");
  CHECK(parser
            .object<PodView>(Padded(pod_with(
                R"(,"annotations":{"kubectl.kubernetes.io/default-container":"c"})", status)))
            ->container->name == "c");
  CHECK(parser
            .object<PodView>(
                Padded(pod_with("", R"({"containerStatuses":[{"name":"a"},{"name":"c"}]})")))
            ->container->name == "a");
  CHECK_FALSE(parser.object<PodView>(Padded(pod_with("", "{}")))->container);
}

TEST_CASE("a pod that cannot start says why, in its container or in an init container", "[parse]") {
  Parser parser;
  const Padded image(pod_with(
      "",
      R"({"phase":"Pending","containerStatuses":[{"name":"main","state":{"waiting":{"reason":"ImagePullBackOff","message":"Back-off"}}}]})"));
  const auto pulled = parser.object<PodView>(image);
  CHECK(pulled->container->waiting_reason == "ImagePullBackOff");
  CHECK(pulled->container->waiting_message == "Back-off");
  const Padded init(pod_with(
      "",
      R"({"initContainerStatuses":[{"name":"i","state":{"waiting":{"reason":"PodInitializing"}}},{"name":"j","state":{"waiting":{"reason":"ErrImagePull"}}}]})"));
  CHECK(parser.object<PodView>(init)->init_waiting_reason == "ErrImagePull");
  const Padded nowhere(pod_with(
      "",
      R"({"conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable","message":"0/3 nodes"}]})"));
  const auto unscheduled = parser.object<PodView>(nowhere);
  CHECK_FALSE(unscheduled->is_scheduled);
  CHECK(unscheduled->unscheduled_reason == "Unschedulable");
}

TEST_CASE("of the init containers the first that failed is kept", "[parse]") {
  Parser parser;
  const Padded failed(pod_with(
      "",
      R"({"initContainerStatuses":[{"name":"a","state":{"terminated":{"exitCode":0,"reason":"Completed"}}},{"name":"b","state":{"terminated":{"exitCode":3,"reason":"Error"}}},{"name":"c","state":{"waiting":{"reason":"PodInitializing"}}}]})"));
  const auto pod = parser.object<PodView>(failed);
  REQUIRE(pod->failed_init);
  CHECK(pod->failed_init->name == "b");
  CHECK(pod->failed_init->exit_code == 3);
  const Padded fine(pod_with(
      "", R"({"initContainerStatuses":[{"name":"a","state":{"terminated":{"exitCode":0}}}]})"));
  CHECK_FALSE(parser.object<PodView>(fine)->failed_init);
}

TEST_CASE("members may come in any order", "[parse]") {
  Parser parser;
  const Padded line(
      R"({"object":{"status":{"phase":"Running"},"metadata":{"uid":"u","resourceVersion":"1","name":"p"}},"type":"ADDED"})");
  const auto read = parser.event<PodView>(line);
  REQUIRE(read);
  CHECK(read->type == EventType::added);
  CHECK(read->object.phase == "Running");
}

TEST_CASE("a bookmark has a version and nothing else, and may end the initial events", "[parse]") {
  Parser parser;
  const Padded plain(
      event("BOOKMARK",
            R"({"kind":"Job","metadata":{"resourceVersion":"99","creationTimestamp":null}})"));
  const auto read = parser.event<JobView>(plain);
  REQUIRE(read);
  CHECK(read->type == EventType::bookmark);
  CHECK(read->object.meta.resource_version == "99");
  CHECK_FALSE(read->ends_initial_events);
  const Padded last(event(
      "BOOKMARK",
      R"({"metadata":{"resourceVersion":"99","annotations":{"k8s.io/initial-events-end":"true"}}})"));
  CHECK(parser.event<JobView>(last)->ends_initial_events);
  CHECK_FALSE(parser.event<JobView>(plain)->ends_initial_events);
}

TEST_CASE("an ERROR event carries its Status", "[parse]") {
  Parser parser;
  const Padded line(event(
      "ERROR",
      R"({"kind":"Status","status":"Failure","reason":"Expired","message":"too old","code":410})"));
  const auto read = parser.event<PodView>(line);
  REQUIRE(read);
  CHECK(read->status.code == 410);
  CHECK(read->status.message == "too old");
}

TEST_CASE("a type, phase or condition from the future is no fault", "[parse]") {
  Parser parser;
  const Padded future(event("COMPACTED", R"({"metadata":{}})"));
  CHECK(parser.event<JobView>(future)->type == EventType::unknown);
  const Padded phase(event("ADDED", pod_with("", R"({"phase":"Hibernating"})")));
  CHECK(parser.event<PodView>(phase)->object.phase == "Hibernating");
}

TEST_CASE("null, and a value of another type, count as absent", "[parse]") {
  Parser parser;
  const Padded odd(
      R"({"metadata":{"name":"p","uid":"u","resourceVersion":"1","labels":null,"annotations":[],"ownerReferences":{},"deletionTimestamp":null},
    "spec":null,"status":{"phase":7,"podIP":null,"conditions":null,"containerStatuses":[null,7,{"name":null,"state":null,"restartCount":"x"}]}})");
  const auto read = parser.object<PodView>(odd);
  REQUIRE(read);
  CHECK(read->phase.empty());
  CHECK_FALSE(read->meta.is_terminating);
}

TEST_CASE("all items of a list in memory are read, with texts that stay", "[parse]") {
  Parser parser;
  const Padded list(R"({"kind":"PodList","metadata":{},"items":[)" + pod + "," +
                    pod_with("", R"({"message":"a\tb"})") + "]}");
  const auto items = parser.items<PodView>(list);
  REQUIRE(items);
  REQUIRE(items->size() == 2);
  CHECK((*items)[0].container->message == "killed\nhard");
  CHECK((*items)[1].message == "a\tb");
}

TEST_CASE("a line that is no event is a fault", "[parse]") {
  Parser parser;
  for (
      const std::string text :
      {"", " ", "{}", "[]", "null", "7", "\"x\"", R"({"type":"ADDED"})",
       R"({"type":"ADDED","object":{}})", R"({"type":"ADDED","object":7})",
       R"({"type":7,"object":{}})", R"({"type":"BOOKMARK","object":{"metadata":{}}})",
       R"({"type":"ERROR","object":{}})", R"({"type":"ERROR","object":{"kind":"Job"}})", "\xff\xfe",
       R"({"type":"ADDED","object":{"metadata":{"name":"p","uid":"u","resourceVersion":"1"}}} {})",
       R"({"type":"ADDED","object":{"metadata":{"name":"\ud800","uid":"u","resourceVersion":"1"}}})"}) {
    INFO(text);
    CHECK_FALSE(parser.event<JobView>(Padded(text)));
  }
}

TEST_CASE("an event that is cut anywhere is a fault, never a smaller event", "[parse]") {
  Parser parser;
  const std::string whole = event("MODIFIED", job);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CHECK_FALSE(parser.event<JobView>(Padded(whole.substr(0, length))));
  }
  CHECK(parser.event<JobView>(Padded(whole)));
}

TEST_CASE("a damaged byte anywhere never crashes the parser, nor spoils the next event",
          "[parse]") {
  Parser parser;
  std::minstd_rand random(11);
  const std::string jobs = event("MODIFIED", job);
  const std::string pods = event("MODIFIED", pod);
  for (int round = 0; round < 20'000; ++round) {
    std::string damaged = round % 2 == 0 ? jobs : pods;
    for (int i = 0; i < 1 + round % 3; ++i)
      damaged[random() % damaged.size()] = static_cast<char>(random());
    static_cast<void>(parser.event<JobView>(Padded(damaged)));
    static_cast<void>(parser.event<PodView>(Padded(damaged)));
  }
  const std::string deep(5000, '[');
  CHECK_FALSE(parser.event<JobView>(Padded(event("ADDED", R"({"metadata":{"name":)" + deep))));
  CHECK(parser.event<PodView>(Padded(pods)));
}
