#include "runner/bench/decisions.hpp"

#include "engine/compile.hpp"
#include "engine/evaluate.hpp"
#include "runner/bench/corpus.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <numeric>
#include <span>
#include <unordered_set>

#include <simdjson.h>

namespace copse::runner::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t seed = 20261124;
constexpr std::uint32_t rounds = 9;
constexpr std::uint32_t warm_tasks = 256;
constexpr std::uint32_t distinct_tasks = 65'536;

// What must not be optimised away.
volatile std::uint64_t sink = 0;

// Median over rounds of the nanoseconds that one of `count` calls takes.
template <typename Work>
double median_ns(std::uint64_t count, Work work) {
  std::array<double, rounds> times{};
  for (double& time : times) {
    const auto begin = Clock::now();
    sink = sink + work();
    time = std::chrono::duration<double, std::nano>(Clock::now() - begin).count() /
           static_cast<double>(count);
  }
  std::sort(times.begin(), times.end());
  return times[rounds / 2];
}

// Facts of many tasks, one row a task, in the order of the image's attributes. All rows and all
// texts lie one after the other, so that the processor fetches them ahead: a task whose document
// was just read has its facts in the cache too.
class FactRows {
 public:
  FactRows(const engine::Image& image, const std::vector<SampleTask>& tasks)
      : width_(image.attributes.size()) {
    std::vector<std::size_t> ends;
    for (const SampleTask& task : tasks) {
      for (const engine::Attribute& attribute : image.attributes) {
        texts_ += text(task, attribute.name);
        ends.push_back(texts_.size());
      }
    }
    std::size_t begin = 0;
    for (const std::size_t end : ends) {
      if (end == begin) {
        facts_.emplace_back();
      } else {
        facts_.push_back(engine::Fact::of(std::string_view(texts_).substr(begin, end - begin)));
      }
      begin = end;
    }
  }

  FactRows(const FactRows&) = delete;
  FactRows& operator=(const FactRows&) = delete;

  [[nodiscard]] std::size_t size() const { return facts_.size() / width_; }

  [[nodiscard]] std::span<const engine::Fact> operator[](std::size_t row) const {
    return {facts_.data() + row * width_, width_};
  }

 private:
  static std::string_view text(const SampleTask& task, const std::string& name) {
    return name == "type"         ? task.type
           : name == "dataSource" ? task.data_source
           : name == "tags.team"  ? task.team
                                  : task.tier;
  }

  std::size_t width_;
  std::string texts_;
  std::vector<engine::Fact> facts_;
};

double decide_all(const engine::Image& image, const FactRows& facts, std::uint64_t times) {
  return median_ns(times * facts.size(), [&] {
    std::uint64_t sum = 0;
    for (std::uint64_t n = 0; n < times; ++n) {
      for (std::size_t row = 0; row < facts.size(); ++row)
        sum += static_cast<std::uint64_t>(evaluate(image, facts[row]).placement.outcome);
    }
    return sum;
  });
}

// The flat scan: one rule after another, hash sets for the values, as Druid's selectors do it.
class Scan {
 public:
  explicit Scan(const engine::Policy& policy, const engine::Image& image) {
    for (const engine::Rule& rule : policy.rules) {
      auto& tests = rules_.emplace_back();
      for (const engine::Test& test : rule.tests) {
        const auto at = std::find(image.attributes.begin(), image.attributes.end(), test.attribute);
        tests.push_back({static_cast<std::size_t>(at - image.attributes.begin()),
                         {test.values.begin(), test.values.end()}});
      }
    }
  }

  [[nodiscard]] std::size_t decide(std::span<const engine::Fact> facts) const {
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      if (std::all_of(rules_[i].begin(), rules_[i].end(), [&](const Test& test) {
            const engine::Fact& fact = facts[test.attribute];
            return fact.state() == engine::Fact::State::text && test.values.contains(fact.text());
          })) {
        return i;
      }
    }
    return rules_.size();
  }

 private:
  struct Test {
    std::size_t attribute;
    std::unordered_set<std::string_view> values;
  };

  std::vector<std::vector<Test>> rules_;
};

// Both must agree, or the comparison means nothing.
bool same_answers(const engine::Image& image, const Scan& scan, const FactRows& facts) {
  for (std::size_t row = 0; row < facts.size(); ++row) {
    const auto rule = static_cast<std::size_t>(evaluate(image, facts[row]).placement.rule);
    const std::size_t expected = scan.decide(facts[row]);
    if (expected == image.rules.size() ? rule <= expected : rule != expected) return false;
  }
  return true;
}

