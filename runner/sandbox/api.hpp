#pragma once
// The API server: one request in, one answer out, against a Cluster. No sockets: a driver carries
// the messages, pulls the streams and calls Cluster::settle.
//
// Order of checks as in the real one: who asks, what is asked, does the body decode, does the
// namespace take it, defaults, validation, storage.

#include "runner/sandbox/cluster.hpp"
#include "runner/sandbox/document.hpp"
#include "runner/sandbox/message.hpp"
#include "runner/sandbox/patch.hpp"
#include "runner/sandbox/request_options.hpp"
#include "runner/sandbox/target.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::runner::sandbox {

/// Who may ask, by bearer token.
struct TokenUser {
  std::string token;
  std::string user;
  bool may_read = true;
  bool may_write = true;
};

struct ApiOptions {
  std::string version = "v1.34.4";  ///< what /version says
  /// Empty and no certificate authority: everyone may do everything. Otherwise a request without
  /// credentials is `system:anonymous` and gets 403, one with a wrong token gets 401.
  std::vector<TokenUser> tokens;
  bool certificates =
      false;  ///< client certificates are asked for; their holders may do everything
};

/// Requests served, by verb (`create`, `list`, `watch`, …) and resource (`jobs`, `pods/log`; for
/// paths that are no resource the verb is `get` and this is the first path segment, e.g. `api`,
/// `openapi`).
using RequestCounts = std::map<std::pair<std::string, std::string>, std::uint64_t>;

class Api {
 public:
  Api(Cluster& cluster, ApiOptions options);
  ~Api();

  /// `now` is connection time (for watch deadlines).
  [[nodiscard]] Answer handle(const Request& request, Moment now);

  [[nodiscard]] const RequestCounts& counts() const { return counts_; }

 private:
  struct Call {
    const Request& request;
    const Target& target;
    Resource resource;
    Moment now{};
    std::string user;
  };

  [[nodiscard]] std::optional<Refusal> admit(const Request& request, const Target& target,
                                             std::string& user) const;
  [[nodiscard]] Answer serve_resource(const Call& call);
  [[nodiscard]] Answer serve_other(const Request& request, const Target& target);
  [[nodiscard]] Answer serve_subresource(const Call& call);

  // api_read.cpp
  [[nodiscard]] Answer get(const Call& call);
  [[nodiscard]] Answer list(const Call& call);
  [[nodiscard]] Answer watch(const Call& call);
  [[nodiscard]] Answer log(const Call& call);
  [[nodiscard]] std::expected<Selection, Refusal> selection_of(const Call& call) const;

  // api_decode.cpp: faults of fields end up in `warnings` where the request does not insist.
  [[nodiscard]] std::expected<boost::json::object, Refusal> decode(
      const Call& call, const WriteOptions& options, std::vector<std::string>& warnings);
  [[nodiscard]] std::expected<boost::json::object, Refusal> decode_json(
      const Call& call, const WriteOptions& options, std::vector<std::string>& warnings);
  [[nodiscard]] std::expected<boost::json::object, Refusal> accept(
      const Call& call, const WriteOptions& options, boost::json::object document,
      std::vector<std::string> faults, std::vector<std::string>& warnings) const;
  [[nodiscard]] std::expected<boost::json::object, Refusal> decode_patch(
      const Call& call, const WriteOptions& options, PatchKind kind, const Object& current,
      std::vector<std::string>& warnings);

  // api_write.cpp
  [[nodiscard]] Answer create(const Call& call);
  [[nodiscard]] Answer update(const Call& call);
  [[nodiscard]] Answer patch(const Call& call);
  [[nodiscard]] Answer bind(const Call& call);
  [[nodiscard]] Answer create_from(const Call& call, const WriteOptions& options,
                                   boost::json::object document, std::vector<std::string> warnings);
  [[nodiscard]] Answer store_update(const Call& call, const WriteOptions& options,
                                    const ObjectPtr& current, boost::json::object document,
                                    std::vector<std::string> warnings);
  [[nodiscard]] std::optional<Refusal> check_namespace(const Call& call) const;

  // api_delete.cpp
  [[nodiscard]] Answer remove(const Call& call);
  [[nodiscard]] Answer remove_collection(const Call& call);

  void count(std::string_view verb, std::string_view resource, std::string_view subresource);

  Cluster& cluster_;
  ApiOptions options_;
  RequestCounts counts_;
  std::unique_ptr<DocumentArena> arena_;  ///< for the documents of the request under way
};

/// Largest request body (apiserver: limit of 3 MiB).
inline constexpr std::size_t body_limit = 3 * 1024 * 1024;

}  // namespace copse::runner::sandbox
