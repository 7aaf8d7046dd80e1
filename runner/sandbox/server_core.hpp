#pragma once
// Internal to the server's .cpp files: the loop that connections share.

#include "runner/sandbox/server.hpp"

#include <set>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace copse::runner::sandbox {

class Connection;

/// What all connections of one server share. INVARIANT: used by one thread.
struct ServerCore {
  Cluster& cluster;
  Api& api;
  Clock& clock;
  ServerOptions options;
  boost::asio::io_context loop{1};
  boost::asio::ssl::context tls{boost::asio::ssl::context::tls_server};
  boost::asio::ip::tcp::acceptor acceptor{loop};
  boost::asio::steady_timer timer{loop};
  std::set<std::shared_ptr<Connection>> streaming;  ///< watches, logs and waiting requests
  bool turn_wanted = true;                          ///< something was written, or is due
  Clock::Steady::time_point last_turn{};

  ServerCore(Cluster& the_cluster, Api& the_api, Clock& the_clock, ServerOptions the_options)
      : cluster{the_cluster}, api{the_api}, clock{the_clock}, options{std::move(the_options)} {}

  void accept();
  /// Feeds all streams.
  void pump();
  /// True when the machinery has waited long enough, however many requests there are.
  [[nodiscard]] bool overdue() const;
  /// Lets the cluster react and time pass, feeds streams, sets the timer.
  void turn();
  void set_timer();
};

}  // namespace copse::runner::sandbox
