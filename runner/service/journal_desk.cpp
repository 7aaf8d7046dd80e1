// WHY: io_context's executor keeps flags in the low bits of a pointer, which GCC 12 takes for a
// possible null when it inlines `post`.
#pragma GCC diagnostic ignored "-Wnull-dereference"
#include "runner/service/journal_desk.hpp"

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace copse::runner::service {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

struct JournalDesk::Core : std::enable_shared_from_this<Core> {
  Core(asio::io_context& loop, store::Journal opened, JournalEvents wanted)
      : io(loop), journal(std::move(opened)), events(std::move(wanted)), timer(loop) {}

  asio::io_context& io;
  store::Journal journal;
  JournalEvents events;
  asio::steady_timer timer;
  bool is_resting = false;  // a retry is coming
  bool is_broken = false;   // it took nothing when it was tried last
  bool stopped = false;

  void append(const std::string& id, store::Record record, store::Urgency urgency) {
    const auto begin = Clock::now();
    journal.append(
        std::move(record),
        [weak = weak_from_this(), &loop = io, id, begin](auto result) {
          std::string fault = result ? "" : result.error().text;
          const auto took =
              std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin);
          asio::post(loop, [weak, id, took, fault = std::move(fault)] {
            const auto core = weak.lock();
            if (core && !core->stopped) core->written(id, took, fault);
          });
        },
        urgency);
  }

  void written(const std::string& id, std::chrono::microseconds took, const std::string& fault) {
    if (events.journaled) events.journaled(took);
    if (!fault.empty()) {
      if (!std::exchange(is_broken, true) && events.state) events.state(fault);
      rest();
    }
    events.written(id, fault);
  }

  void rest() {
    if (std::exchange(is_resting, true)) return;
    timer.expires_after(journal_retry);
    timer.async_wait([weak = weak_from_this()](const auto& error) {
      const auto core = weak.lock();
      if (error || !core || core->stopped) return;
      core->is_resting = false;
      core->probe();
      core->events.retry();
    });
  }

  // Whether it takes something again. What is said of a task that it does not know, it drops.
  void probe() {
    journal.append(store::Forgotten{""}, [weak = weak_from_this(), &loop = io](auto result) {
      asio::post(loop, [weak, is_well = result.has_value()] {
        const auto core = weak.lock();
        if (!core || core->stopped) return;
        if (!is_well) return core->rest();
        core->is_broken = false;
        if (core->events.state) core->events.state("");
      });
    });
  }
};

JournalDesk::JournalDesk(asio::io_context& io, store::Journal journal, JournalEvents events)
    : core_(std::make_shared<Core>(io, std::move(journal), std::move(events))) {}

JournalDesk::~JournalDesk() {
  stop();
}

void JournalDesk::append(const std::string& task_id, store::Record record, store::Urgency urgency) {
  core_->append(task_id, std::move(record), urgency);
}

void JournalDesk::note(store::Record record) {
  core_->journal.append(std::move(record), [](auto) {}, store::Urgency::soon);
}

store::Figures JournalDesk::figures() const {
  return core_->journal.figures();
}

void JournalDesk::stop() {
  core_->stopped = true;
  core_->timer.cancel();
}

}  // namespace copse::runner::service
