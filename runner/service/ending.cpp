#include "runner/service/ending.hpp"

#include "adapters/job_name.hpp"
#include "engine/source.hpp"

#include <utility>

namespace copse::runner::service {
namespace {

constexpr std::string_view ellipsis = "…";

// The first `count` code points.
std::string_view front(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const bool begins = (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
    if (begins && count-- == 0) break;
  }
  return text.substr(0, at);
}

}  // namespace

duty::End ending_of(const job::Outcome& outcome, std::chrono::milliseconds duration) {
  if (outcome.status == job::Outcome::Status::success)
    return {overlord::TaskState::success, "", duration.count()};
  return {overlord::TaskState::failed, error_text(outcome.reason, outcome.text), duration.count()};
}

std::string error_text(job::Reason reason, std::string_view text) {
  std::string whole = whole_error_text(reason, text);
  if (engine::code_points(whole) <= overlord::error_text_limit) return whole;
  const std::string_view kept = front(whole, overlord::error_text_limit - 1);
  const std::size_t word = kept.rfind(' ');
  // A long word is cut within: better half of a class name than nothing of it.
  const bool is_near = word != std::string_view::npos && word > kept.size() * 3 / 4;
  return std::string(is_near ? kept.substr(0, word) : kept) + std::string(ellipsis);
}

std::string whole_error_text(job::Reason reason, std::string_view text) {
  const std::string code = reason == job::Reason::task ? "" : std::string(name(reason)) + ": ";
  return code + std::string(text);
}

std::string refusal_text(const kube::Failure& failure) {
  const std::size_t at =
      failure.message.empty() ? std::string::npos : failure.text.find(": " + failure.message);
  if (at == std::string::npos) return failure.text;
  return failure.text.substr(at + 2) + "; " + failure.text.substr(0, at);
}

overlord::TaskLocation location_of(const job::PodPlace& place) {
  return {place.ip, place.tls ? -1 : peon_port, place.tls ? peon_tls_port : -1, place.pod};
}

std::string label_of(std::string_view task_id) {
  return adapters::task_hash(task_id);
}

}  // namespace copse::runner::service
