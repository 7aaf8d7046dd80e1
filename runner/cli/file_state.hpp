#pragma once
// Whether files have changed since they were looked at last.

#include <string>
#include <vector>

namespace copse::runner::cli {

/// Which file it is, its size and its times, as one text: another text, and one of them has another
/// content or other rights now. Files that are not there count, too; empty paths do not.
[[nodiscard]] std::string file_state(const std::vector<std::string>& paths);

}  // namespace copse::runner::cli
