#include "grammar/json_form/reader.hpp"

#include "engine/json_fault.hpp"
#include "grammar/json_form/conditions.hpp"
#include "grammar/json_form/form.hpp"
#include "grammar/json_form/outcomes.hpp"
#include "grammar/language/spelling.hpp"

#include <string>
#include <utility>

namespace copse::grammar::json_form {
namespace {

using Kind = Document::Kind;

constexpr std::string_view form_help = R"(write {"copse": 1, "statements": […]})";

constexpr std::string_view statement_help =
    R"(such as {"rule": "night", "when": …, "outcomes": […]}, or {"default": [{"template": "base"}]})";

constexpr std::string_view no_outcomes_help = "a list; an empty one when there are none";

class Reader {
 public:
  explicit Reader(const engine::Source& source)
      : source_(source),
        json_(source, said_),
        values_(json_, draft_),
        conditions_(json_, draft_),
        outcomes_(json_, draft_) {}

  std::expected<engine::Source, engine::Diagnostics> run() {
    if (is_readable()) document();
    json_.tell_rest();
    if (!said_.empty()) return std::unexpected(std::move(said_));
    return draft_.finish(source_);
  }

 private:
  bool is_readable() {
    if (source_.text.size() > language::policy_size_limit) {
      json_.say("P0508", {0, 0}, "the policy is larger than 100 MB", "split it");
      return false;
    }
    if (const auto fault = engine::find_json_fault(source_.text)) {
      json_.say("P0101", {fault->begin, fault->end}, fault->title, fault->help);
      return false;
    }
    return json_.is(Kind::object, 0, "a policy in JSON", form_help);
  }

  void document() {
    const Members members = json_.members(0);
    json_.only(members, {"copse", "statements"}, "a policy in JSON");
    if (const Member* said = json_.needed(members, "copse", json_.front(0), form_help))
      check_version(said->value);
    const Member* all = json_.needed(members, "statements", json_.front(0), form_help);
    if (all == nullptr || !json_.is(Kind::array, all->value, "`statements`", statement_help))
      return;
    {
      const Draft::Within here(draft_, json_.span(0));
      for (const At each : json_.elements(all->value)) {
        json_.kind(each) == Kind::text ? outcomes_.line(each) : statement(each);
      }
    }
    // What a policy lacks is missing at its end.
    const Span end = json_.span(all->value);
    draft_.put("", {end.end - 1, end.end});
  }

  void check_version(At at) {
    const Span span = json_.span(at);
    if (json_.bytes(span) == std::to_string(version)) return;
    json_.say("P0552", span, "this copse does not know such a version of the JSON form",
              "it knows \"copse\": " + std::to_string(version));
  }

  void statement(At at) {
    if (!json_.is(Kind::object, at, "a statement", statement_help)) return;
    const Members members = json_.members(at);
    const Member* is = json_.decisive(
        members, at,
        {"policy", "templates", "allow", "attribute", "list", "profile", "rule", "default", "test"},
        "a statement", statement_help);
    if (is == nullptr) return;
    const Draft::Within here(draft_, json_.span(at));
    const std::string name = "`" + is->name + "`";
    if (is->name == "attribute") {
      attribute(members, *is);
    } else if (is->name == "list") {
      list(members, *is);
    } else if (is->name == "profile" || is->name == "rule") {
      with_outcomes(members, *is);
    } else if (is->name == "test") {
      test(members, *is);
    } else {
      json_.only(members, {is->name, "comment"}, name);
      simple(*is, name);
    }
    outcomes_.comment(members);
    draft_.put("\n");
  }

  void simple(const Member& is, std::string_view name) {
    if (is.name == "default") {
      draft_.copy("default", is.key);
      draft_.put(" ");
      return outcomes_.block(is.value, name);
    }
    if (is.name == "allow") return allow(is.value);
    draft_.put(is.name == "policy" ? "policy " : "templates from ");
    values_.quoted(is.value, name);
  }

