#pragma once
// A live picture of one collection: runs a Reflector over a Transport and hands what changes to
// callbacks.
//
// The driver decides nothing: every decision is the Reflector's. It turns actions into requests,
// bytes into events, and timers into events. A list is parsed item by item while it arrives and is
// never in memory.
//
// Callbacks run on the io_context's thread and must not destroy the Reflection (post it). The
// Transport outlives the Reflection; after the destructor nothing is called back.

#include "runner/kube/failure.hpp"
#include "runner/kube/reflector.hpp"
#include "runner/kube/transport.hpp"
#include "runner/kube/views.hpp"

#include <functional>
#include <memory>
#include <string>

namespace copse::runner::kube {

/// Which objects.
struct Collection {
  std::string path;            ///< e.g. jobs_path("druid")
  std::string label_selector;  ///< as kubectl takes it; empty: all
  std::string field_selector;  ///< empty: all
  /// Of lists, where what is past is wanted less than what comes; empty: the same.
  std::string list_field_selector = {};
  Memory memory = Memory::whole;
};

/// What happens to them. Every callback but `upsert` may be empty.
template <class View>
struct Sink {
  /// An object in a version newer than any before.
  std::move_only_function<void(const View&)> upsert;
  /// It is gone or has left the selection; the view is its last state.
  std::move_only_function<void(const View&)> removed;
  /// It is gone, and how it ended was not seen: look it up, conclude nothing.
  std::move_only_function<void(Uid)> vanished;
  /// Everything that was there when the last list began has been told.
  std::move_only_function<void()> synced;
  /// A request failed; it will be tried again by the reflector's rules.
  std::move_only_function<void(const Failure&)> trouble;
};

class Reflection {
 public:
  /// Starts at once.
  Reflection(Transport& transport, Collection collection, Sink<JobView> sink,
             const ReflectorTimes& times = {});
  Reflection(Transport& transport, Collection collection, Sink<PodView> sink,
             const ReflectorTimes& times = {});
  Reflection(Transport& transport, Collection collection, Sink<EventView> sink,
             const ReflectorTimes& times = {});

  Reflection(const Reflection&) = delete;
  Reflection& operator=(const Reflection&) = delete;
  ~Reflection();

  [[nodiscard]] const Reflector& reflector() const;

 private:
  class Base;
  template <class View>
  class Driver;
  std::shared_ptr<Base> driver_;
};

/// A watch that overstays its own timeoutSeconds by this much is cut.
inline constexpr std::chrono::milliseconds watch_overstay{30'000};

}  // namespace copse::runner::kube
