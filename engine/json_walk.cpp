#include "engine/json_walk.hpp"

#include "engine/json_fault.hpp"
#include "engine/json_scanner.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>
#include <vector>

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
  std::vector<std::unique_ptr<char[]>> texts;  // those that had escapes, each where it was made
  std::vector<std::size_t> rooms;
  std::size_t used = 0;  // of these

  // For a text of that size; what is given out stays where it is until the next document.
  char* room_for(std::size_t size) {
    // WHY more: simdjson writes whole registers.
    const std::size_t wanted = size + 2 * simdjson::SIMDJSON_PADDING;
    if (used == texts.size()) {
      texts.push_back(nullptr);
      rooms.push_back(0);
    }
    if (rooms[used] < wanted) {
      texts[used] = std::make_unique<char[]>(wanted);
      rooms[used] = wanted;
    }
    return texts[used++].get();
  }

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
  std::size_t end = first;
  while (text_[end] != '"') end += text_[end] == '\\' ? 2 : 1;
  char* const to = indexer_->room_for(end - first);
  const std::uint8_t* behind = indexer_->parser->parse_string(
      reinterpret_cast<const std::uint8_t*>(text_) + first, reinterpret_cast<std::uint8_t*>(to));
  if (behind != nullptr)
    return std::string_view(to,
                            static_cast<std::size_t>(reinterpret_cast<const char*>(behind) - to));
  // simdjson refuses lone surrogates, JSON has them: each becomes U+FFFD, which is shorter than its
  // escape.
  const std::string_view quoted(text_ + first - 1, end + 2 - first);
  if (find_json_fault(quoted)) return std::nullopt;
  const std::string text = JsonScanner(quoted).text();
  std::copy(text.begin(), text.end(), to);
  return std::string_view(to, text.size());
}

}  // namespace copse::engine
