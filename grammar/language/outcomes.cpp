#include "grammar/language/outcomes.hpp"

#include "grammar/language/fault_place.hpp"
#include "grammar/language/refused_values.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace copse::grammar::language {
namespace {

// Of a word that is near `cpu` and means something else.
constexpr std::string_view gpu_help =
    "GPUs are asked for in the pod template: choose one by `template`";

std::string_view form(engine::Field field) {
  switch (field) {
    case engine::Field::cpu:
      return "write `cpu 2` or `cpu 500m..2`";
    case engine::Field::memory:
      return "write `memory 16Gi` or `memory 8Gi..16Gi`";
    case engine::Field::storage:
      return "write `storage 100Gi`";
    case engine::Field::label:
      return "write `label \"team\" = \"search\"` or `label \"team\" = tags.team else \"none\"`";
    case engine::Field::annotation:
      return "write `annotation \"owner\" = \"search\"`";
    case engine::Field::node:
      return "write `node \"disk\" = \"nvme\"`";
    case engine::Field::tolerate:
      return "write `tolerate \"spot\" = \"true\": NoSchedule`";
    case engine::Field::env:
      return "write `env \"FAST_TMP\" = \"/nvme\"`";
    case engine::Field::java_opts:
      return "write `javaOpts \"-Xmx8g\"`";
    case engine::Field::priority_class:
      return "write `priorityClass \"batch\"`";
    case engine::Field::deadline:
      return "write `deadline 4h`";
    case engine::Field::grace:
      return "write `grace 30s`";
    case engine::Field::namespace_name:
      break;
  }
  return "write `namespace \"druid\"`";
}

}  // namespace

void Outcomes::allow(const statement::Allow& statement) {
  for (std::uint32_t i = statement.first; i < statement.first + statement.count; ++i) {
    const std::string_view word = spelled(source_, file_.words[i]);
    if (const auto field = engine::field_named(word)) {
      allowed_.insert(*field);
      continue;
    }
    std::vector<std::string_view> known;
    for (std::size_t f = 0; f < engine::field_count; ++f)
      known.push_back(engine::name(static_cast<engine::Field>(f)));
    std::string all;
    for (const std::string_view each : known) all += (all.empty() ? "" : ", ") + std::string(each);
    const std::string_view near = word == "gpu" ? "" : engine::nearest(word, known);
    complaints_.suggest(
        complaints_.say("P0545", file_.words[i],
                        "a rule cannot override `" + std::string(word) + "`",
                        word == "gpu"  ? std::string(gpu_help)
                        : near.empty() ? all
                                       : "did you mean `" + std::string(near) + "`?"),
        file_.words[i], near);
    // What was meant is not complained about again.
    if (const auto meant = engine::field_named(near)) allowed_.insert(*meant);
  }
}

void Outcomes::declare(const std::string& name, const statement::Profile& profile) {
  Placed placed;
  for (std::uint32_t i = profile.block.first; i < profile.block.first + profile.block.count; ++i)
    take(file_.settings[i], Where::profile, placed);
  for (engine::Override& each : placed.overrides) each.profile = name;
  profiles_[name] = std::move(placed.overrides);
}

std::optional<Placed> Outcomes::read(const Block& block) {
  Placed placed;
  bool is_sound = true;
  for (std::uint32_t i = block.first; i < block.first + block.count; ++i)
    is_sound = take(file_.settings[i], Where::rule, placed) && is_sound;
  for (const engine::Override& each : placed.overrides) is_sound = is_allowed(each) && is_sound;
  return is_sound ? std::optional(std::move(placed)) : std::nullopt;
}

std::optional<Placed> Outcomes::expected(const Setting& setting) {
  Placed placed;
  return take(setting, Where::test, placed) ? std::optional(std::move(placed)) : std::nullopt;
}

