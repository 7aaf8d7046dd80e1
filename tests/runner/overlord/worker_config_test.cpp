#include "runner/overlord/worker_config.hpp"

#include "engine/evaluate.hpp"
#include "grammar/druid_policy.hpp"
#include "tests/engine/worlds.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using namespace copse;
using namespace copse::runner::overlord;
using copse::tests::Worlds;

namespace {

namespace json = boost::json;
using Kind = WorkerConfigChange::Kind;

const WorkerCategories categories{.copse = "copse", .middle_managers = "mm"};

// What the Overlord does with a task (Druid: WorkerSelectUtils.selectWorker), as it is written
// there: the category whose workers it may go to, nothing for any worker.
std::optional<std::string> category_of(const json::value& config, std::string_view type,
                                       std::string_view data_source, std::string_view supervisor) {
  const json::object& strategy = config.at("selectStrategy").as_object();
  if (!std::string_view(strategy.at("type").as_string()).ends_with("WithCategorySpec"))
    return std::nullopt;
  const json::object& spec = strategy.at("workerCategorySpec").as_object();
  if (!spec.at("strong").as_bool()) return std::nullopt;
  const json::object& map = spec.at("categoryMap").as_object();
  const json::value* entry = map.if_contains(type);
  if (entry == nullptr || entry->is_null()) return std::nullopt;
  const auto at = [&](std::string_view member, std::string_view name) -> const json::value* {
    const json::value* affinity = entry->as_object().if_contains(member);
    if (affinity == nullptr || affinity->is_null()) return nullptr;
    const json::value* found = affinity->as_object().if_contains(name);
    return found == nullptr || found->is_null() ? nullptr : found;
  };
  const json::value* category = at("supervisorIdCategoryAffinity", supervisor);
  if (category == nullptr) category = at("categoryAffinity", data_source);
  if (category == nullptr) category = entry->as_object().if_contains("defaultCategory");
  if (category == nullptr || category->is_null()) return std::nullopt;
  return std::string(std::string_view(category->as_string()));
}

engine::Policy policy(const std::string& strategy) {
  const engine::Source source{"strategy.json", strategy};
  const auto read = grammar::read_runner_strategy(source);
  REQUIRE(read);
  return grammar::runner_policy(read->value, source);
}

const std::string kafka_on_workers =
    R"({"type":"taskType","default":"k8s","overrides":{"index_kafka":"worker"}})";

// The published document and the changes that it makes.
WorkerConfig planned(const engine::Policy& runner, std::string_view in_force,
                     const TaskTypes& seen = {}) {
  auto plan = plan_worker_config(runner, categories, seen, in_force);
  REQUIRE(plan);
  REQUIRE(*plan);
  // What was published is not published again.
  const auto again = plan_worker_config(runner, categories, seen, (*plan)->document);
  REQUIRE(again);
  CHECK_FALSE(*again);
  return std::move(**plan);
}

json::value entry(const json::value& config, std::string_view type) {
  return config.at("selectStrategy").at("workerCategorySpec").at("categoryMap").at(type);
}

std::string refusal(const engine::Policy& runner, std::string_view in_force = "") {
  const auto plan = plan_worker_config(runner, categories, {}, in_force);
  REQUIRE_FALSE(plan);
  return plan.error().code + " " + plan.error().title;
}

// A configuration that some operator may have, of any shape that Druid takes.
std::string any_config(Worlds& random) {
  static const std::vector<std::string> strategies{
      "equalDistributionWithCategorySpec", "fillCapacityWithCategorySpec", "equalDistribution",
      "fillCapacity", "fillCapacityWithAffinity"};
  static const std::vector<json::value> values{"copse", "mm", "mm-large", nullptr};
  if (random.chance(10)) return random.chance(50) ? "" : "null";
  json::object map;
  for (const std::string_view type : {"index_kafka", "noop", "v0", "v1", "theirs"}) {
    if (random.chance(40)) continue;
    json::object& made = map[type].emplace_object();
    if (random.chance(80)) made["defaultCategory"] = values[random.below(4)];
    for (const std::string_view member : {"categoryAffinity", "supervisorIdCategoryAffinity"}) {
      if (random.chance(40)) continue;
      json::object& affinity = made[member].emplace_object();
      for (const std::string_view name : {"v0", "v1", "v2"}) {
        if (random.chance(50)) affinity[name] = values[random.below(4)];
      }
    }
  }
  json::object strategy{{"type", strategies[random.below(5)]}};
  if (random.chance(80))
    strategy["workerCategorySpec"] = {{"strong", random.chance(60)}, {"categoryMap", map}};
  return json::serialize(json::value{{"type", "default"}, {"selectStrategy", strategy}});
}

}  // namespace

