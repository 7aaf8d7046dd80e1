#include "runner/sandbox/certificates.hpp"

#include <memory>
#include <string_view>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace copse::runner::sandbox {
namespace {

constexpr long validity_seconds = 365L * 24 * 3600;
/// Clocks of containers and hosts may differ a little.
constexpr long backdated_seconds = 3600;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

struct Subject {
  const char* common_name;
  const char* organisation;  ///< null: none
};

Key make_key() {
  return {EVP_EC_gen("P-256"), &EVP_PKEY_free};
}

bool add_name(X509_NAME* name, const char* part, const char* value) {
  return X509_NAME_add_entry_by_txt(name, part, MBSTRING_ASC,
                                    reinterpret_cast<const unsigned char*>(value), -1, -1, 0) == 1;
}

bool add_extension(X509* certificate, X509* issuer, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
  if (extension == nullptr) return false;
  const bool added = X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

/// An unsigned certificate with subject and validity.
Certificate make_certificate(const Subject& subject, EVP_PKEY* key, long serial) {
  Certificate certificate{X509_new(), &X509_free};
  if (certificate == nullptr) return certificate;
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -backdated_seconds);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), validity_seconds);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  if (subject.organisation != nullptr && !add_name(name, "O", subject.organisation))
    return {nullptr, &X509_free};
  if (!add_name(name, "CN", subject.common_name)) return {nullptr, &X509_free};
  return certificate;
}

bool sign(X509* certificate, X509* issuer, EVP_PKEY* issuer_key) {
  return X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 &&
         X509_sign(certificate, issuer_key, EVP_sha256()) > 0;
}

template <typename Write>
std::string pem(Write write) {
  std::unique_ptr<BIO, decltype(&BIO_free_all)> memory{BIO_new(BIO_s_mem()), &BIO_free_all};
  if (memory == nullptr || write(memory.get()) != 1) return {};
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string pem_of(X509* certificate) {
  return pem([&](BIO* out) { return PEM_write_bio_X509(out, certificate); });
}

std::string pem_of(EVP_PKEY* key) {
  return pem([&](BIO* out) {
    return PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
}

std::unexpected<Failure> crypto_failure() {
  char text[256];
  ERR_error_string_n(ERR_get_error(), text, sizeof text);
  return std::unexpected{
      Failure{Failure::Kind::crypto, std::string{"cannot make certificates: "} + text, false}};
}

}  // namespace

std::expected<Certificates, Failure> make_certificates() {
  const Key authority_key = make_key(), server_key = make_key(), client_key = make_key();
  if (!authority_key || !server_key || !client_key) return crypto_failure();
  const Certificate authority =
      make_certificate({"copse-sandbox", nullptr}, authority_key.get(), 1);
  const Certificate server = make_certificate({"kube-apiserver", nullptr}, server_key.get(), 2);
  const Certificate client =
      make_certificate({"kubernetes-admin", "system:masters"}, client_key.get(), 3);
  if (!authority || !server || !client) return crypto_failure();
  const bool described =
      add_extension(authority.get(), authority.get(), NID_basic_constraints, "critical,CA:TRUE") &&
      add_extension(authority.get(), authority.get(), NID_key_usage,
                    "critical,keyCertSign,digitalSignature") &&
      add_extension(server.get(), authority.get(), NID_subject_alt_name,
                    "DNS:localhost,IP:127.0.0.1,IP:::1") &&
      add_extension(server.get(), authority.get(), NID_ext_key_usage, "serverAuth") &&
      add_extension(client.get(), authority.get(), NID_ext_key_usage, "clientAuth");
  if (!described || !sign(authority.get(), authority.get(), authority_key.get()) ||
      !sign(server.get(), authority.get(), authority_key.get()) ||
      !sign(client.get(), authority.get(), authority_key.get())) {
    return crypto_failure();
  }
  return Certificates{.authority = pem_of(authority.get()),
                      .server_certificate = pem_of(server.get()),
                      .server_key = pem_of(server_key.get()),
                      .client_certificate = pem_of(client.get()),
                      .client_key = pem_of(client_key.get())};
}

}  // namespace copse::runner::sandbox
