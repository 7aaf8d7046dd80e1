#include "grammar/druid_reader.hpp"

#include "engine/json_fault.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace copse::grammar {

using engine::Severity;
using engine::Span;

void DruidReader::say(Severity severity, std::string code, std::string title, Span span,
                      std::string label, std::string help) {
  engine::Diagnostic& diagnostic = found_.emplace_back();
  diagnostic.severity = severity;
  diagnostic.code = std::move(code);
  diagnostic.title = std::move(title);
  diagnostic.place = places_.place(span);
  diagnostic.label = std::move(label);
  diagnostic.help = std::move(help);
}

bool DruidReader::begin() {
  const auto fault = known_ == Json::valid ? std::nullopt : engine::find_json_fault(source_.text);
  if (fault) {
    say(Severity::error, "P0101", fault->title, {fault->begin, fault->end},
        "this is not JSON from here on", fault->help);
    return false;
  }
  if (json_.kind() == Kind::object) return true;
  (void)wrong("a configuration", "a JSON object");
  return false;
}

std::unexpected<Stop> DruidReader::stop(std::string code, std::string title, Span span,
                                        std::string label, std::string help) {
  say(Severity::error, std::move(code), std::move(title), span, std::move(label), std::move(help));
  return std::unexpected(Stop{});
}

void DruidReader::warn(std::string code, std::string title, Span span, std::string label,
                       std::string help) {
  say(Severity::warning, std::move(code), std::move(title), span, std::move(label),
      std::move(help));
}

std::unexpected<Stop> DruidReader::wrong(std::string_view what, std::string_view wanted) {
  return stop("P0201",
              std::string(what) + " must be " + std::string(wanted) + ", not " +
                  std::string(word(json_.kind())),
              json_.span(), "Druid cannot read this");
}

Or<std::optional<std::string>> DruidReader::text(std::string_view what) {
  switch (json_.kind()) {
    case Kind::text:
      return json_.text();
    case Kind::number:
    case Kind::boolean:
      return std::string(json_.scalar());
    case Kind::null:
      json_.skip();
      return std::nullopt;
    case Kind::object:
    case Kind::array:
      break;
  }
  return wrong(what, "a text");
}

Or<std::optional<Texts>> DruidReader::texts(const std::string& what) {
  if (json_.kind() == Kind::null) {
    json_.skip();
    return std::nullopt;
  }
  if (json_.kind() != Kind::array) return wrong(what, "a list of texts");
  json_.enter();
  Texts list;
  std::unordered_set<std::string> seen;  // of a list that is not short
  const auto is_new = [&](const std::optional<std::string>& each) {
    constexpr std::size_t few = 16;
    if (!each || list.size() < few) return std::find(list.begin(), list.end(), each) == list.end();
    if (seen.empty()) {
      for (const auto& before : list) {
        if (before) seen.insert(*before);
      }
    }
    return seen.insert(*each).second;
  };
  while (json_.next_element()) {
    const Kind kind = json_.kind();
    if (kind == Kind::null)
      warn("P0208", "null in " + what + " matches nothing", json_.span(), "", "remove it");
    if (kind == Kind::object || kind == Kind::array)
      return wrong("each entry of " + what, "a text");
    auto each = text({});
    if (!each) return std::unexpected(Stop{});
    if (is_new(*each)) list.push_back(std::move(*each));
  }
  return list;
}

void DruidReader::unknown(const std::string& name, Span span,
                          const std::vector<std::string_view>& known, std::string_view where) {
  const std::string_view near = engine::nearest(name, known);
  warn("P0203", std::string(where) + " has no member `" + name + "`", span, "Druid ignores it",
       near.empty() ? "" : "did you mean `" + std::string(near) + "`?");
  json_.skip();
}

std::string suggest(std::string_view word, const std::vector<std::string_view>& known) {
  if (const std::string_view near = engine::nearest(word, known); !near.empty()) {
    return "did you mean `" + std::string(near) + "`?";
  }
  std::string list = "there are";
  for (std::size_t i = 0; i < known.size(); ++i) {
    list += (i == 0                  ? " `"
             : i + 1 == known.size() ? " and `"
                                     : ", `") +
            std::string(known[i]) + "`";
  }
  return list;
}

}  // namespace copse::grammar
