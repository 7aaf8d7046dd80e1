// Tasks of an Overlord, from acceptance to acknowledgement.
#include "tests/runner/service/copse_world.hpp"

using namespace copse::tests;

TEST_CASE("a task is taken, runs, ends, and nothing of it is left once that is acknowledged",
          "[worker]") {
  World world;
  {
    Copse copse(world);
    CHECK(copse.assign(document("a")) == "taken");
    CHECK(copse.has_state("a", TaskState::running));
    REQUIRE(copse.until([&] { return copse.has_state("a", TaskState::success); }));
    const Announcement said = *copse.history.find("a");
    CHECK(said.location.port == 8100);
    CHECK(said.location.pod.starts_with("job-a-"));
    CHECK(said.duration_ms >= 0);
    CHECK(copse.ended == std::vector<std::string>{"a"});
    CHECK(copse.loses_job("a"));
    copse.worker->acknowledged("a");
    CHECK(copse.history.find("a") == nullptr);
    CHECK(copse.worker->tasks() == 0);
  }
  Copse after(world);
  CHECK(after.worker->tasks() == 0);
  CHECK(world.starts_of("a") == 1);
}

TEST_CASE("a task that is handed over again and again runs once", "[worker]") {
  World world;
  Copse copse(world);
  std::size_t answers = 0;
  for (int i = 0; i < 3; ++i)
    copse.worker->assign(document("a"), [&](auto result) { answers += result ? 1U : 0U; });
  REQUIRE(copse.until([&] { return copse.has_state("a", TaskState::success); }));
  CHECK(copse.assign(document("a")) == "taken");
  CHECK(answers == 3);
  CHECK(world.starts_of("a") == 1);
}

TEST_CASE("a body that is no task is refused, and nothing is kept of it", "[worker]") {
  World world;
  Copse copse(world);
  CHECK(copse.assign("{") == "this is no JSON");
  CHECK(copse.worker->tasks() == 0);
}

TEST_CASE("a task that a rule fails is announced so, and others go on", "[worker]") {
  World world;
  Copse copse(world);
  CHECK(copse.assign(document("refused")) == "taken");
  CHECK(copse.assign(document("a")) == "taken");
  REQUIRE(copse.until([&] { return copse.has_state("refused", TaskState::failed); }));
  CHECK(copse.history.find("refused")->error == "rule `x` fails it");
  REQUIRE(copse.until([&] { return copse.has_state("a", TaskState::success); }));
  CHECK(world.starts_of("refused") == 0);
}

TEST_CASE("a task that is killed ends as failed, and its pod is gone", "[worker]") {
  World world;
  Copse copse(world);
  CHECK(copse.assign(document("endless")) == "taken");
  REQUIRE(copse.until([&] { return !copse.history.find("endless")->location.host.empty(); }));
  copse.worker->kill("endless");
  REQUIRE(copse.until([&] { return copse.has_state("endless", TaskState::failed); }));
  CHECK(copse.history.find("endless")->error == "cancelled: cancelled");
  CHECK(copse.loses_job("endless"));
}

TEST_CASE("a kill of an unknown task is answered by a failure, so that the Overlord lets go of it",
          "[worker]") {
  World world;
  Copse copse(world);
  copse.worker->kill("stranger");
  CHECK(copse.has_state("stranger", TaskState::failed));
  CHECK(copse.ended == std::vector<std::string>{"stranger"});
  copse.worker->acknowledged("stranger");
  CHECK(copse.history.find("stranger") == nullptr);
}

TEST_CASE("a copse that dies is followed by one that knows all its tasks and runs none again",
          "[worker]") {
  World world;
  constexpr int count = 12;
  std::map<std::string, TaskState> last;
  {
    Copse copse(world);
    for (int i = 0; i < count; ++i)
      CHECK(copse.assign(document("t" + std::to_string(i))) == "taken");
    REQUIRE(copse.until([&] { return copse.ended.size() >= 3; }));
    for (const std::string& id : copse.ended) last[id] = copse.history.find(id)->state;
  }
  Copse copse(world);
  CHECK(copse.worker->tasks() == count);
  for (const auto& [id, state] : last) CHECK(copse.has_state(id, state));
  CHECK(copse.decided.empty());
  REQUIRE(copse.until([&] { return copse.ended.size() == count; }));
  for (int i = 0; i < count; ++i) {
    const std::string id = "t" + std::to_string(i);
    CHECK(copse.has_state(id, TaskState::success));
    CHECK(world.starts_of(id) == 1);
    copse.worker->acknowledged(id);
    CHECK(copse.loses_job(id));
  }
}

