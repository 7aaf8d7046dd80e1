#include "runner/cli/sarif.hpp"

#include "engine/json_writer.hpp"

#include <algorithm>
#include <set>

namespace copse::runner::cli {
namespace {

using engine::JsonWriter;

// RFC 3986: what a path may not hold as it is stands as `%` and two digits.
std::string as_uri(std::string_view path) {
  if (path == "<stdin>") return "stdin";
  constexpr std::string_view plain = "-._~/+@,=";
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string uri;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || plain.contains(c);
    if (is_plain) {
      uri += c;
    } else {
      uri += {'%', digits[byte >> 4U], digits[byte & 15U]};
    }
  }
  return uri;
}

void write_location(JsonWriter& out, const engine::Place& place, std::string_view message = {}) {
  out.begin_object();
  if (!message.empty()) out.key("message").begin_object().member("text", message).end_object();
  out.key("physicalLocation").begin_object();
  out.key("artifactLocation").begin_object().member("uri", as_uri(place.file)).end_object();
  if (place.line > 0) {
    // Columns count code points here, as the tool says of itself; the end is behind the last.
    const std::uint32_t width = std::max(place.underline_length, 1U);
    out.key("region").begin_object().key("startLine").number(std::int64_t{place.line});
    out.key("startColumn").number(std::int64_t{place.column});
    out.key("endColumn").number(std::int64_t{place.column} + width).end_object();
  }
  out.end_object().end_object();
}

std::string message(const engine::Diagnostic& each) {
  std::string text = each.title;
  if (!each.label.empty()) text += ": " + each.label;
  for (const std::string& note : each.notes) text += "\n" + note;
  if (!each.help.empty()) text += "\n" + each.help;
  return text;
}

}  // namespace

std::string to_sarif(const engine::Diagnostics& diagnostics) {
  std::set<std::string> codes;
  for (const engine::Diagnostic& each : diagnostics) codes.insert(each.code);
  JsonWriter out;
  out.begin_object().member("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
  out.member("version", "2.1.0").key("runs").begin_array().begin_object();
  out.member("columnKind", "unicodeCodePoints").key("tool").begin_object().key("driver");
  out.begin_object().member("name", "copse").member("version", COPSE_VERSION);
  out.key("rules").begin_array();
  for (const std::string& code : codes) out.begin_object().member("id", code).end_object();
  out.end_array().end_object().end_object().key("results").begin_array();
  for (const engine::Diagnostic& each : diagnostics) {
    out.begin_object().member("ruleId", each.code).member("level", name(each.severity));
    out.key("message").begin_object().member("text", message(each)).end_object();
    out.key("locations").begin_array();
    if (!each.place.file.empty()) write_location(out, each.place);
    out.end_array();
    if (each.cause) {
      out.key("relatedLocations").begin_array();
      write_location(out, each.cause->place, each.cause->label);
      out.end_array();
    }
    out.end_object();
  }
  out.end_array().end_object().end_array().end_object();
  return out.take();
}

}  // namespace copse::runner::cli
