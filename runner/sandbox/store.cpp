#include "runner/sandbox/store.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace copse::runner::sandbox {
namespace {

using Objects = std::map<std::string, ObjectPtr, std::less<>>;

bool deletion_due(const Object& object) {
  return object.deletion && object.finalizers.empty() && object.grace_seconds == 0;
}

/// Adds one visited object to the page; false when the page is full and nothing more need be looked
/// at.
bool take(Page& page, const Selection& selection, const std::string& key, const ObjectPtr& object,
          std::size_t limit) {
  if (!selection.matches(*object)) return true;
  if (limit == 0 || page.items.size() < limit) {
    page.items.push_back(object);
    page.last_key = key;
    return true;
  }
  page.more = true;
  ++page.remaining;
  return !selection.narrows();
}

/// Walks two maps in key order as if `past` were laid over `now` (null: absent then).
Page merge(const Objects& now, const std::map<std::string, ObjectPtr>& past,
           const Selection& selection, std::string_view after_key, std::size_t limit) {
  Page page;
  const std::string prefix = selection.ns.empty() ? std::string{} : selection.ns + "/";
  const std::string start = std::max(std::string{after_key}, prefix);
  auto n = now.lower_bound(start);
  auto p = past.lower_bound(start);
  while (n != now.end() || p != past.end()) {
    const bool from_past = p != past.end() && (n == now.end() || p->first <= n->first);
    const std::string& key = from_past ? p->first : n->first;
    const ObjectPtr& object = from_past ? p->second : n->second;
    if (!key.starts_with(prefix)) break;
    if (object != nullptr && key > after_key && !take(page, selection, key, object, limit)) break;
    if (from_past && n != now.end() && n->first == p->first) ++n;
    from_past ? static_cast<void>(++p) : static_cast<void>(++n);
  }
  return page;
}

}  // namespace

Store::Store(std::size_t window, std::uint64_t seed)
    : window_{std::max<std::size_t>(window, 1)}, random_{seed} {
  for (Shelf& shelf : shelves_) shelf.oldest = head_;
}

ObjectPtr Store::find(Resource resource, std::string_view ns, std::string_view name) const {
  const auto& index = shelves_[std::to_underlying(resource)].index;
  const auto at = index.find(key_of(ns, name));
  return at == index.end() ? nullptr : at->second->second;
}

const Objects& Store::all(Resource resource) const {
  return shelves_[std::to_underlying(resource)].objects;
}

ObjectPtr Store::add(Object object) {
  if (object.uid.empty()) object.uid = new_uid();
  head_ = Rv{std::to_underlying(head_) + 1};
  object.rv = head_;
  const auto stored = std::make_shared<const Object>(std::move(object));
  Shelf& shelf = shelves_[std::to_underlying(stored->resource)];
  const auto [place, is_new] = shelf.objects.emplace(key_of(*stored), stored);
  assert(is_new);
  if (is_new) shelf.index.emplace(place->first, place);
  record(ChangeKind::added, stored, nullptr);
  return stored;
}

ObjectPtr Store::replace(const ObjectPtr& current, Object next) {
  const bool due = deletion_due(next);
  ObjectPtr stored = put(current, std::move(next), due);
  return due ? nullptr : stored;
}

ObjectPtr Store::mark(const ObjectPtr& current, Object next) {
  return put(current, std::move(next), false);
}

ObjectPtr Store::put(const ObjectPtr& current, Object next, bool leaves) {
  head_ = Rv{std::to_underlying(head_) + 1};
  next.rv = head_;
  auto stored = std::make_shared<const Object>(std::move(next));
  Shelf& shelf = shelves_[std::to_underlying(stored->resource)];
  const auto at = shelf.index.find(key_of(*stored));
  assert(at != shelf.index.end() && at->second->second == current);
  if (leaves) {
    const auto place = at->second;
    shelf.index.erase(at);
    shelf.objects.erase(place);
  } else {
    at->second->second = stored;
  }
  record(leaves ? ChangeKind::deleted : ChangeKind::modified, stored, current);
  return stored;
}

