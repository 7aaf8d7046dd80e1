#pragma once
// libzookeeper on one io_context: handles, requests and watches of one session at a time, all
// without blocking. Internal to zookeeper.cpp.
//
// Requests of the announcement (create, look, remove) and of the latch (list, wait, data) are told
// apart; of each kind one may be under way. Handlers run on the io_context's thread; of a handle
// that was closed or replaced nothing more is heard.

#include "runner/discovery/zk_latch.hpp"
#include "runner/discovery/zk_session.hpp"
#include "runner/discovery/zookeeper.hpp"

#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace copse::runner::discovery::zk {

struct LinkHandlers {
  std::function<void(const Event&)> session;     ///< also Connected, Disconnected, Ended
  std::function<void(const LatchEvent&)> latch;  ///< its own only
};

class Link {
 public:
  Link(boost::asio::io_context& io, const ZooKeeperOptions& options, LinkHandlers handlers);
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  /// Waits at most farewell_patience for the session's end.
  ~Link();

  void perform(const action::Open&);
  void perform(const action::Close&);
  void perform(const action::Create& create);
  void perform(const action::Look& look);
  void perform(const action::Remove& remove);
  void perform(const action::List& list);
  void perform(const action::Await& wait);
  void perform(const action::Read& read);

 private:
  struct Core;
  std::shared_ptr<Core> core_;
  std::thread thread_;  // the desk
};

}  // namespace copse::runner::discovery::zk
