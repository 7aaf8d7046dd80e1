#include "runner/sandbox/target.hpp"

#include <charconv>

namespace copse::runner::sandbox {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
        hex_value(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

/// Takes the next path segment.
std::string_view take(std::string_view& path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  const std::size_t end = path.find('/');
  const std::string_view segment = path.substr(0, end);
  path = end == std::string_view::npos ? std::string_view{} : path.substr(end);
  return segment;
}

void parse_query(Target& target, std::string_view query) {
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
    const std::size_t equal = pair.find('=');
    const std::string_view value =
        equal == std::string_view::npos ? std::string_view{} : pair.substr(equal + 1);
    target.query.emplace_back(decode(pair.substr(0, equal), true), decode(value, true));
  }
}

void parse_path(Target& target) {
  std::string_view rest = target.path;
  const std::string_view root = take(rest);
  if (root != "api" && root != "apis") return;
  const std::string_view group = root == "apis" ? take(rest) : std::string_view{};
  const std::string_view version = take(rest);
  std::string_view plural = take(rest);
  std::string_view ns;
  if (plural == "namespaces") {
    // /namespaces/x is the namespace itself; /namespaces/x/jobs are the Jobs in it.
    std::string_view behind = rest;
    const std::string_view name = take(behind);
    const std::string_view next = take(behind);
    if (!next.empty() && next != "status" && next != "finalize") {
      ns = name;
      plural = next;
      rest = behind;
    }
  }
  const ResourceInfo* found = find_resource(group, version, plural);
  if (found == nullptr || (!ns.empty() && !found->namespaced)) return;
  target.ns = ns;
  target.name = take(rest);
  target.subresource = take(rest);
  if (rest.empty() || rest == "/") target.resource = found;
}

}  // namespace

std::string_view Target::get(std::string_view key) const {
  for (const auto& [parameter, value] : query) {
    if (parameter == key) return value;
  }
  return {};
}

bool Target::flag(std::string_view key) const {
  for (const auto& [parameter, value] : query) {
    if (parameter == key) return value == "true" || value == "1" || value.empty();
  }
  return false;
}

std::optional<std::uint64_t> Target::number(std::string_view key) const {
  const std::string_view text = get(key);
  std::uint64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Target parse_target(std::string_view text) {
  Target target;
  const std::size_t question = text.find('?');
  target.path = decode(text.substr(0, question), false);
  if (question != std::string_view::npos) parse_query(target, text.substr(question + 1));
  parse_path(target);
  return target;
}

}  // namespace copse::runner::sandbox
