#pragma once
// Internal to the server: certificates read from files, and who a client says it is.

#include "runner/http/failure.hpp"
#include "runner/http/options.hpp"

#include <expected>
#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

namespace copse::runner::http {

/// Reads all files anew: TLS 1.2 or newer. Blocks for as long as the disk does.
[[nodiscard]] std::expected<std::shared_ptr<boost::asio::ssl::context>, Failure> load_tls(
    const TlsFiles& files);

/// Subject of the certificate that the client has shown, as RFC 2253 writes it; empty: none.
[[nodiscard]] std::string client_subject(SSL* session);

}  // namespace copse::runner::http
