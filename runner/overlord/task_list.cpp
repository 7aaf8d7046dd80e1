#include "runner/overlord/task_list.hpp"

#include <string_view>
#include <vector>

#include <boost/json.hpp>

namespace copse::runner::overlord {
namespace {

std::expected<std::vector<ListedTask>, AskFailure> listed(const std::string& list,
                                                          const std::string& url) {
  const AskFailure not_a_list{shown(url) + " does not answer with a list of tasks",
                              "is this the address of an Overlord or Router?"};
  boost::system::error_code error;
  const boost::json::value read = boost::json::parse(list, error);
  if (error || !read.is_array()) return std::unexpected(not_a_list);
  std::vector<ListedTask> tasks;
  for (const boost::json::value& task : read.get_array()) {
    const auto* object = task.if_object();
    const auto* id = object == nullptr ? nullptr : object->if_contains("id");
    if (id == nullptr || !id->is_string()) return std::unexpected(not_a_list);
    ListedTask& made = tasks.emplace_back();
    made.id = std::string_view(id->get_string());
    // -1 until it has ended.
    const auto* duration = object->if_contains("duration");
    if (duration != nullptr && duration->is_int64() && duration->get_int64() >= 0)
      made.duration_ms = duration->get_int64();
  }
  return tasks;
}

}  // namespace

std::expected<void, AskFailure> read_tasks(
    const TaskQuery& query,
    const std::function<void(const ListedTask&, std::expected<std::string, AskFailure>)>& visit) {
  Asker asker(query.url);
  std::string path = "/druid/indexer/v1/tasks?max=" + std::to_string(query.max_tasks);
  if (query.state != "all") path += "&state=" + query.state;
  const auto list = asker.get(path);
  if (!list) return std::unexpected(list.error());
  auto tasks = listed(*list, query.url);
  if (!tasks) return std::unexpected(std::move(tasks.error()));
  if (tasks->size() > query.max_tasks) tasks->resize(query.max_tasks);
  for (const ListedTask& task : *tasks)
    visit(task, asker.get("/druid/indexer/v1/task/" + path_segment(task.id)));
  return {};
}

}  // namespace copse::runner::overlord
