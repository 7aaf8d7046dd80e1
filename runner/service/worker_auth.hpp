#pragma once
// Who may speak the worker protocol. Pure.
//
// Druid's Overlord sends its internal client's credentials with each request (druid.escalator.*).

#include "runner/http/message.hpp"

#include <optional>
#include <string>

namespace copse::runner::service {

struct WorkerAuth {
  enum class Kind : unsigned char {
    none,        ///< anybody, as with a Druid without security
    basic,       ///< who knows user and password
    certificate  ///< who shows a certificate that copse.tls.clientCa vouches for
  };
  Kind kind = Kind::none;
  std::string user;
  std::string password;
};

/// The refusal, or nothing: it may.
[[nodiscard]] std::optional<http::Response> refusal(const WorkerAuth& auth,
                                                    const http::Request& request);

/// `Basic …` of these.
[[nodiscard]] std::string basic_authorization(const std::string& user, const std::string& password);

}  // namespace copse::runner::service
