#pragma once
// What the disk did to the journal: a kind for the program, a text for people that names place,
// cause and remedy.

#include <cstdint>
#include <string>
#include <string_view>

namespace copse::runner::store {

struct Failure {
  enum class Kind : std::uint8_t {
    full,        ///< no space, or the quota is used up
    forbidden,   ///< read-only, or copse's user may not write there
    no_folder,   ///< the path is no folder and none can be made of it
    held,        ///< another copse works on this folder
    newer,       ///< written by a copse that is newer than this one
    damaged,     ///< the file is no journal, or was changed by something other than copse
    too_large,   ///< one record above record_size_limit
    overloaded,  ///< the disk is slower than what comes in: too much is queued
    disk         ///< anything else that the operating system says, such as EIO
  };
  Kind kind = Kind::disk;
  std::string text;
  bool may_retry = false;  ///< the same may succeed later, without a change of the configuration

  bool operator==(const Failure&) const = default;
};

/// The failure of one system call. `place` is the file or folder, `doing` what was tried ("write"),
/// `error` an errno.
[[nodiscard]] Failure from_errno(std::string_view place, std::string_view doing, int error);

}  // namespace copse::runner::store