  void allow(At at) {
    constexpr std::string_view help = R"(write ["cpu", "memory"])";
    if (!json_.is(Kind::array, at, "`allow`", help)) return;
    const std::vector<At> fields = json_.elements(at);
    if (fields.empty()) json_.say("P0549", json_.front(at), "`allow` names nothing", help);
    std::string_view before = "allow override ";
    for (const At field : fields) {
      draft_.put(before);
      values_.name(field, "what is allowed");
      before = ", ";
    }
  }

  void attribute(const Members& members, const Member& is) {
    json_.only(members, {"attribute", "type", "path", "comment"}, "`attribute`");
    const Member* type = json_.needed(
        members, "type", is.key, "text, integer, decimal, boolean, duration, quantity or interval");
    const Member* path =
        json_.needed(members, "path", is.key, "such as \"spec.tuningConfig.type\"");
    draft_.put("attribute ");
    values_.name(is.value, "`attribute`");
    draft_.put(": ");
    if (type != nullptr) values_.name(type->value, "`type`");
    draft_.put(" = ");
    if (path != nullptr)
      values_.bare(path->value, language::is_path, "`path`", "such as \"spec.tuningConfig.type\"");
  }

  void list(const Members& members, const Member& is) {
    json_.only(members, {"list", "items", "comment"}, "`list`");
    const Member* items =
        json_.needed(members, "items", is.key, R"(such as ["a", {"glob": "b*"}])");
    draft_.put("list ");
    values_.name(is.value, "`list`");
    draft_.put(" = [");
    if (items != nullptr && json_.is(Kind::array, items->value, "`items`", "")) {
      std::string_view before;
      for (const At item : json_.elements(items->value)) {
        draft_.put(before);
        values_.literal(item);
        before = ", ";
      }
    }
    draft_.put("]");
  }

  void with_outcomes(const Members& members, const Member& is) {
    const bool is_rule = is.name == "rule";
    const Names names = is_rule ? Names{"rule", "when", "outcomes", "comment"}
                                : Names{"profile", "outcomes", "comment"};
    json_.only(members, names, is_rule ? "`rule`" : "`profile`");
    draft_.put(is_rule ? "rule " : "profile ");
    is_rule ? values_.quoted(is.value, "`rule`") : values_.name(is.value, "`profile`");
    draft_.put(" ");
    const Member* when = is_rule ? find(members, "when") : nullptr;
    if (when != nullptr) {
      draft_.put("when ");
      conditions_.put(when->value);
      draft_.put(" ");
    }
    if (const Member* outcomes = json_.needed(members, "outcomes", is.key, no_outcomes_help))
      outcomes_.block(outcomes->value, "`outcomes`");
  }

  void test(const Members& members, const Member& is) {
    json_.only(members, {"test", "task", "now", "canary", "expect", "comment"}, "`test`");
    draft_.put("test ");
    values_.quoted(is.value, "`test`");
    draft_.put(" {\n");
    if (const Member* task = find(members, "task");
        task != nullptr && json_.is(Kind::object, task->value, "`task`", "")) {
      const Span span = json_.span(task->value);
      draft_.put("task ");
      draft_.copy(json_.bytes(span), span);
      draft_.put("\n");
    }
    if (const Member* now = find(members, "now")) {
      draft_.put("now ");
      values_.quoted(now->value, "`now`");
      draft_.put("\n");
    }
    if (const Member* canary = find(members, "canary");
        canary != nullptr &&
        json_.is(Kind::boolean, canary->value, "`canary`", "true: canaries take the task")) {
      const Span span = json_.span(canary->value);
      draft_.put("canary ");
      draft_.put(json_.bytes(span) == "true" ? "on" : "off", span);
      draft_.put("\n");
    }
    if (const Member* expect = find(members, "expect")) outcomes_.expectations(expect->value);
    draft_.put("}");
  }

  const engine::Source& source_;
  engine::Diagnostics said_;
  Document json_;
  Draft draft_;
  Values values_;
  Conditions conditions_;
  Outcomes outcomes_;
};

}  // namespace

std::expected<engine::Source, engine::Diagnostics> read(const engine::Source& json) {
  return Reader(json).run();
}

}  // namespace copse::grammar::json_form
