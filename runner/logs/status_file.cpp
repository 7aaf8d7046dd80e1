#include "runner/logs/status_file.hpp"

#include "runner/logs/log_file.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include <simdjson.h>
#include <sys/stat.h>

namespace copse::runner::logs {
namespace {

job::StatusReport unreadable(std::string why) {
  return {job::StatusReport::State::unreadable, false, std::move(why)};
}

}  // namespace

job::StatusReport parse_task_status(std::string_view text) {
  if (text.empty()) return {};  // simdjson would copy from nowhere
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(text.data(), text.size()).get_object().get(object)) return {};
  std::string_view status;
  if (object["status"].get_string().get(status)) return {};
  if (status != "SUCCESS" && status != "FAILED") {
    return unreadable("it says `" + std::string(status) + "`, which is no end");
  }
  std::string_view message;
  if (object["errorMsg"].get_string().get(message)) message = {};  // null for a success
  return {job::StatusReport::State::read, status == "SUCCESS", std::string(message)};
}

std::string status_path(std::string_view directory, std::string_view task_id) {
  return std::string(directory) + "/" + std::string(task_id) + ".status.json";
}

job::StatusReport read_status_file(const std::string& directory, const std::string& task_id,
                                   std::optional<std::chrono::sys_seconds> job_created) {
  if (!is_file_name(task_id)) return unreadable("the task id `" + task_id + "` is no file name");
  const std::string path = status_path(directory, task_id);

  struct stat info{};

  if (::stat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return {};
    return unreadable(path + ": " + std::strerror(errno));
  }
  const std::chrono::sys_seconds written{std::chrono::seconds(info.st_mtim.tv_sec)};
  if (job_created && written + clock_skew < *job_created) return {};
  if (static_cast<std::size_t>(info.st_size) > status_size_limit)
    return unreadable(path + " is too large for a status");
  std::ifstream file(path, std::ios::binary);
  if (!file) return unreadable(path + ": " + std::strerror(errno));
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  job::StatusReport report = parse_task_status(text);
  if (report.state != job::StatusReport::State::absent) return report;
  return unreadable(path + " is not a task status");
}

}  // namespace copse::runner::logs