bool Outcomes::is_allowed(const engine::Override& made) {
  if (allowed_.contains(made.field)) return true;
  if (!refused_.insert(made.field).second) return false;  // once told
  const std::string field(engine::name(made.field));
  std::string all;
  for (const std::set<engine::Field>& some : {allowed_, refused_}) {
    for (const engine::Field each : some)
      all += (all.empty() ? "" : ", ") + std::string(engine::name(each));
  }
  complaints_.say(
      "P0538", made.span, "the policy does not allow to override `" + field + "`",
      (allowed_.empty() ? "add the line: allow override " : "add it to the line: allow override ") +
          all,
      made.profile.empty() ? "" : "said in profile `" + made.profile + "`");
  return false;
}

bool Outcomes::take(const Setting& setting, Where where, Placed& to) {
  const std::string_view word = spelled(source_, setting.keyword);
  if (word == "use" && where == Where::rule) return use(setting, to);
  if ((word == "template" || word == "runner") && where != Where::profile) {
    const bool is_template = word == "template";
    if (is_template ? to.template_key.has_value() : to.runner.has_value()) {
      complaints_.say("P0528", setting.span, "`" + std::string(word) + "` is said twice",
                      "leave one of them out");
      return false;
    }
    return is_template ? take_template(setting, to) : take_runner(setting, to);
  }
  const auto field = engine::field_named(word);
  if (!field) return unknown(setting, where);
  auto made = override_of(setting, *field);
  return made && add(std::move(*made), to);
}

bool Outcomes::use(const Setting& setting, Placed& to) {
  const auto name = single(setting, "write `use` and the name of a profile");
  if (!name) return false;
  const auto found = profiles_.find(*name);
  if (found == profiles_.end()) {
    std::vector<std::string_view> known;
    for (const auto& [each, ignored] : profiles_) known.push_back(each);
    const std::string_view near = engine::nearest(*name, known);
    const Span span = setting.key.kind == Value::Kind::literal
                          ? file_.literals[setting.key.index].span
                          : file_.operands[setting.key.index].span;
    complaints_.suggest(complaints_.say("P0544", span, "there is no profile `" + *name + "`",
                                        near.empty() ? "add `profile " + *name + " { … }`"
                                                     : "did you mean `" + std::string(near) + "`?"),
                        span, std::string(near));
    return false;
  }
  bool is_sound = true;
  for (engine::Override each : found->second) {
    each.span = setting.span;
    is_sound = add(std::move(each), to) && is_sound;
  }
  return is_sound;
}

// What is said twice has to be said alike.
bool Outcomes::add(engine::Override made, Placed& to) {
  const auto same =
      std::find_if(to.overrides.begin(), to.overrides.end(),
                   [&](const engine::Override& each) { return engine::same_target(each, made); });
  if (same == to.overrides.end()) {
    to.overrides.push_back(std::move(made));
    return true;
  }
  if (engine::is_alike(*same, made) && same->attribute == made.attribute) return true;
  const auto said = [](const engine::Override& each) {
    return "`" + in_words(each) + "`" +
           (each.profile.empty() ? "" : " of profile `" + each.profile + "`");
  };
  complaints_.because(
      complaints_.say("P0528", made.span, said(made) + " contradicts " + said(*same),
                      "leave one of them out"),
      same->span, "said first");
  return false;
}

std::optional<engine::Override> Outcomes::override_of(const Setting& setting, engine::Field field) {
  engine::Override made;
  made.field = field;
  made.span = setting.span;
  bool is_sound = false;
  switch (field) {
    case engine::Field::cpu:
    case engine::Field::memory:
    case engine::Field::storage:
      is_sound = take_amounts(setting, made);
      break;
    case engine::Field::label:
    case engine::Field::annotation:
    case engine::Field::node:
    case engine::Field::tolerate:
    case engine::Field::env:
      is_sound = take_keyed(setting, made);
      break;
    default: {
      const bool is_alone =
          setting.value.kind == Value::Kind::none && setting.upper.kind == Value::Kind::none;
      const auto text = is_alone ? word(setting.key) : std::nullopt;
      made.value = text.value_or("");
      is_sound = text.has_value();
      if (!is_sound)
        complaints_.say("P0529", setting.span,
                        "`" + std::string(engine::name(field)) + "` takes one value",
                        std::string(form(field)));
    }
  }
  if (!is_sound) return std::nullopt;
  // A value of the task is looked at when it is there; until then what stands behind `else`.
  if (const auto fault = engine::fault_of(made)) {
    refuse(setting, made, *fault);
    return std::nullopt;
  }
  return made;
}

