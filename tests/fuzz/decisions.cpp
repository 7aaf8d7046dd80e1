#include "tests/fuzz/decisions.hpp"

#include "engine/evaluate.hpp"
#include "engine/explain.hpp"
#include "engine/failure_text.hpp"
#include "engine/judge.hpp"
#include "engine/settings.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>
#include <utility>

namespace copse::tests {
namespace {

using namespace copse::engine;

// The first rule that does not say no, as it is written.
RuleId scanned(const Image& image, const Entry& entry, std::span<const Fact> facts) {
  for (std::uint32_t r = entry.first_rule; r < entry.first_rule + entry.rules; ++r) {
    const auto tests = image.tests_of(RuleId{r});
    const auto ends_it = std::find_if(tests.begin(), tests.end(), [&](const AtomTest& test) {
      const std::size_t at = std::to_underlying(test.attribute);
      return judge(image, test, atom_of(image.domains[at], facts[at]), facts[at]) != Verdict::yes;
    });
    if (ends_it == tests.end()) return RuleId{r};
    const AtomTest& test = *ends_it;
    const std::size_t at = std::to_underlying(test.attribute);
    if (judge(image, test, atom_of(image.domains[at], facts[at]), facts[at]) == Verdict::fail)
      return RuleId{r};
  }
  return no_rule;
}

Answer look(const Image& image, const Entry& entry, std::span<const Fact> facts) {
  const Answer answer = decide(image, entry, facts);
  const EntryReport report = explain(image, entry, answer, facts);
  promise(report.winner.rule == answer.rule, "explain has another winner");
  const std::string failure = failure_text(image, answer, facts, "an id");
  promise(!answer.failed() || !failure.empty(), "fails without a reason");
  const auto settings = settings_of(image, answer.outcome, facts);
  promise(settings || !settings.error().empty(), "refuses without a reason");
  return answer;
}

void compare(const Image& image, const Entry& entry, std::span<const Fact> facts) {
  promise(look(image, entry, facts).rule == scanned(image, entry, facts),
          "the tree and the scan decide otherwise");
}

template <class Each>
void for_each_entry(const Image& image, const std::vector<std::string>& documents, Each each) {
  FactReader reader(image.attributes);
  const Circumstances noon{.now = Instant{1'795'867'200'000}, .canary = {}};
  for (const std::string& document : documents) {
    const auto facts = reader.read(document, noon);
    if (!facts) continue;
    each(image.placement, *facts);
    if (image.decides_runner) each(image.runner, *facts);
  }
}

}  // namespace

const std::vector<std::string>& task_documents() {
  static const std::vector<std::string> documents{
      R"({"type":"noop","id":"a"})",
      R"({"type":"index_kafka","id":"b","dataSource":"search_eu","context":{"priority":80,"tags":{"team":"lab","tier":"gold"},"taskLockTimeout":"PT20M"}})",
      R"({"type":"compact","id":"c","groupId":"g","dataSource":"wiki","context":{"tags":{"team":7,"tier":null},"priority":"x"},"resource":{"requiredCapacity":3}})",
      R"({"type":"index_parallel","id":"d","spec":{"dataSchema":{"dataSource":"payments"},"tuningConfig":{"maxRowsPerSegment":5000000}},"context":{"tags":"gold"}})",
      R"({"type":"kill","id":"e","dataSource":"","interval":"2026-01-01/2026-02-01","context":null})"};
  return documents;
}

void promise_decisions(const Image& image, const std::vector<std::string>& documents) {
  for_each_entry(image, documents, [&](const Entry& entry, std::span<const Fact> facts) {
    compare(image, entry, facts);
  });
}

void decide_all(const Image& image, const std::vector<std::string>& documents) {
  for_each_entry(image, documents, [&](const Entry& entry, std::span<const Fact> facts) {
    look(image, entry, facts);
  });
}

void promise(bool holds, const std::string& what) {
  if (!holds) throw Broken(what);
}

}  // namespace copse::tests
