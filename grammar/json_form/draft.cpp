#include "grammar/json_form/draft.hpp"

#include <memory>
#include <utility>

namespace copse::grammar::json_form {
namespace {

// The reader refuses what would not fit.
std::uint32_t narrow(std::size_t offset) {
  return static_cast<std::uint32_t>(offset);
}

}  // namespace

void Draft::open(engine::Span written, bool is_copy) {
  passages_.push_back({.begin = narrow(text_.size()),
                       .end = narrow(text_.size()),
                       .written_begin = narrow(written.begin),
                       .written_end = narrow(written.end),
                       .outer = current_,
                       .is_copy = is_copy});
  current_ = narrow(passages_.size() - 1);
}

void Draft::close() {
  engine::Passage& ended = passages_[current_];
  ended.end = narrow(text_.size());
  current_ = ended.outer;
}

void Draft::copy(std::string_view bytes, engine::Span written) {
  open(written, true);
  text_ += bytes;
  close();
}

void Draft::put(std::string_view words, engine::Span written) {
  open(written, false);
  text_ += words;
  close();
}

engine::Source Draft::finish(const engine::Source& json) {
  auto original = std::make_shared<engine::Original>();
  original->text = json.text;
  original->passages = std::move(passages_);
  return {json.name, std::move(text_), std::move(original)};
}

}  // namespace copse::grammar::json_form
