#pragma once
// The files of `rules/demo`, inside the program: the demo needs no clone beside it.

#include <string>
#include <string_view>
#include <vector>

namespace copse::runner::cli {

struct DemoFile {
  std::string_view name;  ///< below rules/demo: `templates/base.yaml`
  std::string_view text;
};

[[nodiscard]] const std::vector<DemoFile>& demo_files();

/// Below `folder`, as they are below rules/demo.
[[nodiscard]] bool write_demo_files(const std::string& folder);

}  // namespace copse::runner::cli