TEST_CASE("a copse that dies before it has decided decides after its restart", "[worker]") {
  World world;
  {
    Copse copse(world, false);
    CHECK(copse.assign(document("a")) == "taken");
  }
  Copse copse(world);
  CHECK(copse.has_state("a", TaskState::running));
  REQUIRE(copse.until([&] { return copse.has_state("a", TaskState::success); }));
  CHECK(world.starts_of("a") == 1);
}

// The same at every point: after so many steps of the loop everything that was in memory is lost.
TEST_CASE("wherever a copse dies, each accepted task runs once and ends once", "[worker]") {
  for (int steps = 0; steps < 90; steps += 2) {
    World world;
    const std::vector<std::string> ids{"a", "large", "refused"};
    std::set<std::string> taken;
    {
      Copse copse(world);
      for (const std::string& id : ids) {
        copse.worker->assign(document(id), [&, id](auto result) {
          if (result) taken.insert(id);
        });
      }
      for (int i = 0; i < steps; ++i) {
        copse.io.restart();
        copse.io.run_one_for(20ms);
      }
    }
    Copse copse(world);
    INFO("after " << steps << " steps");
    for (const std::string& id : taken) CHECK(copse.worker->knows(id));
    // An Overlord that got no answer hands the task over again.
    for (const std::string& id : ids) CHECK(copse.assign(document(id)) == "taken");
    REQUIRE(copse.until([&] { return copse.ended.size() == ids.size(); }));
    CHECK(copse.has_state("a", TaskState::success));
    CHECK(copse.has_state("large", TaskState::success));
    CHECK(copse.has_state("refused", TaskState::failed));
    CHECK(world.log_of("a") == World::whole_log("a"));
    CHECK(world.log_of("large") == World::whole_log("large"));
    CHECK(world.starts_of("a") == 1);
    CHECK(world.starts_of("large") == 1);
    for (const std::string& id : ids) {
      copse.worker->acknowledged(id);
      CHECK(copse.loses_job(id));
    }
    CHECK(copse.worker->tasks() == 0);
  }
}

TEST_CASE("a full disk fails what arrives, with the reason, and is left behind when there is room",
          "[worker]") {
  World world;
  Copse copse(world);
  CHECK(copse.assign(document("before")) == "taken");
  REQUIRE(copse.until([&] { return !copse.history.find("before")->location.host.empty(); }));
  copse.disk_is_full = true;
  CHECK(copse.assign(document("a")) == "taken");
  REQUIRE(copse.until([&] { return copse.has_state("a", TaskState::failed); }));
  CHECK(copse.history.find("a")->error.starts_with("not accepted: "));
  CHECK(copse.history.find("a")->error.find("No space left") != std::string::npos);
  CHECK(copse.faults.size() == 1);
  // Its end cannot be recorded: it is told all the same, and its Job stays until it is.
  REQUIRE(copse.until([&] { return copse.has_state("before", TaskState::success); }));
  copse.disk_is_full = false;
  REQUIRE(copse.until([&] { return copse.faults.size() == 2; }));
  CHECK(copse.faults.back().empty());
  CHECK(copse.assign(document("b")) == "taken");
  REQUIRE(copse.until([&] { return copse.has_state("b", TaskState::success); }));
  CHECK(copse.loses_job("before"));
  CHECK(world.starts_of("a") == 0);
}

