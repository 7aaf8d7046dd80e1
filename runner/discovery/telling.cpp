// WHY: io_context's executor keeps flags in the low bits of a pointer, which GCC 12 takes for a
// possible null when it inlines `post`.
#pragma GCC diagnostic ignored "-Wnull-dereference"
#include "runner/discovery/telling.hpp"

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace copse::runner::discovery {

void Telling::announced() {
  post([this] {
    if (news_.announced) news_.announced();
  });
}

void Telling::lost(std::string why) {
  post([this, why = std::move(why)] {
    if (news_.lost) news_.lost(why);
  });
}

void Telling::leader(std::string url) {
  post([this, url = std::move(url)] {
    if (news_.leader) news_.leader(url);
  });
}

void Telling::trouble(std::string text) {
  post([this, text = std::move(text)] {
    if (news_.trouble) news_.trouble(text);
  });
}

void Telling::when_withdrawn(std::move_only_function<void()> done) {
  waiting_.push_back(std::move(done));
}

void Telling::withdrawn() {
  for (auto& done : std::exchange(waiting_, {})) {
    if (done) post(std::move(done));
  }
}

void Telling::post(std::move_only_function<void()> call) {
  boost::asio::post(io_, [self = shared_from_this(), call = std::move(call)]() mutable {
    if (!self->is_stopped_) call();
  });
}

}  // namespace copse::runner::discovery
