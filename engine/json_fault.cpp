#include "engine/json_fault.hpp"

#include "engine/utf8.hpp"

#include <cstddef>
#include <vector>

#include <simdjson.h>

namespace copse::engine {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Of smaller documents the parser's buffers would cost more than it saves.
constexpr std::size_t small_document = std::size_t{64} * 1024;

// False says nothing: simdjson also refuses what is JSON, such as numbers that are too large.
bool is_surely_json(std::string_view text) {
  static_assert(json_depth_limit == simdjson::DEFAULT_MAX_DEPTH);
  if (text.starts_with("\xEF\xBB\xBF")) return false;
  simdjson::dom::parser parser;
  return parser.parse(text.data(), text.size()).error() == simdjson::SUCCESS;
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::optional<JsonFault> run() {
    if (text_.starts_with("\xEF\xBB\xBF")) {
      return JsonFault{0, 3, "a byte order mark stands before the document",
                       "save the file as UTF-8 without BOM"};
    }
    skip_blanks();
    if (at_ == text_.size()) return fault(at_, at_, "the document is empty");
    while (!fault_ && !done_) {
      value();
      while (!fault_ && !done_ && after_value()) {
      }
    }
    return fault_;
  }

 private:
  std::optional<JsonFault> fault(std::size_t begin, std::size_t end, std::string title,
                                 std::string help = {}) {
    fault_ = JsonFault{begin, end, std::move(title), std::move(help)};
    return fault_;
  }

  void skip_blanks() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void value() {
    skip_blanks();
    switch (peek()) {
      case '{':
        open(true);
        return;
      case '[':
        open(false);
        return;
      case '"':
        string();
        return;
      case 't':
        word("true");
        return;
      case 'f':
        word("false");
        return;
      case 'n':
        word("null");
        return;
      default:
        break;
    }
    if (is_digit(peek()) || peek() == '-') return number();
    if (at_ == text_.size()) {
      fault(at_, at_, "the document ends where a value should stand", "is the file cut off?");
    } else if (peek() == '\'') {
      fault(at_, at_ + 1, "a text stands in single quotes", "JSON wants double quotes");
    } else if ((peek() == '}' || peek() == ']') && !nesting_.empty()) {
      fault(at_, at_ + 1, "a value is missing before this bracket", "remove the comma before it");
    } else {
      bad_word();
    }
  }

  void bad_word() {
    std::size_t end = at_;
    while (end < text_.size() && end - at_ < 40 &&
           std::string_view(" \t\r\n,:[]{}\"").find(text_[end]) == std::string_view::npos)
      ++end;
    fault(at_, end == at_ ? at_ + 1 : end, "this is not a JSON value",
          "texts need double quotes; the only words are true, false and null");
  }

  void open(bool object) {
    if (nesting_.size() == json_depth_limit) {
      fault(at_, at_ + 1, "nested deeper than " + std::to_string(json_depth_limit) + " levels");
      return;
    }
    nesting_.push_back(object);
    ++at_;
    skip_blanks();
    if (peek() == (object ? '}' : ']')) {
      ++at_;
      nesting_.pop_back();
      return;
    }
    fresh_ = true;
    if (object) key();
  }

  void key() {
    skip_blanks();
    if (peek() != '"') {
      const bool trailing = peek() == '}';
      fault(at_, at_ < text_.size() ? at_ + 1 : at_,
            at_ == text_.size() ? "the document ends inside an object"
                                : "a member's name should stand here, in double quotes",
            trailing              ? "remove the comma before it"
            : at_ == text_.size() ? "is the file cut off?"
                                  : "");
      return;
    }
    string();
    if (fault_) return;
    skip_blanks();
    if (peek() != ':') {
      fault(at_, at_ < text_.size() ? at_ + 1 : at_, "expected `:` after the member's name");
      return;
    }
    ++at_;
    fresh_ = true;
  }

  // After a complete value. True when another closing bracket or the end may follow at once.
  bool after_value() {
    if (fresh_) {
      fresh_ = false;
      return false;
    }
    skip_blanks();
    if (nesting_.empty()) {
      done_ = true;
      if (at_ < text_.size()) fault(at_, at_ + 1, "something follows the end of the document");
      return false;
    }
    const bool object = nesting_.back();
    if (peek() == ',') {
      ++at_;
      if (object) key();
      fresh_ = false;
      return false;
    }
    if (peek() == (object ? '}' : ']')) {
      ++at_;
      nesting_.pop_back();
      return true;
    }
    if (at_ == text_.size()) {
      fault(at_, at_,
            object ? "the document ends inside an object" : "the document ends inside an array",
            "is the file cut off?");
    } else {
      fault(at_, at_ + 1,
            object ? "expected `,` or `}` after this member"
                   : "expected `,` or `]` after this element");
    }
    return false;
  }

  void word(std::string_view expected) {
    if (text_.substr(at_).starts_with(expected)) {
      at_ += expected.size();
    } else {
      bad_word();
    }
  }

  void number() {
    const std::size_t begin = at_;
    if (peek() == '-') ++at_;
    const bool zero = peek() == '0';
    const std::size_t whole = digits();
    bool good = whole > 0 && !(zero && whole > 1);
    if (good && peek() == '.') {
      ++at_;
      good = digits() > 0;
    }
    if (good && (peek() == 'e' || peek() == 'E')) {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      good = digits() > 0;
    }
    if (!good) fault(begin, at_ < text_.size() ? at_ + 1 : at_, "this is not a JSON number");
  }

  std::size_t digits() {
    const std::size_t begin = at_;
    while (is_digit(peek())) ++at_;
    return at_ - begin;
  }

  void string() {
    const std::size_t begin = at_++;
    while (at_ < text_.size() && text_[at_] != '"') {
      const auto c = static_cast<unsigned char>(text_[at_]);
      if (c < 0x20) {
        fault(at_, at_ + 1, "a control character stands inside a text",
              c == '\n' ? "is the closing quote missing?" : "write it as \\u escape");
        return;
      }
      if (c == '\\') {
        if (!escape()) return;
        continue;
      }
      const std::size_t length = utf8_length(text_, at_);
      if (length == 0) {
        fault(at_, at_ + 1, "this byte is not UTF-8", "save the file as UTF-8");
        return;
      }
      at_ += length;
    }
    if (at_ == text_.size()) {
      fault(begin, begin + 1, "this text has no closing quote");
      return;
    }
    ++at_;
  }

  bool escape() {
    const std::size_t begin = at_++;
    const char c = peek();
    if (std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos && at_ < text_.size()) {
      ++at_;
      return true;
    }
    if (c == 'u') {
      ++at_;
      std::size_t n = 0;
      while (n < 4 && is_hex(peek())) {
        ++at_;
        ++n;
      }
      if (n == 4) return true;
    }
    fault(begin, at_ < text_.size() ? at_ + 1 : at_, "this escape does not exist in JSON",
          "write a backslash as \\\\");
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<bool> nesting_;  // true: object
  bool fresh_ = false;         // a bracket was just opened or a name read: a value follows
  bool done_ = false;
  std::optional<JsonFault> fault_;
};

}  // namespace

std::optional<JsonFault> find_json_fault(std::string_view text) {
  if (text.size() > small_document && is_surely_json(text)) return std::nullopt;
  return Scanner(text).run();
}

}  // namespace copse::engine
