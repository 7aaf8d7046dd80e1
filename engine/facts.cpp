#include "engine/facts.hpp"

#include "engine/fact_values.hpp"
#include "engine/table.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include <simdjson.h>

namespace copse::engine {
namespace {

namespace od = simdjson::ondemand;

constexpr std::uint32_t no_slot = 0xFFFF'FFFF;

// One member name on the way to attributes.
struct Step {
  AtomTable names;                      // of the children
  std::vector<std::uint32_t> children;  // by atom of `names`
  std::vector<std::uint32_t> slots;     // the attributes that end here
};

// The trie of all demanded paths; step 0 is the document.
std::vector<Step> demand(const std::vector<Attribute>& attributes) {
  struct Draft {
    std::vector<std::string> names;
    std::vector<std::uint32_t> children;
    std::vector<std::uint32_t> slots;
  };

  std::vector<Draft> drafts(1);
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    std::uint32_t at = 0;
    for (const std::string& name : attributes[i].path) {
      const auto found = std::find(drafts[at].names.begin(), drafts[at].names.end(), name);
      if (found != drafts[at].names.end()) {
        at = drafts[at].children[static_cast<std::size_t>(found - drafts[at].names.begin())];
        continue;
      }
      const auto next = static_cast<std::uint32_t>(drafts.size());
      drafts[at].names.push_back(name);
      drafts[at].children.push_back(next);
      drafts.emplace_back();
      at = next;
    }
    if (!attributes[i].path.empty()) drafts[at].slots.push_back(static_cast<std::uint32_t>(i));
  }
  std::vector<Step> steps;
  steps.reserve(drafts.size());
  for (Draft& draft : drafts) {
    steps.push_back(
        {AtomTable::build(draft.names), std::move(draft.children), std::move(draft.slots)});
  }
  return steps;
}

// The first quote or backslash from `at` on; eight bytes a step, which the document's padding
// allows.
const char* name_end(const char* at) {
  constexpr std::uint64_t ones = 0x0101010101010101ULL;
  constexpr std::uint64_t highs = 0x8080808080808080ULL;
  const auto zeros = [](std::uint64_t word) { return (word - ones) & ~word & highs; };
  for (;; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    const std::uint64_t hits = zeros(word ^ (ones * '"')) | zeros(word ^ (ones * '\\'));
    if (hits != 0) return at + std::countr_zero(hits) / 8;
  }
}

// The member's name; unescaped only where it has an escape. A document's padding holds the scan.
simdjson::error_code key_of(simdjson::simdjson_result<od::field>& field, std::string_view& key) {
  od::raw_json_string raw;
  if (const auto error = field.key().get(raw)) return error;
  const char* end = name_end(raw.raw());
  if (*end == '\\') return field.unescaped_key().get(key);
  key = {raw.raw(), static_cast<std::size_t>(end - raw.raw())};
  return simdjson::SUCCESS;
}

// Where submitted specs keep the datasource; the Overlord itself always writes it at the top level.
constexpr std::array<std::string_view, 3> in_spec{"spec", "dataSchema", "dataSource"};
constexpr std::array<std::string_view, 3> in_destination{"spec", "destination", "dataSource"};
constexpr std::array<std::string_view, 2> in_schema{"dataSchema", "dataSource"};
constexpr std::array<std::span<const std::string_view>, 3> data_source_places{
    in_spec, in_destination, in_schema};

}  // namespace

struct FactReader::State {
  std::vector<Attribute> attributes;  // the asked ones, then what others are filled in from
  std::vector<ValueType> types;       // as what each is read: a canary counts a text
  std::size_t asked = 0;
  std::vector<Step> steps;
  std::vector<Fact> facts;
  std::vector<bool> seen;  // by step: a member that came before counts
  std::uint32_t data_source_slot = no_slot;
  std::uint32_t type_slot = no_slot;
  std::uint32_t id_slot = no_slot;
  std::vector<std::uint32_t> completed;       // slots that have a value when the document has none
  std::vector<std::uint32_t> circumstantial;  // slots that are no members
  std::vector<std::optional<Zone>> zones;     // by slot, where any asks the clock
  od::parser parser;
  od::parser elsewhere;  // apart, so that texts of the first walk stay valid
  std::string padded;

  explicit State(const std::vector<Attribute>& asked_for);

  std::uint32_t slot_of(const Attribute& attribute);
  simdjson::error_code walk(od::object object, std::uint32_t at);
  simdjson::error_code take(od::value value, std::uint32_t at);
  simdjson::error_code take_intervals(od::array values, std::uint32_t at);
  void mark_ill_typed(std::uint32_t at);
  void mark_below(std::uint32_t at);
  void fill(const Circumstances& circumstances, std::size_t size);
  [[nodiscard]] Fact clock(std::uint32_t slot, std::optional<Instant> now) const;
  void find_data_source(simdjson::padded_string_view text);
  std::optional<std::string_view> text_elsewhere(simdjson::padded_string_view text,
                                                 std::span<const std::string_view> path);
};

