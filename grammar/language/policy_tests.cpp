#include "grammar/language/policy_tests.hpp"

#include "engine/json_fault.hpp"
#include "grammar/language/conditions.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace copse::grammar::language {
namespace {

class Reader {
 public:
  Reader(const engine::Source& source, const File& file)
      : source_(source), file_(file), places_(source), complaints_(source, said_) {}

  std::expected<std::vector<PolicyTest>, engine::Diagnostics> run() {
    for (const Statement& each : file_.statements) {
      if (const auto* test = std::get_if<statement::Test>(&each.is)) add(*test);
    }
    if (!said_.empty()) return std::unexpected(std::move(said_));
    return std::move(tests_);
  }

 private:
  void add(const statement::Test& test) {
    PolicyTest made;
    made.name = literal_text(source_, test.name);
    made.place = places_.place(test.name.span);
    if (test.task == Span{}) {
      complaints_.say("P0541", test.name.span, "test `" + made.name + "` has no task",
                      "add `task { \"type\": \"…\" }`");
      return;
    }
    made.task = spelled(source_, test.task);
    if (const auto fault = engine::find_json_fault(made.task)) {
      complaints_.say("P0543", {test.task.begin + fault->begin, test.task.begin + fault->end},
                      "the task is no JSON: " + fault->title, fault->help);
      return;
    }
    made.task_place = places_.place({test.task.begin, test.task.begin + 1});
    for (std::uint32_t i = 0; i < test.expected.count; ++i)
      expect(file_.settings[test.expected.first + i], made);
    if (test.expected.count == 0) {
      complaints_.say("P0542", test.name.span, "test `" + made.name + "` expects nothing",
                      "add `expect rule \"…\"` or `expect template \"…\"`");
    }
    tests_.push_back(std::move(made));
  }

  void expect(const Setting& setting, PolicyTest& to) {
    using What = Expectation::What;
    const std::string_view word = spelled(source_, setting.keyword);
    const std::optional<What> what = word == "rule"       ? std::optional(What::rule)
                                     : word == "template" ? std::optional(What::template_key)
                                     : word == "runner"   ? std::optional(What::runner)
                                                          : std::nullopt;
    if (!what) {
      complaints_.say("P0590", setting.span,
                      "this release does not expect `" + std::string(word) + "` yet",
                      "expect rule, template or runner");
      return;
    }
    const bool is_alone =
        setting.value.kind == Value::Kind::none && setting.upper.kind == Value::Kind::none;
    const bool is_literal = setting.key.kind == Value::Kind::literal;
    if (!is_alone || (is_literal && file_.literals[setting.key.index].kind != LiteralKind::text)) {
      complaints_.say("P0529", setting.span, "one name is wanted here");
      return;
    }
    to.expected.push_back(
        {*what,
         is_literal ? literal_text(source_, file_.literals[setting.key.index])
                    : std::string(spelled(source_, file_.operands[setting.key.index].span)),
         places_.place(setting.span)});
  }

  const engine::Source& source_;
  const File& file_;
  engine::Locator places_;
  engine::Diagnostics said_;
  Complaints complaints_;
  std::vector<PolicyTest> tests_;
};

}  // namespace

std::expected<std::vector<PolicyTest>, engine::Diagnostics> policy_tests(
    const engine::Source& source, const File& file) {
  return Reader(source, file).run();
}

}  // namespace copse::grammar::language
