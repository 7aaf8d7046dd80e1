#include "runner/service/acknowledger.hpp"

#include <chrono>
#include <optional>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace copse::runner::service {
namespace {

overlord::Acknowledgement::Time now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

struct Acknowledger::Core : std::enable_shared_from_this<Core> {
  Core(boost::asio::io_context& io, overlord::OverlordClient& asked,
       std::move_only_function<void(const std::string&)> on_known,
       std::move_only_function<void(const overlord::OverlordFailure*)> on_trouble,
       std::chrono::milliseconds first)
      : client(asked),
        timer(io),
        known(std::move(on_known)),
        trouble(std::move(on_trouble)),
        pending(first) {}

  overlord::OverlordClient& client;
  boost::asio::steady_timer timer;
  std::move_only_function<void(const std::string&)> known;
  std::move_only_function<void(const overlord::OverlordFailure*)> trouble;
  overlord::Acknowledgement pending;
  std::optional<overlord::OverlordFailure::Kind> last;  // what was told of

  void arm() {
    const auto due = pending.due();
    if (!due) return;
    timer.expires_at(*due);
    timer.async_wait([weak = weak_from_this()](const auto& error) {
      const auto core = weak.lock();
      if (!error && core) core->ask();
    });
  }

  void ask() {
    const std::vector<std::string> ids = pending.question();
    if (ids.empty()) return;
    overlord::Question question;
    question.method = "POST";
    question.path = "/druid/indexer/v1/taskStatus";
    question.body = overlord::Acknowledgement::body(ids);
    client.ask(std::move(question), [weak = weak_from_this()](auto answer) {
      if (const auto core = weak.lock()) core->answered(std::move(answer));
    });
  }

  void answered(std::expected<std::string, overlord::OverlordFailure> answer) {
    if (answer) {
      auto ids = pending.answered(*answer, now());
      if (!ids) {
        tell({overlord::OverlordFailure::Kind::trouble, 200, ids.error()});
      } else {
        if (std::exchange(last, {})) trouble(nullptr);
        for (const std::string& id : *ids) known(id);
      }
    } else {
      pending.failed(now());
      tell(answer.error());
    }
    arm();
  }

  void tell(const overlord::OverlordFailure& failure) {
    if (last == failure.kind) return;
    last = failure.kind;
    trouble(&failure);
  }
};

Acknowledger::Acknowledger(boost::asio::io_context& io, overlord::OverlordClient& client,
                           std::move_only_function<void(const std::string&)> known,
                           std::move_only_function<void(const overlord::OverlordFailure*)> trouble,
                           std::chrono::milliseconds first)
    : core_(std::make_shared<Core>(io, client, std::move(known), std::move(trouble), first)) {}

Acknowledger::~Acknowledger() {
  core_->timer.cancel();
}

void Acknowledger::ended(const std::string& task_id) {
  core_->pending.ended(task_id, now());
  core_->arm();
}

std::size_t Acknowledger::waiting() const {
  return core_->pending.waiting();
}

}  // namespace copse::runner::service
