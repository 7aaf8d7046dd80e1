#include "tests/runner/kube/certificates.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace copse::tests {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Paper = std::unique_ptr<X509, decltype(&X509_free)>;

constexpr long day_s = 86'400;

Key new_key() {
  return {EVP_EC_gen("P-256"), &EVP_PKEY_free};
}

void extend(X509* paper, X509* issuer, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, paper, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
  X509_add_ext(paper, extension, -1);
  X509_EXTENSION_free(extension);
}

Paper new_paper(const std::string& name, EVP_PKEY* key, long serial) {
  Paper paper(X509_new(), &X509_free);
  X509_set_version(paper.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(paper.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(paper.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(paper.get()), day_s);
  X509_set_pubkey(paper.get(), key);
  X509_NAME* subject = X509_get_subject_name(paper.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  return paper;
}

template <class Write>
std::string pem_of(Write write) {
  BIO* memory = BIO_new(BIO_s_mem());
  write(memory);
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(memory);
  return text;
}

std::string pem_of(X509* paper) {
  return pem_of([&](BIO* to) { PEM_write_bio_X509(to, paper); });
}

}  // namespace

struct Authority::Keys {
  Key key = new_key();
  Paper paper{nullptr, &X509_free};
};

Authority::Authority(const std::string& name) : keys_(std::make_unique<Keys>()) {
  keys_->paper = new_paper(name, keys_->key.get(), 1);
  X509* paper = keys_->paper.get();
  X509_set_issuer_name(paper, X509_get_subject_name(paper));
  extend(paper, paper, NID_basic_constraints, "critical,CA:TRUE");
  extend(paper, paper, NID_subject_key_identifier, "hash");
  X509_sign(paper, keys_->key.get(), EVP_sha256());
  pem_ = pem_of(paper);
}

Authority::~Authority() = default;

Issued Authority::issue(const std::string& name, const std::string& alternatives) const {
  const Key key = new_key();
  const Paper paper = new_paper(name, key.get(), 2);
  X509_set_issuer_name(paper.get(), X509_get_subject_name(keys_->paper.get()));
  if (!alternatives.empty())
    extend(paper.get(), keys_->paper.get(), NID_subject_alt_name, alternatives);
  X509_sign(paper.get(), keys_->key.get(), EVP_sha256());
  return {pem_of(paper.get()), pem_of([&](BIO* to) {
            PEM_write_bio_PrivateKey(to, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

}  // namespace copse::tests
