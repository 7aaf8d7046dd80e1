#pragma once
// An API server with Jobs in it, as far as the runner's client needs one: create, get, list in
// pages, watch with bookmarks, delete with preconditions, pods and logs as given; versions, uids, a
// history with a window.
//
// It behaves by itself; a test scripts only misfortunes: `next("create", ...)` is met by the next
// create and by no other. The names are create, get, list, watch, remove, pods, log, version.

#include "tests/runner/kube/http_fake.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace copse::tests {

struct FakeJob {
  std::string name;
  std::string uid;
  std::uint64_t version = 0;
  std::string status = "{}";  ///< JSON
  bool is_terminating = false;
};

class ClusterFake {
 public:
  using Misfortune = std::function<void(const FakeRequest&, const std::shared_ptr<Wire>&)>;

  explicit ClusterFake(boost::asio::io_context& io, std::optional<FakeTls> tls = {});

  [[nodiscard]] HttpFake& http() { return http_; }

  // ---- the world ----
  std::map<std::string, FakeJob> jobs;
  std::uint64_t version = 100;
  std::string pods =
      R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"100"},"items":[]})";
  std::string log;
  std::string token;          ///< when set, the only one accepted
  std::size_t page_size = 0;  ///< when set, pages of the list are this short even at version 0

  /// Adds a Job, or changes it and its version.
  void touch(const std::string& name, std::string status = "{}");
  void remove(const std::string& name);

  /// Forgets the history: older versions are expired.
  void compact() { oldest_ = version; }

  // ---- watches ----
  [[nodiscard]] std::size_t watches() const;  ///< open now
  void end_watches();  ///< as a server does that is busy: in order, without a word
  void cut_watches();  ///< connections break

  void freeze(bool frozen) {
    frozen_ = frozen;
  }  ///< watches say nothing more (and drop what they should say)

  void bookmark();
  void say(const std::string& line);  ///< anything, to every watch

  // ---- misfortune ----
  void next(const std::string& verb, Misfortune misfortune) {
    misfortunes_[verb].push_back(std::move(misfortune));
  }

  /// What it would do without misfortune.
  void serve(const FakeRequest& request, const std::shared_ptr<Wire>& wire);

  /// Requests that were never answered.
  std::vector<std::shared_ptr<Wire>> unanswered;

  /// Requests so far, by name.
  std::map<std::string, int> seen;
  std::vector<FakeRequest> requests;

  static std::string status(int code, const std::string& reason, const std::string& message);
  static std::string document(const FakeJob& job);

 private:
  void handle(const FakeRequest& request, const std::shared_ptr<Wire>& wire);
  void create(const FakeRequest& request, const std::shared_ptr<Wire>& wire);
  void list(const FakeRequest& request, const std::shared_ptr<Wire>& wire);
  void watch(const FakeRequest& request, const std::shared_ptr<Wire>& wire);
  void erase(const FakeRequest& request, const std::shared_ptr<Wire>& wire,
             const std::string& name);
  void tell(const std::string& type, const FakeJob& job);

  struct Change {
    std::uint64_t version;
    std::string line;
  };

  std::vector<Change> history_;
  std::vector<std::shared_ptr<Wire>> watches_;
  std::map<std::string, std::deque<Misfortune>> misfortunes_;
  std::uint64_t oldest_ = 0;
  std::uint64_t next_uid_ = 1;
  bool frozen_ = false;
  HttpFake http_;
};

/// Misfortunes.
[[nodiscard]] ClusterFake::Misfortune answers(int code, std::string body,
                                              Wire::Headers headers = {});
[[nodiscard]] ClusterFake::Misfortune resets();  ///< before anything is done
[[nodiscard]] ClusterFake::Misfortune resets_after(
    ClusterFake& fake);  ///< the deed is done, the answer is lost
[[nodiscard]] ClusterFake::Misfortune says_nothing(
    ClusterFake& fake);  ///< until the client gives up

}  // namespace copse::tests