TEST_CASE("where nothing was set yet, every known type gets its category, and waits for it",
          "[worker_config]") {
  for (const std::string in_force : {"", "null", " \n"}) {
    const WorkerConfig made = planned(policy(kafka_on_workers), in_force);
    const json::value config = json::parse(made.document);
    CHECK(config.at("type") == "default");
    CHECK(config.at("autoScaler").is_null());
    const json::value& strategy = config.at("selectStrategy");
    CHECK(strategy.at("type") == "equalDistributionWithCategorySpec");
    CHECK(strategy.at("workerCategorySpec").at("strong").as_bool());
    for (const std::string_view type : known_task_types) {
      CHECK(category_of(config, type, "wiki", "s") == (type == "index_kafka" ? "mm" : "copse"));
    }
    CHECK(made.changes.size() == known_task_types.size() + 2);
  }
}

TEST_CASE("types that were seen or that the policy names are listed too: others would go anywhere",
          "[worker_config]") {
  const engine::Policy runner =
      policy(R"({"type":"taskType","default":"worker","overrides":{"index_ours":"k8s"}})");
  const json::value config = json::parse(planned(runner, "", {"index_theirs"}).document);
  CHECK(category_of(config, "index_ours", "", "") == "copse");
  CHECK(category_of(config, "index_theirs", "", "") == "mm");
  CHECK_FALSE(category_of(config, "index_unheard_of", "", ""));
}

TEST_CASE("what the operator had set besides stays as it is", "[worker_config]") {
  const WorkerConfig made = planned(policy(kafka_on_workers), R"({
      "type": "categorized", "autoScaler": {"type": "ec2", "minNumWorkers": 2}, "future": [1.5],
      "selectStrategy": {"type": "fillCapacityWithCategorySpec", "future": {"a": 1},
        "taskLimits": {"maxSlotCountByType": {"compact": 3}},
        "workerCategorySpec": {"strong": true, "future": true, "categoryMap": {
          "theirs": {"defaultCategory": "copse", "categoryAffinity": {"wiki": "copse"}},
          "index_kafka": {"defaultCategory": "mm-large", "categoryAffinity": {"wiki": "mm-small"},
                          "supervisorIdCategoryAffinity": {"s": "mm-tiny"}, "future": 1}}}}})");
  const json::value config = json::parse(made.document);
  CHECK(config.at("type") == "categorized");
  CHECK(config.at("autoScaler").at("minNumWorkers") == 2);
  CHECK(config.at("future") == json::array{1.5});
  const json::value& strategy = config.at("selectStrategy");
  CHECK(strategy.at("type") == "fillCapacityWithCategorySpec");
  CHECK(strategy.at("future").at("a") == 1);
  CHECK(strategy.at("taskLimits").at("maxSlotCountByType").at("compact") == 3);
  CHECK(strategy.at("workerCategorySpec").at("future") == true);
  CHECK(entry(config, "theirs") == json::parse(R"({"defaultCategory": "copse",
                                                   "categoryAffinity": {"wiki": "copse"}})"));
  // Several categories of middle managers are theirs too, as long as the policy says workers.
  CHECK(category_of(config, "index_kafka", "", "") == "mm-large");
  CHECK(category_of(config, "index_kafka", "wiki", "") == "mm-small");
  CHECK(category_of(config, "index_kafka", "wiki", "s") == "mm-tiny");
  CHECK(entry(config, "index_kafka").at("future") == 1);
}

