#include "runner/overlord/history.hpp"

#include "runner/overlord/smile.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using namespace copse::runner::overlord;

namespace {

Announcement running(const std::string& id) {
  Announcement task;
  task.id = id;
  task.type = "noop";
  task.data_source = "wiki";
  return task;
}

// What a poller believes: tasks, and whether the worker wants more.
struct View {
  std::map<std::string, Announcement> tasks;
  bool disabled = false;

  bool operator==(const View&) const = default;
};

// The Overlord's side of the protocol (Druid: ChangeRequestHttpSyncer, WorkerHolder), as it is
// written there: forget the counter at a reset, take all at a full answer, changes else.
class Syncer {
 public:
  enum class Got { full, changes, reset, nothing };

  Got poll(const History& history) {
    const Answer answer = history.poll(known_ ? counter_.counter : -1, known_ ? counter_.hash : 0);
    if (std::holds_alternative<answer::Wait>(answer)) return Got::nothing;
    if (std::holds_alternative<answer::Reset>(answer)) {
      known_ = false;
      return Got::reset;
    }
    const auto& changes = std::get<answer::Changes>(answer);
    const bool is_full = !known_;
    if (is_full) view_ = {};
    for (const Change& change : changes.changes) std::visit([&](auto& c) { apply(c); }, change);
    counter_ = changes.counter;
    known_ = true;
    return is_full ? Got::full : Got::changes;
  }

  [[nodiscard]] const View& view() const { return view_; }

  [[nodiscard]] Counter counter() const { return counter_; }

  [[nodiscard]] bool knows() const { return known_; }

 private:
  void apply(const change::Update& change) { view_.tasks[change.task->id] = *change.task; }

  void apply(const change::Removal& change) { view_.tasks.erase(change.task_id); }

  void apply(const change::Availability& change) { view_.disabled = change.disabled; }

  View view_;
  Counter counter_;
  bool known_ = false;
};

template <typename T>
T expect(const Answer& answer) {
  REQUIRE(std::holds_alternative<T>(answer));
  return std::get<T>(answer);
}

}  // namespace

TEST_CASE("the first poll gets everything that is true, and the next one waits", "[overlord]") {
  History history(7);
  history.update(running("a"));
  history.set_disabled(true);
  const auto all = expect<answer::Changes>(history.poll(-1, 0));
  CHECK(all.counter == Counter{2, 7});
  REQUIRE(all.changes.size() == 2);
  CHECK(std::get<change::Availability>(all.changes[0]).disabled);
  CHECK(std::get<change::Update>(all.changes[1]).task->id == "a");
  expect<answer::Wait>(history.poll(2, 7));
}

TEST_CASE("a counter of another process, ahead or too far behind is answered with a reset",
          "[overlord]") {
  History history(7);
  for (std::size_t i = 0; i <= history_limit; ++i) history.update(running(std::to_string(i)));
  const auto newest = history.last().counter;
  const auto oldest = newest - static_cast<std::int64_t>(history_limit);
  CHECK(expect<answer::Reset>(history.poll(newest, 8)).cause ==
        "the counter is of another process");
  CHECK(expect<answer::Reset>(history.poll(newest + 1, 7)).cause == "the counter is ahead");
  CHECK(expect<answer::Reset>(history.poll(oldest - 1, 7)).cause == "the counter is too old");
  CHECK(expect<answer::Changes>(history.poll(oldest, 7)).changes.size() == history_limit);
}

TEST_CASE("what was said already is not said again", "[overlord]") {
  History history(7);
  history.update(running("a"));
  history.update(running("a"));
  history.remove("b");
  history.set_disabled(false);
  CHECK(history.last().counter == 1);
}

