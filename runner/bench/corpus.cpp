#include "runner/bench/corpus.hpp"

#include "engine/json_writer.hpp"

#include <algorithm>
#include <array>
#include <random>

namespace copse::runner::bench {
namespace {

constexpr std::array<const char*, 16> types{"index_kafka",
                                            "index_kinesis",
                                            "index_parallel",
                                            "single_phase_sub_task",
                                            "partial_index_generate",
                                            "partial_range_index_generate",
                                            "partial_index_generic_merge",
                                            "partial_dimension_distribution",
                                            "partial_dimension_cardinality",
                                            "index",
                                            "compact",
                                            "kill",
                                            "query_controller",
                                            "query_worker",
                                            "noop",
                                            "index_hadoop"};

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random_(seed) {}

  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }

  bool percent(std::uint32_t chance) { return below(100) < chance; }

  std::string type() { return types[below(types.size())]; }

  std::string data_source(std::uint32_t rules) {
    return "datasource_" + std::to_string(below(std::max(rules, 4U)));
  }

  std::string team() { return "team_" + std::to_string(below(200)); }

  std::string tier() { return std::array{"gold", "silver", "bronze"}[below(3)]; }

 private:
  std::mt19937_64 random_;
};

}  // namespace

engine::Policy selectors(std::uint32_t rules, std::uint64_t seed) {
  Draw draw(seed);
  engine::Policy policy;
  policy.otherwise.template_key = "base";
  policy.rules.reserve(rules);
  for (std::uint32_t i = 0; i < rules; ++i) {
    engine::Rule rule;
    rule.name = "selectors[" + std::to_string(i) + "]";
    const auto add = [&](engine::Attribute attribute, std::uint32_t most, auto value) {
      engine::Test test;
      test.attribute = std::move(attribute);
      const std::uint32_t count = 1 + draw.below(most);
      for (std::uint32_t n = 0; n < count; ++n) test.values.push_back(value());
      rule.tests.push_back(std::move(test));
    };
    if (draw.percent(40)) {
      const bool team = draw.percent(50);
      add(engine::tag_attribute(team ? "team" : "tier"), 2,
          [&] { return team ? draw.team() : draw.tier(); });
      rule.tests.back().if_ill_typed = engine::Verdict::fail;
    }
    if (draw.percent(80)) add(engine::type_attribute(), 3, [&] { return draw.type(); });
    // A rule without a datasource still has one of the other two: none matches everything.
    if (draw.percent(80) || rule.tests.size() < 2) {
      add(engine::data_source_attribute(), 3, [&] { return draw.data_source(rules); });
    }
    rule.outcome.template_key = "template_" + std::to_string(draw.below(20));
    policy.rules.push_back(std::move(rule));
  }
  return policy;
}

std::vector<SampleTask> tasks(std::uint32_t count, std::uint32_t rules, std::uint64_t seed) {
  Draw draw(seed);
  std::vector<SampleTask> made(count);
  for (SampleTask& task : made) {
    task.type = draw.type();
    task.data_source = draw.data_source(rules);
    if (draw.percent(70)) task.team = draw.team();
    if (draw.percent(70)) task.tier = draw.tier();
  }
  return made;
}

std::vector<Sample> samples(const std::vector<SampleTask>& tasks) {
  std::vector<Sample> made;
  for (const SampleTask& task : tasks) {
    Sample& sample = made.emplace_back();
    sample.push_back({"type", task.type});
    sample.push_back({"dataSource", task.data_source});
    if (!task.team.empty()) sample.push_back({"tags.team", task.team});
    if (!task.tier.empty()) sample.push_back({"tags.tier", task.tier});
  }
  return made;
}

std::string SampleTask::document(std::size_t bytes) const {
  const std::string id = type + "_" + data_source + "_2026-11-24T12:00:00.000Z";
  engine::JsonWriter out;
  out.begin_object().member("type", type).member("id", id).member("groupId", id);
  out.key("resource")
      .begin_object()
      .member("availabilityGroup", id)
      .key("requiredCapacity")
      .number(1)
      .end_object();
  out.key("spec").begin_object().key("dataSchema").begin_object().member("dataSource", data_source);
  out.key("dimensions").begin_array();
  const std::size_t filled = bytes > 600 ? bytes - 600 : 0;
  for (std::size_t size = 0, n = 0; size < filled; size += 60, ++n) {
    out.begin_object()
        .member("type", "string")
        .member("name", "dimension_" + std::to_string(1000 + n));
    out.key("createBitmapIndex").boolean(true).end_object();
  }
  out.end_array().end_object().end_object();
  out.key("context")
      .begin_object()
      .key("forceTimeChunkLock")
      .boolean(true)
      .key("priority")
      .number(50);
  out.key("tags").begin_object();
  if (!team.empty()) out.member("team", team);
  if (!tier.empty()) out.member("tier", tier);
  out.end_object().end_object().member("dataSource", data_source).end_object();
  return out.take();
}

}  // namespace copse::runner::bench
