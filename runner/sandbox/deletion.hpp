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

/// How somebody wants an object to be deleted.
struct DeleteWish {
  /// Absent: the object's own. Only pods have any.
  std::optional<std::int64_t> grace_seconds{};
  /// Absent: what an earlier request asked for, else the resource's default.
  std::optional<Propagation> propagation{};
};

/// What a deletion makes of an object, before anything is written.
struct DeletionPlan {
  Object object;         ///< the next version, or the same where nothing changes
  bool changes = false;  ///< `object` is to be written …
  bool goes = false;     ///< … and after that the object is to be removed
};

struct Deletion {
  ObjectPtr object;   ///< what is left, or the last version
  bool gone = false;  ///< it is no longer in the store
};

/// Propagation when nobody says: Jobs of batch/v1 orphan, everything else goes in background.
[[nodiscard]] Propagation default_propagation(Resource resource);

/// Decides. Asking again can shorten a grace period, never extend it. A pod is marked with its
/// deletion even where it goes at once: watches see it terminating.
[[nodiscard]] DeletionPlan plan_deletion(const Object& current, const DeleteWish& wish, Moment now);

/// Deletes `current` (the stored version) as planned.
Deletion delete_object(Store& store, const ObjectPtr& current, const DeleteWish& wish, Moment now);

}  // namespace copse::runner::sandbox
