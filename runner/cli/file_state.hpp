#pragma once
// Whether files have changed since they were looked at last.

#include <string>
#include <vector>

namespace copse::runner::cli {

/// Size and time of each file, as one text: another text, and one of them is another file now.
/// Files that are not there count, too; empty paths do not.
[[nodiscard]] std::string file_state(const std::vector<std::string>& paths);

}  // namespace copse::runner::cli
