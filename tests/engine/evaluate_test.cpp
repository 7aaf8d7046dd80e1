#include "engine/evaluate.hpp"

#include "engine/compile.hpp"
#include "engine/judge.hpp"
#include "tests/engine/naive.hpp"
#include "tests/engine/worlds.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

#include <catch2/catch.hpp>

using namespace copse::engine;
using copse::tests::naive;
using copse::tests::NaiveAnswer;
using copse::tests::Worlds;

namespace {

// How many policies the comparison draws, each with so many tasks: a million pairs, fewer where
// sanitizers slow it down, and what COPSE_WORLDS says in the suite `engine_pairs`.
#if defined(__SANITIZE_ADDRESS__)
constexpr std::uint32_t usual_worlds = 2'000;
constexpr int tasks_of_large = 300;
#else
constexpr std::uint32_t usual_worlds = 20'000;
constexpr int tasks_of_large = 3'000;
#endif
constexpr std::uint32_t tasks_a_world = 50;

std::uint32_t wanted_worlds() {
  const char* said = std::getenv("COPSE_WORLDS");
  return said == nullptr ? usual_worlds : static_cast<std::uint32_t>(std::atoi(said));
}

std::string name_of(const Image& image, const Entry& entry, const Answer& answer) {
  return std::string(image.name(entry, answer.rule));
}

bool has(const Image& image, Node::Kind kind) {
  return std::any_of(image.nodes.begin(), image.nodes.end(),
                     [&](const Node& node) { return node.kind == kind; });
}

const TemplateNames templates{{"base", "k0", "k1", "k2", "k3"}, true};

Test in(Attribute attribute, std::vector<std::string> values) {
  Test test;
  test.attribute = std::move(attribute);
  test.values = std::move(values);
  return test;
}

Rule rule(std::string name, std::vector<Test> tests, std::string key) {
  Rule made;
  made.name = std::move(name);
  made.tests = std::move(tests);
  made.outcome.template_key = std::move(key);
  return made;
}

bool has_lines(const Image& image, std::uint32_t lines) {
  return std::any_of(image.bit_lists.begin(), image.bit_lists.end(),
                     [&](const BitList& list) { return list.words() >= lines * BitList::line; });
}

}  // namespace

TEST_CASE("the compiled image decides as the naive interpreter over a million random pairs",
          "[engine]") {
  const std::uint32_t worlds = wanted_worlds();
  Worlds random(20261124);
  std::uint64_t pairs = 0;
  std::uint64_t failures = 0;
  std::uint64_t defaults = 0;
  std::uint32_t by_stretch = 0;
  std::uint32_t by_pattern = 0;
  std::uint32_t by_bits = 0;
  std::uint32_t by_line = 0;
  std::uint32_t guessed = 0;
  for (std::uint32_t w = 0; w < worlds; ++w) {
    const bool long_lists = w % 8 == 0;
    random.few_values(long_lists);
    PolicySet policies;
    // Half of them are one list where it can be; in the others attributes are homes, and the
    // longest lists are divided.
    const std::uint32_t rules = w % 512 == 0   ? 3'000
                                : w % 512 == 8 ? 1'024
                                : long_lists   ? 300
                                : w % 4 == 1   ? 120
                                               : 12;
    policies.placement = random.policy(random.below(rules));
    if (random.chance(30)) policies.runner = random.runner_policy();
    const auto image =
        compile(policies, templates,
                {.together = w / 8 % 2 == 0 ? 8U : 1'024U, .far = w / 16 % 2 == 0 ? 2U : 16'384U});
    REQUIRE(image);
    if (w % 16 == 0) REQUIRE(verify(*image).empty());
    by_stretch += has(*image, Node::Kind::ranges) ? 1U : 0U;
    by_pattern += has(*image, Node::Kind::patterns) ? 1U : 0U;
    by_bits += has(*image, Node::Kind::bits) ? 1U : 0U;
    by_line += has_lines(*image, 1) ? 1U : 0U;
    guessed += image->far_nodes != Image::no_node ? 1U : 0U;
    FactReader reader(image->attributes);
    for (std::uint32_t t = 0; t < tasks_a_world; ++t) {
      const Worlds::Task task = random.task();
      const auto facts = reader.read(task.document, task.circumstances);
      REQUIRE(facts);
      const Decision decision = evaluate(*image, *facts);
      ++pairs;
      Runner runner = Runner::k8s;
      if (policies.runner) {
        const NaiveAnswer expected = naive(*policies.runner, task.values);
        runner = *expected.outcome.runner;
        if (name_of(*image, image->runner, decision.runner_answer) != expected.rule ||
            decision.runner_answer.failed() != expected.failed || decision.runner != runner) {
          FAIL("runner: expected " << expected.rule << "\n"
                                   << task.document << "\n"
                                   << dump(*image));
        }
      }
      if (runner == Runner::worker) continue;
      const NaiveAnswer expected = naive(policies.placement, task.values);
      failures += expected.failed ? 1U : 0U;
      defaults += expected.rule == "default" ? 1U : 0U;
      if (name_of(*image, image->placement, decision.placement) != expected.rule ||
          decision.placement.failed() != expected.failed) {
        FAIL("world " << w << ", placement: expected " << expected.rule << " failed "
                      << expected.failed << ", got "
                      << name_of(*image, image->placement, decision.placement) << " failed "
                      << decision.placement.failed() << "\n"
                      << task.document << "\n"
                      << dump(*image));
      }
    }
  }
  CHECK(pairs == std::uint64_t{worlds} * tasks_a_world);
  // The worlds must reach what they are for.
  CHECK(failures > pairs / 50);
  CHECK(defaults > pairs / 50);
  CHECK(by_bits > worlds / 4);
  CHECK(by_line > worlds / 200);
  CHECK(guessed > worlds / 50);
  CHECK(by_stretch > worlds / 50);
  CHECK(by_pattern > worlds / 50);
}

