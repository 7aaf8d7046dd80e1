#include "runner/sandbox/script.hpp"

#include <charconv>

#include <fmt/format.h>

namespace copse::runner::sandbox {
namespace {

std::string_view trim(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// Takes the first word off `text`.
std::string_view take_word(std::string_view& text) {
  const std::size_t end = text.find_first_of(" \t");
  const std::string_view word = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view{} : trim(text.substr(end));
  return word;
}

using Problem = std::optional<std::string>;

Problem read_duration(std::string_view rest, milliseconds& target) {
  const auto length = parse_duration(rest);
  if (!length) return fmt::format("`{}` is not a duration such as 250ms, 1.5s or 2m", rest);
  target = *length;
  return std::nullopt;
}

bool read_code(std::string_view word, int& code) {
  const auto [end, fault] = std::from_chars(word.data(), word.data() + word.size(), code);
  return fault == std::errc{} && end == word.data() + word.size() && code >= 0 && code <= 255;
}

Problem read_exit(std::string_view rest, Script& script) {
  const std::string_view word = take_word(rest);
  if (!word.empty() && !read_code(word, script.exit_code))
    return fmt::format("`{}` is not an exit code (0 to 255)", word);
  script.reason = rest;
  return std::nullopt;
}

Problem read_term(std::string_view rest, Script& script) {
  const std::string_view word = take_word(rest);
  if (const Problem problem = read_duration(word, script.on_term)) return problem;
  if (!rest.empty() && !read_code(rest, script.term_exit_code))
    return fmt::format("`{}` is not an exit code (0 to 255)", rest);
  return std::nullopt;
}

Problem check_name(std::string_view name) {
  const bool leaves =
      name.empty() || name.front() == '/' || name.find("..") != std::string_view::npos;
  if (leaves) return fmt::format("`{}` is not a file name below the sandbox's folder", name);
  return std::nullopt;
}

Problem read_file(std::string_view rest, Script& script) {
  const std::string_view name = take_word(rest);
  if (const Problem problem = check_name(name)) return problem;
  script.files.push_back({std::string{name}, std::string{rest}});
  return std::nullopt;
}

Problem read_log_file(std::string_view rest, Script& script) {
  script.log_file = rest;
  return check_name(rest);
}

Problem block(Script& script, Obstacle::Kind kind, std::string_view reason,
              std::string_view message) {
  script.obstacle = Obstacle{kind, std::string{reason}, std::string{message}};
  return std::nullopt;
}

Problem read_pull(std::string_view rest, Script& script) {
  if (!rest.starts_with("fails")) return read_duration(rest, script.pull);
  const std::string_view message = trim(rest.substr(5));
  return block(script, Obstacle::Kind::image, "ErrImagePull",
               message.empty() ? "manifest unknown" : message);
}

Problem read_reason(std::string_view rest, Script& script, Obstacle::Kind kind) {
  const std::string_view reason = take_word(rest);
  if (reason.empty())
    return "a reason is missing, e.g. `waiting CreateContainerConfigError secret not found`";
  return block(script, kind, reason, rest);
}

Problem read_pause(std::string_view rest, Script& script) {
  if (rest == "for-ever") {
    script.for_ever = true;
    return std::nullopt;
  }
  Pause pause;
  if (const Problem problem = read_duration(rest, pause.length)) return problem;
  script.actions.emplace_back(pause);
  return std::nullopt;
}

Problem read_statement(std::string_view word, std::string_view rest, Script& script) {
  if (word == "schedule") return read_duration(rest, script.schedule);
  if (word == "unschedulable") {
    return block(script, Obstacle::Kind::unschedulable, "Unschedulable",
                 rest.empty() ? "0/1 nodes are available: 1 Insufficient cpu." : rest);
  }
  if (word == "pull") return read_pull(rest, script);
  if (word == "waiting") return read_reason(rest, script, Obstacle::Kind::waiting);
  if (word == "reject") return read_reason(rest, script, Obstacle::Kind::rejected);
  if (word == "run") return read_pause(rest, script);
  if (word == "log") {
    script.actions.emplace_back(Print{std::string{rest}});
    return std::nullopt;
  }
  if (word == "exit") return read_exit(rest, script);
  if (word == "message") {
    script.message = rest;
    return std::nullopt;
  }
  if (word == "evict") {
    script.eviction = rest.empty() ? "The node was low on resource: memory." : std::string{rest};
    return std::nullopt;
  }
  if (word == "file") return read_file(rest, script);
  if (word == "log-file") return read_log_file(rest, script);
  if (word == "term") return read_term(rest, script);
  return fmt::format("unknown statement `{}`", word);
}

}  // namespace

std::optional<milliseconds> parse_duration(std::string_view text) {
  double number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc{} || !(number >= 0) || number > 1e9) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  const double scale = unit == "ms"  ? 1
                       : unit == "s" ? 1000
                       : unit == "m" ? 60000
                       : unit == "h" ? 3600000
                                     : 0;
  if (scale == 0) return std::nullopt;
  return milliseconds{static_cast<std::int64_t>(number * scale + 0.5)};
}

std::expected<Script, ScriptFault> parse_script(std::string_view text) {
  Script script;
  script.actions.clear();
  std::size_t line = 1;
  for (; !text.empty(); ++line) {
    const std::size_t end = text.find('\n');
    std::string_view rest = trim(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (rest.empty() || rest.front() == '#') continue;
    const std::string_view word = take_word(rest);
    if (auto problem = read_statement(word, rest, script)) {
      return std::unexpected{ScriptFault{line, std::move(*problem)}};
    }
  }
  return script;
}

}  // namespace copse::runner::sandbox
