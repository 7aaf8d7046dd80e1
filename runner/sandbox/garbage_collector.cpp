#include "runner/sandbox/garbage_collector.hpp"

#include "runner/sandbox/deletion.hpp"

#include <algorithm>
#include <vector>

namespace copse::runner::sandbox {
namespace {

bool needs_attention(const Object& object) {
  return object.deletion &&
         (has_finalizer(object, foreground_finalizer) || has_finalizer(object, orphan_finalizer) ||
          object.resource == Resource::namespaces);
}

bool names_kind_served(const Owner& owner) {
  return std::any_of(resources().begin(), resources().end(),
                     [&](const ResourceInfo& row) { return row.kind == owner.kind; });
}

}  // namespace

void GarbageCollector::observe(const Change& change) {
  const Object& object = *change.object;
  if (object.resource == Resource::events) return;
  const bool present = change.kind != ChangeKind::deleted;
  if (change.previous != nullptr && change.previous->written != object.written)
    index(*change.previous, false);
  if (change.kind != ChangeKind::modified || change.previous->written != object.written)
    index(object, present);
  if (present) {
    if (change.kind == ChangeKind::added) {
      living_.emplace(object.uid, Place{object.resource, key_of(object)});
    }
    if (needs_attention(object)) attention_.insert({object.resource, key_of(object)});
    return;
  }
  living_.erase(object.uid);
  if (dependents_.contains(object.uid)) dead_owners_.insert(object.uid);
  for (const Owner& owner : object.written->owners) {
    const auto home = living_.find(owner.uid);
    if (home == living_.end()) continue;
    const ObjectPtr alive = at(home->second);
    if (alive != nullptr && needs_attention(*alive)) attention_.insert(home->second);
  }
  if (terminating_namespaces_.contains(object.ns))
    attention_.insert({Resource::namespaces, object.ns});
}

void GarbageCollector::index(const Object& object, bool present) {
  for (const Owner& owner : object.written->owners) {
    std::set<Place>& places = dependents_[owner.uid];
    if (present) {
      places.insert({object.resource, key_of(object)});
      if (!living_.contains(owner.uid) && names_kind_served(owner)) dead_owners_.insert(owner.uid);
    } else {
      places.erase({object.resource, key_of(object)});
    }
    if (places.empty()) dependents_.erase(owner.uid);
  }
}

ObjectPtr GarbageCollector::at(const Place& place) const {
  const auto& objects = store_.all(place.first);
  const auto found = objects.find(place.second);
  return found == objects.end() ? nullptr : found->second;
}

bool GarbageCollector::run_one(Moment now) {
  if (!dead_owners_.empty()) {
    const std::string uid = *dead_owners_.begin();
    dead_owners_.erase(dead_owners_.begin());
    collect_dependents(uid, now);
    return true;
  }
  if (attention_.empty()) return false;
  const Place place = *attention_.begin();
  attention_.erase(attention_.begin());
  if (const ObjectPtr owner = at(place); owner != nullptr && owner->deletion)
    attend_owner(owner, now);
  return true;
}

void GarbageCollector::attend_owner(const ObjectPtr& owner, Moment now) {
  if (owner->resource == Resource::namespaces) {
    empty_namespace(owner, now);
    return;
  }
  Object next = *owner;
  if (has_finalizer(*owner, orphan_finalizer)) {
    set_free(owner->uid);
    remove_finalizer(next, orphan_finalizer);
    store_.replace(owner, std::move(next));
  } else if (has_finalizer(*owner, foreground_finalizer)) {
    collect_dependents(owner->uid, now);
    const auto left = dependents_.find(owner->uid);
    const bool blocked =
        left != dependents_.end() &&
        std::any_of(left->second.begin(), left->second.end(), [&](const Place& place) {
          const ObjectPtr object = at(place);
          return object != nullptr &&
                 std::any_of(object->written->owners.begin(), object->written->owners.end(),
                             [&](const Owner& one) {
                               return one.uid == owner->uid && one.blocks_deletion;
                             });
        });
    if (blocked) return;
    remove_finalizer(next, foreground_finalizer);
    store_.replace(owner, std::move(next));
  }
}

void GarbageCollector::collect_dependents(const std::string& owner_uid, Moment now) {
  const auto found = dependents_.find(owner_uid);
  if (found == dependents_.end()) return;
  const std::vector<Place> places{found->second.begin(), found->second.end()};
  for (const Place& place : places) collect(place, owner_uid, now);
}

/// Deletes a dependent, unless another of its owners still lives: then only the reference goes.
void GarbageCollector::collect(const Place& place, const std::string& owner_uid, Moment now) {
  const ObjectPtr object = at(place);
  if (object == nullptr || object->deletion) return;
  const auto& owners = object->written->owners;
  const bool kept = std::any_of(owners.begin(), owners.end(), [&](const Owner& owner) {
    return owner.uid != owner_uid && living_.contains(owner.uid);
  });
  if (!kept) {
    delete_object(store_, object, {.propagation = Propagation::background}, now);
    return;
  }
  Object next = *object;
  Written written = *object->written;
  std::erase_if(written.owners, [&](const Owner& owner) { return owner.uid == owner_uid; });
  next.written = std::make_shared<const Written>(std::move(written));
  store_.replace(object, std::move(next));
}

void GarbageCollector::set_free(const std::string& owner_uid) {
  const auto found = dependents_.find(owner_uid);
  if (found == dependents_.end()) return;
  for (const Place& place : std::vector<Place>{found->second.begin(), found->second.end()}) {
    const ObjectPtr object = at(place);
    if (object == nullptr) continue;
    Object next = *object;
    Written written = *object->written;
    std::erase_if(written.owners, [&](const Owner& owner) { return owner.uid == owner_uid; });
    next.written = std::make_shared<const Written>(std::move(written));
    store_.replace(object, std::move(next));
  }
}

/// Deletes everything in a terminating namespace; the last to go takes the namespace with it.
void GarbageCollector::empty_namespace(const ObjectPtr& ns, Moment now) {
  terminating_namespaces_.insert(ns->name);
  bool is_empty = true;
  for (const ResourceInfo& row : resources()) {
    if (!row.namespaced) continue;
    const auto page = store_.list(row.id, Selection{.ns = ns->name, .labels = {}, .fields = {}},
                                  store_.head(), {}, 0);
    for (const ObjectPtr& object : page->items) {
      const Deletion deletion =
          object->deletion
              ? Deletion{object, false}
              : delete_object(store_, object, {.propagation = Propagation::background}, now);
      is_empty = is_empty && deletion.gone;
    }
  }
  if (!is_empty) return;
  terminating_namespaces_.erase(ns->name);
  Object next = *ns;
  remove_finalizer(next, namespace_finalizer);
  store_.replace(ns, std::move(next));
}

}  // namespace copse::runner::sandbox
