// The questions to ZooKeeper and to the election of Kubernetes.
// WHY: io_context's executor keeps flags in the low bits of a pointer, which GCC 12 takes for a
// possible null when it is inlined.
#pragma GCC diagnostic ignored "-Wnull-dereference"
#include "runner/discovery/announcer.hpp"
#include "runner/doctor/meeting.hpp"
#include "runner/doctor/waiting.hpp"
#include "runner/kube/query.hpp"
#include "runner/kube/transport.hpp"

#include <memory>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace copse::runner::doctor {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// One attempt to connect, by name.
struct Knock : std::enable_shared_from_this<Knock> {
  explicit Knock(asio::io_context& io) : resolver(io), socket(io) {}

  tcp::resolver resolver;
  tcp::socket socket;
  bool is_over = false;
  bool accepts = false;

  void at(const std::string& address) {
    const std::size_t colon = address.rfind(':');
    resolver.async_resolve(
        address.substr(0, colon), address.substr(colon + 1),
        [self = shared_from_this()](const boost::system::error_code& fault, const auto& found) {
          if (fault) {
            self->is_over = true;
            return;
          }
          asio::async_connect(self->socket, found,
                              [self](const boost::system::error_code& error, const auto&) {
                                self->is_over = true;
                                self->accepts = !error;
                              });
        });
  }
};

}  // namespace

ZooKeeperFacts examine_zookeeper(asio::io_context& io, const discovery::ZooKeeperOptions& options) {
  ZooKeeperFacts facts;
  facts.base = options.base;
  std::vector<std::shared_ptr<Knock>> knocks;
  for (const std::string& address : server_addresses(options.servers)) {
    facts.servers.push_back({address, false});
    knocks.push_back(std::make_shared<Knock>(io));
    knocks.back()->at(address);
  }
  run_until(
      io,
      [&] {
        return std::all_of(knocks.begin(), knocks.end(),
                           [](const auto& each) { return each->is_over; });
      },
      connect_deadline);
  bool is_reached = false;
  for (std::size_t i = 0; i < knocks.size(); ++i) {
    facts.servers[i].accepts = knocks[i]->accepts;
    is_reached = is_reached || knocks[i]->accepts;
    boost::system::error_code ignored;
    knocks[i]->resolver.cancel();
    knocks[i]->socket.close(ignored);
  }
  if (!is_reached) return facts;

  discovery::News news;
  news.leader = [&](const std::string& url) { facts.leader = url; };
  news.trouble = [&](const std::string& text) { facts.trouble = text; };
  const discovery::ZooKeeperAnnouncer announcer(io, options, std::move(news));
  run_until(io, [&] { return !facts.leader.empty() || !facts.trouble.empty(); }, leader_deadline);
  return facts;
}

PodFacts examine_pod(kube::Transport& transport, const discovery::PodOptions& options) {
  PodFacts facts;
  facts.pod = options.pod_namespace + "/" + options.pod;
  facts.own_pod = look_at(transport, kube::pods_path(options.pod_namespace, options.pod));
  const std::string& leaders =
      options.leader_namespace.empty() ? options.pod_namespace : options.leader_namespace;
  const std::string name = overlord::leader_config_map(options.cluster_identifier);
  facts.election = leaders + "/" + name;
  facts.config_map = look_at(transport, kube::config_maps_path(leaders, name));
  return facts;
}

}  // namespace copse::runner::doctor
