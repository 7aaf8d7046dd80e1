#include "engine/json_walk.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include <simdjson.h>

namespace copse::engine {
namespace {

// What a byte does to the depth of nesting.
constexpr auto deeper = [] {
  std::array<std::int8_t, 256> steps{};
  steps['{'] = steps['['] = 1;
  steps['}'] = steps[']'] = -1;
  return steps;
}();

}  // namespace

struct JsonWalk::Indexer {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
  std::string texts;  // those that had escapes, one after the other
  std::size_t used = 0;

  bool fits(std::size_t size) {
    if (parser && parser->capacity() >= size) return true;
    constexpr std::size_t least = 16UL * 1024;
    if (size > std::numeric_limits<std::uint32_t>::max()) return false;
    return simdjson::get_active_implementation()->create_dom_parser_implementation(
               std::max(size, least), simdjson::DEFAULT_MAX_DEPTH, parser) == simdjson::SUCCESS;
  }
};

JsonWalk::JsonWalk() : indexer_(std::make_unique<Indexer>()) {}

JsonWalk::JsonWalk(JsonWalk&&) noexcept = default;
JsonWalk& JsonWalk::operator=(JsonWalk&&) noexcept = default;
JsonWalk::~JsonWalk() = default;

bool JsonWalk::open(const std::string& document) {
  Indexer& by = *indexer_;
  by.used = 0;
  text_ = document.data();
  if (!by.fits(document.size())) return false;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(document.data());
  if (by.parser->stage1(bytes, document.size(), simdjson::stage1_mode::regular) !=
      simdjson::SUCCESS)
    return false;
  // Behind the last place simdjson writes where the text ends: there is a zero.
  index_ = by.parser->structural_indexes.get();
  places_ = by.parser->n_structural_indexes;
  return places_ > 0;
}

std::string_view JsonWalk::scalar(Position place) const {
  const std::string_view spelled(text_ + index_[place], index_[place + 1] - index_[place]);
  return spelled.substr(0, spelled.find_last_not_of(" \t\r\n") + 1);
}

std::optional<JsonWalk::Position> JsonWalk::behind(Position place) const {
  const char first = at(place);
  int depth = deeper[static_cast<unsigned char>(first)];
  if (depth < 0 || first == ',' || first == ':') return std::nullopt;
  while (++place < places_ && depth > 0) depth += deeper[static_cast<unsigned char>(at(place))];
  if (depth > 0) return std::nullopt;
  return place;
}

std::optional<JsonWalk::Position> JsonWalk::leave(Position place) const {
  int depth = 1;
  for (; place < places_ && depth > 0; ++place)
    depth += deeper[static_cast<unsigned char>(at(place))];
  if (depth > 0) return std::nullopt;
  return place;
}

std::optional<std::string_view> JsonWalk::unescaped(std::size_t first) {
  Indexer& by = *indexer_;
  // Room for all texts at once: none becomes longer, and simdjson writes a little further.
  const std::size_t room = index_[places_] + 2 * simdjson::SIMDJSON_PADDING;
  if (by.texts.size() < room) by.texts.resize(room);
  auto* const to = reinterpret_cast<std::uint8_t*>(by.texts.data()) + by.used;
  const std::uint8_t* end =
      by.parser->parse_string(reinterpret_cast<const std::uint8_t*>(text_) + first, to);
  if (end == nullptr) return std::nullopt;
  const auto size = static_cast<std::size_t>(end - to);
  const std::string_view text(by.texts.data() + by.used, size);
  by.used += size;
  return text;
}

}  // namespace copse::engine
