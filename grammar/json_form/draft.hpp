#pragma once
// A text of the language under way, which remembers of each part where in the JSON it was written.
// Private to the reader.

#include "engine/source.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace copse::grammar::json_form {

class Draft {
 public:
  /// Words that nobody wrote.
  void put(std::string_view words) { text_ += words; }

  /// What was written there, byte for byte.
  void copy(std::string_view bytes, engine::Span written);

  /// What was written there, spelled otherwise.
  void put(std::string_view words, engine::Span written);

  /// From here to the end of its scope all that is put was written there.
  class Within {
   public:
    Within(Draft& draft, engine::Span written) : draft_(draft) { draft_.open(written, false); }

    ~Within() { draft_.close(); }

    Within(const Within&) = delete;
    Within& operator=(const Within&) = delete;

   private:
    Draft& draft_;
  };

  /// The text as a Source with `json` as its original; the draft is spent.
  [[nodiscard]] engine::Source finish(const engine::Source& json);

 private:
  void open(engine::Span written, bool is_copy);
  void close();

  std::string text_;
  std::vector<engine::Passage> passages_;
  std::uint32_t current_ = engine::Passage::outermost;
};

}  // namespace copse::grammar::json_form
