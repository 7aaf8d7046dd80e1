#include "runner/service/observe.hpp"

#include "runner/logs/status_file.hpp"
#include "runner/service/wakes.hpp"

#include <catch2/catch.hpp>

using namespace copse::runner;
using namespace std::chrono_literals;

namespace {

kube::PodView pod(std::string_view phase) {
  kube::PodView view;
  view.meta.uid = {1, 2};
  view.job_uid = {3, 4};
  view.phase = phase;
  return view;
}

}  // namespace

TEST_CASE("a pod runs when its container does, whatever its phase says", "[runner]") {
  kube::PodView view = pod("Pending");
  CHECK_FALSE(service::pod_seen(view).is_running);
  view.container = kube::ContainerView{};
  view.container->running_since = std::chrono::sys_seconds{};
  CHECK(service::pod_seen(view).is_running);
}

TEST_CASE("why a pod waits is taken from where it says so", "[runner]") {
  kube::PodView view = pod("Pending");
  view.unscheduled_reason = "Unschedulable";
  CHECK(service::pod_seen(view).waiting_reason == "Unschedulable");
  view = pod("Pending");
  view.container = kube::ContainerView{};
  view.container->waiting_reason = "PodInitializing";
  view.init_waiting_reason = "ErrImagePull";
  CHECK(service::pod_seen(view).waiting_reason == "ErrImagePull");
}

TEST_CASE("an Event says what no status does", "[runner]") {
  using What = job::event::Told::What;
  const auto told = [](std::string_view kind, std::string_view reason, std::int64_t count = 1) {
    kube::EventView view;
    view.about_kind = kind;
    view.about = {7, 8};
    view.reason = reason;
    view.message = "why";
    view.count = count;
    return service::event_told(view);
  };
  const auto no_pod = told("Job", "FailedCreate");
  REQUIRE(no_pod);
  CHECK(no_pod->what == What::no_pod);
  CHECK(no_pod->about == kube::Uid{7, 8});
  CHECK(no_pod->text == "why");
  CHECK(told("Pod", "Pulled").value().what == What::pulled);
  for (const std::string reason : {"FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox"}) {
    const auto no_volume = told("Pod", reason, service::told_by_node);
    REQUIRE(no_volume);
    CHECK(no_volume->what == What::no_volume);
    CHECK(no_volume->text == "the pod cannot be set up (" + reason + "): why");
    // A ConfigMap may come a moment after its Job.
    CHECK_FALSE(told("Pod", reason, service::told_by_node - 1));
  }
  CHECK_FALSE(told("Pod", "BackOff", 9));  // its status says so
  CHECK_FALSE(told("Pod", "FailedCreate"));
  CHECK_FALSE(told("Job", "Pulled"));
  CHECK_FALSE(told("Node", "FailedMount", 9));
}

TEST_CASE("the Job of an Event is known by the name, however long that is", "[runner]") {
  const auto about = [](std::string_view kind, std::string_view name) {
    kube::EventView view;
    view.about_kind = kind;
    view.about_name = name;
    return service::pod_name_base_of(view);
  };
  CHECK(service::pod_name_base("job-1") == "job-1-");
  CHECK(about("Pod", "job-1-x7k2p") == "job-1-");
  CHECK(about("Job", "job-1") == "job-1-");
  CHECK(about("Pod", "job-1-0-x7k2p") != "job-1-");
  const std::string longest(63, 'j');  // its pods lose the end of its name
  CHECK(about("Pod", std::string(58, 'j') + "x7k2p") == service::pod_name_base(longest));
  CHECK(about("Pod", "abc").empty());
}

TEST_CASE("a pod that ends while it is being deleted was deleted", "[runner]") {
  kube::PodView view = pod("Failed");
  CHECK_FALSE(service::pod_seen(view).end->deleted);
  view.meta.is_terminating = true;
  CHECK(service::pod_seen(view).is_terminating);
  CHECK(service::pod_seen(view).end->deleted);
}

TEST_CASE("a pod that was refused has ended without an exit code", "[runner]") {
  kube::PodView view = pod("Failed");
  view.reason = "OutOfcpu";
  const auto seen = service::pod_seen(view);
  REQUIRE(seen.end);
  CHECK_FALSE(seen.end->exit_code);
  CHECK(seen.end->pod_reason == "OutOfcpu");
}

