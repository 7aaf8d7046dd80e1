#include "runner/overlord/worker_config.hpp"

#include "engine/patterns.hpp"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>

namespace copse::runner::overlord {
namespace {

namespace json = boost::json;
using engine::Diagnostic;
using engine::Policy;
using engine::Rule;
using engine::Runner;
using engine::Test;
using engine::Verdict;
using Kind = WorkerConfigChange::Kind;

// Members of strategies that are replaced, which no strategy by category can carry on.
constexpr std::array foreign_members{std::string_view("affinityConfig"),
                                     std::string_view("function")};

// What a rule says to all tasks of one type; `open` is a test that the type does not settle.
struct Match {
  Verdict verdict = Verdict::yes;
  const Test* open = nullptr;
  bool may_fail = false;  // with `open`: some tasks may fail at it
};

bool may_fail(const Test& test) {
  return test.if_listed == Verdict::fail || test.if_other == Verdict::fail ||
         test.if_absent == Verdict::fail || test.if_ill_typed == Verdict::fail;
}

Match match(const Rule& rule, std::string_view type) {
  Match made;
  for (const Test& test : rule.tests) {
    if (test.attribute != engine::type_attribute()) {
      if (made.open == nullptr) made.open = &test;
      made.may_fail = may_fail(test);
      if (made.may_fail) return made;  // asked before a test of the type can pass the rule by
      continue;
    }
    const Verdict verdict = engine::lists(test, type) ? test.if_listed : test.if_other;
    if (verdict == Verdict::no) return {Verdict::no, nullptr};
    if (verdict == Verdict::fail) made.verdict = Verdict::fail;
    if (verdict == Verdict::fail) return made;
  }
  return made;
}

std::unexpected<Diagnostic> cannot_be_said(const Policy& policy, const Rule& rule,
                                           std::string title) {
  Diagnostic diagnostic;
  diagnostic.code = "P0304";
  diagnostic.title = std::move(title);
  if (!policy.source.name.empty()) diagnostic.place = engine::locate(policy.source, rule.span);
  diagnostic.help =
      "choose the runner by task type alone, or set copse.runnerStrategy.publish to false and "
      "write the worker configuration yourself";
  return std::unexpected(std::move(diagnostic));
}

std::unexpected<Diagnostic> asks_for_more(const Policy& policy, const Rule& rule,
                                          const Test& test) {
  return cannot_be_said(policy, rule,
                        rule.name + " asks for `" + test.attribute->name +
                            "`; an Overlord's worker categories know a task's type only");
}

// A rule that takes some tasks of a type, by a test that the type does not settle.
struct Partial {
  const Rule* rule;
  const Test* open;
};

// What they decide is no matter where the rest of the type goes there, too.
std::expected<Runner, Diagnostic> same_for_all(const Policy& policy,
                                               const std::vector<Partial>& some, Runner rest) {
  for (const Partial& each : some) {
    if (each.rule->outcome.runner.value_or(Runner::k8s) != rest)
      return asks_for_more(policy, *each.rule, *each.open);
  }
  return rest;
}

// Where the policy sends all tasks of a type.
std::expected<Runner, Diagnostic> runner_of(const Policy& policy, std::string_view type) {
  std::vector<Partial> some;
  for (const Rule& rule : policy.rules) {
    const Match found = match(rule, type);
    if (found.verdict == Verdict::no) continue;
    if (found.open != nullptr) {
      if (found.may_fail || found.verdict == Verdict::fail || rule.outcome.failure)
        return asks_for_more(policy, rule, *found.open);
      some.push_back({&rule, found.open});
      continue;
    }
    if (found.verdict == Verdict::fail || rule.outcome.failure) {
      return cannot_be_said(
          policy, rule,
          rule.name + " fails its tasks; an Overlord's worker categories cannot do that");
    }
    return same_for_all(policy, some, rule.outcome.runner.value_or(Runner::k8s));
  }
  return same_for_all(policy, some, policy.otherwise.runner.value_or(Runner::k8s));
}

Diagnostic unreadable(std::string why) {
  Diagnostic diagnostic;
  diagnostic.code = "I0003";
  diagnostic.title = "the Overlord's worker configuration cannot be read: " + std::move(why);
  diagnostic.help = "is this the address of an Overlord or Router?";
  return diagnostic;
}

std::optional<std::string> text_of(const json::value* value) {
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(std::string_view(value->get_string()));
}

// A member that is an object; it is made where it is missing or something else.
json::object& object_at(json::object& parent, std::string_view name) {
  json::value& member = parent[name];
  return member.is_object() ? member.get_object() : member.emplace_object();
}

// Brings a configuration in agreement with a policy, and notes what that took.
class Plan {
 public:
  explicit Plan(const WorkerCategories& categories) : categories_(categories) {}

  json::object& strategy(json::object& root) {
    json::object& strategy = object_at(root, "selectStrategy");
    const std::optional<std::string> type = text_of(strategy.if_contains("type"));
    if (type && type->ends_with("WithCategorySpec")) return strategy;
    const bool fills = type && type->starts_with("fillCapacity");
    const std::string wanted =
        std::string(fills ? "fillCapacity" : "equalDistribution") + "WithCategorySpec";
    setting("selectStrategy", type, wanted);
    strategy["type"] = wanted;
    strategy.erase("workerCategorySpec");
    for (const std::string_view name : foreign_members) {
      const json::value* member = strategy.if_contains(name);
      if (member == nullptr) continue;
      setting(std::string(name), json::serialize(*member), std::nullopt);
      strategy.erase(name);
    }
    return strategy;
  }