void Store::remove(const ObjectPtr& current) {
  Object last = *current;
  if (!last.deletion) last.grace_seconds = 0;
  head_ = Rv{std::to_underlying(head_) + 1};
  last.rv = head_;
  Shelf& shelf = shelves_[std::to_underlying(last.resource)];
  const auto at = shelf.index.find(key_of(last));
  assert(at != shelf.index.end());
  const auto place = at->second;
  shelf.index.erase(at);
  shelf.objects.erase(place);
  record(ChangeKind::deleted, std::make_shared<const Object>(std::move(last)), current);
}

void Store::record(ChangeKind kind, ObjectPtr object, ObjectPtr previous) {
  Shelf& shelf = shelves_[std::to_underlying(object->resource)];
  const auto change = std::make_shared<const Change>(Change{.kind = kind,
                                                            .rv = object->rv,
                                                            .object = object,
                                                            .previous = std::move(previous),
                                                            .frame = {}});
  shelf.history.push_back(change);
  if (shelf.history.size() > window_) {
    shelf.oldest = shelf.history.front()->rv;
    shelf.history.pop_front();
    ++shelf.dropped;
  }
  fresh_.push_back(change);
}

Rv Store::oldest(Resource resource) const {
  return shelves_[std::to_underlying(resource)].oldest;
}

void Store::compact() {
  for (Shelf& shelf : shelves_) {
    shelf.dropped += shelf.history.size();
    shelf.history.clear();
    shelf.oldest = head_;
  }
}

std::expected<Page, Gone> Store::list(Resource resource, const Selection& selection, Rv at,
                                      std::string_view after_key, std::size_t limit) const {
  const Shelf& shelf = shelves_[std::to_underlying(resource)];
  if (at < shelf.oldest) return std::unexpected{Gone{shelf.oldest}};
  std::map<std::string, ObjectPtr> past;
  for (auto change = shelf.history.rbegin(); change != shelf.history.rend() && (*change)->rv > at;
       ++change) {
    past[key_of(*(*change)->object)] = (*change)->previous;
  }
  return merge(shelf.objects, past, selection, after_key, limit);
}

std::expected<std::uint64_t, Gone> Store::position_after(Resource resource, Rv rv) const {
  const Shelf& shelf = shelves_[std::to_underlying(resource)];
  if (rv < shelf.oldest) return std::unexpected{Gone{shelf.oldest}};
  const auto next =
      std::upper_bound(shelf.history.begin(), shelf.history.end(), rv,
                       [](Rv wanted, const ChangePtr& change) { return wanted < change->rv; });
  return shelf.dropped + static_cast<std::uint64_t>(next - shelf.history.begin());
}

std::uint64_t Store::end_position(Resource resource) const {
  const Shelf& shelf = shelves_[std::to_underlying(resource)];
  return shelf.dropped + shelf.history.size();
}

ChangePtr Store::at(Resource resource, std::uint64_t position) const {
  const Shelf& shelf = shelves_[std::to_underlying(resource)];
  return position < shelf.dropped ? nullptr : shelf.history[position - shelf.dropped];
}

std::vector<ChangePtr> Store::take_fresh() {
  return std::exchange(fresh_, {});
}

std::string Store::new_uid() {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string uid(36, '-');
  std::uint64_t bits = random_();
  for (std::size_t i = 0; i < uid.size(); ++i) {
    if (i == 8 || i == 13 || i == 18 || i == 23) continue;
    if (i == 19) bits = random_();
    uid[i] = hex[bits & 15];
    bits >>= 4;
  }
  uid[14] = '4';
  uid[19] = "89ab"[random_() & 3];
  return uid;
}

std::string Store::new_suffix() {
  // Kubernetes' alphabet: no vowels, no 0, 1, 3 (apimachinery util/rand).
  constexpr std::string_view letters = "bcdfghjklmnpqrstvwxz2456789";
  std::string suffix(5, ' ');
  for (char& letter : suffix) letter = letters[random_() % letters.size()];
  return suffix;
}

}  // namespace copse::runner::sandbox
