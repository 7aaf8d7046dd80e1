#include "runner/cli/demo_files.hpp"

#include <filesystem>
#include <fstream>
#include <system_error>

namespace copse::runner::cli {

bool write_demo_files(const std::string& folder) {
  for (const DemoFile& file : demo_files()) {
    const std::filesystem::path path = std::filesystem::path(folder) / file.name;
    std::error_code error;
    std::filesystem::create_directories(path.parent_path(), error);
    std::ofstream out(path, std::ios::binary);
    out << file.text;
    if (!out.flush()) return false;
  }
  return true;
}

}  // namespace copse::runner::cli
