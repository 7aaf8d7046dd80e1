#pragma once
// What the world did to the server: why it cannot listen, or why certificates are not taken.

#include <string>

namespace copse::runner::http {

struct Failure {
  enum class Kind : unsigned char {
    bad_address,    ///< the text is no IP address
    in_use,         ///< another process listens there
    not_local,      ///< the address belongs to another host
    not_permitted,  ///< the port needs a privilege that the process lacks
    certificate,    ///< certificate, key or client authority cannot be read or do not fit
    other           ///< the system's own words are in the text
  };
  Kind kind = Kind::other;
  std::string text;        ///< place, cause and remedy in one line
  bool retryable = false;  ///< trying the same again can help
};

}  // namespace copse::runner::http
