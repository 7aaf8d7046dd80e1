// Documents that come and go: snapshots, tasks, statuses, configurations.
#include "runner/overlord/smile.hpp"
#include "runner/overlord_sandbox/syncer.hpp"
#include "tests/runner/overlord_sandbox/stage.hpp"

#include <boost/json.hpp>

using namespace copse::tests;

namespace {

std::string smile_of(const std::string& json) {
  return overlord::json_to_smile(json).value();
}

std::string snapshot_of(const std::string& requests) {
  return R"({"resetCounter":false,"resetCause":null,"counter":{"counter":3,"hash":7},"requests":[)" +
         requests + "]}";
}

std::string update_of(const std::string& members) {
  return R"({"type":"taskUpdate","taskAnnouncement":{"type":"noop",)" + members + "}}";
}

std::string fault_of(const std::string& json) {
  const auto read = read_snapshot(smile_of(json));
  return read ? "" : read.error();
}

Moment noon() {
  return std::chrono::sys_days{std::chrono::year{2026} / 8 / 4} + 12h;
}

Task submitted(const std::string& json) {
  const auto task = read_submitted(json, "abcdefgh", noon());
  INFO((task ? "" : task.error().text));
  REQUIRE(task);
  return *task;
}

std::string refused(const std::string& json) {
  const auto task = read_submitted(json, "abcdefgh", noon());
  return task ? "" : task.error().text;
}

}  // namespace

TEST_CASE("a snapshot is read with all that it says of a task", "[snapshot]") {
  const std::string status =
      R"("taskStatus":{"id":"a","status":"FAILED","duration":12,"errorMsg":"oom","location":{}},)";
  const auto read = read_snapshot(smile_of(snapshot_of(
      update_of(status + R"("taskResource":{"availabilityGroup":"g","requiredCapacity":2},)"
                         R"("taskLocation":{"host":"h","port":8100,"tlsPort":-1,"k8sPodName":"p"},)"
                         R"("taskDataSource":"wiki")") +
      R"(,{"type":"taskRemoval","taskId":"b"},{"type":"metadata","disabled":true})")));
  REQUIRE(read);
  CHECK(read->counter == overlord::Counter{3, 7});
  REQUIRE(read->items.size() == 3);
  const auto& announced = std::get<Announced>(read->items[0]);
  CHECK(announced.availability_group == "g");
  CHECK(announced.task ==
        overlord::Announcement{
            "a", "noop", "wiki", 2, TaskState::failed, 12, "oom", {"h", 8100, -1, "p"}});
  CHECK(std::get<change::Removal>(read->items[1]).task_id == "b");
  CHECK(std::get<change::Availability>(read->items[2]).disabled);
}

TEST_CASE("what a worker leaves out has the value that Jackson gives it", "[snapshot]") {
  const auto read = read_snapshot(smile_of(
      snapshot_of(update_of(R"("id":"a","status":"RUNNING","taskLocation":{"host":null})"))));
  REQUIRE(read);
  const auto& announced = std::get<Announced>(read->items[0]);
  CHECK(announced.availability_group == "a");
  CHECK(announced.task.required_capacity == 1);
  CHECK(announced.task.location.port == 0);  // a known location to the Overlord
}

TEST_CASE("what Druid could not read is a fault", "[snapshot]") {
  CHECK(read_snapshot("{}").error() == "byte 0: this is JSON, not Smile");
  CHECK(fault_of("[]") == "the snapshot is no object");
  CHECK(fault_of(R"({"resetCounter":true})") == "a reset without `resetCause`");
  CHECK(fault_of(R"({"resetCounter":false,"counter":null})") == "`counter` is no object");
  CHECK(fault_of(R"({"counter":{"counter":1,"hash":1},"requests":null})") ==
        "`requests` is no list");
  CHECK(fault_of(snapshot_of(R"({"type":"news"})")) == "there is no request of type `news`");
  CHECK(fault_of(snapshot_of(update_of(R"("id":"a","status":"PENDING")"))) ==
        "there is no status `PENDING`");
  CHECK(fault_of(snapshot_of(update_of(R"("status":"RUNNING")"))) == "`id` is null");
  const std::string running = R"("id":"a","status":"RUNNING","taskResource":)";
  CHECK(fault_of(snapshot_of(update_of(running + R"({"requiredCapacity":1})"))) ==
        "`availabilityGroup` is null");
  CHECK(fault_of(snapshot_of(update_of(running + R"({"availabilityGroup":"g"})"))) ==
        "`requiredCapacity` is not above 0");
}

TEST_CASE("a poller asks for everything, then for what is new, and begins anew when it is told to",
          "[syncer]") {
  Syncer syncer;
  CHECK(syncer.target(1s) == "/druid-internal/v1/worker?counter=-1&timeout=1000");
  CHECK(syncer.answered(200, smile_of(snapshot_of(""))).kind == Synced::Kind::full);
  CHECK(syncer.target(1s) == "/druid-internal/v1/worker?counter=3&hash=7&timeout=1000");
  CHECK(syncer.answered(200, smile_of(snapshot_of(""))).kind == Synced::Kind::delta);
  CHECK(syncer.answered(200, smile_of(R"({"resetCounter":true,"resetCause":"x"})")).kind ==
        Synced::Kind::reset);
  CHECK(syncer.target(1s) == "/druid-internal/v1/worker?counter=-1&timeout=1000");
}

