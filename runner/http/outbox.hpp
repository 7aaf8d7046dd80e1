#pragma once
// Bytes on their way to one client, in order. What is being written stays where it is.

#include <array>
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

namespace copse::runner::http {

class Outbox {
 public:
  /// Pieces that go into one write.
  static constexpr std::size_t pieces_per_write = 8;
  using Slice = std::array<std::string_view, pieces_per_write>;

  /// Small pieces that follow each other become one, but for the one that may be being written.
  void add(std::string piece);

  /// The next bytes, at most `limit`; valid until `consume`, whatever is added meanwhile.
  [[nodiscard]] Slice next(std::size_t limit);

  /// Those of the last `next` are gone.
  void consume(std::size_t count);

  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  std::deque<std::string> pieces_;
  std::size_t offset_ = 0;  ///< of the first piece, already written
  std::size_t lent_ = 0;    ///< pieces that the last `next` shows
  std::size_t size_ = 0;
};

}  // namespace copse::runner::http
