#include "runner/sandbox/deletion.hpp"

#include <algorithm>
#include <charconv>

namespace copse::runner::sandbox {
namespace {

constexpr std::int64_t default_grace_seconds = 30;

/// spec.terminationGracePeriodSeconds, read from the body text: it is the machinery's own
/// serialisation.
std::int64_t own_grace(const Object& pod) {
  constexpr std::string_view key = "\"terminationGracePeriodSeconds\":";
  const std::string& body = pod.written->body;
  const std::size_t at = body.rfind(key);
  if (at == std::string::npos) return default_grace_seconds;
  std::int64_t seconds = default_grace_seconds;
  std::from_chars(body.data() + at + key.size(), body.data() + body.size(), seconds);
  return std::max<std::int64_t>(seconds, 1);
}

std::int64_t grace_of(const Object& object, std::optional<std::int64_t> asked) {
  if (object.resource != Resource::pods) return 0;
  const std::string_view phase = field(object, "status.phase");
  const bool over = phase == "Succeeded" || phase == "Failed";
  if (over || field(object, "spec.nodeName").empty()) return 0;
  return asked ? std::max<std::int64_t>(*asked, 0) : own_grace(object);
}

/// What an earlier deletion asked for, as its finalizer tells.
std::optional<Propagation> pending_propagation(const Object& object) {
  if (has_finalizer(object, orphan_finalizer)) return Propagation::orphan;
  if (has_finalizer(object, foreground_finalizer)) return Propagation::foreground;
  return std::nullopt;
}

void set_propagation(Object& object, const DeleteWish& wish) {
  const Propagation propagation =
      wish.propagation ? *wish.propagation
                       : pending_propagation(object).value_or(default_propagation(object.resource));
  remove_finalizer(object, foreground_finalizer);
  remove_finalizer(object, orphan_finalizer);
  if (propagation == Propagation::foreground) object.finalizers.emplace_back(foreground_finalizer);
  if (propagation == Propagation::orphan) object.finalizers.emplace_back(orphan_finalizer);
}

/// Dates the deletion for the first time, or shortens the grace period of one under way.
void mark(Object& object, std::int64_t grace, Moment now) {
  // deletionTimestamp is when the grace period is over, not when it began.
  const Moment began =
      object.deletion ? *object.deletion - std::chrono::seconds{object.grace_seconds} : now;
  if (!object.deletion && object.generation > 0) ++object.generation;
  object.deletion = began + std::chrono::seconds{grace};
  object.grace_seconds = grace;
}

}  // namespace

Propagation default_propagation(Resource resource) {
  return resource == Resource::jobs ? Propagation::orphan : Propagation::background;
}

DeletionPlan plan_deletion(const Object& current, const DeleteWish& wish, Moment now) {
  DeletionPlan plan{.object = current};
  Object& next = plan.object;
  const bool graceful = current.resource == Resource::pods;
  // A pending deletion with a grace period is only ever shortened; its finalizers stay as they are.
  const bool pending = graceful && current.deletion;
  if (pending && wish.grace_seconds.value_or(current.grace_seconds) >= current.grace_seconds)
    return plan;
  const std::int64_t grace = grace_of(current, wish.grace_seconds);
  set_propagation(next, wish);
  if (next.resource == Resource::namespaces && !has_finalizer(next, namespace_finalizer)) {
    next.finalizers.emplace_back(namespace_finalizer);
    next.status = R"({"phase":"Terminating"})";
    put(next.fields, "status.phase", "Terminating");
  }
  plan.goes = grace == 0 && next.finalizers.empty();
  if (graceful || (!plan.goes && !current.deletion)) mark(next, grace, now);
  plan.changes =
      graceful || (!plan.goes && (!current.deletion || next.finalizers != current.finalizers));
  return plan;
}

Deletion delete_object(Store& store, const ObjectPtr& current, const DeleteWish& wish, Moment now) {
  DeletionPlan plan = plan_deletion(*current, wish, now);
  ObjectPtr left = current;
  if (plan.changes && plan.goes) {
    left = store.mark(current, std::move(plan.object));
  } else if (plan.changes) {
    left = store.replace(current, std::move(plan.object));
    if (left == nullptr) return {.object = current, .gone = true};
  }
  if (plan.goes) store.remove(left);
  return {.object = left, .gone = plan.goes};
}

}  // namespace copse::runner::sandbox
