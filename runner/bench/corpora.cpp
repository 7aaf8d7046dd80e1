#include "runner/bench/corpora.hpp"

#include "runner/bench/corpus.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <utility>

namespace copse::runner::bench {
namespace {

using engine::Attribute;
using engine::Pattern;
using engine::Rule;
using engine::Test;

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random_(seed) {}

  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }

  std::string number(std::uint32_t n) { return std::to_string(below(n)); }

 private:
  std::mt19937_64 random_;
};

Test one_of(Attribute attribute, std::vector<std::string> values) {
  Test made;
  made.attribute = std::move(attribute);
  made.values = std::move(values);
  return made;
}

Test like(Attribute attribute, Pattern::Kind kind, std::string text) {
  Test made;
  made.attribute = std::move(attribute);
  made.patterns.push_back({kind, std::move(text)});
  return made;
}

Test between(Attribute attribute, std::int64_t first, std::int64_t last) {
  Test made;
  made.attribute = std::move(attribute);
  made.ranges.push_back({{first, 0}, {last, 0}});
  return made;
}

// A rule of one corpus and a task of it are made by two functions of the same numbers.
struct Recipe {
  const char* name;
  const char* about;
  std::vector<Test> (*tests)(Draw& draw, std::uint32_t rule, std::uint32_t rules);
  Sample (*task)(Draw& draw, std::uint32_t rules);
};

std::string source(std::uint32_t n) {
  return "ds_" + std::to_string(n);
}

// ---- C2: nothing tells tasks well apart ----

constexpr std::array<std::uint32_t, 5> few_values{16, 3, 4, 8, 5};

std::vector<Test> low_cardinality(Draw& draw, std::uint32_t /*rule*/, std::uint32_t /*rules*/) {
  std::vector<Test> tests;
  for (std::uint32_t i = 0; i < few_values.size(); ++i) {
    const std::string tag = "t" + std::to_string(i);
    tests.push_back(one_of(engine::tag_attribute(tag),
                           {tag + draw.number(few_values[i]), tag + draw.number(few_values[i])}));
  }
  return tests;
}

Sample low_cardinality_task(Draw& draw, std::uint32_t /*rules*/) {
  Sample task;
  for (std::uint32_t i = 0; i < few_values.size(); ++i) {
    const std::string tag = "t" + std::to_string(i);
    task.push_back({"tags." + tag, tag + draw.number(few_values[i])});
  }
  return task;
}

// ---- C3 and C4: nothing but patterns ----

std::vector<Test> globs(Draw& draw, std::uint32_t rule, std::uint32_t rules) {
  const std::string n = draw.number(rules);
  const std::array<std::string, 3> kinds{"ds_" + n + "_*", "*_" + n, "*x" + n + "y*"};
  return {like(engine::data_source_attribute(), Pattern::Kind::glob, kinds[rule % 3])};
}

Sample pattern_task(Draw& draw, std::uint32_t rules) {
  return {{"dataSource",
           "ds_" + draw.number(rules) + "_x" + draw.number(rules) + "y_" + draw.number(rules)}};
}

std::vector<Test> regexes(Draw& draw, std::uint32_t rule, std::uint32_t rules) {
  const std::string n = draw.number(rules);
  const std::array<std::string, 3> kinds{"ds_" + n + "_x[0-9]+y_.*", ".*_" + n,
                                         "ds_[0-9]+_x" + n + "y.*"};
  return {like(engine::data_source_attribute(), Pattern::Kind::regex, kinds[rule % 3])};
}

// ---- C5: rules ask for 250 different tags, of which a task has four ----

constexpr std::uint32_t paths = 250;

std::vector<Test> own_path(Draw& draw, std::uint32_t rule, std::uint32_t /*rules*/) {
  const std::string tag = "path" + std::to_string(rule % paths);
  return {one_of(engine::tag_attribute(tag), {"v" + draw.number(100)})};
}

Sample own_path_task(Draw& draw, std::uint32_t /*rules*/) {
  Sample task;
  for (int i = 0; i < 4; ++i)
    task.push_back({"tags.path" + draw.number(paths), "v" + draw.number(100)});
  return task;
}

// ---- C6: a hundred rules or so match each task ----

std::vector<Test> overlapping(Draw& draw, std::uint32_t /*rule*/, std::uint32_t rules) {
  const std::uint32_t sources = std::max(rules / 160, 1U);
  std::vector<std::string> teams;
  for (std::uint32_t team = 0; team < 20; ++team) {
    if (draw.below(100) < 62) teams.push_back("team" + std::to_string(team));
  }
  return {one_of(engine::data_source_attribute(), {source(draw.below(sources))}),
          one_of(engine::tag_attribute("team"), std::move(teams))};
}

