#pragma once
// The files of `rules/demo`, inside the program: the demo needs no clone beside it.

#include <string_view>
#include <vector>

namespace copse::runner::cli {

struct DemoFile {
  std::string_view name;  ///< below rules/demo: `templates/base.yaml`
  std::string_view text;
};

[[nodiscard]] const std::vector<DemoFile>& demo_files();

}  // namespace copse::runner::cli
