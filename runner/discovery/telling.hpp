#pragma once
// Hands News on through the io_context, so that no callback runs inside a call of an announcer, and
// none after `stop`. Internal to the announcers.

#include "runner/discovery/news.hpp"
#include "runner/discovery/tell.hpp"

#include <memory>
#include <string>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace copse::runner::discovery {

class Telling : public std::enable_shared_from_this<Telling> {
 public:
  Telling(boost::asio::io_context& io, News news) : io_(io), news_(std::move(news)) {}

  void perform(const tell::Announced&);
  void perform(const tell::Lost& lost);
  void perform(const tell::Withdrawn&);
  void perform(const tell::Leader& leader);
  void perform(const tell::Trouble& trouble);

  /// Keeps `done` until tell::Withdrawn.
  void when_withdrawn(std::move_only_function<void()> done);

  void stop() { is_stopped_ = true; }

 private:
  void post(std::move_only_function<void()> call);

  boost::asio::io_context& io_;
  News news_;
  std::vector<std::move_only_function<void()>> waiting_;
  bool is_stopped_ = false;
};

}  // namespace copse::runner::discovery
