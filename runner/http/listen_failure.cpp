#include "runner/http/listen_failure.hpp"

#include <cerrno>
#include <system_error>

#include <fmt/format.h>

namespace copse::runner::http {

Failure listen_failure(int system_error, const Options& options) {
  using enum Failure::Kind;
  const std::string what = fmt::format("cannot listen ({} {}, {} {})", options.address_label,
                                       options.address, options.port_label, options.port);
  switch (system_error) {
    case EADDRINUSE:
      return {in_use,
              fmt::format("{}: another process listens there; stop it or choose another {}", what,
                          options.port_label),
              true};
    case EADDRNOTAVAIL:
      return {not_local,
              fmt::format("{}: the address is none of this host's; state one of them, or 0.0.0.0 "
                          "or :: for all",
                          what),
              false};
    case EACCES:
    case EPERM:
      return {not_permitted,
              fmt::format("{}: this process may not use the port; choose a {} above 1023 or grant "
                          "CAP_NET_BIND_SERVICE",
                          what, options.port_label),
              false};
    default:
      return {other, what + ": " + std::generic_category().message(system_error), false};
  }
}

Failure bad_address(const Options& options) {
  return {
      Failure::Kind::bad_address,
      fmt::format("{} `{}` is no IP address; state one of this host's, or 0.0.0.0 or :: for all",
                  options.address_label, options.address),
      false};
}

}  // namespace copse::runner::http
