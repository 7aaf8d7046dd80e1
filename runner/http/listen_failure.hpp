#pragma once
// What to tell a person whose address cannot be listened on. Pure.

#include "runner/http/failure.hpp"
#include "runner/http/options.hpp"

namespace copse::runner::http {

/// `system_error` is the errno of socket, bind or listen.
[[nodiscard]] Failure listen_failure(int system_error, const Options& options);

/// The address of `options` is no literal IP address.
[[nodiscard]] Failure bad_address(const Options& options);

}  // namespace copse::runner::http
