#pragma once
// Reading what an API server says about Jobs and Pods: one watch line, one item of a list, or one
// object.
//
// One pass of simdjson on demand: only the fields of views.hpp are looked at, the rest is stepped
// over. Nothing is allocated once a parser has seen a document of that size. Order of members does
// not matter. Broken text gives a fault, never a crash; of a duplicate member the last one counts.
//
// A Parser is a buffer: it serves one text at a time, and views die with the next call. Texts must
// be followed by answer_padding readable bytes.

#include "runner/kube/status.hpp"
#include "runner/kube/views.hpp"

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace copse::runner::kube {

enum class EventType {
  added,
  modified,
  removed,   ///< DELETED: the object as it was last
  bookmark,  ///< only meta.resource_version counts
  error,     ///< `status` says why the watch ends
  unknown    ///< something new: pass over
};

template <class View>
struct WatchEvent {
  EventType type = EventType::unknown;
  View object;                       ///< for added, modified, removed, bookmark
  Status status;                     ///< for error
  bool ends_initial_events = false;  ///< bookmark with annotation k8s.io/initial-events-end
};

/// What makes a text unusable; one line, without the text.
struct ParseFault {
  std::string text;
};

class Parser {
 public:
  Parser();
  Parser(Parser&&) noexcept;
  Parser& operator=(Parser&&) noexcept;
  ~Parser();

  /// View is JobView, PodView, EventView or, for `object`, OwnedView. A line of an object without
  /// name, uid or resourceVersion is a fault, except for bookmarks, which have only the last.
  template <class View>
  [[nodiscard]] std::expected<WatchEvent<View>, ParseFault> event(std::string_view line);

  /// One object: the answer to a GET or POST, or one item of a list.
  template <class View>
  [[nodiscard]] std::expected<View, ParseFault> object(std::string_view json);

  /// All items of one list document that is in memory.
  template <class View>
  [[nodiscard]] std::expected<std::vector<View>, ParseFault> items(std::string_view json);

 private:
  struct Buffers;
  std::unique_ptr<Buffers> buffers_;
};

}  // namespace copse::runner::kube
