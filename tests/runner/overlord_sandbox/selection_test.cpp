// Which worker a strategy picks.
#include "runner/overlord_sandbox/selection.hpp"

#include "tests/runner/overlord_sandbox/stage.hpp"

using namespace copse::tests;

namespace {

struct Workers {
  std::vector<WorkerView> views;

  Workers& add(const std::string& name, std::uint32_t capacity, std::uint32_t running,
               const std::string& category = "copse", const std::string& type = "noop") {
    std::vector<Announced> tasks;
    for (std::uint32_t i = 0; i < running; ++i) {
      tasks.push_back(said(name + std::to_string(i)));
      tasks.back().task.type = type;
    }
    views.emplace_back(worker_node(name, capacity, category), tasks);
    return *this;
  }

  std::string pick(const Task& task, const WorkerConfig& config = {},
                   const SlotRules& rules = {}) const {
    std::vector<const WorkerView*> all;
    for (const WorkerView& view : views) all.push_back(&view);
    const WorkerView* found = select_worker(config, all, task, rules);
    return found == nullptr ? "none" : found->node().host;
  }
};

WorkerConfig config_of(const std::string& strategy, const std::string& spec = "null") {
  return read_worker_config(R"({"type":"default","selectStrategy":{"type":")" + strategy +
                            R"(","workerCategorySpec":)" + spec + "}}")
      .value();
}

const std::string spec =
    R"("categoryMap":{"index_kafka":{"defaultCategory":"k8s","categoryAffinity":{"wiki":"mm"},)"
    R"("supervisorIdCategoryAffinity":{"boss":"big"}},"kill":{"defaultCategory":null}}})";
const std::string weak = R"({"strong":false,)" + spec;
const std::string strong = R"({"strong":true,)" + spec;

}  // namespace

TEST_CASE("the worker with most free slots, or the one with fewest", "[selection]") {
  Workers workers;
  workers.add("full", 2, 2).add("near", 5, 4).add("free", 5, 1);
  CHECK(workers.pick(task_of("a")) == "free");
  CHECK(workers.pick(task_of("a"), config_of("fillCapacity")) == "near");
  CHECK(Workers{}.pick(task_of("a")) == "none");
}

TEST_CASE("what runs takes the slots that it says, what has ended none", "[selection]") {
  Workers workers;
  Announced large = said("large");
  large.task.required_capacity = 3;
  workers.views.emplace_back(worker_node("w", 4),
                             std::vector{large, said("ended", TaskState::success)});
  Task task = task_of("a");
  CHECK(workers.pick(task) == "w");
  task.required_capacity = 2;
  CHECK(workers.pick(task) == "none");
}

TEST_CASE("index_parallel gets its share of the slots, and at least one", "[selection]") {
  Workers workers;
  workers.add("w", 4, 1, "copse", "index_parallel");
  const Task task = task_of("a", "index_parallel");
  CHECK(workers.pick(task) == "w");
  CHECK(workers.pick(task, {}, {.parallel_ratio = 0.5}) == "w");
  CHECK(workers.pick(task, {}, {.parallel_ratio = 0.49}) == "none");
  CHECK(workers.pick(task_of("b"), {}, {.parallel_ratio = 0.1}) == "w");
  Workers idle;
  idle.add("w", 4, 0);
  CHECK(idle.pick(task, {}, {.parallel_ratio = 0}) == "w");
}

TEST_CASE("a group that runs on a worker gets no second place there", "[selection]") {
  Workers workers;
  workers.add("w", 4, 1);
  Task task = task_of("a");
  task.availability_group = "w0";
  CHECK(workers.pick(task) == "none");
}

TEST_CASE("versions are compared as texts", "[selection]") {
  Workers workers;
  workers.add("w", 4, 0);
  CHECK(workers.pick(task_of("a"), {}, {.minimal_version = "0"}) == "w");
  CHECK(workers.pick(task_of("a"), {}, {.minimal_version = "00"}) == "none");
}

TEST_CASE("a task type goes to its category: by supervisor, by data source, by default",
          "[selection]") {
  Workers workers;
  workers.add("k", 9, 0, "k8s").add("m", 4, 0, "mm").add("b", 4, 0, "big").add("z", 20, 0, "other");
  const WorkerConfig config = config_of("equalDistributionWithCategorySpec", weak);
  CHECK(workers.pick(task_of("a", "index_kafka", "x"), config) == "k");
  CHECK(workers.pick(task_of("a", "index_kafka", "wiki"), config) == "m");
  Task bossed = task_of("a", "index_kafka", "wiki");
  bossed.supervisor_id = "boss";
  CHECK(workers.pick(bossed, config) == "b");
  CHECK(workers.pick(task_of("a", "kill"), config) == "z");
  CHECK(workers.pick(task_of("a", "noop"), config) == "z");
}

TEST_CASE("a category without a free worker falls back, unless it is strong", "[selection]") {
  Workers workers;
  workers.add("k", 1, 1, "k8s").add("z", 20, 0, "other");
  const Task task = task_of("a", "index_kafka", "x");
  CHECK(workers.pick(task, config_of("equalDistributionWithCategorySpec", weak)) == "z");
  CHECK(workers.pick(task, config_of("equalDistributionWithCategorySpec", strong)) == "none");
}

TEST_CASE("strategies that the sandbox does not know are refused, none is the default",
          "[selection]") {
  CHECK(read_worker_config(R"({"type":"default"})"));
  CHECK(read_worker_config("[").error() == "the body is no JSON object");
  CHECK(read_worker_config(R"({"selectStrategy":{"type":"javascript"}})").error() ==
        "the sandbox knows no select strategy `javascript`");
  CHECK(read_worker_config(R"({"selectStrategy":{"type":"fillCapacityWithAffinity"}})").error() ==
        "the sandbox knows no select strategy `fillCapacityWithAffinity`");
}
