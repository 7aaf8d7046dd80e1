#include "runner/cli/demo_tasks.hpp"

#include "runner/cli/demo_files.hpp"

#include <array>
#include <optional>
#include <utility>

namespace copse::runner::cli {
namespace {

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

std::string in_quotes(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

std::vector<engine::Task> originals() {
  std::vector<engine::Task> tasks;
  for (const DemoFile& file : demo_files()) {
    if (!file.name.starts_with("tasks/")) continue;
    auto task = engine::read_task({std::string(file.name), std::string(file.text)});
    if (task) tasks.push_back(std::move(*task));
  }
  return tasks;
}

struct Change {
  std::string id;
  std::string data_source;
  std::string team;  // empty: as it is
};

// The original with another identity; everything else of the real document stays.
std::optional<engine::Task> vary(const engine::Task& original, const Change& change) {
  std::string text = original.document;
  replace_all(text, in_quotes(original.id), in_quotes(change.id));
  if (original.data_source && *original.data_source != "none") {
    replace_all(text, "\"dataSource\":" + in_quotes(*original.data_source),
                "\"dataSource\":" + in_quotes(change.data_source));
  }
  if (!change.team.empty()) {
    const std::size_t at = text.find("\"team\":\"");
    if (at != std::string::npos) {
      const std::size_t begin = at + 8;
      text.replace(begin, text.find('"', begin) - begin, change.team);
    }
  }
  auto task = engine::read_task({change.id, std::move(text)});
  return task ? std::optional<engine::Task>(std::move(*task)) : std::nullopt;
}

Fate misfortune(std::uint32_t n) {
  return std::array{Fate::out_of_memory, Fate::evicted, Fate::no_status}[n % 3];
}

}  // namespace

std::vector<DemoTask> demo_tasks(std::uint32_t count, bool faults) {
  constexpr std::array data_sources{"wiki", "clicks", "orders", "telemetry", "search"};
  std::vector<DemoTask> made;
  std::vector<engine::Task> varied;
  for (engine::Task& task : originals()) {
    const bool is_kill = task.type == "kill";
    // One task of the kind that stays with the workers is enough to see it.
    if (!is_kill) varied.push_back(task);
    made.push_back({std::move(task), is_kill ? Fate::worker : Fate::succeed});
  }
  const auto add = [&](const engine::Task& original, const Change& change, Fate fate) {
    if (auto task = vary(original, change)) made.push_back({std::move(*task), fate});
  };
  for (const engine::Task& original : varied) {
    if (original.type != "index_parallel") continue;
    add(original, {std::string(bad_rows_id), "wiki", ""}, Fate::fail);
    add(original, {"canary_1", "wiki", "lab"}, Fate::no_image);
  }
  for (std::uint32_t n = 0; made.size() < count; ++n) {
    const engine::Task& original = varied[n % varied.size()];
    const Change change{original.type + "_" + std::to_string(n),
                        data_sources[n % data_sources.size()], ""};
    add(original, change, faults && n % 10 == 7 ? misfortune(n / 10) : Fate::succeed);
  }
  return made;
}

}  // namespace copse::runner::cli
