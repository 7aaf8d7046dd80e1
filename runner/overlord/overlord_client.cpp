// WHY: io_context's executor keeps flags in the low bits of a pointer, which GCC 12 takes for a
// possible null when it inlines `post`.
#pragma GCC diagnostic ignored "-Wnull-dereference"
#include "runner/overlord/overlord_client.hpp"

#include <algorithm>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace copse::runner::overlord {
namespace {

using Kind = OverlordFailure::Kind;

// Of an error's body only so much is shown.
constexpr std::size_t shown_body = 200;

// What a person can read of an answer's body.
std::string excerpt(std::string_view body) {
  const std::size_t begin = body.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos || body[begin] == '<') return {};  // a page of HTML
  std::string text(body.substr(begin, shown_body));
  std::replace_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return ": " + text;
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 307 || status == 308;
}

OverlordFailure failure_of(const std::string& url, const http::Reply& reply) {
  const std::string place = "the Overlord at " + url;
  const std::string code = std::to_string(reply.status);
  if (reply.status == 401 || reply.status == 403) {
    return {
        Kind::unauthorized, reply.status,
        place + " refuses copse (" + code +
            "); give copse.overlord.auth.user and .password, or .token, of a user that may read "
            "and write STATE" +
            excerpt(reply.body)};
  }
  if (reply.status == 503)
    return {Kind::leaderless, 503, place + " says that no Overlord leads at present (503)"};
  if (reply.status >= 500)
    return {Kind::trouble, reply.status, place + " is in trouble: " + code + excerpt(reply.body)};
  return {Kind::refused, reply.status,
          place + " refuses the question: " + code + excerpt(reply.body)};
}

}  // namespace

struct OverlordClient::Core : std::enable_shared_from_this<Core> {
  Core(boost::asio::io_context& loop, http::ClientOptions options, std::vector<std::string> urls)
      : io(loop),
        tries(urls.size() + 1),
        leader(std::move(urls)),
        client(loop, std::move(options)) {}

  boost::asio::io_context& io;
  std::size_t tries;  // addresses that a question may go to, redirects aside
  Leader leader;
  http::Client client;

  struct Asked {
    Question question;
    Told told;
    std::size_t left = 0;
  };

  void ask(Asked asked) {
    const std::string url = leader.current();
    if (url.empty()) {
      return later(std::move(asked.told),
                   {Kind::unknown, 0,
                    "no Overlord is known yet: discovery has found none, and copse.overlord.url "
                    "names none"});
    }
    http::Call call;
    call.method = asked.question.method;
    call.url = url + asked.question.path;
    call.body = asked.question.body;
    if (call.method != "GET") call.content_type = "application/json";
    call.accept = "application/json";
    call.headers = asked.question.headers;
    call.deadline = asked.question.deadline;
    client.send(std::move(call),
                [weak = weak_from_this(), url, asked = std::move(asked)](auto reply) mutable {
                  if (const auto core = weak.lock())
                    core->answered(url, std::move(asked), std::move(reply));
                });
  }

  void answered(const std::string& url, Asked asked,
                std::expected<http::Reply, std::string> reply) {
    if (!reply) {
      return next(url, std::move(asked),
                  {Kind::away, 0, "the Overlord does not answer: " + reply.error()});
    }
    if (is_redirect(reply->status)) {
      if (url != leader.current() || leader.redirected(reply->location))
        return ask(std::move(asked));
      return next("", std::move(asked),
                  {Kind::leaderless, reply->status,
                   "the Overlord at " + url + " sends to " + reply->location +
                       ", which leads round in a circle or nowhere: the Overlords do not agree who "
                       "leads"});
    }
    if (reply->status == 503) return next(url, std::move(asked), failure_of(url, *reply));
    leader.answered();
    if (reply->status < 200 || reply->status > 299)
      return asked.told(std::unexpected(failure_of(url, *reply)));
    asked.told(std::move(reply->body));
  }

  // Another address, if there is one that was not asked. `url`: the one that has failed; empty: it
  // is known to have.
  void next(const std::string& url, Asked asked, OverlordFailure failure) {
    if (url == leader.current()) leader.failed();
    if (--asked.left == 0 || leader.current().empty() || leader.current() == url)
      return asked.told(std::unexpected(std::move(failure)));
    ask(std::move(asked));
  }

  void later(Told told, OverlordFailure failure) {
    boost::asio::post(io, [weak = weak_from_this(), told = std::move(told),
                           failure = std::move(failure)]() mutable {
      if (weak.lock()) told(std::unexpected(std::move(failure)));
    });
  }
};

OverlordClient::OverlordClient(boost::asio::io_context& io, http::ClientOptions options,
                               std::vector<std::string> urls)
    : core_(std::make_shared<Core>(io, std::move(options), std::move(urls))) {}

OverlordClient::~OverlordClient() = default;

void OverlordClient::ask(Question question, Told told) {
  core_->ask({std::move(question), std::move(told), core_->tries});
}

void OverlordClient::found(std::string url) {
  core_->leader.found(std::move(url));
}

const std::string& OverlordClient::leader() const {
  return core_->leader.current();
}

}  // namespace copse::runner::overlord