// A value that Kubernetes would refuse is told of where it stands.
void Outcomes::refuse(const Setting& setting, const engine::Override& made, std::string why) {
  using Part = RefusedValue::Part;
  const bool is_range = setting.upper.kind != Value::Kind::none;
  const RefusedValue refused = refused_value(made, is_range);
  const Value& value = refused.part == Part::value   ? setting.value
                       : refused.part == Part::upper ? setting.upper
                                                     : setting.key;
  Span span = span_of(value);
  if (refused.part == Part::range) span.end = span_of(setting.upper).end;
  const std::string meant = refused.meant.empty() ? "" : as_spelled(value, refused.meant);
  complaints_.suggest(
      complaints_.say(
          "P0539", span, "`" + std::string(engine::name(made.field)) + "` cannot be set to this",
          meant.empty() ? refused.help : "did you mean `" + meant + "`?", std::move(why)),
      span, meant);
}

// What is looked at of a value: of one that the task may lack what stands behind `else`.
Span Outcomes::span_of(const Value& value) const {
  if (value.kind == Value::Kind::literal) return file_.literals[value.index].span;
  const Operand& operand = file_.operands[value.index];
  return operand.otherwise ? file_.literals[*operand.otherwise].span : operand.span;
}

// `text` in the place of `value`, in quotes where that has them and they are needed: names are
// texts, and in the JSON form what is a text stays one.
std::string Outcomes::as_spelled(const Value& value, const std::string& text) const {
  const bool is_text = spelled(source_, span_of(value)).starts_with('"');
  const bool is_number = digits.contains(text.front());
  return is_text && (!is_number || source_.original) ? "\"" + text + "\"" : text;
}

bool Outcomes::take_amounts(const Setting& setting, engine::Override& made) {
  const auto request = word(setting.key);
  const bool has_limit = setting.upper.kind != Value::Kind::none;
  const auto limit = has_limit ? word(setting.upper) : request;
  if (request && limit && setting.value.kind == Value::Kind::none) {
    made.value = *request;
    made.upper = *limit;
    return true;
  }
  complaints_.say("P0529", setting.span,
                  "`" + std::string(engine::name(made.field)) + "` takes an amount, or two",
                  std::string(form(made.field)));
  return false;
}

bool Outcomes::take_keyed(const Setting& setting, engine::Override& made) {
  const bool is_toleration = made.field == engine::Field::tolerate;
  const auto key = word(setting.key);
  const bool has_value = setting.value.kind != Value::Kind::none;
  const bool has_upper = setting.upper.kind != Value::Kind::none;
  if (!key || (!has_value && !is_toleration) || (has_upper && !is_toleration)) {
    complaints_.say("P0529", setting.span,
                    "`" + std::string(engine::name(made.field)) + "` takes a key and a value",
                    std::string(form(made.field)));
    return false;
  }
  made.key = *key;
  if (has_upper) made.upper = word(setting.upper).value_or("");
  return !has_value || take_value(setting.value, made);
}

bool Outcomes::take_value(const Value& value, engine::Override& made) {
  if (value.kind == Value::Kind::literal) {
    made.value = literal_text(source_, file_.literals[value.index]);
    return true;
  }
  const Operand& operand = file_.operands[value.index];
  auto asked = ask(source_, operand.name, attributes_, complaints_);
  if (!asked) return false;
  if (operand.otherwise) {
    made.value = literal_text(source_, file_.literals[*operand.otherwise]);
  } else if (asked->may_be_absent || operand.may_be_absent) {
    complaints_.say("P0521", operand.span,
                    "`" + asked->attribute->name + "` may be absent, and nothing says what then",
                    "write `" + asked->attribute->name + " else \"…\"`");
    return false;
  }
  made.attribute = *asked->attribute;
  if (asked->type == Type::any) made.attribute->type = engine::ValueType::scalar;
  return true;
}