TEST_CASE("an entry or affinity that contradicts the policy is replaced, and said",
          "[worker_config]") {
  const WorkerConfig made = planned(policy(kafka_on_workers), R"({"selectStrategy": {
      "type": "equalDistributionWithCategorySpec", "workerCategorySpec": {"categoryMap": {
        "index_kafka": {"defaultCategory": "copse", "categoryAffinity": {"a": "copse", "b": "mm"}},
        "compact": {"defaultCategory": "copse", "supervisorIdCategoryAffinity": {"s": "mm"}},
        "noop": {"defaultCategory": null}}}}})");
  const json::value config = json::parse(made.document);
  CHECK(entry(config, "index_kafka") ==
        json::parse(R"({"defaultCategory": "mm", "categoryAffinity": {"b": "mm"}})"));
  CHECK(category_of(config, "compact", "a", "s") == "copse");
  WorkerConfigChanges said;
  for (const WorkerConfigChange& change : made.changes) {
    if (change.before || change.kind == Kind::setting || change.task_type == "noop")
      said.push_back(change);
  }
  CHECK(said == WorkerConfigChanges{{Kind::setting, "", "strong", std::nullopt, "true"},
                                    {Kind::supervisor, "compact", "s", "mm", "copse"},
                                    {Kind::category, "index_kafka", "", "copse", "mm"},
                                    {Kind::data_source, "index_kafka", "a", "copse", "mm"},
                                    {Kind::category, "noop", "", std::nullopt, "copse"}});
}

TEST_CASE("a strategy that knows no categories gives way to the one of its family that does",
          "[worker_config]") {
  const auto strategy_for = [](const std::string& before) {
    const WorkerConfig made =
        planned(policy(R"({"type":"k8s"})"), R"({"selectStrategy": )" + before + "}");
    json::object strategy = json::parse(made.document).at("selectStrategy").as_object();
    CHECK(made.changes[0].name == "selectStrategy");
    strategy.erase("workerCategorySpec");
    return json::serialize(strategy);
  };
  CHECK(strategy_for("null") == R"({"type":"equalDistributionWithCategorySpec"})");
  CHECK(strategy_for(R"({"type":"equalDistribution","taskLimits":{"x":1}})") ==
        R"({"type":"equalDistributionWithCategorySpec","taskLimits":{"x":1}})");
  CHECK(strategy_for(R"({"type":"fillCapacity"})") == R"({"type":"fillCapacityWithCategorySpec"})");
  CHECK(strategy_for(R"({"type":"fillCapacityWithAffinity","affinityConfig":{"strong":true}})") ==
        R"({"type":"fillCapacityWithCategorySpec"})");
  CHECK(strategy_for(R"({"type":"javascript","function":"f"})") ==
        R"({"type":"equalDistributionWithCategorySpec"})");
  const WorkerConfig made = planned(policy(R"({"type":"k8s"})"),
                                    R"({"selectStrategy":{"type":"javascript","function":"f"}})");
  CHECK(made.changes[1] ==
        WorkerConfigChange{Kind::setting, "", "function", R"("f")", std::nullopt});
}

