#include "engine/facts.hpp"

#include "engine/fact_values.hpp"
#include "engine/json_walk.hpp"
#include "engine/table.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace copse::engine {
namespace {

using Position = JsonWalk::Position;

constexpr std::uint32_t no_slot = 0xFFFF'FFFF;

// Children up to which their names are looked at one after another: that costs less than a hash.
constexpr std::size_t few_names = 8;

// The first bytes of a name, as many as it has of eight. At least eight can be read.
std::uint64_t head_of(std::string_view name) {
  std::uint64_t head = 0;
  std::memcpy(&head, name.data(), sizeof head);
  const std::size_t unused = 8 - std::min<std::size_t>(name.size(), 8);
  return unused == 8 ? 0 : head << (8 * unused);
}

// One member name on the way to attributes.
struct Step {
  AtomTable table;  // of the names of the children
  std::vector<std::string> names;
  std::vector<std::uint64_t> heads;     // of the names
  std::vector<std::uint32_t> children;  // by name
  std::vector<std::uint32_t> slots;     // the attributes that end here
  std::uint64_t lengths = 0;            // bit L: a name has L bytes, modulo 64

  [[nodiscard]] std::uint32_t child(std::string_view name) const {
    if (((lengths >> (name.size() % 64)) & 1U) == 0) return no_slot;
    if (names.size() > few_names) {
      const Atom atom = table.find_padded(name);
      return atom == Atom::other ? no_slot : children[std::to_underlying(atom) - first_listed_atom];
    }
    const std::uint64_t head = head_of(name);
    for (std::size_t i = 0; i < heads.size(); ++i) {
      if (heads[i] == head && names[i] == name) return children[i];
    }
    return no_slot;
  }
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
    std::uint64_t lengths = 0;
    for (const std::string& name : draft.names) lengths |= std::uint64_t{1} << (name.size() % 64);
    Step& step = steps.emplace_back();
    step.table = AtomTable::build(draft.names);
    for (std::string& name : draft.names) {
      name.reserve(name.size() + sizeof(std::uint64_t));
      step.heads.push_back(head_of(name));
    }
    step.names = std::move(draft.names);
    step.children = std::move(draft.children);
    step.slots = std::move(draft.slots);
    step.lengths = lengths;
  }
  return steps;
}

// Where submitted specs keep the datasource; the Overlord itself always writes it at the top level.
constexpr std::array<std::string_view, 3> in_spec{"spec", "dataSchema", "dataSource"};
constexpr std::array<std::string_view, 3> in_destination{"spec", "destination", "dataSource"};
constexpr std::array<std::string_view, 2> in_schema{"dataSchema", "dataSource"};
constexpr std::string_view data_source_of_noop{"none\0and the bytes that a look-up reads", 4};
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
  JsonWalk json;
  std::string padded;

  explicit State(const std::vector<Attribute>& asked_for);

  std::uint32_t slot_of(const Attribute& attribute);
  // All three give the place behind what they looked at; nothing when it is not JSON.
  std::optional<Position> walk(Position object, std::uint32_t at);
  std::optional<Position> take(Position value, std::uint32_t at);
  std::optional<Position> take_intervals(Position list, std::uint32_t at);
  void mark_ill_typed(std::uint32_t at);
  void mark_below(std::uint32_t at);
  void fill(const Circumstances& circumstances, std::size_t size);
  [[nodiscard]] Fact clock(std::uint32_t slot, std::optional<Instant> now) const;
  void find_data_source();
  std::optional<Position> member(Position object, std::string_view name);
  std::optional<std::string_view> text_at(std::span<const std::string_view> path);
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
    facts[slot] = types[slot] == ValueType::any ? Fact::any_text() : Fact::ill_typed();
  }
}

// The path leads through it, and it is no object. The depth of this recursion is the length of a
// path in the policy: at most path_limit.
void FactReader::State::mark_below(std::uint32_t at) {
  for (const std::uint32_t child : steps[at].children) {
    for (const std::uint32_t slot : steps[child].slots) {
      if (types[slot] != ValueType::any) facts[slot] = Fact::ill_typed();
    }
    mark_below(child);
  }
}

std::optional<Position> FactReader::State::take(Position value, std::uint32_t at) {
  const Step& step = steps[at];
  switch (const char first = json.at(value)) {
    case '"': {
      if (step.slots.empty()) {
        mark_below(at);
        return value + 1;
      }
      const auto text = json.text(value);
      if (!text) return std::nullopt;
      mark_below(at);
      for (const std::uint32_t slot : step.slots) facts[slot] = fact_of_text(types[slot], *text);
      return value + 1;
    }
    case '{':
      mark_ill_typed(at);
      if (!step.children.empty()) return walk(value, at);
      return json.behind(value);
    case '[': {
      mark_ill_typed(at);
      mark_below(at);
      const bool counts = std::any_of(step.slots.begin(), step.slots.end(),
                                      [&](std::uint32_t slot) { return is_interval(types[slot]); });
      return counts ? take_intervals(value, at) : json.behind(value);
    }
    default: {
      const std::string_view spelled = json.scalar(value);
      if (spelled == "null") return value + 1;
      mark_ill_typed(at);
      mark_below(at);
      const bool is_true = spelled == "true";
      const bool is_number = first == '-' || (first >= '0' && first <= '9');
      if (!is_true && !is_number && spelled != "false") return std::nullopt;
      for (const std::uint32_t slot : step.slots) {
        if (is_number) {
          facts[slot] = fact_of_number(types[slot], spelled);
        } else if (types[slot] == ValueType::boolean) {
          facts[slot] = number_fact(is_true ? 1 : 0);
        } else if (types[slot] == ValueType::scalar) {
          facts[slot] = Fact::of_padded(spelled);
        }
      }
      return value + 1;
    }
  }
}

