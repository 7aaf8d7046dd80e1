#pragma once
// The cluster's memory: all objects, the one resourceVersion counter, and the recent history of
// each resource, from which watches and consistent paged lists are served.
//
// Not the API: it checks no rules and knows no defaults. It assumes one caller at a time (the
// cluster's thread). INVARIANT: each write takes the next Rv; history of a resource is ordered by
// Rv; an object whose deletion is due (deletionTimestamp set, no grace left, no finalizers) does
// not stay in the store.
//
// Cost: a write is O(log n) plus one shared version; a list page is O(page + changes since its
// snapshot).

#include "runner/sandbox/object.hpp"
#include "runner/sandbox/selector.hpp"

#include <array>
#include <deque>
#include <expected>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace copse::runner::sandbox {

enum class ChangeKind : std::uint8_t { added, modified, deleted };

/// One write. Never changed once made; shared by history, watches and the machinery.
struct Change {
  ChangeKind kind = ChangeKind::added;
  Rv rv{};
  ObjectPtr object;  ///< after the write; for `deleted` the last version with the deletion's own Rv
  ObjectPtr previous;  ///< before it; null for `added`
  /// The event as it goes to a watcher that sees exactly this kind, made by the first who needs it
  /// and dropped when no watcher holds it. Mutable since it is a cache.
  mutable std::weak_ptr<const std::string> frame;
};

using ChangePtr = std::shared_ptr<const Change>;

/// The asked-for past is no longer known.
struct Gone {
  Rv oldest{};  ///< the oldest Rv that can still be asked for
};

struct Page {
  std::vector<ObjectPtr> items;
  std::string last_key;  ///< key of the last item, for the next page
  std::size_t remaining =
      0;  ///< items behind this page; a count only for selections that do not narrow
  bool more = false;
};

class Store {
 public:
  /// `window`: changes kept per resource, at least 1. `seed` makes uids and name suffixes
  /// repeatable.
  Store(std::size_t window, std::uint64_t seed);

  [[nodiscard]] ObjectPtr find(Resource resource, std::string_view ns, std::string_view name) const;
  /// All objects of a resource, by key.
  [[nodiscard]] const std::map<std::string, ObjectPtr, std::less<>>& all(Resource resource) const;

  /// Adds an object. Precondition: its key is free. Gives it a uid unless it has one.
  ObjectPtr add(Object object);
  /// Puts `next` in the place of `current`, which must be the stored version. When that leaves a
  /// deletion due, the object is removed and a null pointer returned.
  ObjectPtr replace(const ObjectPtr& current, Object next);
  /// The same, but an object whose deletion is due stays for the `remove` that the caller owes.
  ObjectPtr mark(const ObjectPtr& current, Object next);
  /// Removes the object at once.
  void remove(const ObjectPtr& current);

  /// The Rv of the last write.
  [[nodiscard]] Rv head() const { return head_; }

  /// Lists and watches from before this Rv are Gone.
  [[nodiscard]] Rv oldest(Resource resource) const;
  /// Forgets all history, as an etcd compaction does.
  void compact();

  /// At most `limit` (0: all) matching objects after `after_key`, as they were at `at`.
  [[nodiscard]] std::expected<Page, Gone> list(Resource resource, const Selection& selection, Rv at,
                                               std::string_view after_key, std::size_t limit) const;

  /// Position in a resource's history of the first change after `rv`; Gone when that is forgotten.
  [[nodiscard]] std::expected<std::uint64_t, Gone> position_after(Resource resource, Rv rv) const;
  /// The position that the next change will have.
  [[nodiscard]] std::uint64_t end_position(Resource resource) const;
  /// The change at a position, or null when it is forgotten. Precondition: position < end_position.
  [[nodiscard]] ChangePtr at(Resource resource, std::uint64_t position) const;

  /// All changes since the last call, in order: what the machinery reacts to.
  [[nodiscard]] std::vector<ChangePtr> take_fresh();

  [[nodiscard]] bool has_fresh() const { return !fresh_.empty(); }

  [[nodiscard]] std::string new_uid();
  /// Five characters that Kubernetes puts behind a generated name.
  [[nodiscard]] std::string new_suffix();

 private:
  using Objects = std::map<std::string, ObjectPtr, std::less<>>;

  struct Shelf {
    Objects objects;
    /// The same by hash: keys that differ only in their last letters are slow to find in a tree.
    /// The keys live in the nodes of `objects`.
    std::unordered_map<std::string_view, Objects::iterator> index;
    std::deque<ChangePtr> history;
    std::uint64_t dropped = 0;  ///< changes forgotten: the position of history.front()
    Rv oldest{};
  };

  ObjectPtr put(const ObjectPtr& current, Object next, bool leaves);
  void record(ChangeKind kind, ObjectPtr object, ObjectPtr previous);

  std::array<Shelf, resource_count> shelves_;
  std::vector<ChangePtr> fresh_;
  Rv head_{1};
  std::size_t window_;
  std::mt19937_64 random_;
};

}  // namespace copse::runner::sandbox
