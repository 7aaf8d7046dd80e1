#pragma once
// A certificate authority that lives as long as the sandbox, a server certificate for loopback and
// a client certificate for its administrator, made at the start. P-256 keys; nothing is written to
// disk.

#include "runner/sandbox/failure.hpp"

#include <expected>
#include <string>

namespace copse::runner::sandbox {

/// All in PEM.
struct Certificates {
  std::string authority;
  std::string server_certificate, server_key;  ///< for localhost, 127.0.0.1 and ::1
  std::string client_certificate, client_key;  ///< CN kubernetes-admin, O system:masters
};

[[nodiscard]] std::expected<Certificates, Failure> make_certificates();

}  // namespace copse::runner::sandbox
