#pragma once
// What the JSON form of the language is, for those who read it and those who write it.
//
// One object: its version, and the statements in the order in which they stand.
//
//   {"copse": 1, "statements": [STATEMENT…]}
//
//   STATEMENT  {"policy": "pools"}
//              {"templates": "../templates"}
//              {"allow": ["cpu", "memory"]}
//              {"attribute": "rows", "type": "integer", "path": "spec.tuningConfig.rows"}
//              {"list": "vip", "items": [LITERAL…]}
//              {"profile": "nvme", "outcomes": [OUTCOME…]}
//              {"rule": "vip", "when": CONDITION, "outcomes": [OUTCOME…]}   always, without `when`
//              {"default": [OUTCOME…]}
//              {"test": "vip", "task": {…}, "now": "2026-11-24T23:00:00+01:00", "canary": true,
//               "expect": [OUTCOME…]}   also {"rule": "vip"}, {"error": "label"}, {"error": true}
//   OUTCOME    {"template": "large"}   {"runner": "worker"}   {"use": "nvme"}
//              {"cpu": 2, "limit": 4}   {"memory": {"number": "16Gi"}}
//              {"label": "team", "value": VALUE}
//              {"tolerate": "spot", "value": "true", "effect": "NoSchedule"}
//   CONDITION  {"all": [CONDITION…]}   {"any": [CONDITION…]}   {"not": CONDITION}   true   false
//              {"attribute": PATH, "==": LITERAL}                also != < <= > >=
//              {"attribute": PATH, "else": LITERAL, "==": LITERAL}
//              {"attribute": PATH, "in": [LITERAL…]}   {"attribute": PATH, "in": {"list": "vip"}}
//              {"attribute": PATH, "like": {"glob": "search_*"}}   {"has": PATH}
//              {"canary": {"salt": "java21", "share": "5%", "of": PATH}}
//              {"within": {"from": "22:00", "to": "06:00", "zone": "Europe/Berlin"}}
//              {"on": {"days": ["sat", "sun"], "zone": "Europe/Berlin"}}
//   PATH       "type", "tags.team", and "tags.team?", which is false when the tag is absent
//   LITERAL    "a text"   75   1.5   true   {"number": "10m"}   {"glob": "a*"}   {"regex": "a.*"}
//              {"clock": "22:00"}
//   VALUE      LITERAL   {"attribute": PATH, "else": LITERAL}
//
// A plain text is always a text: numbers with units and patterns stand in an object that says so.
// Only where nothing else may stand (a share, a time of day, a runner, a profile) a text is one.
// `{"runner": {"text": "k8s"}}` and `{"template": {"word": "large"}}` are `runner "k8s"` and
// `template large`, which mean the same as without.
//
// Among statements and outcomes a text is a line: `""` a blank one, `"# why"` a comment. A comment
// behind a statement or an outcome is its member "comment".

#include "grammar/language/parse.hpp"

#include <cstdint>

namespace copse::grammar::json_form {

/// The version that is written and read.
inline constexpr std::uint32_t version = 1;

/// Conditions within each other: what the language takes, where between two `all`s without
/// parentheses an `any` may stand.
inline constexpr std::uint32_t nesting_limit = 2 * language::nesting_limit + 1;

}  // namespace copse::grammar::json_form
