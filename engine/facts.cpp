#include "engine/facts.hpp"

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
  std::uint32_t slot = no_slot;         // the attribute that ends here
};

// The trie of all demanded paths; step 0 is the document.
std::vector<Step> demand(const std::vector<Attribute>& attributes) {
  struct Draft {
    std::vector<std::string> names;
    std::vector<std::uint32_t> children;
    std::uint32_t slot = no_slot;
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
    drafts[at].slot = static_cast<std::uint32_t>(i);
  }
  std::vector<Step> steps;
  steps.reserve(drafts.size());
  for (Draft& draft : drafts) {
    steps.push_back({AtomTable::build(draft.names), std::move(draft.children), draft.slot});
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
  std::vector<Step> steps;
  std::vector<Fact> facts;
  std::vector<bool> seen;  // by step: a member that came before counts
  std::uint32_t data_source_slot = no_slot;
  od::parser parser;
  od::parser elsewhere;  // apart, so that texts of the first walk stay valid
  std::string padded;

  simdjson::error_code walk(od::object object, std::uint32_t at);
  simdjson::error_code take(od::value value, std::uint32_t at);
  void mark_ill_typed(std::uint32_t at);
  void find_data_source(simdjson::padded_string_view text);
  std::optional<std::string_view> text_elsewhere(simdjson::padded_string_view text,
                                                 std::span<const std::string_view> path);
};

// The depth of this recursion is the length of a path in the policy: at most path_limit in any
// grammar.
void FactReader::State::mark_ill_typed(std::uint32_t at) {
  if (steps[at].slot != no_slot) facts[steps[at].slot].state = Fact::State::ill_typed;
  for (const std::uint32_t child : steps[at].children) mark_ill_typed(child);
}

simdjson::error_code FactReader::State::take(od::value value, std::uint32_t at) {
  const Step& step = steps[at];
  od::json_type type{};
  if (const auto error = value.type().get(type)) return error;
  if (type == od::json_type::null) return simdjson::SUCCESS;
  if (type == od::json_type::object && !step.children.empty()) {
    if (step.slot != no_slot) facts[step.slot].state = Fact::State::ill_typed;
    od::object object;
    if (const auto error = value.get_object().get(object)) return error;
    return walk(object, at);
  }
  if (type == od::json_type::string && step.slot != no_slot) {
    std::string_view text;
    if (const auto error = value.get_string().get(text)) return error;
    for (const std::uint32_t child : step.children) mark_ill_typed(child);
    facts[step.slot] = {Fact::State::text, text};
    return simdjson::SUCCESS;
  }
  mark_ill_typed(at);
  return simdjson::SUCCESS;
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
    : state_(std::make_unique<State>()) {
  state_->steps = demand(attributes);
  state_->facts.resize(attributes.size());
  state_->seen.resize(state_->steps.size());
  const auto at = std::find(attributes.begin(), attributes.end(), data_source_attribute());
  if (at != attributes.end())
    state_->data_source_slot = static_cast<std::uint32_t>(at - attributes.begin());
}

FactReader::FactReader(FactReader&&) noexcept = default;
FactReader& FactReader::operator=(FactReader&&) noexcept = default;
FactReader::~FactReader() = default;

std::expected<std::span<const Fact>, std::string_view> FactReader::read(
    const std::string& document) {
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
  return std::span<const Fact>(s.facts);
}

}  // namespace copse::engine