double exponent(const std::vector<DecisionRow>& rows, double DecisionRow::* figure) {
  std::vector<double> x;
  std::vector<double> y;
  for (const DecisionRow& row : rows) {
    x.push_back(std::log(row.rules));
    y.push_back(std::log(row.*figure));
  }
  const double n = static_cast<double>(x.size());
  const double mean_x = std::accumulate(x.begin(), x.end(), 0.0) / n;
  const double mean_y = std::accumulate(y.begin(), y.end(), 0.0) / n;
  double over = 0;
  double under = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    over += (x[i] - mean_x) * (y[i] - mean_y);
    under += (x[i] - mean_x) * (x[i] - mean_x);
  }
  return under == 0 ? 0 : over / under;
}

DecisionRow measure(std::uint32_t rules) {
  DecisionRow row;
  row.rules = rules;
  engine::PolicySet policies;
  policies.placement = selectors(rules, seed);
  const engine::TemplateNames any{{}, false};
  const auto begin = Clock::now();
  const auto image = engine::compile(policies, any);
  row.compile_ms = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
  if (!image) return row;
  row.bytes_a_rule = static_cast<double>(image->hot_bytes()) / rules;

  const std::vector<SampleTask> few = tasks(warm_tasks, rules, seed + 1);
  const std::vector<SampleTask> many = tasks(distinct_tasks, rules, seed + 2);
  const FactRows few_facts(*image, few);
  const FactRows many_facts(*image, many);
  row.warm = decide_all(*image, few_facts, 400);
  row.distinct = decide_all(*image, many_facts, 1);

  const Scan scan(policies.placement, *image);
  if (!same_answers(*image, scan, few_facts)) return {};
  row.scan = median_ns(warm_tasks, [&] {
    std::uint64_t sum = 0;
    for (std::size_t task = 0; task < few_facts.size(); ++task) sum += scan.decide(few_facts[task]);
    return sum;
  });
  return row;
}

}  // namespace

DecisionTable measure_decisions(const std::vector<std::uint32_t>& sizes) {
  DecisionTable table;
  for (const std::uint32_t size : sizes) table.rows.push_back(measure(size));
  table.warm_exponent = exponent(table.rows, &DecisionRow::warm);
  table.distinct_exponent = exponent(table.rows, &DecisionRow::distinct);
  table.scan_exponent = exponent(table.rows, &DecisionRow::scan);
  return table;
}

namespace {

// What a program would write that needs just these members: the least that reading can cost.
std::uint64_t bare(simdjson::ondemand::parser& parser, const std::string& text) {
  simdjson::ondemand::document document;
  if (parser.iterate(text.data(), text.size(), text.capacity()).get(document)) return 0;
  std::uint64_t sum = 0;
  std::string_view found;
  simdjson::ondemand::object object;
  if (document.get_object().get(object)) return 0;
  if (!object.find_field("type").get_string().get(found)) sum += found.size();
  simdjson::ondemand::object tags;
  if (!object.find_field("context")["tags"].get_object().get(tags)) {
    if (!tags.find_field_unordered("team").get_string().get(found)) sum += found.size();
    if (!tags.find_field_unordered("tier").get_string().get(found)) sum += found.size();
  }
  if (!object.find_field("dataSource").get_string().get(found)) sum += found.size();
  return sum;
}

}  // namespace

std::vector<ReadingRow> measure_reading(const std::vector<std::size_t>& sizes) {
  engine::PolicySet policies;
  policies.placement = selectors(10'000, seed);
  const auto image = engine::compile(policies, {{}, false});
  std::vector<ReadingRow> rows;
  if (!image) return rows;
  for (const std::size_t size : sizes) {
    std::vector<std::string> documents;
    for (const SampleTask& task : tasks(warm_tasks, 10'000, seed + 3)) {
      std::string& document = documents.emplace_back(task.document(size));
      document.reserve(document.size() + engine::document_padding);
    }
    engine::FactReader reader(image->attributes);
    simdjson::ondemand::parser parser;
    ReadingRow row;
    row.bytes = documents[0].size();
    row.copse_ns = median_ns(20UL * warm_tasks, [&] {
      std::uint64_t sum = 0;
      for (int n = 0; n < 20; ++n) {
        for (const std::string& document : documents) {
          const auto facts = reader.read(document);
          if (facts) sum += static_cast<std::uint64_t>(evaluate(*image, *facts).placement.outcome);
        }
      }
      return sum;
    });
    row.simdjson_ns = median_ns(20UL * warm_tasks, [&] {
      std::uint64_t sum = 0;
      for (int n = 0; n < 20; ++n) {
        for (const std::string& document : documents) sum += bare(parser, document);
      }
      return sum;
    });
    rows.push_back(row);
  }
  return rows;
}

}  // namespace copse::runner::bench
