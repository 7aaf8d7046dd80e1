// WHY: io_context's executor keeps flags in the low bits of a pointer, which GCC 12 takes for a
// possible null when it inlines `post`.
#pragma GCC diagnostic ignored "-Wnull-dereference"
#include "runner/discovery/telling.hpp"

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace copse::runner::discovery {

void Telling::perform(const tell::Announced&) {
  post([this] {
    if (news_.announced) news_.announced();
  });
}

void Telling::perform(const tell::Lost& lost) {
  post([this, why = lost.why] {
    if (news_.lost) news_.lost(why);
  });
}

void Telling::perform(const tell::Leader& leader) {
  post([this, url = leader.url] {
    if (news_.leader) news_.leader(url);
  });
}

void Telling::perform(const tell::Trouble& trouble) {
  post([this, text = trouble.text] {
    if (news_.trouble) news_.trouble(text);
  });
}

void Telling::when_withdrawn(std::move_only_function<void()> done) {
  waiting_.push_back(std::move(done));
}

void Telling::perform(const tell::Withdrawn&) {
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
