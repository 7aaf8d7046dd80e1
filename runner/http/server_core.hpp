#pragma once
// Internal to the server: what its connections share. Each keeps it alive until it has ended.

#include "runner/http/server.hpp"

#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace copse::runner::http {

struct ServerCore : std::enable_shared_from_this<ServerCore> {
  ServerCore(boost::asio::io_context& loop, Options what, Handler how)
      : io{loop}, options{std::move(what)}, handler{std::move(how)}, acceptor{loop}, pause{loop} {}

  boost::asio::io_context& io;
  const Options options;
  Handler handler;
  boost::asio::ip::tcp::acceptor acceptor;
  boost::asio::steady_timer pause;                 ///< before accepting again
  std::shared_ptr<boost::asio::ssl::context> tls;  ///< null: plain HTTP
  std::unordered_set<std::shared_ptr<Connection>> connections;
  Counters counters;
  bool draining = false;
  bool silent = false;  ///< the Server is destroyed: nobody is called back
  std::move_only_function<void()> drained;

  void accept();
  void admit(boost::asio::ip::tcp::socket socket);
  /// A connection has ended.
  void forget(const std::shared_ptr<Connection>& connection);
  void drain();
  void stop();
  void tell_drained();
  /// The Date of an answer that is made now.
  [[nodiscard]] std::string_view date();

 private:
  std::time_t dated_ = 0;
  std::string date_;
};

}  // namespace copse::runner::http
