#pragma once
// What the world did to the sandbox: why it could not start.

#include <string>

namespace copse::runner::sandbox {

struct Failure {
  enum class Kind : unsigned char {
    address,  ///< the address cannot be listened on
    crypto    ///< keys or certificates could not be made
  };
  Kind kind = Kind::address;
  std::string text;
  bool retryable = false;  ///< trying the same again can help
};

}  // namespace copse::runner::sandbox
