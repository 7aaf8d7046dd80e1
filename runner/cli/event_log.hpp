#pragma once
// The log of `copse serve`: one line an event, for people or as JSON, to standard output.
//
//     2026-11-26T17:05:46.123Z INFO  task ended  task=index_wiki_1 status=FAILED why="oom: killed"
//     {"time":"2026-11-26T17:05:46.123Z","level":"info","event":"task
//     ended","task":"index_wiki_1",…}

#include "runner/service/service.hpp"

#include <memory>
#include <string>

namespace copse::runner::cli {

class EventLog {
 public:
  enum class Format : unsigned char { text, json };

  explicit EventLog(Format format);
  ~EventLog();
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;

  void write(const service::ServiceEvent& event);

  /// The same of a task.
  void write(const service::TaskEvent& event);

 private:
  struct Sink;
  std::unique_ptr<Sink> sink_;
  Format format_;
};

/// The line without its time and level. A value that is no plain word stands in quotes.
[[nodiscard]] std::string text_of(const service::ServiceEvent& event);

/// A task's event as one for the log.
[[nodiscard]] service::ServiceEvent event_of(const service::TaskEvent& event);

}  // namespace copse::runner::cli
