#pragma once
// The baseline of assignments: what the disk alone takes to keep them, by a loop that does nothing
// else.

#include <chrono>
#include <cstddef>
#include <expected>
#include <string>
#include <vector>

namespace copse::runner::bench {

struct Syncs {
  std::vector<std::chrono::microseconds> took;  ///< one write and one fdatasync each
  double seconds = 0;
};

/// Appends every text to a new file in `folder`, `per_sync` at a time. Fails with a text.
[[nodiscard]] std::expected<Syncs, std::string> sync_all(const std::string& folder,
                                                         const std::vector<std::string>& texts,
                                                         std::size_t per_sync);

}  // namespace copse::runner::bench