TEST_CASE("a list too long for bits alone is divided, and decides the same", "[engine]") {
  Worlds random(18);
  const auto drawn = [&](const std::string& prefix, std::uint32_t values) {
    return prefix + std::to_string(random.below(values));
  };
  PolicySet policies;
  policies.placement.otherwise.template_key = "base";
  for (std::uint32_t i = 0; i < 3'000; ++i) {
    policies.placement.rules.push_back(
        rule("r" + std::to_string(i),
             {in(type_attribute(), {drawn("y", 3), drawn("z", 3)}),
              in(tag_attribute("a"), {drawn("a", 16)}), in(tag_attribute("b"), {drawn("b", 40)})},
             "k" + std::to_string(i % 4)));
  }
  const auto image = compile(policies, templates);
  REQUIRE(image);
  CHECK(verify(*image).empty());
  CHECK(has(*image, Node::Kind::select));  // no attribute is a home here
  CHECK(has(*image, Node::Kind::bits));
  FactReader reader(image->attributes);
  for (int i = 0; i < tasks_of_large; ++i) {
    const std::string type = drawn(random.chance(50) ? "y" : "z", 4);
    const std::string a = drawn("a", 17);
    const std::string b = drawn("b", 41);
    const auto facts = reader.read(R"({"type":")" + type + R"(","context":{"tags":{"a":")" + a +
                                   R"(","b":")" + b + R"("}}})");
    REQUIRE(facts);
    const auto wants = [](const Test& test, const std::string& value) {
      return std::find(test.values.begin(), test.values.end(), value) != test.values.end();
    };
    const auto& rules = policies.placement.rules;
    const auto first = std::find_if(rules.begin(), rules.end(), [&](const Rule& each) {
      return wants(each.tests[0], type) && wants(each.tests[1], a) && wants(each.tests[2], b);
    });
    const std::string expected = first == rules.end() ? "default" : first->name;
    REQUIRE(name_of(*image, image->placement, place(*image, *facts)) == expected);
  }
}

TEST_CASE("a list longer than one look tells decides the same", "[engine]") {
  constexpr std::uint32_t count = 3 * BitList::short_list;
  constexpr int tags = 10;
  Worlds random(20);
  PolicySet policies;
  policies.placement.otherwise.template_key = "base";
  for (std::uint32_t i = 0; i < count; ++i) {
    std::vector<Test> tests;
    for (int tag = 0; tag < tags; ++tag) {
      std::vector<std::string> values;
      for (int value = 0; value < 6; ++value) {
        if (random.chance(50)) values.push_back(std::to_string(value));
      }
      tests.push_back(in(tag_attribute("t" + std::to_string(tag)), std::move(values)));
    }
    policies.placement.rules.push_back(rule("r" + std::to_string(i), std::move(tests), "k1"));
  }
  const auto image = compile(policies, templates);
  REQUIRE(image);
  CHECK(verify(*image).empty());
  // Nothing but one list: dividing it would make it longer.
  CHECK(image->nodes[std::to_underlying(image->placement.root)].kind == Node::Kind::bits);
  REQUIRE(image->bit_lists.size() == 1);
  CHECK(image->bit_lists[0].postings > BitList::short_list);
  FactReader reader(image->attributes);
  std::uint32_t beyond = 0;
  for (int i = 0; i < tasks_of_large; ++i) {
    copse::tests::Values values;
    std::string document = R"({"type":"noop","context":{"tags":{)";
    for (int tag = 0; tag < tags; ++tag) {
      const std::string name = "t" + std::to_string(tag);
      values[tag_attribute(name)] = std::to_string(random.below(6));
      document += (tag == 0 ? "\"" : ",\"") + name + "\":\"" +
                  std::get<std::string>(values[tag_attribute(name)]) + '"';
    }
    const auto facts = reader.read(document + "}}}");
    REQUIRE(facts);
    const NaiveAnswer expected = naive(policies.placement, values);
    const Answer answer = evaluate(*image, *facts).placement;
    REQUIRE(name_of(*image, image->placement, answer) == expected.rule);
    beyond += answer.rule >= RuleId{BitList::short_list} ? 1U : 0U;
  }
  CHECK(beyond > 0);
}

