#include "runner/logs/timed_log.hpp"

#include <algorithm>
#include <utility>

namespace copse::runner::logs {
namespace {

// `2026-11-26T13:30:12` and up to nine digits of a fraction, and `Z`.
constexpr std::size_t seconds_size = 19;
constexpr std::size_t time_limit = 30;

bool is_time(std::string_view text) {
  if (text.size() <= seconds_size || text.back() != 'Z' || text[4] != '-' || text[10] != 'T')
    return false;
  return text.find_first_not_of("0123456789-:T.Z") == std::string_view::npos;
}

// Below zero: a is older. Fractions are as long as they need to be.
int compare(std::string_view a, std::string_view b) {
  const auto padded = [](std::string_view time) {
    std::string text(time.substr(0, time.size() - 1));
    if (text.size() == seconds_size) text += '.';
    text.resize(time_limit, '0');
    return text;
  };
  return padded(a).compare(padded(b));
}

}  // namespace

std::string TimedLog::feed(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    if (at_ == At::time) {
      const char c = bytes[0];
      const bool is_over = c == ' ' || c == '\n' || time_.size() == time_limit;
      if (!is_over) {
        time_ += c;
        bytes.remove_prefix(1);
        continue;
      }
      if (c == ' ' && is_time(time_)) bytes.remove_prefix(1);
      begin_line(out);
      continue;
    }
    const std::size_t end = bytes.find('\n');
    const bool is_whole = end != std::string_view::npos;
    const std::string_view part = bytes.substr(0, is_whole ? end + 1 : end);
    bytes.remove_prefix(part.size());
    if (at_ == At::line) {
      const auto known = std::min<std::uint64_t>(skip_, part.size());
      skip_ -= known;
      out += part.substr(known);
      part_ += part.size() - known;
      if (is_whole) {
        ++whole_;
        part_ = 0;
        skip_ = 0;
      }
    }
    if (is_whole) at_ = At::time;
  }
  return out;
}

// The time of a line has been read: is the line new?
void TimedLog::begin_line(std::string& out) {
  const std::string time = std::exchange(time_, {});
  at_ = At::line;
  if (!is_time(time)) {  // the kubelet's own words, which have none
    out += time;
    part_ += time.size();
    return;
  }
  const int order = newest_.empty() ? 1 : compare(time, newest_);
  if (order < 0) {
    at_ = At::known;
  } else if (order == 0) {
    at_ = again_++ < whole_ ? At::known : At::line;
    skip_ = at_ == At::line ? part_ : 0;
  } else {
    if (part_ > 0) out += '\n';  // the rest of a line is lost
    newest_ = time;
    whole_ = 0;
    part_ = 0;
    skip_ = 0;
    again_ = 1;
  }
}

void TimedLog::cut() {
  // A time that was cut off belongs to a line that comes again.
  time_.clear();
  at_ = At::time;
  again_ = 0;
  skip_ = 0;
}

std::string TimedLog::since() const {
  return newest_.empty() ? "" : newest_.substr(0, seconds_size) + "Z";
}

}  // namespace copse::runner::logs
