#include "engine/analysis/text_sample.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace copse::engine::analysis {
namespace {

// Numbers that depend on the variant and on how often they were asked for; 0 at first.
class Choice {
 public:
  explicit Choice(std::uint32_t variant) : state_(variant) {}

  std::uint32_t below(std::uint32_t n) {
    if (state_ == 0 || n == 0) return 0;
    state_ = state_ * 1'664'525U + 1'013'904'223U;
    return (state_ >> 16U) % n;
  }

 private:
  std::uint32_t state_;
};

std::string filler(Choice& choice) {
  constexpr std::string_view letters = "xyzabc0123";
  std::string text;
  for (std::uint32_t i = choice.below(4); i > 0; --i)
    text += letters[choice.below(static_cast<std::uint32_t>(letters.size()))];
  return text;
}

// One character of a class, from behind its bracket; `at` is moved behind the class.
std::string out_of_class(std::string_view text, std::size_t& at, Choice& choice) {
  const bool negated = at < text.size() && (text[at] == '^' || text[at] == '!');
  if (negated) ++at;
  std::string members;
  bool is_first = true;
  for (; at < text.size() && (text[at] != ']' || is_first); is_first = false) {
    if (text[at] == '\\' && at + 1 < text.size()) {
      ++at;
      if (text[at] == 'd') members += "0123456789";
      if (text[at] == 'w') members += "abcxyz_0129";
      if (text[at] != 'd' && text[at] != 'w') members += text[at];
      ++at;
      continue;
    }
    const char low = text[at];
    if (at + 2 < text.size() && text[at + 1] == '-' && text[at + 2] != ']') {
      for (int c = low; c <= text[at + 2]; ++c) members += static_cast<char>(c);
      at += 3;
    } else {
      members += low;
      ++at;
    }
  }
  ++at;
  if (!negated && !members.empty())
    return std::string(1, members[choice.below(static_cast<std::uint32_t>(members.size()))]);
  constexpr std::string_view others = "xyzabcq0192_-ABC";
  for (std::uint32_t i = choice.below(8); i < others.size(); ++i) {
    if (members.find(others[i]) == std::string::npos) return std::string(1, others[i]);
  }
  return "~";
}

std::string like_glob(std::string_view glob, Choice& choice) {
  std::string text;
  for (std::size_t at = 0; at < glob.size();) {
    const char c = glob[at++];
    if (c == '*') {
      text += filler(choice);
    } else if (c == '?') {
      text += "xyz012"[choice.below(6)];
    } else if (c == '[') {
      text += out_of_class(glob, at, choice);
    } else {
      text += c == '\\' && at < glob.size() ? glob[at++] : c;
    }
  }
  return text;
}

class RegexWalk {
 public:
  RegexWalk(std::string_view regex, Choice& choice) : regex_(regex), choice_(choice) {}

  // Alternatives up to the end, or to a bracket that closes.
  std::string alternatives(int depth) {
    std::vector<std::string> all;
    do {
      all.push_back(sequence(depth));
    } while (take('|'));
    return all[choice_.below(static_cast<std::uint32_t>(all.size()))];
  }

 private:
  static constexpr int depth_limit = 50;

  bool take(char c) {
    if (at_ >= regex_.size() || regex_[at_] != c) return false;
    ++at_;
    return true;
  }

  std::string sequence(int depth) {
    std::string text;
    while (at_ < regex_.size() && regex_[at_] != '|' && regex_[at_] != ')') {
      const std::size_t begin = at_;
      std::string once = atom(depth);
      const auto [least, most] = counts();
      std::uint32_t times = least + choice_.below(most - least + 1);
      const std::size_t end = at_;
      for (; times > 0; --times) {
        text += once;
        if (times == 1) break;
        at_ = begin;  // another choice of the same
        once = atom(depth);
      }
      at_ = end;
    }
    return text;
  }

  std::string atom(int depth) {
    const char c = regex_[at_++];
    switch (c) {
      case '(': {
        if (depth > depth_limit) {
          at_ = regex_.size();
          return {};
        }
        if (take('?')) {  // flags or a name
          while (at_ < regex_.size() && regex_[at_] != ':' && regex_[at_] != '>' &&
                 regex_[at_] != ')')
            ++at_;
          if (at_ < regex_.size() && regex_[at_] != ')') ++at_;
        }
        std::string inner = alternatives(depth + 1);
        static_cast<void>(take(')'));
        return inner;
      }
      case '[':
        return out_of_class(regex_, at_, choice_);
      case '.':
        return std::string(1, "xyzab012"[choice_.below(8)]);
      case '^':
      case '$':
        return {};
      case '\\':
        return escape();
      default:
        return std::string(1, c);
    }
  }

  std::string escape() {
    if (at_ >= regex_.size()) return {};
    switch (const char c = regex_[at_++]) {
      case 'd':
        return std::string(1, "0123456789"[choice_.below(10)]);
      case 'w':
        return std::string(1, "abcxyz_019"[choice_.below(10)]);
      case 's':
        return " ";
      case 'D':
      case 'S':
        return "x";
      case 'W':
        return "-";
      case 'b':
      case 'A':
      case 'z':
        return {};
      default:
        return std::string(1, c);
    }
  }

  // How often the last thing stands there.
  std::pair<std::uint32_t, std::uint32_t> counts() {
    std::pair<std::uint32_t, std::uint32_t> found{1, 1};
    if (take('*')) {
      found = {0, 3};
    } else if (take('+')) {
      found = {1, 3};
    } else if (take('?')) {
      found = {0, 1};
    } else if (at_ < regex_.size() && regex_[at_] == '{') {
      const std::size_t end = regex_.find('}', at_);
      if (end == std::string_view::npos) return found;
      const std::string inner(regex_.substr(at_ + 1, end - at_ - 1));
      at_ = end + 1;
      const std::size_t comma = inner.find(',');
      const auto number = [](const std::string& digits) {
        return static_cast<std::uint32_t>(std::min<std::size_t>(
            digits.empty() || digits.size() > 4 ? 0 : std::stoul(digits), 1000));
      };
      if (inner.find_first_not_of("0123456789,") != std::string::npos) return found;
      found.first = number(inner.substr(0, comma));
      found.second = comma == std::string::npos  ? found.first
                     : comma + 1 == inner.size() ? found.first + 2
                                                 : number(inner.substr(comma + 1));
      found.second = std::max(found.first, found.second);
    }
    static_cast<void>(take('?'));  // as little as can be: no difference here
    return found;
  }

  std::string_view regex_;
  Choice& choice_;
  std::size_t at_ = 0;
};

}  // namespace

std::string text_like(const Pattern& pattern, std::uint32_t variant) {
  Choice choice(variant);
  if (pattern.kind == Pattern::Kind::glob) return like_glob(pattern.text, choice);
  return RegexWalk(pattern.text, choice).alternatives(0);
}

}  // namespace copse::engine::analysis
