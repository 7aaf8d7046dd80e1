#include "runner/sandbox/watch.hpp"

#include "runner/sandbox/json_text.hpp"
#include "runner/sandbox/refusal.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace copse::runner::sandbox {
namespace {

constexpr std::string_view initial_end_annotation = "k8s.io/initial-events-end";

EventType type_of(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::added:
      return EventType::added;
    case ChangeKind::modified:
      return EventType::modified;
    case ChangeKind::deleted:
      return EventType::deleted;
  }
  return EventType::error;
}

void open_event(std::string& out, EventType type) {
  out += "{\"type\":\"";
  out += name(type);
  out += "\",\"object\":";
}

}  // namespace

std::string_view name(EventType type) {
  switch (type) {
    case EventType::added:
      return "ADDED";
    case EventType::modified:
      return "MODIFIED";
    case EventType::deleted:
      return "DELETED";
    case EventType::bookmark:
      return "BOOKMARK";
    case EventType::error:
      return "ERROR";
  }
  return {};
}

Watch::Watch(const Store& store, WatchRequest request, Moment now)
    : store_{store}, request_{std::move(request)}, next_bookmark_{now + bookmark_period} {
  const Resource resource = request_.resource;
  next_bookmark_ =
      std::min(next_bookmark_, std::max(now, request_.deadline - last_bookmark_before));
  if (!request_.after) {
    reached_ = store_.head();
    position_ = store_.end_position(resource);
    initial_ = store_.list(resource, request_.selection, reached_, {}, 0)->items;
    return;
  }
  reached_ = *request_.after;
  const auto position = store_.position_after(resource, reached_);
  if (position) {
    position_ = *position;
  } else {
    error_ = status_text(expired(fmt::format("too old resource version: {} ({})",
                                             static_cast<std::uint64_t>(reached_),
                                             static_cast<std::uint64_t>(position.error().oldest))));
  }
}

std::vector<Frame> Watch::pull(Moment now, std::size_t bytes) {
  std::vector<Frame> frames;
  if (finished_) return frames;
  std::size_t left = bytes;
  pull_initial(frames, left);
  if (initial_.empty() && !error_) pull_changes(frames, left);
  if (error_) {
    std::string out;
    open_event(out, EventType::error);
    out += *error_;
    out += "}\n";
    frames.push_back(std::make_shared<const std::string>(std::move(out)));
    finished_ = true;
    return frames;
  }
  if (left > 0) pull_bookmarks(frames, now);
  if (left > 0 && now >= request_.deadline) finished_ = true;
  return frames;
}

void Watch::pull_initial(std::vector<Frame>& frames, std::size_t& left) {
  if (initial_.empty() && !request_.marks_initial_end) return;
  while (initial_sent_ < initial_.size()) {
    if (left == 0) return;
    frames.push_back(render(EventType::added, *initial_[initial_sent_++]));
    left -= std::min(left, frames.back()->size());
  }
  initial_ = {};
  if (request_.marks_initial_end) frames.push_back(bookmark(true));
  request_.marks_initial_end = false;
}

void Watch::pull_changes(std::vector<Frame>& frames, std::size_t& left) {
  const std::uint64_t end = store_.end_position(request_.resource);
  while (position_ < end && left > 0) {
    const ChangePtr change = store_.at(request_.resource, position_);
    if (change == nullptr) {  // overtaken by the window: the client must list again
      error_ = status_text(expired(
          fmt::format("too old resource version: {} ({})", static_cast<std::uint64_t>(reached_),
                      static_cast<std::uint64_t>(store_.oldest(request_.resource)))));
      return;
    }
    ++position_;
    if (change->rv <= reached_) continue;
    reached_ = change->rv;
    if (Frame frame = frame_of(change)) {
      left -= std::min(left, frame->size());
      frames.push_back(std::move(frame));
    }
  }
}

/// What this watch sees of a change: nothing, the change itself, or an object entering or leaving
/// its selection.
Frame Watch::frame_of(const ChangePtr& change) {
  const Selection& selection = request_.selection;
  const bool was = change->previous != nullptr && selection.matches(*change->previous);
  const bool is = change->kind != ChangeKind::deleted && selection.matches(*change->object);
  if (!was && !is) return nullptr;
  if (was && !is && change->kind != ChangeKind::deleted) {
    Object last = *change->previous;
    last.rv = change->rv;
    return render(EventType::deleted, last);
  }
  const EventType type = !was ? EventType::added : type_of(change->kind);
  if (type != type_of(change->kind) || request_.body) return render(type, *change->object);
  Frame frame = change->frame.lock();
  if (frame == nullptr) {
    frame = render(type, *change->object);
    change->frame = frame;
  }
  return frame;
}

Frame Watch::render(EventType type, const Object& object) const {
  std::string out;
  out.reserve(512 + object.written->body.size() + object.status.size());
  open_event(out, type);
  if (request_.body) {
    request_.body(out, object);
  } else {
    append_object(out, object, Head::full);
  }
  out += "}\n";
  return std::make_shared<const std::string>(std::move(out));
}

void Watch::pull_bookmarks(std::vector<Frame>& frames, Moment now) {
  if (now < next_bookmark_) return;
  const Moment last = request_.deadline - last_bookmark_before;
  next_bookmark_ =
      now < last ? std::min(now + bookmark_period, last) : request_.deadline + bookmark_period;
  // With the cursor at the end of this resource's history every change up to the head has been
  // seen.
  reached_ = std::max(reached_, store_.head());
  if (request_.bookmarks) frames.push_back(bookmark(false));
}

Frame Watch::bookmark(bool initial_end) const {
  std::string out;
  open_event(out, EventType::bookmark);
  ObjectText object{out};
  object.text("kind", info(request_.resource).kind);
  object.text("apiVersion", api_version(request_.resource));
  object.key("metadata");
  ObjectText metadata{out};
  metadata.text("resourceVersion", std::to_string(static_cast<std::uint64_t>(reached_)));
  if (initial_end)
    metadata.raw("annotations", fmt::format("{{\"{}\":\"true\"}}", initial_end_annotation));
  metadata.close();
  object.close();
  out += "}\n";
  return std::make_shared<const std::string>(std::move(out));
}

Moment Watch::wake() const {
  return std::min(next_bookmark_, request_.deadline);
}

}  // namespace copse::runner::sandbox
