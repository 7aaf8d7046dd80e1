#include "adapters/job_name.hpp"

#include "engine/murmur3.hpp"

#include <algorithm>

namespace copse::adapters {
namespace {

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_alphanumeric(char c) {
  return is_lower(c) || is_upper(c) || is_digit(c);
}

// The backslash is a defect of Druid's pattern (reference 1.2) that names depend on.
bool survives_in_name(char c) {
  return is_alphanumeric(c) || c == '\\';
}

bool is_trimmed(char c) {
  return c == '_' || c == '.' || c == '-';
}

std::string stripped(std::string_view text, std::size_t limit) {
  std::string kept;
  for (const char c : text) {
    if (kept.size() == limit) break;
    if (survives_in_name(c)) kept += is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return kept;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_trimmed(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_trimmed(text.back())) text.remove_suffix(1);
  return text;
}

// What Java's getBytes(UTF_8) makes of the text: each lone surrogate becomes `?`.
std::string java_bytes(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool surrogate = static_cast<unsigned char>(text[i]) == 0xED && i + 2 < text.size() &&
                           static_cast<unsigned char>(text[i + 1]) >= 0xA0;
    if (surrogate) {
      bytes += '?';
      i += 2;
    } else {
      bytes += text[i];
    }
  }
  return bytes;
}

}  // namespace

std::string task_hash(std::string_view task_id) {
  return engine::murmur3_x64_128(java_bytes(task_id));
}

std::string job_name(std::string_view prefix, std::string_view task_id) {
  return stripped(prefix.empty() ? task_id : prefix, job_name_stem_limit) + "-" +
         task_hash(task_id);
}

std::string task_id_label(std::string_view task_id) {
  return stripped(task_id, label_limit);
}

std::string free_label(std::string_view text, engine::Release release) {
  std::string kept;
  std::copy_if(text.begin(), text.end(), std::back_inserter(kept),
               [](char c) { return is_alphanumeric(c) || is_trimmed(c); });
  const std::string_view all = kept;
  if (engine::has(release, engine::Behaviour::label_cut_before_trim)) {
    return std::string(trimmed(all.substr(0, label_limit)));
  }
  return std::string(trimmed(all).substr(0, label_limit));
}

std::string task_and_job(std::string_view prefix, std::string_view task_id) {
  return "[ " + std::string(task_id) + ", " + job_name(prefix, task_id) + "]";
}

bool is_valid_job_name(std::string_view name) {
  return !name.empty() && name.size() <= label_limit && name.front() != '-' && name.back() != '-' &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

bool is_valid_label_value(std::string_view value) {
  if (value.empty()) return true;
  return value.size() <= label_limit && is_alphanumeric(value.front()) &&
         is_alphanumeric(value.back()) && std::all_of(value.begin(), value.end(), [](char c) {
           return is_alphanumeric(c) || is_trimmed(c);
         });
}

}  // namespace copse::adapters
