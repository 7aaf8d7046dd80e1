#include "grammar/properties_file.hpp"

#include "engine/utf8.hpp"

#include <charconv>
#include <string>
#include <utility>

namespace copse::grammar {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\f';
}

class FileReader {
 public:
  explicit FileReader(const engine::Source& source)
      : source_(source), places_(source), text_(source.text) {}

  std::expected<engine::Properties, engine::Diagnostics> run() {
    if (text_.size() > properties_size_limit) return std::unexpected(too_large());
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    while (at_ < text_.size()) line();
    if (!found_.empty()) return std::unexpected(std::move(found_));
    return std::move(properties_);
  }

 private:
  [[nodiscard]] engine::Diagnostics too_large() const {
    engine::Diagnostic diagnostic;
    diagnostic.code = "C0102";
    diagnostic.title = "properties of " + std::to_string(text_.size()) +
                       " bytes are too large; at most " + std::to_string(properties_size_limit) +
                       " are read";
    diagnostic.place = engine::whole_file(source_.name);
    diagnostic.help = "is this a properties file?";
    return {std::move(diagnostic)};
  }

  [[nodiscard]] bool at_line_end() const {
    return at_ == text_.size() || text_[at_] == '\n' || text_[at_] == '\r';
  }

  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }

  void line() {
    skip_blanks();
    if (!at_line_end() && text_[at_] != '#' && text_[at_] != '!') {
      entry();
    }
    while (!at_line_end()) ++at_;
    if (at_ < text_.size()) ++at_;
  }

  void entry() {
    std::string key;
    while (!at_line_end() && !is_blank(text_[at_]) && text_[at_] != '=' && text_[at_] != ':')
      character(key);
    skip_blanks();
    if (!at_line_end() && (text_[at_] == '=' || text_[at_] == ':')) ++at_;
    skip_blanks();
    const std::size_t begin = at_;
    std::string value;
    while (!at_line_end()) character(value);
    properties_.set({std::move(key), std::move(value), places_.place({begin, at_})});
  }

  // One character, escape, or the joint of a continued line.
  void character(std::string& out) {
    const char c = text_[at_++];
    if (c != '\\') {
      out += c;
      return;
    }
    if (at_line_end()) {
      if (text_.substr(at_).starts_with("\r\n")) ++at_;
      if (at_ < text_.size()) ++at_;
      skip_blanks();
      return;
    }
    const char escaped = text_[at_++];
    switch (escaped) {
      case 'n':
        out += '\n';
        return;
      case 't':
        out += '\t';
        return;
      case 'r':
        out += '\r';
        return;
      case 'f':
        out += '\f';
        return;
      case 'u':
        unicode(out);
        return;
      default:
        out += escaped;
    }
  }

  void unicode(std::string& out) {
    std::uint32_t value = 0;
    const std::string_view digits = text_.substr(at_, 4);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (error != std::errc{} || end != digits.data() + 4) {
      engine::Diagnostic& diagnostic = found_.emplace_back();
      diagnostic.code = "C0101";
      diagnostic.title = "a `\\u` escape needs four hexadecimal digits";
      diagnostic.place = places_.place({at_ - 2, at_ + digits.size()});
      diagnostic.label = "Java refuses the whole file";
      diagnostic.help = "write a backslash as \\\\";
      return;
    }
    at_ += 4;
    // UTF-16: a pair of surrogates is one character.
    if (value >= 0xDC00 && value < 0xE000 && high_surrogate_ != 0) {
      value = 0x10000 + ((high_surrogate_ - 0xD800) << 10U) + (value - 0xDC00);
    }
    high_surrogate_ = value >= 0xD800 && value < 0xDC00 ? value : 0;
    if (high_surrogate_ == 0) engine::append_utf8(out, value);
  }

  const engine::Source& source_;
  engine::Locator places_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t high_surrogate_ = 0;
  engine::Properties properties_;
  engine::Diagnostics found_;
};

}  // namespace

std::expected<engine::Properties, engine::Diagnostics> read_properties(
    const engine::Source& source) {
  return FileReader(source).run();
}

void merge(engine::Properties& base, const engine::Properties& more) {
  for (const engine::Property& property : more.all()) base.set(property);
}

}  // namespace copse::grammar