Sample overlapping_task(Draw& draw, std::uint32_t rules) {
  return {{"dataSource", source(draw.below(std::max(rules / 160, 1U)))},
          {"tags.team", "team" + draw.number(20)}};
}

// ---- C7: names that a sample of their bytes does not tell apart ----

std::string alike(std::uint32_t n) {
  std::string name = "ds__________________________________same";
  for (std::size_t digit = 6; n > 0; ++digit, n /= 10)
    name[digit] = static_cast<char>('0' + n % 10);
  return name;
}

std::vector<Test> adversarial(Draw& draw, std::uint32_t /*rule*/, std::uint32_t rules) {
  return {one_of(engine::data_source_attribute(), {alike(draw.below(rules))})};
}

Sample adversarial_task(Draw& draw, std::uint32_t rules) {
  return {{"dataSource", alike(draw.below(rules))}};
}

// ---- C1: an installation that uses all that the language has ----

std::vector<Test> extra(Draw& draw, std::uint32_t rules) {
  const std::uint32_t kind = draw.below(100);
  const std::string n = draw.number(std::max(rules, 4U));
  const Attribute sources = engine::data_source_attribute();
  if (kind < 5) return {like(sources, Pattern::Kind::glob, "datasource_" + n + "[0-9]")};
  if (kind < 8) return {like(sources, Pattern::Kind::regex, "datasource_" + n + "(0|1)[0-9]*")};
  if (kind < 13) {
    const auto least = static_cast<std::int64_t>(draw.below(100));
    return {between(engine::priority_attribute(), least, least + 1),
            one_of(sources, {"datasource_" + n})};
  }
  if (kind < 15) {
    return {one_of(sources, {"datasource_" + n}),
            between(engine::canary_attribute(engine::id_attribute(), "salt" + n), 0, 49'999)};
  }
  return {};
}

Corpus mixed(std::uint32_t rules, std::uint32_t count) {
  Corpus made{"C1 mixed", "sets, 5 % globs, 3 % regexes, 5 % numbers, 2 % canaries",
              selectors(rules, corpus_seed), samples(tasks(count, rules, corpus_seed + 1))};
  Draw draw(corpus_seed + 4);
  for (Rule& rule : made.policy.rules) {
    if (auto tests = extra(draw, rules); !tests.empty()) rule.tests = std::move(tests);
    for (Test& test : rule.tests) test.if_ill_typed = engine::Verdict::no;
  }
  for (Sample& task : made.tasks) {
    task.push_back({"priority", "", engine::Number{draw.below(100), 0}});
    task.push_back({"id", "task_" + draw.number(1'000'000)});
  }
  return made;
}

constexpr std::array<Recipe, 6> recipes{{
    {"C2 few values", "five tags of 3 to 16 values, nothing else", low_cardinality,
     low_cardinality_task},
    {"C3 globs", "`ds_N_*`, `*_N` and `*xNy*` in equal parts", globs, pattern_task},
    {"C4 regexes", "with a literal beginning, and without", regexes, pattern_task},
    {"C5 paths", "250 tags, of which a task has four", own_path, own_path_task},
    {"C6 overlap", "about a hundred rules match each task", overlapping, overlapping_task},
    {"C7 alike", "names that differ in few bytes, against sampling hashes", adversarial,
     adversarial_task},
}};

}  // namespace

const std::vector<std::string>& corpus_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all{"C1 mixed"};
    for (const Recipe& recipe : recipes) all.emplace_back(recipe.name);
    return all;
  }();
  return names;
}

Corpus corpus(const std::string& name, std::uint32_t rules, std::uint32_t count) {
  const auto* const recipe = std::find_if(recipes.begin(), recipes.end(),
                                          [&](const Recipe& each) { return each.name == name; });
  if (recipe == recipes.end()) return mixed(rules, count);
  Corpus made{recipe->name, recipe->about, {}, {}};
  Draw draw(corpus_seed);
  made.policy.otherwise.template_key = "base";
  for (std::uint32_t i = 0; i < rules; ++i) {
    Rule& rule = made.policy.rules.emplace_back();
    rule.name = "rule" + std::to_string(i);
    rule.tests = recipe->tests(draw, i, rules);
    rule.outcome.template_key = "template_" + draw.number(20);
  }
  for (std::uint32_t i = 0; i < count; ++i) made.tasks.push_back(recipe->task(draw, rules));
  return made;
}

}  // namespace copse::runner::bench
