#pragma once
// A way through one JSON document by its structural index: where each bracket, colon, comma and
// scalar begins. simdjson makes the index in one pass with the widest instructions that the machine
// has; what nobody asks for is then passed over without looking at its bytes again.
//
// A position is a place in the index. Walking checks the structure of what it enters; what it
// passes over must only have as many brackets that close as open. Private to the fact reader.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace copse::engine {

class JsonWalk {
 public:
  JsonWalk();
  JsonWalk(JsonWalk&&) noexcept;
  JsonWalk& operator=(JsonWalk&&) noexcept;
  JsonWalk(const JsonWalk&) = delete;
  JsonWalk& operator=(const JsonWalk&) = delete;
  ~JsonWalk();

  /// Indexes a document that has document_padding bytes of its own behind its text. False when it
  /// cannot be JSON: bad UTF-8, a text without an end, nothing.
  [[nodiscard]] bool open(const std::string& document);

  using Position = std::uint32_t;

  /// Of the document's value.
  static constexpr Position root = 0;

  /// The first byte of what is there; zero behind the end.
  [[nodiscard]] char at(Position place) const { return text_[index_[place]]; }

  /// The name of a member, or the text, at a quote. Valid until the next document is opened.
  /// Nothing when it has a damaged escape.
  [[nodiscard]] std::optional<std::string_view> text(Position place) {
    const std::size_t first = index_[place] + std::size_t{1};
    const std::size_t end = end_of_text(first);
    if (text_[end] == '"') return std::string_view(text_ + first, end - first);
    return unescaped(first);
  }

  /// A number, `true`, `false` or `null`, as it is written.
  [[nodiscard]] std::string_view scalar(Position place) const;

  /// The place behind a value; nothing when the document ends before.
  [[nodiscard]] std::optional<Position> behind(Position place) const;

  /// The place behind the object or list in which the reading has come to `inside`; nothing when
  /// the document ends before.
  [[nodiscard]] std::optional<Position> leave(Position inside) const;

 private:
  // The first quote or backslash; eight bytes a step, which the document's padding allows.
  [[nodiscard]] std::size_t end_of_text(std::size_t first) const {
    constexpr std::uint64_t ones = 0x0101010101010101ULL;
    constexpr std::uint64_t highs = 0x8080808080808080ULL;
    const auto zeros = [](std::uint64_t word) { return (word - ones) & ~word & highs; };
    for (std::size_t at = first;; at += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, text_ + at, sizeof word);
      const std::uint64_t hits = zeros(word ^ (ones * '"')) | zeros(word ^ (ones * '\\'));
      if (hits != 0) return at + static_cast<std::size_t>(std::countr_zero(hits)) / 8;
    }
  }

  [[nodiscard]] std::optional<std::string_view> unescaped(std::size_t first);

  struct Indexer;

  std::unique_ptr<Indexer> indexer_;
  const char* text_ = nullptr;
  const std::uint32_t* index_ = nullptr;
  std::uint32_t places_ = 0;
};

}  // namespace copse::engine
