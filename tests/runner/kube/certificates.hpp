#pragma once
// Certificates made on the spot, valid for a day: an authority, and what it vouches for.

#include <memory>
#include <string>

namespace copse::tests {

struct Issued {
  std::string certificate_pem;
  std::string key_pem;
};

class Authority {
 public:
  explicit Authority(const std::string& name);
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;
  ~Authority();

  [[nodiscard]] const std::string& certificate_pem() const { return pem_; }

  /// A certificate for the common name `name`; `alternatives` as openssl writes them:
  /// `IP:127.0.0.1,DNS:x`, or empty.
  [[nodiscard]] Issued issue(const std::string& name, const std::string& alternatives = {}) const;

 private:
  struct Keys;
  std::unique_ptr<Keys> keys_;
  std::string pem_;
};

}  // namespace copse::tests
