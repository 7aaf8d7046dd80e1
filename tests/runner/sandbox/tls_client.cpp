// One request over TLS with OpenSSL.
#include "tests/runner/sandbox/client.hpp"

#include <memory>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

namespace sandbox_test {
namespace {

template <typename T, void (*Free)(T*)>
struct Freed {
  void operator()(T* thing) const { Free(thing); }
};

template <typename T, void (*Free)(T*)>
using Owned = std::unique_ptr<T, Freed<T, Free>>;

using Memory = Owned<BIO, BIO_free_all>;
using Context = Owned<SSL_CTX, SSL_CTX_free>;

Memory memory(const std::string& pem) {
  return Memory{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
}

bool trust(SSL_CTX* context, const std::string& pem) {
  const Memory input = memory(pem);
  const Owned<X509, X509_free> authority{PEM_read_bio_X509(input.get(), nullptr, nullptr, nullptr)};
  return authority && X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get()) == 1;
}

bool show(SSL_CTX* context, const std::string& certificate_pem, const std::string& key_pem) {
  const Memory certificate_input = memory(certificate_pem), key_input = memory(key_pem);
  const Owned<X509, X509_free> certificate{
      PEM_read_bio_X509(certificate_input.get(), nullptr, nullptr, nullptr)};
  const Owned<EVP_PKEY, EVP_PKEY_free> key{
      PEM_read_bio_PrivateKey(key_input.get(), nullptr, nullptr, nullptr)};
  return SSL_CTX_use_certificate(context, certificate.get()) == 1 &&
         SSL_CTX_use_PrivateKey(context, key.get()) == 1;
}

}  // namespace

int ask_tls(std::string_view url, std::string_view target, const std::string& authority,
            const std::string& certificate, const std::string& key) {
  const Context context{SSL_CTX_new(TLS_client_method())};
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (!authority.empty() && !trust(context.get(), authority)) return 0;
  if (!certificate.empty() && !show(context.get(), certificate, key)) return 0;
  const Memory connection{BIO_new_ssl_connect(context.get())};
  SSL* ssl = nullptr;
  BIO_get_ssl(connection.get(), &ssl);
  SSL_set1_host(ssl, "localhost");
  const std::string address{url.substr(url.find("//") + 2)};
  BIO_set_conn_hostname(connection.get(), address.c_str());
  if (BIO_do_connect(connection.get()) != 1) return 0;
  const std::string request = "GET " + std::string{target} + " HTTP/1.1\r\nHost: a\r\n\r\n";
  BIO_write(connection.get(), request.data(), static_cast<int>(request.size()));
  char head[64] = {};
  const int size = BIO_read(connection.get(), head, sizeof head - 1);
  return size > 12 ? std::stoi(std::string{head + 9, 3}) : 0;
}

}  // namespace sandbox_test
