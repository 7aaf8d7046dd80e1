#pragma once
// Cutting a byte stream that arrives in arbitrary pieces into what a parser wants: lines, or the
// items of a list.
//
// A list of a hundred thousand Jobs has 160 MB; it is never in memory, only the item at hand. Both
// splitters hand out views that live during the call and are followed by answer_padding readable
// bytes. They do not validate: what they cut out is parsed by somebody else; they only guarantee
// that broken text cannot make them loop, grow without limit or crash.

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>

namespace copse::runner::kube {

/// Largest line or item. etcd holds 1.5 MiB an object and servers accept 3 MiB; twice that is a
/// fault.
inline constexpr std::size_t object_limit = 8U << 20U;

/// Largest frame around the items of a list.
inline constexpr std::size_t envelope_limit = 64U << 10U;

/// Gets one piece; false: stop, hand out no more.
using PieceSink = std::function<bool(std::string_view)>;

class LineSplitter {
 public:
  explicit LineSplitter(std::size_t limit = object_limit) : limit_(limit) {}

  /// Hands out each line that `bytes` completes, without its end (LF or CRLF), passing over empty
  /// ones. False: a line is longer than `limit` bytes, or the sink said stop.
  [[nodiscard]] bool feed(std::string_view bytes, const PieceSink& sink);

  /// What came after the last line end.
  [[nodiscard]] std::string_view rest() const { return buffer_; }

 private:
  std::string buffer_;
  std::size_t limit_;
};

struct ListEnvelope {
  std::string version;         ///< metadata.resourceVersion
  std::string continue_token;  ///< metadata.continue
};

class ListSplitter {
 public:
  /// Hands out each object of the top-level array `items` that `bytes` completes. False: this is no
  /// list, or the sink said stop.
  [[nodiscard]] bool feed(std::string_view bytes, const PieceSink& sink);

  /// After the last piece: the list's own metadata. Fails with a cause when the document is cut or
  /// no list.
  [[nodiscard]] std::expected<ListEnvelope, std::string> finish() const;

 private:
  bool take(char c, const PieceSink& sink);
  bool open(char c);
  bool close(char c, const PieceSink& sink);

  [[nodiscard]] bool in_item() const { return items_ && depth_ >= 3; }

  std::string envelope_;  // the document with its items taken out
  std::string item_;
  std::size_t key_begin_ = 0;  // in envelope_: the string at depth 1 that was read last
  std::size_t key_end_ = 0;
  std::uint32_t depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  bool items_ = false;  // inside the array
  bool saw_items_ = false;
  bool after_colon_ = false;  // at depth 1, a value is due
};

}  // namespace copse::runner::kube
