// The language of label selectors: tokens, requirements, and what may be a key or a value.
#include "runner/sandbox/selector.hpp"
#include "runner/sandbox/validation.hpp"

#include <charconv>

#include <fmt/format.h>

namespace copse::runner::sandbox {
namespace {

using Test = LabelTerm::Test;
constexpr std::string_view operators = "in, notin, =, ==, !=, gt, lt";

struct Token {
  enum class Kind : std::uint8_t { word, sign, end };
  Kind kind = Kind::end;
  std::string_view text;

  [[nodiscard]] bool is(std::string_view sign) const { return kind == Kind::sign && text == sign; }

  [[nodiscard]] bool is_word() const { return kind == Kind::word; }

  [[nodiscard]] bool ends_requirement() const { return kind == Kind::end || is(","); }
};

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool is_sign(char c) {
  return std::string_view{"=!(),><"}.find(c) != std::string_view::npos;
}

std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> tokens;
  while (true) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    if (text.empty()) break;
    std::size_t length = 1;
    const bool sign = is_sign(text.front());
    if (sign) {
      const bool two = text.starts_with("==") || text.starts_with("!=");
      length = two ? 2 : 1;
    } else {
      while (length < text.size() && !is_space(text[length]) && !is_sign(text[length])) ++length;
    }
    tokens.push_back({sign ? Token::Kind::sign : Token::Kind::word, text.substr(0, length)});
    text.remove_prefix(length);
  }
  tokens.push_back({});
  return tokens;
}

using Error = std::string;

Error found(const Token& token, std::string_view expected) {
  return fmt::format("found '{}', expected: {}", token.text, expected);
}

class Reader {
 public:
  explicit Reader(std::string_view text) : tokens_{tokens_of(text)} {}

  std::expected<std::vector<LabelTerm>, Error> read() {
    std::vector<LabelTerm> terms;
    while (here().kind != Token::Kind::end) {
      if (!here().is_word() && !here().is("!"))
        return std::unexpected{found(here(), "!, identifier, or 'end of string'")};
      auto term = requirement();
      if (!term)
        return std::unexpected{fmt::format("unable to parse requirement: {}", term.error())};
      terms.push_back(std::move(*term));
      const Token& after = take();
      if (after.kind == Token::Kind::end) break;
      if (!after.is(",")) return std::unexpected{found(after, "',' or 'end of string'")};
      if (!here().is_word() && !here().is("!"))
        return std::unexpected{found(here(), "identifier after ','")};
    }
    return terms;
  }

 private:
  [[nodiscard]] const Token& here() const { return tokens_[at_]; }

  /// The end is never passed.
  const Token& take() {
    const Token& token = tokens_[at_];
    if (token.kind != Token::Kind::end) ++at_;
    return token;
  }

  std::expected<LabelTerm, Error> requirement() {
    LabelTerm term;
    const bool negated = here().is("!");
    if (negated) take();
    const Token key = take();
    if (!key.is_word()) return std::unexpected{found(key, "identifier")};
    term.key = key.text;
    if (const auto faults = key_faults(key.text)) return std::unexpected{*faults};
    if (negated || here().ends_requirement()) {
      term.test = negated ? Test::absent : Test::present;
      return term;
    }
    const Token sign = take();
    if (sign.is_word() && (sign.text == "in" || sign.text == "notin")) {
      term.test = sign.text == "in" ? Test::among : Test::not_among;
      return with_set(std::move(term));
    }
    if (sign.is("=") || sign.is("==")) {
      term.test = Test::among;
    } else if (sign.is("!=")) {
      term.test = Test::not_among;
    } else if (sign.is(">") || sign.is("<")) {
      term.test = sign.is(">") ? Test::above : Test::below;
    } else {
      return std::unexpected{found(sign, operators)};
    }
    return with_value(std::move(term));
  }

  std::expected<LabelTerm, Error> with_value(LabelTerm term) {
    std::string_view value;
    if (!here().ends_requirement()) {
      const Token token = take();
      if (!token.is_word()) return std::unexpected{found(token, "identifier")};
      value = token.text;
    }
    if (const auto faults = value_faults(term.key, value)) return std::unexpected{*faults};
    if (term.test == Test::above || term.test == Test::below) {
      const auto bound = whole_number(value);
      if (!bound) {
        return std::unexpected{
            fmt::format("values[0][{}]: Invalid value: \"{}\": for 'Gt', 'Lt' "
                        "operators, the value must be an integer",
                        term.key, value)};
      }
      term.bound = *bound;
    } else {
      term.values.emplace_back(value);
    }
    return term;
  }

  /// `(a,b,,c)`: an empty value is one, too.
  std::expected<LabelTerm, Error> with_set(LabelTerm term) {
    const Token open = take();
    if (!open.is("(")) return std::unexpected{fmt::format("found '{}' expected: '('", open.text)};
    while (true) {
      const bool has_value = here().is_word();
      const std::string_view value = has_value ? take().text : std::string_view{};
      if (const auto faults = value_faults(term.key, value)) return std::unexpected{*faults};
      term.values.emplace_back(value);
      const Token after = take();
      if (after.is(")")) return term;
      if (!after.is(","))
        return std::unexpected{found(after, has_value ? "',' or ')'" : "',', or identifier")};
    }
  }

  static std::optional<Error> first_of(const std::vector<Cause>& causes) {
    if (causes.empty()) return std::nullopt;
    return fmt::format("{}: {}", causes.front().field, causes.front().message);
  }

  static std::optional<Error> key_faults(std::string_view key) {
    std::vector<Cause> causes;
    check_qualified_name(causes, "key", key);
    return first_of(causes);
  }

  static std::optional<Error> value_faults(std::string_view key, std::string_view value) {
    std::vector<Cause> causes;
    check_label_value(causes, fmt::format("values[0][{}]", key), value);
    return first_of(causes);
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::expected<std::vector<LabelTerm>, std::string> parse_label_selector(std::string_view text) {
  return Reader{text}.read();
}

}  // namespace copse::runner::sandbox
