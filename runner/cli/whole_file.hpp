#pragma once
// Files that are written as a whole or not at all.

#include <cstddef>
#include <expected>
#include <span>
#include <string>

namespace copse::runner::cli {

/// Writes `bytes` beside the file and moves them into its place, with the rights that it had:
/// whoever watches it never sees half of it. Fails with the system's reason; nothing is changed
/// then.
[[nodiscard]] std::expected<void, std::string> replace_file(const std::string& path,
                                                            std::span<const std::byte> bytes);

}  // namespace copse::runner::cli