// The slot of an attribute; one that nobody asked for is added behind.
std::uint32_t FactReader::State::slot_of(const Attribute& attribute) {
  const auto at = std::find(attributes.begin(), attributes.end(), attribute);
  const auto slot = static_cast<std::uint32_t>(at - attributes.begin());
  if (at == attributes.end()) attributes.push_back(attribute);
  return slot;
}

FactReader::State::State(const std::vector<Attribute>& asked_for)
    : attributes(asked_for), asked(asked_for.size()) {
  for (std::uint32_t slot = 0; slot < asked; ++slot) {
    const Attribute each = attributes[slot];
    const bool is_canary = each.origin == Origin::canary;
    const bool by_group =
        each == group_id_attribute() || (is_canary && each.path == group_id_attribute().path);
    const bool by_source = is_canary && each.path == data_source_attribute().path;
    if (by_group || by_source || each == priority_attribute() ||
        each == required_capacity_attribute())
      completed.push_back(slot);
    if (each == data_source_attribute() || by_source)
      data_source_slot = slot_of(data_source_attribute());
    if (by_group) id_slot = slot_of(id_attribute());
    if (each == priority_attribute()) type_slot = slot_of(type_attribute());
    if (each.origin != Origin::member) circumstantial.push_back(slot);
    if (each.origin != Origin::time_of_day && each.origin != Origin::weekday) continue;
    zones.resize(asked);
    zones[slot] = Zone::named(each.argument);
  }
  for (const Attribute& each : attributes)
    types.push_back(each.origin == Origin::canary ? ValueType::text : each.type);
  steps = demand(attributes);
  facts.resize(attributes.size());
  seen.resize(steps.size());
}

// There is a value, and it is of no type that is asked for.
void FactReader::State::mark_ill_typed(std::uint32_t at) {
  for (const std::uint32_t slot : steps[at].slots) {
    facts[slot].state = types[slot] == ValueType::any ? Fact::State::text : Fact::State::ill_typed;
  }
}

// The path leads through it, and it is no object. The depth of this recursion is the length of a
// path in the policy: at most path_limit in any grammar.
void FactReader::State::mark_below(std::uint32_t at) {
  for (const std::uint32_t child : steps[at].children) {
    for (const std::uint32_t slot : steps[child].slots) {
      if (types[slot] != ValueType::any) facts[slot].state = Fact::State::ill_typed;
    }
    mark_below(child);
  }
}

simdjson::error_code FactReader::State::take(od::value value, std::uint32_t at) {
  const Step& step = steps[at];
  od::json_type type{};
  if (const auto error = value.type().get(type)) return error;
  if (type == od::json_type::null) return simdjson::SUCCESS;
  if (type == od::json_type::string && !step.slots.empty()) {
    std::string_view text;
    if (const auto error = value.get_string().get(text)) return error;
    mark_below(at);
    for (const std::uint32_t slot : step.slots) facts[slot] = fact_of_text(types[slot], text);
    return simdjson::SUCCESS;
  }
  mark_ill_typed(at);
  if (type == od::json_type::object && !step.children.empty()) {
    od::object object;
    if (const auto error = value.get_object().get(object)) return error;
    return walk(object, at);
  }
  mark_below(at);
  if (type == od::json_type::number) {
    std::string_view spelled = value.raw_json_token();
    spelled = spelled.substr(0, spelled.find_last_not_of(" \t\r\n") + 1);
    for (const std::uint32_t slot : step.slots) facts[slot] = fact_of_number(types[slot], spelled);
    return simdjson::SUCCESS;
  }
  if (type == od::json_type::boolean) {
    bool is_true = false;
    if (const auto error = value.get_bool().get(is_true)) return error;
    for (const std::uint32_t slot : step.slots) {
      if (types[slot] == ValueType::boolean) facts[slot] = number_fact(is_true ? 1 : 0);
    }
    return simdjson::SUCCESS;
  }
  const bool counts = std::any_of(step.slots.begin(), step.slots.end(),
                                  [&](std::uint32_t slot) { return is_interval(types[slot]); });
  if (type != od::json_type::array || !counts) return simdjson::SUCCESS;
  od::array values;
  if (const auto error = value.get_array().get(values)) return error;
  return take_intervals(values, at);
}

// One element that is no interval makes the list ill-typed.
simdjson::error_code FactReader::State::take_intervals(od::array values, std::uint32_t at) {
  std::int64_t count = 0;
  std::int64_t length = 0;
  for (auto each : values) {
    od::value value;
    if (const auto error = each.get(value)) return error;
    std::string_view text;
    if (value.get_string().get(text)) return simdjson::SUCCESS;
    const auto millis = interval_millis(text);
    if (!millis) return simdjson::SUCCESS;
    ++count;
    length = *millis > largest_number.whole - length ? largest_number.whole : length + *millis;
  }
  for (const std::uint32_t slot : steps[at].slots) {
    if (!is_interval(types[slot])) continue;
    facts[slot] = number_fact(types[slot] == ValueType::interval_count ? count : length);
  }
  return simdjson::SUCCESS;
}