TEST_CASE("a rule may ask for more than the type where the runner stays the same",
          "[worker_config]") {
  engine::Policy runner = policy(kafka_on_workers);
  const WorkerConfig before = planned(runner, "");
  engine::Rule gold;
  gold.name = "gold";
  gold.tests = {{engine::tag_attribute("tier"), {"gold"}}};
  gold.outcome.runner = engine::Runner::k8s;
  runner.rules.push_back(gold);  // behind the rule for index_kafka
  CHECK(planned(runner, "").document == before.document);

  std::swap(runner.rules[0], runner.rules[1]);  // now it takes tasks of index_kafka from workers
  CHECK(refusal(runner).starts_with("P0304 gold asks for `tags.tier`"));

  runner.rules[0].outcome.runner = engine::Runner::worker;
  CHECK(refusal(runner).starts_with("P0304 gold asks for `tags.tier`"));
}

TEST_CASE("a rule that asks for more than the type is named, with its place", "[worker_config]") {
  engine::Policy runner = policy(kafka_on_workers);
  runner.rules[0].name = "gold";
  runner.rules[0].tests = {{engine::tag_attribute("tier"), {"gold"}}};
  CHECK(refusal(runner) ==
        "P0304 gold asks for `tags.tier`; an Overlord's worker categories know a task's type only");
  CHECK(plan_worker_config(runner, categories, {}, "").error().place.line == 1);

  runner.rules[0].tests = {{engine::data_source_attribute(), {"wiki"}}};
  CHECK(refusal(runner).starts_with("P0304 gold asks for `dataSource`"));

  runner.rules[0].tests.clear();
  runner.rules[0].outcome.failure = "no";
  CHECK(refusal(runner).starts_with("P0304 gold fails its tasks"));
}

TEST_CASE("a rule that no task can reach keeps nothing from being published", "[worker_config]") {
  engine::Policy runner = policy(kafka_on_workers);
  engine::Rule hidden = runner.rules[0];
  hidden.tests.push_back({engine::tag_attribute("tier"), {"gold"}});
  runner.rules.push_back(hidden);
  CHECK(plan_worker_config(runner, categories, {}, ""));
}

TEST_CASE("what is no worker configuration is not overwritten", "[worker_config]") {
  const engine::Policy runner = policy(kafka_on_workers);
  CHECK(refusal(runner, "<html>").starts_with("I0003 the Overlord's worker configuration"));
  CHECK(refusal(runner, "[]").starts_with("I0003 the Overlord's worker configuration"));
  CHECK(refusal(runner, R"({"selectStrategy":7})").starts_with("I0003"));
}

TEST_CASE("one category for copse and middle managers is refused: nothing could be told apart",
          "[worker_config]") {
  const auto plan = plan_worker_config(policy(kafka_on_workers), {"x", "x"}, {}, "");
  REQUIRE_FALSE(plan);
  CHECK(plan.error().code == "C0007");
}

