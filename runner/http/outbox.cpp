#include "runner/http/outbox.hpp"

#include <utility>

namespace copse::runner::http {
namespace {

/// Up to here copying is cheaper than one more piece.
constexpr std::size_t small_piece = 4096;

}  // namespace

void Outbox::add(std::string piece) {
  if (piece.empty()) return;
  size_ += piece.size();
  const bool joins = pieces_.size() > lent_ && pieces_.back().size() + piece.size() <= small_piece;
  if (joins) {
    pieces_.back() += piece;
  } else {
    pieces_.push_back(std::move(piece));
  }
}

Outbox::Slice Outbox::next(std::size_t limit) {
  Slice slice{};
  lent_ = 0;
  std::size_t skipped = offset_;
  while (lent_ < slice.size() && lent_ < pieces_.size() && limit > 0) {
    std::string_view& part = slice[lent_];
    part = std::string_view{pieces_[lent_]}.substr(skipped, limit);
    limit -= part.size();
    skipped = 0;
    ++lent_;
  }
  return slice;
}

void Outbox::consume(std::size_t count) {
  size_ -= count;
  lent_ = 0;
  count += offset_;
  while (!pieces_.empty() && count >= pieces_.front().size()) {
    count -= pieces_.front().size();
    pieces_.pop_front();
  }
  offset_ = count;
}

}  // namespace copse::runner::http
