#include "runner/kube/splitter.hpp"

#include "runner/kube/transport.hpp"

#include <algorithm>

#include <simdjson.h>

namespace copse::runner::kube {
namespace {

// Room for the padding that parsers want, without moving the text at each piece.
void make_room(std::string& text, std::size_t more) {
  const std::size_t needed = text.size() + more + answer_padding;
  if (text.capacity() < needed) text.reserve(std::max(needed, text.capacity() * 2));
}

}  // namespace

bool LineSplitter::feed(std::string_view bytes, const PieceSink& sink) {
  make_room(buffer_, bytes.size());
  std::size_t scanned = buffer_.size();
  buffer_.append(bytes);
  std::size_t begin = 0;
  for (;;) {
    const std::size_t end = buffer_.find('\n', scanned);
    if (end == std::string::npos) break;
    std::string_view line(buffer_.data() + begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    begin = scanned = end + 1;
    if (line.size() > limit_) return false;
    if (line.empty()) continue;
    if (!sink(line)) return false;
  }
  buffer_.erase(0, begin);
  return buffer_.size() <= limit_;
}

bool ListSplitter::feed(std::string_view bytes, const PieceSink& sink) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    // Runs of plain characters inside an item need no decision one by one.
    if (in_item()) {
      const std::string_view stop =
          in_string_ ? std::string_view("\"\\") : std::string_view("\"{}[]");
      const std::size_t end = escaped_ ? at : std::min(bytes.find_first_of(stop, at), bytes.size());
      item_.append(bytes.substr(at, end - at));
      if (item_.size() > object_limit) return false;
      at = end;
      if (at == bytes.size()) break;
    }
    if (!take(bytes[at++], sink)) return false;
  }
  return true;
}

bool ListSplitter::take(char c, const PieceSink& sink) {
  std::string& text = in_item() ? item_ : envelope_;
  if (in_string_) {
    text.push_back(c);
    if (escaped_) {
      escaped_ = false;
    } else if (c == '\\') {
      escaped_ = true;
    } else if (c == '"') {
      in_string_ = false;
      if (depth_ == 1 && !after_colon_) key_end_ = envelope_.size() - 1;
    }
    return envelope_.size() <= envelope_limit;
  }
  if (c == '{' || c == '[') return open(c);
  if (c == '}' || c == ']') return close(c, sink);
  const bool is_blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
  if (items_ && depth_ == 2) return is_blank || c == ',';  // between items
  if (depth_ == 0) return is_blank;
  if (c == '"') {
    in_string_ = true;
    if (depth_ == 1 && !after_colon_) key_begin_ = envelope_.size() + 1;
  } else if (depth_ == 1 && c == ':') {
    after_colon_ = true;
  } else if (depth_ == 1 && c == ',') {
    after_colon_ = false;
  }
  text.push_back(c);
  return envelope_.size() <= envelope_limit;
}

bool ListSplitter::open(char c) {
  if (depth_ == 0 && (c != '{' || !envelope_.empty())) return false;
  if (items_ && depth_ == 2 && c != '{') return false;
  const bool is_items =
      depth_ == 1 && c == '[' && after_colon_ && !saw_items_ &&
      std::string_view(envelope_).substr(key_begin_, key_end_ - key_begin_) == "items";
  ++depth_;
  (in_item() ? item_ : envelope_).push_back(c);
  if (is_items) items_ = saw_items_ = true;
  return true;
}

bool ListSplitter::close(char c, const PieceSink& sink) {
  if (depth_ == 0) return false;
  (in_item() ? item_ : envelope_).push_back(c);
  --depth_;
  if (!items_) return true;
  if (depth_ == 1) {
    items_ = false;
    return c == ']';
  }
  if (depth_ != 2) return true;
  make_room(item_, 0);
  const bool goes_on = c == '}' && sink(item_);
  item_.clear();
  return goes_on;
}

std::expected<ListEnvelope, std::string> ListSplitter::finish() const {
  if (depth_ != 0 || in_string_ || envelope_.empty()) return std::unexpected("the list is cut off");
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(envelope_).get(root) != simdjson::SUCCESS)
    return std::unexpected("the list is not JSON");
  ListEnvelope envelope;
  std::string_view text;
  if (root.at_pointer("/metadata/resourceVersion").get(text) == simdjson::SUCCESS)
    envelope.version = text;
  if (root.at_pointer("/metadata/continue").get(text) == simdjson::SUCCESS)
    envelope.continue_token = text;
  // WHY: a server written in Go may send `"items": null` for none.
  const bool has_items = saw_items_ || root.at_pointer("/items").error() == simdjson::SUCCESS;
  if (!has_items || envelope.version.empty()) return std::unexpected("this is not a list");
  return envelope;
}

}  // namespace copse::runner::kube
