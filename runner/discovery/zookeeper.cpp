// WHY: io_context's executor keeps flags in the low bits of a pointer, which GCC 12 takes for a
// possible null when it inlines `post`.
#pragma GCC diagnostic ignored "-Wnull-dereference"
#include "runner/discovery/zookeeper.hpp"

#include "runner/discovery/telling.hpp"
#include "runner/discovery/zk_link.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace copse::runner::discovery {

namespace asio = boost::asio;

struct ZooKeeperAnnouncer::Core : std::enable_shared_from_this<Core> {
  Core(asio::io_context& loop, ZooKeeperOptions chosen, News told)
      : io(loop),
        options(std::move(chosen)),
        telling(std::make_shared<Telling>(loop, std::move(told))),
        guard(loop.get_executor()),
        timer(loop),
        session(options.servers),
        latch(overlord::leader_latch_path(options.base)),
        link(loop, options,
             {[this](const zk::Event& event) { hear(event); },
              [this](const zk::LatchEvent& event) { step(event); }}) {}

  asio::io_context& io;
  const ZooKeeperOptions options;
  std::shared_ptr<Telling> telling;
  asio::executor_work_guard<asio::io_context::executor_type> guard;
  asio::steady_timer timer;
  zk::Session session;
  zk::Latch latch;
  std::string leader;
  zk::Link link;  // last: it calls the others

  // What concerns the session concerns the latch too.
  void hear(const zk::Event& event) {
    step(event);
    if (const auto* up = std::get_if<zk::event::Connected>(&event)) step(zk::LatchEvent(*up));
    if (const auto* down = std::get_if<zk::event::Disconnected>(&event))
      step(zk::LatchEvent(*down));
    if (const auto* end = std::get_if<zk::event::Ended>(&event)) step(zk::LatchEvent(*end));
  }

  void step(const zk::Event& event) {
    for (const zk::Action& action : session.step(event, std::chrono::steady_clock::now()))
      std::visit([&](const auto& each) { perform(each); }, action);
    arm();
  }

  void step(const zk::LatchEvent& event) {
    for (const zk::LatchAction& action : latch.step(event, std::chrono::steady_clock::now()))
      std::visit([&](const auto& each) { perform(each); }, action);
    arm();
  }

  template <class Request>
  void perform(const Request& request) {
    link.perform(request);
  }

  void perform(const tell::Announced& told) { telling->perform(told); }

  void perform(const tell::Lost& told) { telling->perform(told); }

  void perform(const tell::Withdrawn& told) { telling->perform(told); }

  void perform(const tell::Trouble& told) { telling->perform(told); }

  void perform(const tell::Leader& told) {
    leader = told.url;
    telling->perform(told);
  }

  void arm() {
    auto first = session.due();
    if (const auto at = latch.due()) first = std::min(first.value_or(*at), *at);
    if (!first) {
      timer.cancel();
      return;
    }
    timer.expires_at(*first);
    timer.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
      const auto core = weak.lock();
      if (error || !core) return;
      core->step(zk::Event(zk::event::Elapsed{}));
      core->step(zk::LatchEvent(zk::event::Elapsed{}));
    });
  }
};

ZooKeeperAnnouncer::ZooKeeperAnnouncer(asio::io_context& io, ZooKeeperOptions options, News news)
    : core_(std::make_shared<Core>(io, std::move(options), std::move(news))) {
  core_->step(zk::Event(zk::event::Start{}));
}

ZooKeeperAnnouncer::~ZooKeeperAnnouncer() {
  core_->telling->stop();
}

void ZooKeeperAnnouncer::announce(const overlord::WorkerNode& node) {
  core_->step(zk::Event(zk::event::Announce{overlord::announcement_path(core_->options.base, node),
                                            overlord::discovery_document(node)}));
}

void ZooKeeperAnnouncer::withdraw(std::move_only_function<void()> done) {
  core_->telling->when_withdrawn(std::move(done));
  core_->step(zk::Event(zk::event::Withdraw{}));
}

void ZooKeeperAnnouncer::cycle() {
  core_->step(zk::Event(zk::event::Cycle{}));
}

const std::string& ZooKeeperAnnouncer::leader() const {
  return core_->leader;
}

std::string zookeeper_servers(std::string_view property) {
  constexpr std::string_view default_port = "2181";
  const std::size_t root = property.find('/');
  const std::string_view hosts = property.substr(0, root);
  std::string servers;
  for (std::size_t begin = 0; begin <= hosts.size();) {
    const std::size_t end = std::min(hosts.find(',', begin), hosts.size());
    std::string host;
    std::copy_if(hosts.begin() + static_cast<std::ptrdiff_t>(begin),
                 hosts.begin() + static_cast<std::ptrdiff_t>(end), std::back_inserter(host),
                 [](char c) { return c != ' ' && c != '\t'; });
    begin = end + 1;
    if (host.empty()) continue;
    const std::size_t bracket = host.find(']');
    const bool has_port = bracket == std::string::npos ? host.find(':') != std::string::npos
                                                       : bracket + 1 < host.size();
    if (!has_port) host.append(":").append(default_port);
    std::erase_if(host, [](char c) { return c == '[' || c == ']'; });
    servers.append(servers.empty() ? "" : ",").append(host);
  }
  if (root != std::string_view::npos && property.substr(root) != "/")
    servers.append(property.substr(root));
  return servers;
}

}  // namespace copse::runner::discovery
