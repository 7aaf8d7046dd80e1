#pragma once
// The garbage collector and the namespace controller: deletes what a deleted owner leaves behind,
// ends foreground and orphaning deletions, and empties terminating namespaces.

#include "runner/sandbox/store.hpp"

#include <set>
#include <string>
#include <unordered_map>
#include <utility>

namespace copse::runner::sandbox {

class GarbageCollector {
 public:
  explicit GarbageCollector(Store& store) : store_{store} {}

  /// Notes what depends on what, and what has to be looked at.
  void observe(const Change& change);
  /// Looks at one thing. False: nothing is left to do.
  bool run_one(Moment now);

 private:
  using Place = std::pair<Resource, std::string>;  ///< resource and key

  void index(const Object& object, bool present);
  [[nodiscard]] ObjectPtr at(const Place& place) const;
  void attend_owner(const ObjectPtr& owner, Moment now);
  void collect_dependents(const std::string& owner_uid, Moment now);
  void collect(const Place& place, const std::string& owner_uid, Moment now);
  void set_free(const std::string& owner_uid);
  void empty_namespace(const ObjectPtr& ns, Moment now);

  Store& store_;
  std::unordered_map<std::string, Place> living_;  ///< uid → where it is
  std::unordered_map<std::string, std::set<Place>>
      dependents_;  ///< owner's uid → objects that name it
  std::set<std::string> terminating_namespaces_;
  std::set<std::string> dead_owners_;  ///< uids whose dependents are to be collected
  std::set<Place> attention_;          ///< objects in a foreground or orphaning deletion
};

}  // namespace copse::runner::sandbox
