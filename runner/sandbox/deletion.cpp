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

void set_propagation(Object& object, Propagation propagation) {
  remove_finalizer(object, foreground_finalizer);
  remove_finalizer(object, orphan_finalizer);
  if (propagation == Propagation::foreground) object.finalizers.emplace_back(foreground_finalizer);
  if (propagation == Propagation::orphan) object.finalizers.emplace_back(orphan_finalizer);
}

}  // namespace

Propagation default_propagation(Resource resource) {
  return resource == Resource::jobs ? Propagation::orphan : Propagation::background;
}

Deletion delete_object(Store& store, const ObjectPtr& current,
                       std::optional<std::int64_t> grace_seconds, Propagation propagation,
                       Moment now) {
  Object next = *current;
  set_propagation(next, propagation);
  if (next.resource == Resource::namespaces && !has_finalizer(next, namespace_finalizer)) {
    next.finalizers.emplace_back(namespace_finalizer);
    next.status = R"({"phase":"Terminating"})";
    put(next.fields, "status.phase", "Terminating");
  }
  const std::int64_t grace = grace_of(*current, grace_seconds);
  if (grace == 0 && next.finalizers.empty()) {
    store.remove(current);
    return {.object = current, .gone = true};
  }
  const bool shortens = !next.deletion || grace < next.grace_seconds;
  if (shortens) {
    // deletionTimestamp is when the grace period is over, not when it began.
    next.deletion = now + std::chrono::seconds{grace};
    next.grace_seconds = grace;
    if (!current->deletion && next.generation > 0) ++next.generation;
  }
  if (!shortens && next.finalizers == current->finalizers)
    return {.object = current, .gone = false};
  const ObjectPtr left = store.replace(current, std::move(next));
  return {.object = left == nullptr ? current : left, .gone = left == nullptr};
}

}  // namespace copse::runner::sandbox
