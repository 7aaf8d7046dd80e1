#include "runner/cli/file_state.hpp"

#include <cstdint>
#include <filesystem>
#include <system_error>

namespace copse::runner::cli {

std::string file_state(const std::vector<std::string>& paths) {
  std::string state;
  for (const std::string& path : paths) {
    if (path.empty()) continue;
    std::error_code missing;
    const auto written = std::filesystem::last_write_time(path, missing);
    const std::int64_t time = missing ? 0 : written.time_since_epoch().count();
    const std::uintmax_t size = std::filesystem::file_size(path, missing);
    state += path + "|" + std::to_string(time) + "|" + std::to_string(missing ? 0 : size) + "\n";
  }
  return state;
}

}  // namespace copse::runner::cli
