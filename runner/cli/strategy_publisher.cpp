#include "runner/cli/strategy_publisher.hpp"

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace copse::runner::cli {

using service::ServiceEvent;
using Level = ServiceEvent::Level;

struct StrategyPublisher::Core : std::enable_shared_from_this<Core> {
  Core(boost::asio::io_context& io, overlord::OverlordClient& asked,
       std::function<Published()> what, Log to)
      : client(asked), timer(io), wanted(std::move(what)), log(std::move(to)) {}

  overlord::OverlordClient& client;
  boost::asio::steady_timer timer;
  std::function<Published()> wanted;
  Log log;
  bool is_asking = false;
  bool again = false;        // something has changed meanwhile
  std::string last_trouble;  // told already

  void look() {
    if (is_asking) {
      again = true;
      return;
    }
    is_asking = true;
    timer.cancel();
    client.ask({.path = std::string(overlord::worker_config_path)},
               [weak = weak_from_this()](auto answer) {
                 if (const auto core = weak.lock()) core->in_force(std::move(answer));
               });
  }

  void in_force(std::expected<std::string, overlord::OverlordFailure> answer) {
    if (!answer) return over(answer.error().text, worker_config_retry);
    const Published what = wanted();
    if (!what.runner) return over("there is no runner strategy: nothing is published");
    auto made = overlord::plan_worker_config(*what.runner, what.categories, what.seen, *answer);
    if (!made)
      return over(made.error().title + (made.error().help.empty() ? "" : "; " + made.error().help));
    if (!*made) return over("");
    publish(what, std::move(**made));
  }

  void publish(const Published& what, overlord::WorkerConfig config) {
    overlord::Question question;
    question.method = "POST";
    question.path = overlord::worker_config_path;
    question.body = config.document;
    question.headers = {{std::string(overlord::worker_config_author_header),
                         std::string(overlord::worker_config_author)},
                        {std::string(overlord::worker_config_comment_header),
                         overlord::worker_config_comment(what.policy, what.version)}};
    client.ask(std::move(question), [weak = weak_from_this(),
                                     changes = std::move(config.changes)](const auto& answer) {
      const auto core = weak.lock();
      if (!core) return;
      if (!answer) return core->over(answer.error().text, worker_config_retry);
      core->log({Level::info, "runner strategy published", {{"changes", to_json(changes)}}});
      core->over("");
    });
  }

  void over(const std::string& trouble, std::chrono::milliseconds pause = worker_config_interval) {
    if (!trouble.empty() && trouble != last_trouble)
      log({Level::warning, "runner strategy not published", {{"why", trouble}}});
    last_trouble = trouble;
    is_asking = false;
    if (std::exchange(again, false)) return look();
    timer.expires_after(pause);
    timer.async_wait([weak = weak_from_this()](const auto& error) {
      const auto core = weak.lock();
      if (!error && core) core->look();
    });
  }
};

StrategyPublisher::StrategyPublisher(boost::asio::io_context& io, overlord::OverlordClient& client,
                                     std::function<Published()> wanted, Log log)
    : core_(std::make_shared<Core>(io, client, std::move(wanted), std::move(log))) {}

StrategyPublisher::~StrategyPublisher() {
  core_->timer.cancel();
}

void StrategyPublisher::look() {
  core_->look();
}

}  // namespace copse::runner::cli