TEST_CASE("failures keep the counter and count, until an answer brings a snapshot", "[syncer]") {
  Syncer syncer;
  CHECK(syncer.answered(200, smile_of(snapshot_of(""))).kind == Synced::Kind::full);
  CHECK(syncer.answered(503, "").fault == "status 503");
  CHECK(syncer.unanswered("refused").kind == Synced::Kind::failed);
  CHECK(syncer.answered(200, "{}").is_unreadable);
  CHECK(syncer.failures() == 3);
  CHECK(syncer.answered(204, "").kind == Synced::Kind::nothing);
  CHECK(syncer.failures() == 3);
  CHECK(syncer.answered(200, smile_of(snapshot_of(""))).kind == Synced::Kind::delta);
  CHECK(syncer.failures() == 0);
}

TEST_CASE("pauses double up to a minute, and are spread", "[syncer]") {
  const Times times;
  CHECK(retry_pause(1, 0, times) == 1s);
  CHECK(retry_pause(4, 0, times) == 8s);
  CHECK(retry_pause(50, 0, times) == 60s);
  CHECK(retry_pause(1, 1, times) == 1200ms);
  CHECK(retry_pause(1, -100, times) == 0ms);
  CHECK(retry_pause(1, 100, times) == 2s);
}

TEST_CASE("a submitted task is completed as Druid does it, and else left as it was written",
          "[task]") {
  const Task task = submitted(
      R"({"type":"index","spec":{"dataSchema":{"dataSource":"wiki"}, "x":1.50},"context":{"priority":7}})");
  CHECK(task.id == "index_wiki_abcdefgh_2026-08-04T12:00:00.000Z");
  CHECK(task.group_id == task.id);
  CHECK(task.data_source == "wiki");
  CHECK(task.availability_group == task.id);
  CHECK(
      task.document ==
      R"({"type":"index","spec":{"dataSchema":{"dataSource":"wiki"}, "x":1.50},)"
      R"("context":{"priority":7,"forceTimeChunkLock":true,"useLineageBasedSegmentAllocation":true},)"
      R"("id":")" +
          task.id + R"(","groupId":")" + task.id +
          R"(",)"
          R"("resource":{"availabilityGroup":")" +
          task.id +
          R"(","requiredCapacity":1},)"
          R"("dataSource":"wiki"})");
}

TEST_CASE("what a submitted task says of itself counts", "[task]") {
  const std::string own =
      R"({"id":"a b:ä","type":"index_kafka","groupId":"g","dataSource":"d","supervisorId":"s",)"
      R"("resource":{"availabilityGroup":"r","requiredCapacity":3},)"
      R"("context":{"forceTimeChunkLock":false,"useLineageBasedSegmentAllocation":false}})";
  const Task task = submitted(own);
  CHECK(task.document == own);
  CHECK(task.id == "a b:ä");
  CHECK(task.group_id == "g");
  CHECK(task.supervisor_id == "s");
  CHECK(task.availability_group == "r");
  CHECK(task.required_capacity == 3);
}

TEST_CASE("what is no task is refused with a reason", "[task]") {
  CHECK(refused("[") == "the body is no JSON object");
  CHECK(refused("{}") == "Could not resolve subtype of Task: missing type id property 'type'");
  CHECK(refused(R"({"type":"noop","id":"a/b"})") == "Task ID cannot contain '/'.");
  CHECK(refused(R"({"type":"noop","id":".a"})") == "Task ID cannot start with '.'.");
  CHECK(refused(R"({"type":"noop","id":"a","resource":{"requiredCapacity":1}})") ==
        "availabilityGroup is null");
  CHECK(refused(R"({"type":"noop","id":"a","resource":{"availabilityGroup":"a"}})") ==
        "requiredCapacity is not above 0");
}

TEST_CASE("errors are cut at a hundred characters, as Java counts them", "[status]") {
  const std::string hundred(100, 'x');
  CHECK(cut_error(hundred) == hundred);
  CHECK(cut_error(hundred + "y") == hundred + "...");
  const std::string fifty = "ä" + std::string(48, 'x') + "ä";
  CHECK(cut_error(fifty + fifty + "y") == fifty + fifty + "...");
  CHECK(cut_error(std::string(99, 'x') + "😀") == std::string(99, 'x') + "...");
}

TEST_CASE("a status is written as Druid writes it", "[status]") {
  TaskReport report{.group_id = "g", .type = "noop", .data_source = "wiki", .created = noon()};
  report.status = {.id = "a", .location = {"h", 8100, -1, "p"}};
  report.runner = RunnerState::running;
  CHECK(
      to_json(report) ==
      R"({"id":"a","groupId":"g","type":"noop","createdTime":"2026-08-04T12:00:00.000Z",)"
      R"("queueInsertionTime":"1970-01-01T00:00:00.000Z","statusCode":"RUNNING","status":"RUNNING",)"
      R"("runnerStatusCode":"RUNNING","duration":-1,)"
      R"("location":{"host":"h","port":8100,"tlsPort":-1,"k8sPodName":"p"},)"
      R"("dataSource":"wiki","errorMsg":null})");
  CHECK(to_json(failure("a", "why")) ==
        R"({"id":"a","status":"FAILED","duration":-1,"errorMsg":"why",)"
        R"("location":{"host":null,"port":-1,"tlsPort":-1}})");
}