TEST_CASE("over what is published the Overlord chooses as the policy does, for every type and task",
          "[worker_config]") {
  constexpr int rounds = 3'000;
  Worlds random(7);
  int published = 0;
  int refused = 0;
  for (int round = 0; round < rounds; ++round) {
    engine::PolicySet policies;
    policies.placement.otherwise.template_key = "base";
    policies.runner = random.runner_policy();
    for (engine::Rule& rule : policies.runner->rules) {
      // Mostly such as Druid can say: by type, and no test that fails.
      for (engine::Test& test : rule.tests) {
        if (random.chance(70))
          test = {.attribute = engine::type_attribute(), .values = test.values};
        if (random.chance(20)) test.values.emplace_back(known_task_types[random.below(25)]);
      }
    }
    const std::string in_force = any_config(random);
    const auto plan = plan_worker_config(*policies.runner, categories, {"v0", "v3"}, in_force);
    if (!plan) {
      CHECK(plan.error().code == "P0304");
      ++refused;
      continue;
    }
    ++published;
    const json::value config = json::parse(*plan ? (*plan)->document : in_force);
    if (*plan)
      CHECK_FALSE(
          *plan_worker_config(*policies.runner, categories, {"v0", "v3"}, (*plan)->document));
    const auto image = engine::compile(policies, {});
    REQUIRE(image);
    TaskTypes types{"v0", "v3", "theirs"};
    types.insert(known_task_types.begin(), known_task_types.end());
    const json::value* theirs = config.at("selectStrategy")
                                    .at("workerCategorySpec")
                                    .at("categoryMap")
                                    .as_object()
                                    .if_contains("theirs");
    if (theirs == nullptr) types.erase("theirs");
    for (const std::string& type : types) {
      const std::string with_padding = type + std::string(engine::text_padding, ' ');
      const std::string_view padded_type = std::string_view(with_padding).substr(0, type.size());
      // Everything else about the task is drawn anew each time.
      std::vector<engine::Fact> facts(image->attributes.size());
      for (std::size_t i = 0; i < facts.size(); ++i) {
        static const std::string texts = "v0v1" + std::string(engine::text_padding, ' ');
        static const std::string_view all = texts;
        static const std::vector<engine::Fact> some{engine::Fact(), engine::Fact::ill_typed(),
                                                    engine::Fact::of_padded(all.substr(0, 2)),
                                                    engine::Fact::of_padded(all.substr(2, 2))};
        const bool is_text = image->attributes[i].type == engine::ValueType::text;
        facts[i] = some[random.below(is_text ? 4 : 1)];
        if (image->attributes[i] == engine::type_attribute())
          facts[i] = engine::Fact::of_padded(padded_type);
      }
      const engine::Decision decision = engine::evaluate(*image, facts);
      const auto data_source = "v" + std::to_string(random.below(4));
      const auto category =
          category_of(config, type, data_source, "v" + std::to_string(random.below(4)));
      const auto runner = category == "copse" ? engine::Runner::k8s : engine::Runner::worker;
      if (!category || decision.runner_answer.failed() || decision.runner != runner) {
        FAIL("type " << type << " goes to " << category.value_or("any worker") << "\n"
                     << in_force << "\n"
                     << json::serialize(config));
      }
    }
  }
  CHECK(published > rounds / 4);
  CHECK(refused > rounds / 4);
}

TEST_CASE("changes are lines that align, and JSON that says the same", "[worker_config]") {
  const WorkerConfigChanges changes{
      {Kind::setting, "", "selectStrategy", std::nullopt, "equalDistributionWithCategorySpec"},
      {Kind::setting, "", "function", "\"f\"", std::nullopt},
      {Kind::category, "compact", "", std::nullopt, "copse"},
      {Kind::data_source, "index_kafka", "später", "mm", "copse"},
      {Kind::supervisor, "index_kafka", "s", "mm", "copse"}};
  CHECK(to_text(changes) ==
        "selectStrategy                     not set    -> equalDistributionWithCategorySpec\n"
        "function                           \"f\"        -> gone\n"
        "compact                            any worker -> copse\n"
        "index_kafka of data source später  mm         -> copse\n"
        "index_kafka of supervisor s        mm         -> copse\n");
  CHECK(to_json(changes) ==
        R"([{"setting":"selectStrategy","from":null,"to":"equalDistributionWithCategorySpec"},)"
        R"({"setting":"function","from":"\"f\"","to":null},)"
        R"({"taskType":"compact","from":null,"to":"copse"},)"
        R"({"taskType":"index_kafka","dataSource":"später","from":"mm","to":"copse"},)"
        R"({"taskType":"index_kafka","supervisorId":"s","from":"mm","to":"copse"}])");
}

TEST_CASE("a comment fits a header and Druid's audit table, whatever a policy is called",
          "[worker_config]") {
  CHECK(worker_config_comment("production", "17") == "runner strategy of production, version 17");
  CHECK(worker_config_comment("a\r\nX-Evil: b", "ä") ==
        "runner strategy of a??X-Evil: b, version ??");
  const std::string longest = worker_config_comment(std::string(5'000, 'p'), std::string(500, 'v'));
  CHECK(longest.size() == worker_config_comment_limit);
  CHECK(longest.ends_with("v"));
}