TEST_CASE("an init container that failed is why no other ever ran", "[runner]") {
  kube::PodView view = pod("Failed");
  view.container = kube::ContainerView{};
  view.container->waiting_reason = "PodInitializing";
  view.failed_init = kube::ContainerView{};
  view.failed_init->name = "fetch";
  view.failed_init->exit_code = 3;
  view.failed_init->reason = "Error";
  view.failed_init->message = "no such bucket";
  CHECK(service::pod_seen(view).end->init ==
        "init container `fetch` ended with exit code 3 (Error): no such bucket");
  view.container->is_terminated = true;
  CHECK(service::pod_seen(view).end->init.empty());
}

TEST_CASE("a status in the termination message is the task's word", "[runner]") {
  kube::PodView view = pod("Succeeded");
  view.container = kube::ContainerView{};
  view.container->is_terminated = true;
  view.container->message = R"({"id":"a","status":"FAILED","errorMsg":"bad rows"})";
  const auto seen = service::pod_seen(view);
  REQUIRE(seen.end);
  CHECK(seen.end->message == job::StatusReport{job::StatusReport::State::read, false, "bad rows"});
}

TEST_CASE("a Job is ours only with both labels, and not while it is being deleted", "[runner]") {
  using Found = job::event::LookedUp::Found;
  kube::JobView view;
  view.owner = "me";
  view.task = "t";
  CHECK(service::looked_up(view, "me", kube::parse_uid("t")).found == Found::ours);
  CHECK(service::looked_up(view, "you", kube::parse_uid("t")).found == Found::foreign);
  CHECK(service::looked_up(view, "me", kube::parse_uid("u")).found == Found::foreign);
  view.meta.is_terminating = true;
  CHECK(service::looked_up(view, "me", kube::parse_uid("t")).found == Found::terminating);
}

TEST_CASE("a payload is ours when it belongs to this very Job, and left when to an earlier one",
          "[runner]") {
  using Found = job::event::PayloadLookedUp::Found;
  kube::OwnedView view;
  view.owner = "me";
  view.task = "t";
  view.job_uid = {3, 4};
  const auto found = [&](std::string_view owner, std::string_view task, kube::Uid job) {
    return service::payload_looked_up(view, owner, kube::parse_uid(task), job).found;
  };
  CHECK(found("me", "t", {3, 4}) == Found::ours);
  CHECK(found("me", "t", {3, 5}) == Found::left);
  CHECK(found("you", "t", {3, 4}) == Found::foreign);
  CHECK(found("me", "u", {3, 4}) == Found::foreign);
  view.meta.is_terminating = true;
  CHECK(found("me", "t", {3, 4}) == Found::left);
}

TEST_CASE("a text is a task status, an ordinary message, or damaged", "[runner]") {
  using State = job::StatusReport::State;
  CHECK(logs::parse_task_status(R"({"id":"a","status":"SUCCESS","errorMsg":null})") ==
        job::StatusReport{State::read, true, ""});
  CHECK(logs::parse_task_status("out of memory").state == State::absent);
  CHECK(logs::parse_task_status("").state == State::absent);
  CHECK(logs::parse_task_status(R"({"id":"a"})").state == State::absent);
  CHECK(logs::parse_task_status(R"({"id":"a","status":"RUNNING"})").state == State::unreadable);
}

TEST_CASE("the earliest wake comes first, and a newer time of a task replaces its older one",
          "[runner]") {
  using service::TaskIndex;
  service::Wakes wakes;
  const job::Time t{1h};
  CHECK(wakes.set(TaskIndex{1}, t + 5s));
  CHECK_FALSE(wakes.set(TaskIndex{2}, t + 9s));
  CHECK(wakes.set(TaskIndex{3}, t + 1s));
  CHECK_FALSE(wakes.set(TaskIndex{3}, t + 20s));
  CHECK(wakes.next() == t + 5s);
  CHECK(wakes.due(t + 10s) == std::vector{TaskIndex{1}, TaskIndex{2}});
  wakes.drop(TaskIndex{3});
  CHECK_FALSE(wakes.next());
}