// One element that is no interval makes the list ill-typed.
std::optional<Position> FactReader::State::take_intervals(Position list, std::uint32_t at) {
  const std::optional<Position> end = json.behind(list);
  if (!end) return std::nullopt;
  std::int64_t count = 0;
  std::int64_t length = 0;
  Position place = list + 1;
  while (json.at(place) != ']') {
    if (json.at(place) != '"') return end;
    const auto text = json.text(place);
    if (!text) return std::nullopt;
    const auto millis = interval_millis(*text);
    if (!millis) return end;
    ++count;
    length = *millis > largest_number.whole - length ? largest_number.whole : length + *millis;
    ++place;
    if (json.at(place) == ',') {
      ++place;
    } else if (json.at(place) != ']') {
      return std::nullopt;
    }
  }
  for (const std::uint32_t slot : steps[at].slots) {
    if (!is_interval(types[slot])) continue;
    facts[slot] = number_fact(types[slot] == ValueType::interval_count ? count : length);
  }
  return end;
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
      if (fact.state() != Fact::State::number)
        fact = number_fact(default_priority(facts[type_slot].text()));
      continue;
    }
    const bool by_source = attributes[slot].path == data_source_attribute().path;
    const bool is_wanting = fact.state() == Fact::State::absent ||
                            (fact.state() == Fact::State::ill_typed && !by_source);
    if (!is_wanting) continue;
    const bool is_capacity = attributes[slot] == required_capacity_attribute();
    fact = is_capacity ? number_fact(1) : facts[by_source ? data_source_slot : id_slot];
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
        else if (fact.state() == Fact::State::text)
          fact = Fact::counted(fact.text());
        break;
      case Origin::member:
        break;
    }
  }
}

// When all is found nothing more is looked at, and of the whole document nothing is passed over.
std::optional<Position> FactReader::State::walk(Position object, std::uint32_t at) {
  const Step& step = steps[at];
  std::size_t wanted = step.children.size();
  Position place = object + 1;
  if (json.at(place) == '}') return place + 1;
  for (;;) {
    if (json.at(place) != '"' || json.at(place + 1) != ':') return std::nullopt;
    const auto key = json.text(place);
    if (!key) return std::nullopt;
    const Position value = place + 2;
    std::optional<Position> behind;
    const std::uint32_t child = step.child(*key);
    if (child != no_slot && !seen[child]) {
      seen[child] = true;
      behind = take(value, child);
      if (behind && --wanted == 0) return at == 0 ? behind : json.leave(*behind);
    } else {
      behind = json.behind(value);
    }
    if (!behind) return std::nullopt;
    place = *behind;
    if (json.at(place) == '}') return place + 1;
    if (json.at(place) != ',') return std::nullopt;
    ++place;
  }
}

// The first member of that name; nothing when there is none, or no object.
std::optional<Position> FactReader::State::member(Position object, std::string_view name) {
  if (json.at(object) != '{') return std::nullopt;
  Position place = object + 1;
  while (json.at(place) == '"' && json.at(place + 1) == ':') {
    const auto key = json.text(place);
    if (key && *key == name) return place + 2;
    const auto behind = json.behind(place + 2);
    if (!behind || json.at(*behind) != ',') return std::nullopt;
    place = *behind + 1;
  }
  return std::nullopt;
}

std::optional<std::string_view> FactReader::State::text_at(std::span<const std::string_view> path) {
  Position place = JsonWalk::root;
  for (const std::string_view name : path) {
    const auto found = member(place, name);
    if (!found) return std::nullopt;
    place = *found;
  }
  if (json.at(place) != '"') return std::nullopt;
  return json.text(place);
}

void FactReader::State::find_data_source() {
  Fact& fact = facts[data_source_slot];
  for (const auto& place : data_source_places) {
    if (const auto found = text_at(place)) {
      fact = Fact::of_padded(*found);
      return;
    }
  }
  constexpr std::array<std::string_view, 1> type_path{"type"};
  if (text_at(type_path) == std::optional<std::string_view>("noop"))
    fact = Fact::of_padded(data_source_of_noop);
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
  if (!s.json.open(*text)) return std::unexpected(std::string_view("it is not JSON"));
  if (s.json.at(JsonWalk::root) != '{')
    return std::unexpected(std::string_view("the document is not an object"));
  if (!s.walk(JsonWalk::root, 0)) return std::unexpected(std::string_view("it is not JSON"));
  if (s.data_source_slot != no_slot && s.facts[s.data_source_slot].state() == Fact::State::absent)
    s.find_data_source();
  s.fill(circumstances, document.size());
  return std::span<const Fact>(s.facts).first(s.asked);
}

}  // namespace copse::engine
