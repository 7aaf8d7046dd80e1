#include "runner/overlord_sandbox/status.hpp"

#include "engine/json_writer.hpp"

#include <utility>

#include <fmt/format.h>

namespace copse::runner::overlord_sandbox {
namespace {

using engine::JsonWriter;

void write(JsonWriter& out, const overlord::TaskLocation& location) {
  out.begin_object().key("host");
  location.host.empty() ? out.null() : out.text(location.host);
  out.key("port").number(location.port).key("tlsPort").number(location.tls_port);
  if (!location.pod.empty()) out.member("k8sPodName", location.pod);
  out.end_object();
}

void write_error(JsonWriter& out, const std::string& error) {
  out.key("errorMsg");
  error.empty() ? out.null() : out.text(error);
}

// UTF-16 units of the character that begins with this byte of UTF-8; 0: it begins none.
std::size_t units_of(char first) {
  const auto byte = static_cast<unsigned char>(first);
  if ((byte & 0xC0U) == 0x80U) return 0;
  return byte >= 0xF0U ? 2 : 1;
}

}  // namespace

std::string cut_error(std::string_view text) {
  std::size_t units = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    units += units_of(text[i]);
    if (units > overlord::error_text_limit) return std::string(text.substr(0, i)) + "...";
  }
  return std::string(text);
}

TaskStatus failure(std::string id, std::string_view text) {
  return {.id = std::move(id), .state = overlord::TaskState::failed, .error = cut_error(text)};
}

std::string_view name(RunnerState state) {
  switch (state) {
    case RunnerState::waiting:
      return "WAITING";
    case RunnerState::pending:
      return "PENDING";
    case RunnerState::running:
      return "RUNNING";
    case RunnerState::none:
      return "NONE";
  }
  return "";
}

std::string to_json(const TaskStatus& status) {
  JsonWriter out;
  out.begin_object().member("id", status.id).member("status", overlord::name(status.state));
  out.key("duration").number(status.duration_ms);
  write_error(out, status.error);
  out.key("location");
  write(out, status.location);
  return out.end_object().take();
}

std::string to_json(const TaskReport& report) {
  const std::string_view state = overlord::name(report.status.state);
  JsonWriter out;
  out.begin_object().member("id", report.status.id).member("groupId", report.group_id);
  out.member("type", report.type).member("createdTime", iso_text(report.created));
  out.member("queueInsertionTime", iso_text({})).member("statusCode", state);
  out.member("status", state).member("runnerStatusCode", name(report.runner));
  out.key("duration").number(report.status.duration_ms).key("location");
  write(out, report.status.location);
  out.member("dataSource", report.data_source);
  write_error(out, report.status.error);
  return out.end_object().take();
}

std::string iso_text(Moment moment) {
  const auto day = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{moment - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     time.subseconds().count());
}

}  // namespace copse::runner::overlord_sandbox
