#pragma once
// Questions to the leading Overlord: the driver around `Leader`.
//
// A follower's redirect is followed; an address that does not answer, or that knows no leader, is
// left for the next of the list, each at most once a question. Nothing else is repeated: whoever
// asks knows when to ask again. All on the io_context's one thread; no callback from inside a call.

#include "runner/http/client.hpp"
#include "runner/overlord/leader.hpp"

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace copse::runner::overlord {

struct Question {
  std::string method = "GET";
  std::string path;       ///< `/druid/indexer/v1/…`, query included
  std::string body = {};  ///< JSON
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::chrono::milliseconds deadline{30'000};
};

/// Why there is no answer.
struct OverlordFailure {
  enum class Kind : unsigned char {
    unknown,       ///< nobody has said yet where an Overlord is
    away,          ///< no address answers
    leaderless,    ///< those that answer know no leader, or send round in a circle
    unauthorized,  ///< 401, 403: credentials are missing, wrong or have too few rights
    refused,       ///< another 4xx
    trouble        ///< 5xx, or an answer that makes no sense
  };
  Kind kind = Kind::away;
  int status = 0;
  std::string text;  ///< place, cause and remedy in one line
};

/// The body of a 2xx answer.
using Told = std::move_only_function<void(std::expected<std::string, OverlordFailure>)>;

class OverlordClient {
 public:
  /// `urls` as `http://host:8090`; none: `found` comes.
  OverlordClient(boost::asio::io_context& io, http::ClientOptions options,
                 std::vector<std::string> urls);
  OverlordClient(const OverlordClient&) = delete;
  OverlordClient& operator=(const OverlordClient&) = delete;
  ~OverlordClient();

  void ask(Question question, Told told);

  /// Somebody knows who leads.
  void found(std::string url);

  /// Whom a question would go to; empty: nobody is known.
  [[nodiscard]] const std::string& leader() const;

 private:
  struct Core;
  std::shared_ptr<Core> core_;
};

}  // namespace copse::runner::overlord
