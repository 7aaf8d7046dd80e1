#include "engine/diagnostic.hpp"

#include <algorithm>
#include <numeric>

namespace copse::engine {
namespace {

struct Paint {
  Colour colour;

  std::string operator()(std::string_view code, std::string_view text) const {
    if (colour == Colour::off) return std::string(text);
    return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
  }
};

std::string_view colour_of(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "1;31";
    case Severity::warning:
      return "1;33";
    case Severity::note:
      return "1;36";
  }
  return "0";
}

// Edits from one word to the other; two neighbours that changed places are one edit.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::vector<std::size_t> next(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    next[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      next[j] =
          std::min({next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) next[j] = std::min(next[j], before[j - 2] + 1);
    }
    before.swap(row);
    row.swap(next);
  }
  return row[b.size()];
}

// `pods.copse:14:25`, or the file alone.
std::string place_of(const Place& place) {
  if (place.line == 0) return place.file;
  return place.file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

std::string number_of(const Place& place) {
  return place.line == 0 ? "" : std::to_string(place.line);
}

// The line that a place shows, and the empty one above it.
std::string excerpt(const Place& place, const std::string& margin, const Paint& paint) {
  const std::string number = number_of(place);
  const std::string before(margin.size() - number.size() - 1, ' ');
  return margin + paint("34", "|") + "\n" + before + paint("34", number + " |") + " " +
         place.excerpt + "\n";
}

// True when both can be underlined in one line.
bool stands_before(const Place& cause, const Place& place) {
  return cause.file == place.file && cause.line == place.line && cause.excerpt == place.excerpt &&
         cause.underline_at + cause.underline_length <= place.underline_at;
}

// Longer words are never compared: they are data, not misspelt names.
constexpr std::size_t nearest_word_limit = 64;

}  // namespace

std::string_view name(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::note:
      return "note";
  }
  return "";
}

std::string render(const Diagnostic& diagnostic, Colour colour) {
  const Paint paint{colour};
  const Place& place = diagnostic.place;
  std::string head(name(diagnostic.severity));
  if (!diagnostic.code.empty()) head += "[" + diagnostic.code + "]";
  std::string out = paint(colour_of(diagnostic.severity), head) +
                    paint("1", ": " + printable(diagnostic.title)) + "\n";

  const Cause* const cause =
      diagnostic.cause && diagnostic.cause->place.line != 0 ? &*diagnostic.cause : nullptr;
  const std::size_t digits =
      std::max(number_of(place).size(), cause == nullptr ? 0 : number_of(cause->place).size());
  const std::string margin(digits + 1, ' ');
  if (!place.file.empty()) {
    out += std::string(std::max<std::size_t>(digits, 1), ' ') + paint("34", "-->") + " " +
           place_of(place) + "\n";
  }
  if (place.line != 0) {
    const bool is_beside = cause != nullptr && stands_before(cause->place, place);
    out += excerpt(place, margin, paint) + margin + paint("34", "|") + " ";
    std::uint32_t from = 0;
    if (is_beside) {
      from = cause->place.underline_at + cause->place.underline_length;
      out += std::string(cause->place.underline_at, ' ') +
             paint("34", std::string(cause->place.underline_length, '-'));
    }
    out += std::string(place.underline_at - from, ' ');
    out += paint(colour_of(diagnostic.severity),
                 std::string(std::max<std::uint32_t>(place.underline_length, 1), '^'));
    if (!diagnostic.label.empty()) out += " " + diagnostic.label;
    out += "\n";
    if (is_beside) {
      out += margin + paint("34", "|") + " " + std::string(cause->place.underline_at, ' ') +
             paint("34", cause->label) + "\n";
    } else if (cause != nullptr) {
      const Place& other = cause->place;
      out += std::string(digits, ' ') + paint("34", ":::") + " " + place_of(other) + "\n" +
             excerpt(other, margin, paint) + margin + paint("34", "|") + " " +
             std::string(other.underline_at, ' ') +
             paint("34", std::string(std::max<std::uint32_t>(other.underline_length, 1), '-') +
                             " " + cause->label) +
             "\n";
    }
  } else if (!diagnostic.label.empty()) {
    out += margin + paint("34", "=") + " " + diagnostic.label + "\n";
  }
  for (const std::string& note : diagnostic.notes) {
    out += margin + paint("34", "=") + " note: " + note + "\n";
  }
  if (!diagnostic.help.empty())
    out += margin + paint("34", "=") + " help: " + diagnostic.help + "\n";
  return out;
}

std::string one_line(const Diagnostic& diagnostic) {
  std::string out;
  if (!diagnostic.place.file.empty()) out += place_of(diagnostic.place) + ": ";
  if (!diagnostic.code.empty()) out += diagnostic.code + ": ";
  out += diagnostic.title;
  if (!diagnostic.label.empty()) out += ": " + diagnostic.label;
  if (diagnostic.cause)
    out += "; " + diagnostic.cause->label + ": " + place_of(diagnostic.cause->place);
  if (!diagnostic.help.empty()) out += "; " + diagnostic.help;
  return out;
}

bool has_errors(const Diagnostics& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& d) { return d.severity == Severity::error; });
}

void make_strict(Diagnostics& diagnostics) {
  for (Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity == Severity::warning) diagnostic.severity = Severity::error;
  }
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  if (word.size() > nearest_word_limit) return {};
  std::string_view best;
  std::size_t best_distance = word.size() / 3 + 1;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > nearest_word_limit) continue;
    const std::size_t d = distance(word, candidate);
    if (d < best_distance) {
      best = candidate;
      best_distance = d;
    }
  }
  return best;
}

}  // namespace copse::engine