Fact FactReader::State::clock(std::uint32_t slot, std::optional<Instant> now) const {
  if (!now || !zones[slot]) return {};
  const WallClock shown = zones[slot]->at(*now);
  const bool is_day = attributes[slot].origin == Origin::weekday;
  return number_fact(is_day ? shown.weekday : shown.minute);
}

// What no member says.
void FactReader::State::fill(const Circumstances& circumstances, std::size_t size) {
  for (const std::uint32_t slot : completed) {
    Fact& fact = facts[slot];
    if (attributes[slot] == priority_attribute()) {
      if (fact.state != Fact::State::number)
        fact = number_fact(default_priority(facts[type_slot].text));
    } else if (fact.state == Fact::State::absent) {
      const bool is_capacity = attributes[slot] == required_capacity_attribute();
      const bool by_source = attributes[slot].path == data_source_attribute().path;
      fact = is_capacity ? number_fact(1) : facts[by_source ? data_source_slot : id_slot];
    }
  }
  for (const std::uint32_t slot : circumstantial) {
    Fact& fact = facts[slot];
    switch (attributes[slot].origin) {
      case Origin::size:
        fact = number_fact(static_cast<std::int64_t>(size));
        break;
      case Origin::attempt:
        fact = number_fact(circumstances.attempt);
        break;
      case Origin::time_of_day:
      case Origin::weekday:
        fact = clock(slot, circumstances.now);
        break;
      case Origin::canary:
        if (circumstances.canary)
          fact = number_fact(*circumstances.canary ? 0 : share_unit);
        else if (fact.state == Fact::State::text)
          fact.state = Fact::State::counted;
        break;
      case Origin::member:
        break;
    }
  }
}

simdjson::error_code FactReader::State::walk(od::object object, std::uint32_t at) {
  const Step& step = steps[at];
  std::size_t wanted = step.children.size();
  for (auto field : object) {
    std::string_view key;
    if (const auto error = key_of(field, key)) return error;
    const Atom name = step.names.find(key);
    if (name == Atom::other) continue;
    const std::uint32_t child = step.children[std::to_underlying(name) - first_listed_atom];
    if (seen[child]) continue;
    seen[child] = true;
    od::value value;
    if (const auto error = field.value().get(value)) return error;
    if (const auto error = take(value, child)) return error;
    if (--wanted == 0) break;
  }
  return simdjson::SUCCESS;
}

std::optional<std::string_view> FactReader::State::text_elsewhere(
    simdjson::padded_string_view text, std::span<const std::string_view> path) {
  od::document document;
  od::object object;
  if (elsewhere.iterate(text).get(document) || document.get_object().get(object))
    return std::nullopt;
  for (const std::string_view name : path.first(path.size() - 1)) {
    od::object inner;
    if (object.find_field_unordered(name).get_object().get(inner)) return std::nullopt;
    object = inner;
  }
  std::string_view found;
  if (object.find_field_unordered(path.back()).get_string().get(found)) return std::nullopt;
  return found;
}

void FactReader::State::find_data_source(simdjson::padded_string_view text) {
  Fact& fact = facts[data_source_slot];
  for (const auto& place : data_source_places) {
    if (const auto found = text_elsewhere(text, place)) {
      fact = {Fact::State::text, *found};
      return;
    }
  }
  constexpr std::array<std::string_view, 1> type_path{"type"};
  if (text_elsewhere(text, type_path) == std::optional<std::string_view>("noop")) {
    fact = {Fact::State::text, "none"};
  }
}

FactReader::FactReader(const std::vector<Attribute>& attributes)
    : state_(std::make_unique<State>(attributes)) {}

FactReader::FactReader(FactReader&&) noexcept = default;
FactReader& FactReader::operator=(FactReader&&) noexcept = default;
FactReader::~FactReader() = default;

std::expected<std::span<const Fact>, std::string_view> FactReader::read(
    const std::string& document, const Circumstances& circumstances) {
  State& s = *state_;
  std::fill(s.facts.begin(), s.facts.end(), Fact{});
  std::fill(s.seen.begin(), s.seen.end(), false);
  const std::string* text = &document;
  if (document.capacity() < document.size() + document_padding) {
    s.padded.reserve(document.size() + document_padding);
    s.padded.assign(document);
    text = &s.padded;
  }
  const simdjson::padded_string_view view(text->data(), text->size(), text->capacity());
  od::document parsed;
  if (const auto error = s.parser.iterate(view).get(parsed)) {
    return std::unexpected(std::string_view(simdjson::error_message(error)));
  }
  od::object object;
  if (parsed.get_object().get(object))
    return std::unexpected(std::string_view("the document is not an object"));
  if (const auto error = s.walk(object, 0)) {
    return std::unexpected(std::string_view(simdjson::error_message(error)));
  }
  if (s.data_source_slot != no_slot && s.facts[s.data_source_slot].state == Fact::State::absent) {
    s.find_data_source(view);
  }
  s.fill(circumstances, document.size());
  return std::span<const Fact>(s.facts).first(s.asked);
}

}  // namespace copse::engine
