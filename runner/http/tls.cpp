#include "runner/http/tls.hpp"

#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace copse::runner::http {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

/// Larger files are no certificates.
constexpr std::size_t pem_limit = 1U << 20U;

/// `copse.tls.key: /etc/copse/key.pem`
std::string place(const PemFile& file) {
  return file.label + ": " + file.path;
}

Failure failure(const PemFile& file, std::string_view what) {
  return {.kind = Failure::Kind::certificate,
          .text = fmt::format("{}: {}", place(file), what),
          .retryable = false};
}

std::expected<std::string, Failure> read(const PemFile& file) {
  errno = 0;
  std::ifstream in{file.path, std::ios::binary};
  std::string text;
  if (in) {
    text.resize(pem_limit + 1);
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
  }
  if (!in.eof() || in.bad()) {
    if (text.size() > pem_limit)
      return std::unexpected{failure(file, "the file is too large to be a PEM file")};
    return std::unexpected{
        failure(file, "cannot read the file: " + std::generic_category().message(errno))};
  }
  return text;
}

/// Reads one file and gives its text to `use`; what OpenSSL says is told with `meant`.
template <class Use>
std::optional<Failure> load(const PemFile& file, std::string_view meant, Use use) {
  const auto text = read(file);
  if (!text) return text.error();
  error_code fault;
  use(boost::asio::buffer(text->data(), text->size()), fault);
  if (fault) return failure(file, fmt::format("{} ({})", meant, fault.message()));
  return std::nullopt;
}

std::optional<Failure> demand_of_clients(ssl::context& tls, const TlsFiles& files) {
  const auto use = [&](const auto& text, error_code& fault) {
    tls.add_certificate_authority(text, fault);
  };
  if (auto fault =
          load(*files.client_authority, "no PEM certificate of an authority is in it", use))
    return fault;
  const ssl::verify_mode strict = files.clients == ClientCertificates::required
                                      ? ssl::verify_fail_if_no_peer_cert
                                      : ssl::verify_none;
  tls.set_verify_mode(ssl::verify_peer | strict);
  return std::nullopt;
}

}  // namespace

std::expected<std::shared_ptr<ssl::context>, Failure> load_tls(const TlsFiles& files) {
  auto tls = std::make_shared<ssl::context>(ssl::context::tls_server);
  tls->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 |
                   ssl::context::no_sslv3 | ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
  SSL_CTX_set_options(tls->native_handle(), SSL_OP_NO_RENEGOTIATION);
  // WHY: without a callback OpenSSL asks the terminal for the password of an encrypted key.
  tls->set_password_callback([](std::size_t, ssl::context::password_purpose) { return ""; });
  // WHY: OpenSSL refuses to resume a session of a server that asks for certificates without it.
  constexpr std::array<unsigned char, 5> context{'c', 'o', 'p', 's', 'e'};
  SSL_CTX_set_session_id_context(tls->native_handle(), context.data(), context.size());

  const auto use_chain = [&](const auto& text, error_code& fault) {
    tls->use_certificate_chain(text, fault);
  };
  if (auto fault = load(files.certificate, "no PEM certificate is in it", use_chain))
    return std::unexpected{std::move(*fault)};
  const auto use_key = [&](const auto& text, error_code& fault) {
    tls->use_private_key(text, ssl::context::pem, fault);
  };
  const std::string meant =
      "no unencrypted PEM key is in it that fits the certificate of " + place(files.certificate);
  if (auto fault = load(files.key, meant, use_key)) return std::unexpected{std::move(*fault)};
  if (SSL_CTX_check_private_key(tls->native_handle()) != 1)
    return std::unexpected{failure(files.key, meant)};
  if (files.client_authority) {
    if (auto fault = demand_of_clients(*tls, files)) return std::unexpected{std::move(*fault)};
  }
  return tls;
}

std::string client_subject(SSL* session) {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate{SSL_get1_peer_certificate(session),
                                                                &X509_free};
  if (certificate == nullptr) return {};
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> memory{BIO_new(BIO_s_mem()), &BIO_free_all};
  // Without ESC_MSB, so that a name outside ASCII stays readable UTF-8.
  constexpr unsigned long form =
      XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
  X509_NAME_print_ex(memory.get(), X509_get_subject_name(certificate.get()), 0, form);
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace copse::runner::http
