#pragma once
// One watch as a pure cursor over a resource's history: pulled by whoever writes to the client.
//
// It owns no queue. What the client has not been sent is the part of the history behind the cursor,
// so a slow consumer costs nothing; the server ends a watch whose client does not read while many
// changes happen, as a real one does when a watcher's queue is full. Events are rendered once per
// change and shared by all watches that see the same kind of event.

#include "runner/sandbox/store.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace copse::runner::sandbox {

enum class EventType : std::uint8_t { added, modified, deleted, bookmark, error };

[[nodiscard]] std::string_view name(EventType type);

/// Writes the object of one event in another form than plain JSON (a Table), or nothing for plain
/// JSON. Asked once for each event, in the order in which they are sent.
using EventBody = std::function<void(std::string& out, const Object& object)>;

struct WatchRequest {
  Resource resource = Resource::pods;
  Selection selection;
  /// Changes after this Rv; absent: first everything that exists as ADDED events.
  std::optional<Rv> after;
  bool bookmarks = false;
  /// sendInitialEvents: a bookmark with the annotation `k8s.io/initial-events-end` ends the first
  /// part.
  bool marks_initial_end = false;
  Moment deadline{};  ///< connection time at which the server ends the watch
  EventBody body;
};

using Frame = std::shared_ptr<const std::string>;

class Watch {
 public:
  /// `now` is connection time. An `after` from before the history makes a watch whose only event is
  /// ERROR with a 410 Status, as the real server does.
  Watch(const Store& store, WatchRequest request, Moment now);

  /// The next events, until about `bytes` bytes are gathered or nothing is left for now. Each frame
  /// is one JSON object and a newline.
  [[nodiscard]] std::vector<Frame> pull(Moment now, std::size_t bytes);

  /// Changes of the resource so far, ever: by how much it grows while one write is under way tells
  /// how slow a client is.
  [[nodiscard]] std::uint64_t changes() const { return store_.end_position(request_.resource); }

  /// True after a final ERROR event or once the deadline has passed: nothing more will come.
  [[nodiscard]] bool finished() const { return finished_; }

  /// Connection time at which pull may have something although nothing was written.
  [[nodiscard]] Moment wake() const;

 private:
  void pull_initial(std::vector<Frame>& frames, std::size_t& left);
  void pull_changes(std::vector<Frame>& frames, std::size_t& left);
  void pull_bookmarks(std::vector<Frame>& frames, Moment now);
  [[nodiscard]] Frame frame_of(const ChangePtr& change);
  [[nodiscard]] Frame render(EventType type, const Object& object) const;
  [[nodiscard]] Frame bookmark(bool initial_end) const;

  const Store& store_;
  WatchRequest request_;
  std::vector<ObjectPtr> initial_;
  std::size_t initial_sent_ = 0;
  std::uint64_t position_ = 0;
  Rv reached_{};
  Moment next_bookmark_;
  std::optional<std::string> error_;
  bool finished_ = false;
};

/// Every minute while a watch lives (apiserver: bookmarkFrequency) …
inline constexpr milliseconds bookmark_period = std::chrono::minutes{1};
/// … and this long before its deadline.
inline constexpr milliseconds last_bookmark_before = std::chrono::seconds{2};

}  // namespace copse::runner::sandbox
