#pragma once
// One copse a folder: an flock on the file `lock` in it, gone with the process however it ends.
// The file names the holder for the one that comes second.

#include "runner/store/disk.hpp"
#include "runner/store/failure.hpp"

#include <expected>
#include <string>

namespace copse::runner::store {

/// Takes the lock; it is held as long as the descriptor lives. Fails with `held` when another has
/// it, in this process or another; that may pass.
[[nodiscard]] std::expected<Descriptor, Failure> lock_folder(const std::string& folder);

}  // namespace copse::runner::store