TEST_CASE("a Job that vanished while copse was away is not created again", "[worker]") {
  World world;
  {
    Copse copse(world);
    CHECK(copse.assign(document("endless")) == "taken");
    REQUIRE(copse.until([&] { return !copse.history.find("endless")->location.host.empty(); }));
  }
  {
    Copse other(world, false);  // a hand that deletes
    std::optional<kube::Uid> uid;
    other.cluster.get_job("default", "job-endless",
                          [&](auto reply) { uid = reply ? reply->meta.uid : kube::Uid{}; });
    REQUIRE(other.until([&] { return uid.has_value(); }));
    other.cluster.delete_job("default", "job-endless", *uid, kube::Propagation::background,
                             [](auto) {});
    CHECK(other.loses_job("endless"));
  }
  Copse copse(world);
  REQUIRE(copse.until([&] { return copse.has_state("endless", TaskState::failed); }));
  CHECK(world.starts_of("endless") == 1);
}

TEST_CASE("what an Overlord sends before the journal is taken up waits for it, and is answered",
          "[worker]") {
  World world;
  {
    Copse first(world);
    CHECK(first.assign(document("known")) == "taken");
    CHECK(first.assign(document("endless")) == "taken");
    REQUIRE(first.until([&] { return world.starts_of("endless") == 1; }));
  }
  std::vector<std::string> answers;
  Copse second(world, true, [&](service::Worker& worker) {
    for (const std::string id : {"known", "new"}) {
      worker.assign(document(id),
                    [&answers, id](auto result) { answers.push_back(result ? id : "refused"); });
    }
    worker.kill("endless");
    CHECK(answers.empty());
  });
  REQUIRE(second.until([&] {
    return second.has_state("known", TaskState::success) &&
           second.has_state("new", TaskState::success) &&
           second.has_state("endless", TaskState::failed);
  }));
  CHECK(answers == std::vector<std::string>{"known", "new"});
  CHECK(second.decided == std::set<std::string>{"new"});
  for (const std::string id : {"known", "new", "endless"}) CHECK(world.starts_of(id) == 1);
  CHECK(second.history.find("endless")->error.find("does not know") == std::string::npos);
}

TEST_CASE("the end of a task is announced when its log is whole, whatever number is followed",
          "[worker]") {
  World world;
  Copse copse(world);
  constexpr std::size_t count = 20;  // of which two are followed at a time
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < count; ++i) ids.push_back("t" + std::to_string(i));
  for (const std::string& id : ids) CHECK(copse.assign(document(id)) == "taken");
  std::size_t seen = 0;
  copse.news = [&] {
    for (; seen < copse.ended.size(); ++seen)
      CHECK(world.log_of(copse.ended[seen]) == World::whole_log(copse.ended[seen]));
  };
  REQUIRE(copse.until([&] { return copse.ended.size() == count; }));
  CHECK(copse.until([&] {
    const kube::Counters counters = copse.transport.counters();
    return counters.requests[static_cast<std::size_t>(kube::Verb::remove)] == count;
  }));
  // A create, a log and a delete each; three lists and three watches for all.
  const kube::Counters counters = copse.transport.counters();
  std::uint64_t requests = 0;
  for (const std::uint64_t of_verb : counters.requests) requests += of_verb;
  CHECK(requests == 3 * count + 6);
}

TEST_CASE("what the Overlord is told of a failure fits its hundred characters, at a word",
          "[worker]") {
  using copse::runner::job::Reason;
  CHECK(service::error_text(Reason::task, "Max parse exceptions[0] exceeded") ==
        "Max parse exceptions[0] exceeded");
  CHECK(service::error_text(Reason::oom, "killed") == "oom: killed");
  std::string words;
  for (int i = 0; i < 40; ++i) words += "wörd ";
  const std::string cut = service::error_text(Reason::image, words);
  CHECK(cut == "image: " + words.substr(0, words.find("wörd", 6 * 18) - 1) + "…");
  const std::string one = service::error_text(Reason::task, std::string(200, 'x'));
  CHECK(one == std::string(99, 'x') + "…");
  CHECK(service::whole_error_text(Reason::image, words) == "image: " + words);
}

TEST_CASE("a refusal by the cluster begins with the server's own words", "[worker]") {
  kube::Failure failure;
  failure.text = "creating through `/apis` at https://api was answered with 422: no; never";
  CHECK(service::refusal_text(failure) == failure.text);
  failure.message = "no";
  CHECK(service::refusal_text(failure) ==
        "no; never; creating through `/apis` at https://api was answered with 422");
}
