#include "runner/cli/event_log.hpp"

#include "engine/json_writer.hpp"

#include <chrono>
#include <string_view>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace copse::runner::cli {
namespace {

using service::ServiceEvent;
using service::TaskEvent;
using Level = ServiceEvent::Level;

spdlog::level::level_enum level_of(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

std::string_view name_of(Level level, bool for_people) {
  switch (level) {
    case Level::debug:
      return for_people ? "DEBUG" : "debug";
    case Level::info:
      return for_people ? "INFO " : "info";
    case Level::warning:
      return for_people ? "WARN " : "warning";
    case Level::error:
      return for_people ? "ERROR" : "error";
  }
  return "";
}

std::string now() {
  const auto time = std::chrono::system_clock::now();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch());
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(time)), ms.count() % 1000);
}

// A value that one can copy, or one in quotes: with a blank, a quote, or what would end the line.
std::string quoted(std::string_view value) {
  const bool is_plain =
      !value.empty() && value.find_first_of(" \t\r\n\"\\=") == std::string_view::npos;
  if (is_plain) return std::string(value);
  return engine::quoted(value);
}

std::string json_of(const ServiceEvent& event) {
  engine::JsonWriter out;
  out.begin_object().member("time", now()).member("level", name_of(event.level, false));
  out.member("event", event.what);
  for (const auto& [name, value] : event.fields) out.member(name, value);
  return out.end_object().take();
}

}  // namespace

std::string text_of(const ServiceEvent& event) {
  std::string line(event.what);
  for (const auto& [name, value] : event.fields) {
    line += line.size() == event.what.size() ? "  " : " ";
    line += name;
    line += '=';
    line += quoted(value);
  }
  return line;
}

ServiceEvent event_of(const TaskEvent& event) {
  using What = TaskEvent::What;
  ServiceEvent made;
  made.what = service::log_name(event.what);
  made.fields.emplace_back("task", std::string(event.task_id));
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) made.fields.emplace_back(name, std::string(value));
  };
  const auto ms = [&](std::string_view name, std::chrono::milliseconds time) {
    made.fields.emplace_back(name, std::to_string(time.count()));
  };
  switch (event.what) {
    case What::accepted:
    case What::recovered:
      add("type", event.type);
      add("dataSource", event.data_source);
      break;
    case What::decided:
      add("rule", event.detail);
      add("template", event.more);
      break;
    case What::refused:
      made.level = Level::warning;
      add("why", event.detail);
      break;
    case What::created:
      add("job", event.detail);
      break;
    case What::waits:
      made.level = Level::warning;
      add("why", event.more);
      add("reason", event.detail);
      break;
    case What::scheduled:
      add("node", event.detail);
      break;
    case What::started:
      add("pod", event.detail);
      ms("ms", event.since_acceptance);
      break;
    case What::located:
      add("address", event.detail);
      break;
    case What::ended:
      if (event.detail != "SUCCESS") made.level = Level::warning;
      add("status", event.detail);
      add("why", event.more);
      ms("ms", event.since_acceptance);
      break;
    case What::pulled:
    case What::killed:
    case What::announced:
    case What::acknowledged:
      break;
  }
  return made;
}

struct EventLog::Sink {
  spdlog::logger logger{"copse", std::make_shared<spdlog::sinks::stdout_sink_mt>()};
};

EventLog::EventLog(Format format) : sink_(std::make_unique<Sink>()), format_(format) {
  sink_->logger.set_pattern("%v");
  sink_->logger.set_level(spdlog::level::debug);
  sink_->logger.flush_on(spdlog::level::debug);
}

EventLog::~EventLog() = default;

void EventLog::write(const ServiceEvent& event) {
  if (format_ == Format::json) return sink_->logger.log(level_of(event.level), json_of(event));
  sink_->logger.log(level_of(event.level), "{} {} {}", now(), name_of(event.level, true),
                    text_of(event));
}

void EventLog::write(const TaskEvent& event) {
  write(event_of(event));
}

}  // namespace copse::runner::cli
