#include "runner/kube/query.hpp"

namespace copse::runner::kube {
namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string collection(std::string_view group, std::string_view namespace_name,
                       std::string_view kind, std::string_view name) {
  std::string path(group);
  path += "/namespaces/" + percent_encoded(namespace_name) + "/";
  path += kind;
  if (!name.empty()) path += "/" + percent_encoded(name);
  return path;
}

}  // namespace

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c)) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(hex[byte >> 4U]);
    out.push_back(hex[byte & 15U]);
  }
  return out;
}

Query& Query::add(std::string_view key, std::string_view value) {
  if (value.empty()) return *this;
  text += text.find('?') == std::string::npos ? '?' : '&';
  text += key;
  text += '=';
  text += percent_encoded(value);
  return *this;
}

Query& Query::add(std::string_view key, std::uint64_t value) {
  return add(key, std::to_string(value));
}

std::string jobs_path(std::string_view namespace_name, std::string_view name) {
  return collection("/apis/batch/v1", namespace_name, "jobs", name);
}

std::string pods_path(std::string_view namespace_name, std::string_view name) {
  return collection("/api/v1", namespace_name, "pods", name);
}

std::string config_maps_path(std::string_view namespace_name, std::string_view name) {
  return collection("/api/v1", namespace_name, "configmaps", name);
}

std::string events_path(std::string_view namespace_name) {
  return collection("/api/v1", namespace_name, "events", {});
}

}  // namespace copse::runner::kube
