#pragma once
// How an object is deleted: grace periods, finalizers and propagation, as the generic registry of
// the API server does it. Used by the API and by the machinery alike.

#include "runner/sandbox/store.hpp"

#include <cstdint>
#include <optional>

namespace copse::runner::sandbox {

/// What happens to the objects that the deleted one owns.
enum class Propagation : std::uint8_t {
  background,  ///< it is gone at once; the garbage collector deletes them afterwards
  foreground,  ///< it stays, with a deletionTimestamp, until they are gone
  orphan       ///< they are set free
};

inline constexpr std::string_view foreground_finalizer = "foregroundDeletion";
inline constexpr std::string_view orphan_finalizer = "orphan";
inline constexpr std::string_view tracking_finalizer = "batch.kubernetes.io/job-tracking";
/// Keeps a terminating namespace until it is empty.
inline constexpr std::string_view namespace_finalizer = "kubernetes";

struct Deletion {
  ObjectPtr object;   ///< what is left, or the last version
  bool gone = false;  ///< it is no longer in the store
};

/// Propagation when the request does not say: Jobs of batch/v1 orphan, everything else goes in
/// background.
[[nodiscard]] Propagation default_propagation(Resource resource);

/// Deletes `current` (the stored version). `grace_seconds` absent: the object's own; only pods have
/// any. Asking again can shorten a grace period, never extend it.
Deletion delete_object(Store& store, const ObjectPtr& current,
                       std::optional<std::int64_t> grace_seconds, Propagation propagation,
                       Moment now);

}  // namespace copse::runner::sandbox
