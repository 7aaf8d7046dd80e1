#pragma once
// Requests to an API server, as the node sends them: each blocks the thread that asks.
//
// It is not runner/kube: a node PATCHes, which the runner never does, and it may wait for answers,
// since each of its pods has a line of its own. Any number of threads may ask at once; each request
// takes an idle connection or opens one.

#include "runner/kube/credentials.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace copse::tests::real {

struct Question {
  std::string method;  ///< GET, POST, PATCH, DELETE
  std::string path;    ///< starts with `/`, query included
  std::string body;    ///< JSON; empty: none
  std::string media = "application/json";
};

struct Reply {
  int status = 0;  ///< 0: there was no answer
  std::string body;
};

class NodeClient {
 public:
  explicit NodeClient(runner::kube::ClusterAccess access);
  NodeClient(const NodeClient&) = delete;
  NodeClient& operator=(const NodeClient&) = delete;
  ~NodeClient();

  /// Sends it, and sends it again when there was no answer or the server was in trouble (5xx, 429),
  /// at most `tries` times in all.
  [[nodiscard]] Reply ask(const Question& question);

  /// Follows a stream of lines until the server ends it or `stop` is set (seen within a second or
  /// two).
  void follow(const std::string& path, const std::function<void(std::string_view)>& line,
              const std::atomic<bool>& stop);

  static constexpr int tries = 4;

 private:
  struct Connections;
  std::unique_ptr<Connections> connections_;
};

}  // namespace copse::tests::real
