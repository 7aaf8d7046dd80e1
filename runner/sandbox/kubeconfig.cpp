#include "runner/sandbox/kubeconfig.hpp"

#include "runner/sandbox/json_text.hpp"

#include <openssl/evp.h>

namespace copse::runner::sandbox {
namespace {

std::string base64(const std::string& bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

}  // namespace

std::string kubeconfig_text(const Access& access) {
  std::string out =
      "apiVersion: v1\nkind: Config\ncurrent-context: sandbox\nclusters:\n- name: sandbox\n  "
      "cluster:\n";
  out += "    server: " + access.url + "\n";
  if (!access.authority.empty())
    out += "    certificate-authority-data: " + base64(access.authority) + "\n";
  out +=
      "contexts:\n- name: sandbox\n  context:\n    cluster: sandbox\n    user: sandbox\n    "
      "namespace: default\n";
  out += "users:\n- name: sandbox\n  user:";
  if (!access.token.empty()) {
    out += "\n    token: " + quoted(access.token) + "\n";
  } else if (!access.client_certificate.empty()) {
    out += "\n    client-certificate-data: " + base64(access.client_certificate) + "\n";
    out += "    client-key-data: " + base64(access.client_key) + "\n";
  } else {
    out += " {}\n";
  }
  return out;
}

}  // namespace copse::runner::sandbox
