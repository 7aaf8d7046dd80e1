#include "runner/lsp/words.hpp"

#include <array>

namespace copse::runner::lsp {
namespace {

using Kind = Word::Kind;

constexpr std::array statements{
    Word{"policy", "`policy \"name\"`: the name appears in every decision"},
    Word{"templates", "`templates from \"folder\"`: each `NAME.yaml` is a template"},
    Word{"allow", "`allow override cpu, memory`: what rules may change in a template"},
    Word{"attribute", "`attribute rows: integer = spec.tuningConfig.maxRowsPerSegment`"},
    Word{"list", "`list vip = [\"a\", glob\"b_*\"]`"},
    Word{"profile", "`profile nvme { node \"disk\" = \"nvme\" }`: overrides under one name"},
    Word{"rule", "`rule \"name\" when CONDITION { OUTCOMES }`: the first that matches wins"},
    Word{"default", "`default { template \"base\" }`: ends the policy"},
    Word{"test", "`test \"name\" { task { … } expect rule \"…\" }`"}};

constexpr std::array attributes{
    Word{"type", "text, always there: the task's type"},
    Word{"id", "text, always there: the task's id"},
    Word{"groupId", "text: the task's group; the id where it has none"},
    Word{"dataSource", "text: absent, it is in no list"},
    Word{"supervisorId", "text, may be absent"},
    Word{"priority",
         "integer: of the context, else Druid's default for the type (75 streaming, 50 "
         "batch, 25 compaction, else 0)"},
    Word{"requiredCapacity", "integer: slots that the task takes, 1 by default"},
    Word{"attempt", "integer: how often the task was tried, from 1"},
    Word{"payload", "quantity: bytes of the task's document"},
    Word{"tags.", "text, may be absent: `context.tags.NAME`"},
    Word{"context.", "as compared, may be absent: `context.NAME`"}};

constexpr std::array conditions{
    Word{"not", "the other way round"}, Word{"has", "`has tags.team`: whether it is there"},
    Word{"canary", "`canary(\"salt\", 5%)`: a share of the tasks, the same ones each time"},
    Word{"within", "`within 22:00..06:00 \"Europe/Berlin\"`: by the clock of a zone"},
    Word{"on", "`on sat, sun \"Europe/Berlin\"`"}};

constexpr std::array questions{
    Word{"in", "`type in [\"a\", \"b\"]` or `type in LIST`"},
    Word{"like", "`dataSource like glob\"a*\"` or `re\"a.*\"`: the whole text"},
    Word{"else", "`tags.team else \"none\"`: a value when it is absent"}};

constexpr std::array connectives{Word{"and", "both"}, Word{"or", "one of them, or both"}};

constexpr std::array when{Word{"when", "begins a rule's condition"}};

constexpr std::array otherwise{questions.back()};

// The first two and the last one are no overrides; a test expects no profile.
constexpr std::array outcomes{
    Word{"template", "`template \"large\"`"},
    Word{"runner", "`runner k8s` or `runner worker`"},
    Word{"cpu", "`cpu 2` or `cpu 500m..2`: request and limit"},
    Word{"memory", "`memory 8Gi..16Gi`: request and limit"},
    Word{"storage", "`storage 100Gi`: of ephemeral-storage"},
    Word{"label", "`label \"team\" = tags.team else \"none\"`: on Job and pod"},
    Word{"annotation", "`annotation \"owner\" = \"search\"`: on Job and pod"},
    Word{"node", "`node \"disk\" = \"nvme\"`: a node selector"},
    Word{"tolerate", "`tolerate \"spot\" = \"true\": NoSchedule`"},
    Word{"env", "`env \"LEVEL\" = \"debug\"`: of the first container"},
    Word{"javaOpts", "`javaOpts \"-Xmx8g\"`: JAVA_OPTS of the first container"},
    Word{"priorityClass", "`priorityClass \"batch\"`"},
    Word{"deadline", "`deadline 4h`: the Job is ended then"},
    Word{"grace", "`grace 30s`: between SIGTERM and SIGKILL"},
    Word{"namespace", "`namespace \"druid\"`"},
    Word{"use", "`use PROFILE`"}};

constexpr std::array test_lines{
    Word{"task", "`task { \"type\": \"index_parallel\" }`: the task that is decided, as JSON"},
    Word{"now", "`now \"2026-11-24T23:00:00+01:00\"`: when it is decided"},
    Word{"canary", "`canary on` or `canary off`: whether it belongs to each share"},
    Word{"expect", "`expect rule \"vip\"`: what is to come out"}};

constexpr std::array expectations{
    Word{"rule", "`rule \"vip\"`: that it wins; or `rule \"default\"`"},
    Word{"error", "`error` or `error \"text\"`: that the task fails, with that in what is said"}};

constexpr std::array types{
    Word{"text", "a text"},
    Word{"integer", "a whole number"},
    Word{"decimal", "a number"},
    Word{"boolean", "true or false"},
    Word{"duration", "Druid's milliseconds, or ISO 8601: compared with `10m`"},
    Word{"quantity", "as Kubernetes has them: compared with `500m`, `16Gi`"},
    Word{"interval", "intervals: `NAME.count` and `NAME.length` are compared"}};

constexpr std::array days{Word{"mon", "Monday"},   Word{"tue", "Tuesday"}, Word{"wed", "Wednesday"},
                          Word{"thu", "Thursday"}, Word{"fri", "Friday"},  Word{"sat", "Saturday"},
                          Word{"sun", "Sunday"}};

constexpr std::array runners{Word{"k8s", "as a Job"}, Word{"worker", "on a middle manager"}};

constexpr std::array effects{Word{"NoSchedule", "no pod without this toleration is placed there"},
                             Word{"PreferNoSchedule", "none is, as long as there is another place"},
                             Word{"NoExecute", "and those that are there have to go"}};

constexpr std::array switches{Word{"on", "the task belongs to each share"},
                              Word{"off", "it belongs to none, as unsaid"}};

constexpr std::array from{Word{"from", "`templates from \"folder\"`"}};

constexpr std::array override_word{Word{"override", "`allow override cpu, memory`"}};

}  // namespace

std::vector<Words> words_of(Slot slot) {
  const std::span<const Word> all(outcomes);
  const Words expected{Kind::keyword, all.first(all.size() - 1)};
  switch (slot) {
    case Slot::statement:
      return {{Kind::keyword, statements}};
    case Slot::from:
      return {{Kind::keyword, from}};
    case Slot::override_word:
      return {{Kind::keyword, override_word}};
    case Slot::field:
      return {{Kind::keyword, all.subspan(2, all.size() - 3)}};
    case Slot::type:
      return {{Kind::value, types}};
    case Slot::when:
      return {{Kind::keyword, when}};
    case Slot::condition:
      return {{Kind::attribute, attributes}, {Kind::keyword, conditions}};
    case Slot::question:
      return {{Kind::keyword, questions}};
    case Slot::attribute:
      return {{Kind::attribute, attributes}};
    case Slot::connective:
      return {{Kind::keyword, connectives}};
    case Slot::day:
      return {{Kind::value, days}};
    case Slot::outcome:
      return {{Kind::keyword, outcomes}};
    case Slot::runner:
      return {{Kind::value, runners}};
    case Slot::otherwise:
      return {{Kind::keyword, otherwise}};
    case Slot::effect:
      return {{Kind::value, effects}};
    case Slot::test_line:
      return {{Kind::keyword, test_lines}};
    case Slot::test_more:
      return {{Kind::keyword, test_lines}, {Kind::keyword, expectations}, expected};
    case Slot::expectation:
      return {{Kind::keyword, expectations}, expected};
    case Slot::on_or_off:
      return {{Kind::value, switches}};
    case Slot::nothing:
    case Slot::new_name:
    case Slot::new_rule:
    case Slot::list:
    case Slot::template_key:
    case Slot::profile:
    case Slot::expected_rule:
      break;
  }
  return {};
}

const Word* find_word(Slot slot, std::string_view spelled) {
  const std::size_t dot = spelled.find('.');
  for (const Words& group : words_of(slot)) {
    for (const Word& each : group.words) {
      const bool is_prefix = each.spelled.ends_with('.');  // `tags.`
      if (each.spelled == spelled || (is_prefix && each.spelled == spelled.substr(0, dot + 1)))
        return &each;
    }
  }
  return nullptr;
}

}  // namespace copse::runner::lsp