// First four children of a root: more values than bits have columns for, patterns, and rules of no
// home; then a list of bits beside patterns, and nothing but that list.
TEST_CASE("in a large policy the first rule that matches wins, too", "[engine]") {
  const auto [rules, has_patterns] =
      GENERATE(table<std::uint32_t, bool>({{2'500, true}, {1'000, true}, {1'000, false}}));
  Worlds random(19);
  const auto drawn = [&](const std::string& prefix, std::uint32_t values) {
    return prefix + std::to_string(random.below(values));
  };
  const auto test = [&](std::uint32_t kind) {
    Test made = kind == 0   ? in(data_source_attribute(), {drawn("d", 400), drawn("d", 400)})
                : kind == 1 ? in(tag_attribute("a"), {drawn("a", 70), drawn("a", 70)})
                : kind == 2 ? in(tag_attribute("b"), {drawn("b", 20), drawn("b", 20)})
                            : in(data_source_attribute(), {});
    if (kind == 3) made.patterns = {{Pattern::Kind::glob, "*" + drawn("", 60)}};
    if (random.chance(10)) made.if_ill_typed = Verdict::fail;
    if (kind == 2 && random.chance(10)) std::swap(made.if_listed, made.if_other);
    return made;
  };
  PolicySet policies;
  policies.placement.otherwise.template_key = "base";
  for (std::uint32_t i = 0; i < rules; ++i) {
    // Few are of one test: those decide most tasks.
    std::vector<Test> tests{test(random.below(has_patterns ? 4 : 3))};
    if (i % 50 != 49) tests.push_back(test(2));
    if (random.chance(30)) tests.push_back(test(random.below(3)));
    policies.placement.rules.push_back(rule("r" + std::to_string(i), std::move(tests), "k1"));
  }
  const auto image = compile(policies, templates);
  REQUIRE(image);
  CHECK(verify(*image).empty());
  const Node& root = image->nodes[std::to_underlying(image->placement.root)];
  CHECK(root.kind == (has_patterns ? Node::Kind::first : Node::Kind::bits));
  CHECK((root.count == 4) == (rules == 2'500));
  CHECK(has_lines(*image, 2) == !has_patterns);
  CHECK((image->only_list != Image::no_list) == !has_patterns);
  FactReader reader(image->attributes);
  std::uint32_t failures = 0;
  for (int i = 0; i < tasks_of_large; ++i) {
    copse::tests::Values values;
    std::string tags;
    const auto put = [&](const Attribute& attribute, const std::string& value) -> std::string {
      if (random.chance(5)) {
        values[attribute] = copse::tests::IllTyped{};
        return "7";
      }
      values[attribute] = value;
      return '"' + value + '"';
    };
    std::string document = R"({"type":"noop","dataSource":)";
    document += put(data_source_attribute(), drawn("d", 500)) + R"(,"context":{"tags":{"a":)";
    document += put(tag_attribute("a"), drawn("a", 75)) + R"(,"b":)";
    document += put(tag_attribute("b"), drawn("b", 24)) + "}}}";
    const auto facts = reader.read(document);
    REQUIRE(facts);
    const NaiveAnswer expected = naive(policies.placement, values);
    const Answer answer = evaluate(*image, *facts).placement;
    CHECK(place(*image, *facts).rule == answer.rule);
    failures += answer.failed() ? 1U : 0U;
    REQUIRE(name_of(*image, image->placement, answer) == expected.rule);
    REQUIRE(answer.failed() == expected.failed);
  }
  CHECK(failures > 0);
}

// Of a rule that no well-typed task can match one test is asked; all others count when it is
// ill-typed.
TEST_CASE("a rule for values of another type is asked all its tests", "[engine]") {
  Test of_other_type = in(type_attribute(), {});
  of_other_type.if_ill_typed = Verdict::yes;
  PolicySet policies;
  policies.placement.rules = {
      rule("odd type, a", {of_other_type, in(data_source_attribute(), {"a"})}, "k0")};
  for (int i = 0; i < 20; ++i)
    policies.placement.rules.push_back(rule(
        "r" + std::to_string(i),
        {in(type_attribute(), {"kill"}), in(data_source_attribute(), {"b" + std::to_string(i)})},
        "k1"));
  policies.placement.otherwise.template_key = "base";
  for (const std::size_t together : {8U, 1'024U}) {
    const auto image = compile(policies, templates, {together});
    REQUIRE(image);
    FactReader reader(image->attributes);
    const auto rule_of = [&](const std::string& document) {
      const auto facts = reader.read(document);
      REQUIRE(facts);
      return name_of(*image, image->placement, place(*image, *facts));
    };
    CHECK(rule_of(R"({"type":7,"dataSource":"a"})") == "odd type, a");
    CHECK(rule_of(R"({"type":7,"dataSource":"c"})") == "default");
    CHECK(rule_of(R"({"type":"kill","dataSource":"a"})") == "default");
  }
}

TEST_CASE("the first rule that matches wins, whatever lists it hangs in", "[engine]") {
  PolicySet policies;
  policies.placement.rules = {
      rule("a", {in(type_attribute(), {"kill"})}, "k0"),
      rule("b",
           {in(data_source_attribute(), {"wiki", "search"}),
            in(type_attribute(), {"index", "compact"})},
           "k1"),
      rule("c", {in(type_attribute(), {"index"})}, "k2"),
      rule("d", {}, "nope"),
  };
  policies.placement.otherwise.template_key = "base";
  const auto image = compile(policies, templates);
  REQUIRE(image);
  FactReader reader(image->attributes);
  const auto decide = [&](const std::string& document) {
    const auto facts = reader.read(document);
    REQUIRE(facts);
    const Answer answer = evaluate(*image, *facts).placement;
    return name_of(*image, image->placement, answer) + " " +
           image->outcome(answer.outcome).template_key;
  };
  CHECK(decide(R"({"type":"index","dataSource":"wiki"})") == "b k1");
  CHECK(decide(R"({"type":"index","dataSource":"other"})") == "c k2");
  CHECK(decide(R"({"type":"kill","dataSource":"wiki"})") == "a k0");
  CHECK(decide(R"({"type":"noop","dataSource":"wiki"})") == "d base");
}

TEST_CASE("an image has a stable text", "[engine]") {
  PolicySet policies;
  policies.placement.rules = {
      rule("selectors[0]",
           {in(tag_attribute("team"), {"search"}), in(type_attribute(), {"index", "compact"})},
           "k1"),
      rule("selectors[1]", {in(type_attribute(), {"kill"})}, "k9"),
  };
  policies.placement.rules[0].tests[0].if_ill_typed = Verdict::fail;
  policies.placement.otherwise.template_key = "base";
  const auto image = compile(policies, templates);
  REQUIRE(image);
  CHECK(dump(*image) ==
        "attribute 0 tags.team: \"search\"\n"
        "attribute 1 type: \"index\" \"compact\" \"kill\"\n"
        "outcome 0: template k1\n"
        "outcome 1: template base (for k9)\n"
        "outcome 2: template base\n"
        "rule 0 selectors[0]: tags.team in [\"search\"] ill-typed:fail and type in [\"index\" "
        "\"compact\"] -> outcome 0\n"
        "rule 1 selectors[1]: type in [\"kill\"] -> outcome 1\n"
        "node 0: candidates rule 0 guarded by tags.team if tags.team in [\"search\"] "
        "ill-typed:fail and type in [\"index\" \"compact\"]; rule 1 guarded by type\n"
        "node 1: candidates rule 0 if tags.team in [\"search\"] ill-typed:fail and type in "
        "[\"index\" \"compact\"]\n"
        "node 2: candidates rule 0 guarded by tags.team if tags.team in [\"search\"] "
        "ill-typed:fail and type in [\"index\" \"compact\"]; rule 1 guarded by type\n"
        "node 3: if ill-typed tags.team->1\n"
        "node 4: first of 2 3\n"
        "placement: root 0, ill-typed root 4, otherwise default -> outcome 2\n");
}

TEST_CASE("the mask of a test says yes for the atoms for which the test does", "[engine]") {
  Worlds random(17);
  for (int world = 0; world < 300; ++world) {
    PolicySet policies;
    policies.placement = random.policy(12);
    const auto image = compile(policies, templates);
    REQUIRE(image);
    for (const AtomTest& test : image->tests) {
      AtomTest slow = test;
      slow.mask = 0;
      const std::uint32_t atoms = image->domains[std::to_underlying(test.attribute)].atoms();
      for (std::uint32_t atom = 0; atom < 64; ++atom) {
        const bool is_known =
            atom < atoms && (test.kind != AtomTest::Kind::patterns || Atom{atom} != Atom::other);
        const bool says_yes = ((test.mask >> atom) & 1U) != 0;
        CHECK(says_yes == (is_known && judge(*image, slow, Atom{atom}, {}) == Verdict::yes));
      }
    }
  }
}

TEST_CASE("verify finds any index that leads astray", "[engine]") {
  Worlds random(7);
  PolicySet policies;
  policies.placement = random.policy(20);
  const auto good = compile(policies, templates);
  REQUIRE(good);
  const auto broken = [&](auto&& damage) {
    Image image = *good;
    damage(image);
    return verify(image);
  };
  CHECK(broken([](Image&) {}).empty());
  CHECK_FALSE(broken([](Image& i) {
                i.nodes.edit([](auto& all) { all.back().first = 0xFFFF'FFF0; });
              }).empty());
  CHECK_FALSE(broken([](Image& i) {
                i.postings.edit([](auto& all) { all[0].rule = RuleId{9999}; });
              }).empty());
  CHECK_FALSE(broken([](Image& i) {
                i.postings.edit([](auto& all) { all[0].first_test = 0xFFFF'FFFF; });
              }).empty());
  CHECK_FALSE(broken([](Image& i) {
                i.tests.edit([](auto& all) { all[0].attribute = AttributeId{999}; });
              }).empty());
  CHECK_FALSE(broken([](Image& i) { i.tests.edit([](auto& all) { all[0].mask ^= 4; }); }).empty());
  CHECK_FALSE(broken([](Image& i) {
                i.rules.edit([](auto& all) { all[0].outcome = OutcomeId{999}; });
              }).empty());
  REQUIRE(good->bit_lists.size() > 0);
  CHECK_FALSE(
      broken([](Image& i) { i.bit_lists.edit([](auto& all) { all[0].postings += 1; }); }).empty());
  CHECK_FALSE(broken([](Image& i) {
                i.bit_lists.edit([](auto& all) { all[0].first_posting = 0xFFFF'FFF0; });
              }).empty());
  CHECK_FALSE(
      broken([](Image& i) { i.bit_lists.edit([](auto& all) { all[0].columns = 0; }); }).empty());
  CHECK_FALSE(broken([](Image& i) {
                i.bit_columns.edit([](auto& all) { all[0].attribute = 999; });
              }).empty());
  CHECK_FALSE(broken([](Image& i) {
                i.bit_columns.edit([](auto& all) { all[0].first = 0xFFFF'FFF0; });
              }).empty());
  CHECK_FALSE(broken([](Image& i) {
                i.bits.edit([](auto& all) { all.assign(all.size(), ~std::uint64_t{0}); });
              }).empty());
  CHECK_FALSE(broken([](Image& i) { i.placement.root = NodeId{0xFFFF'FFFF}; }).empty());
  CHECK_FALSE(broken([](Image& i) { i.domains.pop_back(); }).empty());
}

// Of many attributes those that are absent are not looked up.
TEST_CASE("a value is found among any number of absent ones", "[engine]") {
  for (const std::size_t attributes : {1U, 16U, 17U, 200U}) {
    PolicySet policies;
    for (std::size_t i = 0; i < attributes; ++i) {
      Rule rule;
      rule.name = "rule" + std::to_string(i);
      Test test;
      test.attribute = tag_attribute("tag" + std::to_string(i));
      test.values = {"yes"};
      rule.tests.push_back(std::move(test));
      rule.outcome.template_key = "own";
      policies.placement.rules.push_back(std::move(rule));
    }
    policies.placement.otherwise.template_key = "base";
    const auto image = compile(policies, {{}, false});
    REQUIRE(image);
    static constexpr std::array<char, 2 * text_padding> room{"yes\0no"};
    const std::string_view yes(room.data(), 3);
    const std::string_view no(room.data() + 4, 2);
    std::vector<Fact> facts(attributes);
    CHECK(place(*image, facts).rule == no_rule);
    for (std::size_t i = 0; i < attributes; ++i) {
      facts[i] = Fact::of_padded(yes);
      CHECK(place(*image, facts).rule == RuleId{static_cast<std::uint32_t>(i)});
      facts[i] = Fact::of_padded(no);
      CHECK(place(*image, facts).rule == no_rule);
      facts[i] = {};
    }
  }
}