  json::object& map(json::object& strategy) {
    json::object& spec = object_at(strategy, "workerCategorySpec");
    const json::value* strong = spec.if_contains("strong");
    if (strong == nullptr || *strong != json::value(true)) {
      setting("strong", strong == nullptr ? std::nullopt : std::optional(json::serialize(*strong)),
              "true");
      spec["strong"] = true;
    }
    return object_at(spec, "categoryMap");
  }

  void rule(json::object& map, const std::string& type, Runner runner) {
    json::object& entry = object_at(map, type);
    const std::optional<std::string> before = text_of(entry.if_contains("defaultCategory"));
    std::string category = before.value_or("");
    if (!before || !is_of(runner, *before)) {
      category = runner == Runner::k8s ? categories_.copse : categories_.middle_managers;
      changes_.push_back({Kind::category, type, "", before, category});
      entry["defaultCategory"] = category;
    }
    affinities(entry, "categoryAffinity", Kind::data_source, type, runner, category);
    affinities(entry, "supervisorIdCategoryAffinity", Kind::supervisor, type, runner, category);
    // As the Overlord writes it back.
    if (!entry.contains("categoryAffinity")) entry["categoryAffinity"].emplace_object();
  }

  WorkerConfigChanges take() { return std::move(changes_); }

 private:
  [[nodiscard]] bool is_of(Runner runner, std::string_view category) const {
    return (category == categories_.copse) == (runner == Runner::k8s);
  }

  void setting(std::string name, std::optional<std::string> before,
               std::optional<std::string> after) {
    changes_.push_back({Kind::setting, "", std::move(name), std::move(before), std::move(after)});
  }

  // Takes away those that lead elsewhere than the policy; their tasks get the type's category.
  void affinities(json::object& entry, std::string_view member, Kind kind, const std::string& type,
                  Runner runner, const std::string& category) {
    json::value* found = entry.if_contains(member);
    if (found == nullptr || !found->is_object()) return;
    json::object kept;
    for (const auto& [name, value] : found->get_object()) {
      const std::optional<std::string> leads_to = text_of(&value);
      if (!leads_to || is_of(runner, *leads_to)) {
        kept.emplace(name, value);
      } else {
        changes_.push_back({kind, type, std::string(std::string_view(name)), leads_to, category});
      }
    }
    *found = std::move(kept);
  }

  const WorkerCategories& categories_;
  WorkerConfigChanges changes_;
};

std::expected<json::object, Diagnostic> read(std::string_view in_force) {
  const bool nothing = in_force.find_first_not_of(" \t\r\n") == std::string_view::npos;
  json::error_code fault;
  json::value parsed = nothing ? json::value(nullptr) : json::parse(in_force, fault);
  if (fault) return std::unexpected(unreadable(fault.message()));
  if (parsed.is_null())
    return json::object{{"type", "default"}, {"selectStrategy", nullptr}, {"autoScaler", nullptr}};
  if (!parsed.is_object()) return std::unexpected(unreadable("it is no JSON object"));
  const json::value* strategy = parsed.get_object().if_contains("selectStrategy");
  if (strategy != nullptr && !strategy->is_null() && !strategy->is_object())
    return std::unexpected(unreadable("its `selectStrategy` is no object"));
  return std::move(parsed.get_object());
}

// All that an answer is wanted for: also what the configuration lists already.
TaskTypes all_types(const Policy& policy, const TaskTypes& seen, const json::object& map) {
  TaskTypes types = seen;
  types.insert(known_task_types.begin(), known_task_types.end());
  for (const Rule& rule : policy.rules) {
    for (const Test& test : rule.tests) {
      if (test.attribute == engine::type_attribute())
        types.insert(test.values.begin(), test.values.end());
    }
  }
  for (const auto& [type, entry] : map) types.emplace(std::string_view(type));
  return types;
}

}  // namespace

std::string worker_config_comment(std::string_view policy, std::string_view version) {
  const auto printable = [](std::string_view text) {
    std::string made(text);
    std::replace_if(made.begin(), made.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return made;
  };
  const std::string head = "runner strategy of ";
  const std::string tail = ", version " + printable(version.substr(0, 256));
  const std::size_t room = worker_config_comment_limit - head.size() - tail.size();
  return head + printable(policy.substr(0, room)) + tail;
}

std::expected<std::optional<WorkerConfig>, Diagnostic> plan_worker_config(
    const Policy& runner, const WorkerCategories& categories, const TaskTypes& seen,
    std::string_view in_force) {
  if (categories.copse == categories.middle_managers) {
    Diagnostic same;
    same.code = "C0007";
    same.title = "`copse.worker.category` is `" + categories.copse +
                 "`, which is the middle managers' category: the two cannot be told apart";
    same.help = "give copse a category of its own";
    return std::unexpected(std::move(same));
  }
  auto root = read(in_force);
  if (!root) return std::unexpected(std::move(root.error()));
  Plan plan(categories);
  json::object& map = plan.map(plan.strategy(*root));
  const TaskTypes types = all_types(runner, seen, map);
  // Whether the policy can be said shall not depend on what was seen so far.
  if (auto any = runner_of(runner, "(a type that nobody has seen yet)"); !any)
    return std::unexpected(std::move(any.error()));
  for (const std::string& type : types) {
    const auto where = runner_of(runner, type);
    if (!where) return std::unexpected(where.error());
    plan.rule(map, type, *where);
  }
  WorkerConfigChanges changes = plan.take();
  if (changes.empty()) return std::nullopt;
  return WorkerConfig{json::serialize(*root), std::move(changes)};
}

}  // namespace copse::runner::overlord