// A bare word, a text or a number.
std::optional<std::string> Outcomes::word(const Value& value) {
  if (value.kind == Value::Kind::operand) {
    const Operand& operand = file_.operands[value.index];
    if (!operand.may_be_absent && !operand.otherwise)
      return std::string(spelled(source_, operand.span));
  }
  if (value.kind != Value::Kind::literal) return std::nullopt;
  const Literal& literal = file_.literals[value.index];
  if (literal.kind != LiteralKind::text && literal.kind != LiteralKind::number) return std::nullopt;
  return literal_text(source_, literal);
}

std::optional<std::string> Outcomes::single(const Setting& setting, std::string_view help) {
  const bool is_alone =
      setting.value.kind == Value::Kind::none && setting.upper.kind == Value::Kind::none;
  const bool is_number = setting.key.kind == Value::Kind::literal &&
                         file_.literals[setting.key.index].kind == LiteralKind::number;
  if (auto text = word(setting.key); is_alone && text && !is_number) return text;
  complaints_.say("P0529", setting.span, "one name is wanted here", std::string(help));
  return std::nullopt;
}

bool Outcomes::take_template(const Setting& setting, Placed& to) {
  to.template_key = single(setting, "write `template \"large\"`");
  if (setting.key.kind == Value::Kind::literal)
    to.template_span = file_.literals[setting.key.index].span;
  if (setting.key.kind == Value::Kind::operand)
    to.template_span = file_.operands[setting.key.index].span;
  return to.template_key.has_value();
}

bool Outcomes::take_runner(const Setting& setting, Placed& to) {
  const auto name = single(setting, "write `runner k8s` or `runner worker`");
  if (!name) return false;
  to.runner = *name == "worker" ? engine::Runner::worker : engine::Runner::k8s;
  if (*name == "worker" || *name == "k8s") return true;
  const std::string small = lower(*name);
  const std::string_view near =
      small.starts_with("k8") || small.starts_with("kube")
          ? "k8s"
          : engine::nearest(small, std::vector<std::string_view>{"worker", "k8s"});
  const Span span = span_of(setting.key);
  const std::string meant = near.empty() ? "" : as_spelled(setting.key, std::string(near));
  complaints_.suggest(
      complaints_.say("P0530", span, "there is no runner `" + *name + "`",
                      meant.empty() ? "k8s or worker" : "did you mean `" + meant + "`?"),
      span, meant);
  return false;
}

bool Outcomes::unknown(const Setting& setting, Where where) {
  const std::string_view word = spelled(source_, setting.keyword);
  std::vector<std::string_view> words(outcome_words.begin(), outcome_words.end());
  if (where == Where::test) {
    std::erase(words, "use");
    words.insert(words.begin(), {"rule", "error"});
  }
  const bool is_known =
      std::find(outcome_words.begin(), outcome_words.end(), word) != outcome_words.end();
  if (is_known) {
    complaints_.say("P0529", setting.keyword, "`" + std::string(word) + "` does not belong here",
                    "profiles hold overrides; a rule says template and runner, and uses profiles");
    return false;
  }
  const std::string_view near = word == "gpu" ? "" : engine::nearest(word, words);
  std::string all;
  for (const std::string_view each : words) all += (all.empty() ? "" : ", ") + std::string(each);
  complaints_.suggest(
      complaints_.say("P0529", setting.keyword, "there is no outcome `" + std::string(word) + "`",
                      word == "gpu"  ? std::string(gpu_help)
                      : near.empty() ? all
                                     : "did you mean `" + std::string(near) + "`?"),
      setting.keyword, near);
  return false;
}

}  // namespace copse::grammar::language
