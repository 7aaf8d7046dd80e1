#include "engine/glob.hpp"

#include <algorithm>
#include <cstdint>

namespace copse::engine {
namespace {

// The bytes of the character at `at`; 1 for a byte that begins none.
std::size_t width(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const std::size_t wanted = lead < 0xC0 ? 1U : lead < 0xE0 ? 2U : lead < 0xF0 ? 3U : 4U;
  if (wanted > text.size() - at) return 1;
  for (std::size_t i = 1; i < wanted; ++i) {
    if ((static_cast<unsigned char>(text[at + i]) & 0xC0U) != 0x80) return 1;
  }
  return wanted;
}

// A class `[…]`, from behind its bracket.
class ClassReader {
 public:
  ClassReader(std::string_view glob, std::size_t at) : glob_(glob), at_(at) {
    negated_ = at_ < glob_.size() && (glob_[at_] == '!' || glob_[at_] == '^');
    if (negated_) ++at_;
    first_ = at_;
  }

  // The next range; false at the bracket, or at the end of the glob.
  bool next(std::string_view& low, std::string_view& high) {
    if (at_ >= glob_.size() || (glob_[at_] == ']' && at_ > first_)) return false;
    low = high = character();
    if (at_ + 1 < glob_.size() && glob_[at_] == '-' && glob_[at_ + 1] != ']') {
      ++at_;
      high = character();
    }
    return true;
  }

  [[nodiscard]] bool is_closed() const { return at_ < glob_.size() && glob_[at_] == ']'; }

  [[nodiscard]] std::size_t end() const { return at_ + 1; }

  [[nodiscard]] bool is_negated() const { return negated_; }

 private:
  std::string_view character() {
    if (glob_[at_] == '\\' && at_ + 1 < glob_.size()) ++at_;
    const std::size_t bytes = width(glob_, at_);
    const std::string_view found = glob_.substr(at_, bytes);
    at_ += bytes;
    return found;
  }

  std::string_view glob_;
  std::size_t at_;
  std::size_t first_ = 0;
  bool negated_ = false;
};

// UTF-8 keeps the order of code points, also for different lengths.
bool is_between(std::string_view c, std::string_view low, std::string_view high) {
  return low <= c && c <= high;
}

// One step of a glob that is not `*`: true when it takes the character `c`. Moves `at` behind it.
bool takes(std::string_view glob, std::size_t& at, std::string_view c) {
  if (glob[at] == '?') {
    ++at;
    return true;
  }
  if (glob[at] == '[') {
    ClassReader reader(glob, at + 1);
    std::string_view low;
    std::string_view high;
    bool found = false;
    while (reader.next(low, high)) found = found || is_between(c, low, high);
    at = reader.end();
    return found != reader.is_negated();
  }
  if (glob[at] == '\\' && at + 1 < glob.size()) ++at;
  const std::size_t bytes = width(glob, at);
  const bool same = glob.substr(at, bytes) == c;
  at += bytes;
  return same;
}

}  // namespace

std::optional<std::string> glob_fault(std::string_view glob) {
  for (std::size_t at = 0; at < glob.size(); ++at) {
    if (glob[at] == '\\') {
      if (++at == glob.size()) return "a backslash at the end takes nothing as it is";
    } else if (glob[at] == '[') {
      ClassReader reader(glob, at + 1);
      std::string_view low;
      std::string_view high;
      while (reader.next(low, high)) {
        if (low > high)
          return "in the class `" + std::string(low) + "-" + std::string(high) +
                 "` the first comes after the last";
      }
      if (!reader.is_closed()) return "the class that begins with `[` has no `]`";
      at = reader.end() - 1;
    }
  }
  return std::nullopt;
}

// Goes on greedily, and back to the last star only: whatever an earlier star could take, the last
// one can take as well.
bool glob_matches(std::string_view glob, std::string_view text) {
  std::size_t g = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;  // behind it
  std::size_t taken = 0;                      // by it, up to here
  while (t < text.size()) {
    if (g < glob.size() && glob[g] == '*') {
      star = ++g;
      taken = t;
      continue;
    }
    const std::string_view c = text.substr(t, width(text, t));
    if (g < glob.size() && takes(glob, g, c)) {
      t += c.size();
      continue;
    }
    if (star == std::string_view::npos) return false;
    taken += width(text, taken);
    t = taken;
    g = star;
  }
  while (g < glob.size() && glob[g] == '*') ++g;
  return g == glob.size();
}

GlobLiterals glob_literals(std::string_view glob) {
  GlobLiterals made;
  std::string run;
  bool any_wildcard = false;
  std::size_t stars = 0;
  std::size_t others = 0;  // wildcards that are no stars
  const auto end_run = [&] {
    if (!any_wildcard) made.prefix = run;
    if (run.size() > made.longest.size()) made.longest = run;
    run.clear();
    any_wildcard = true;
  };
  for (std::size_t at = 0; at < glob.size(); ++at) {
    switch (glob[at]) {
      case '*':
        end_run();
        ++stars;
        break;
      case '?':
        end_run();
        ++others;
        break;
      case '[': {
        end_run();
        ++others;
        ClassReader reader(glob, at + 1);
        std::string_view low;
        std::string_view high;
        while (reader.next(low, high)) {
        }
        at = std::min(reader.end(), glob.size()) - 1;
        break;
      }
      case '\\':
        if (at + 1 < glob.size()) ++at;
        [[fallthrough]];
      default:
        run += glob[at];
    }
  }
  made.is_literal = !any_wildcard;
  const std::string last = run;
  end_run();
  made.suffix = last;
  made.is_simple = stars == 1 && others == 0 && (made.prefix.empty() != made.suffix.empty());
  return made;
}

}  // namespace copse::engine