// Several Overlords poll now and then while anything happens, restarts of the worker included:
// what each believes is always what was true at its counter.
TEST_CASE("whoever polls believes what was true, however seldom it polls", "[overlord]") {
  std::mt19937 random(11);
  for (int round = 0; round < 40; ++round) {
    std::int64_t hash = 1000 + round;
    auto history = std::make_unique<History>(hash);
    std::map<std::pair<std::int64_t, std::int64_t>, View> was_true;
    View world;
    const auto note = [&] { was_true[{history->last().hash, history->last().counter}] = world; };
    note();
    std::vector<Syncer> pollers(3);
    for (int step = 0; step < 3000; ++step) {
      const std::string id = "task" + std::to_string(random() % 20);
      switch (random() % 8) {
        case 0:
        case 1:
        case 2: {
          Announcement task = running(id);
          task.state = static_cast<TaskState>(random() % 3);
          if (random() % 2 == 0) task.location = {"10.0.0.1", 8100, -1, id + "-pod"};
          history->update(task);
          world.tasks[id] = task;
          break;
        }
        case 3:
          history->remove(id);
          world.tasks.erase(id);
          break;
        case 4:
          world.disabled = random() % 2 == 0;
          history->set_disabled(world.disabled);
          break;
        case 5:
          if (random() % 100 == 0) {  // a restart: the same tasks, another history
            history = std::make_unique<History>(++hash + 1000 * round);
            history->set_disabled(world.disabled);
            for (const auto& [name, task] : world.tasks) history->update(task);
          }
          break;
        default: {
          // The third is slow enough to fall out of the history.
          const std::size_t who = random() % 4000 == 0 ? 2 : random() % 2;
          Syncer& poller = pollers[who];
          note();
          const auto got = poller.poll(*history);
          if (got == Syncer::Got::full) REQUIRE(poller.view() == world);
          if (got == Syncer::Got::nothing) REQUIRE(poller.view() == world);
          if (poller.knows())
            REQUIRE(poller.view() == was_true[{poller.counter().hash, poller.counter().counter}]);
        }
      }
    }
    for (Syncer& poller : pollers) {
      while (poller.poll(*history) != Syncer::Got::nothing) {
      }
      CHECK(poller.view() == world);
    }
  }
}

TEST_CASE("an answer is the document that Druid reads", "[overlord]") {
  History history(1'700'000'000'000);
  CHECK(smile_to_json(to_smile(expect<answer::Changes>(history.poll(-1, 0)))) ==
        R"({"resetCounter":false,"resetCause":null,"counter":{"counter":0,"hash":1700000000000},)"
        R"("requests":[{"type":"metadata","disabled":false}]})");
  Announcement task = running("a");
  history.update(task);
  task.state = TaskState::failed;
  task.duration_ms = 1234;
  task.error = "oom: killed";
  task.location = {"10.1.2.3", 8100, -1, "a-pod"};
  history.update(task);
  history.remove("a");
  CHECK(
      smile_to_json(to_smile(expect<answer::Changes>(history.poll(0, history.last().hash)))) ==
      R"({"resetCounter":false,"resetCause":null,"counter":{"counter":3,"hash":1700000000000},"requests":[)"
      R"({"type":"taskUpdate","taskAnnouncement":{"id":"a","type":"noop","status":"RUNNING",)"
      R"("taskStatus":{"id":"a","status":"RUNNING","duration":-1,"errorMsg":null,)"
      R"("location":{"host":null,"port":-1,"tlsPort":-1}},)"
      R"("taskResource":{"availabilityGroup":"a","requiredCapacity":1},)"
      R"("taskLocation":{"host":null,"port":-1,"tlsPort":-1},"taskDataSource":"wiki"}},)"
      R"({"type":"taskUpdate","taskAnnouncement":{"id":"a","type":"noop","status":"FAILED",)"
      R"("taskStatus":{"id":"a","status":"FAILED","duration":1234,"errorMsg":"oom: killed",)"
      R"("location":{"host":"10.1.2.3","port":8100,"tlsPort":-1,"k8sPodName":"a-pod"}},)"
      R"("taskResource":{"availabilityGroup":"a","requiredCapacity":1},)"
      R"("taskLocation":{"host":"10.1.2.3","port":8100,"tlsPort":-1,"k8sPodName":"a-pod"},)"
      R"("taskDataSource":"wiki"}},{"type":"taskRemoval","taskId":"a"}]})");
  CHECK(
      smile_to_json(to_smile(answer::Reset{"the counter is ahead"})) ==
      R"({"resetCounter":true,"resetCause":"the counter is ahead","counter":null,"requests":null})");
}
