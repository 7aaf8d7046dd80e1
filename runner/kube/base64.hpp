#pragma once
// Base64 as kubeconfig files use it (RFC 4648, standard alphabet, padded; blanks and line breaks
// are passed over).

#include <optional>
#include <string>
#include <string_view>

namespace copse::runner::kube {

/// The bytes of `text`, or nothing when it is not base64.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

[[nodiscard]] std::string encode_base64(std::string_view bytes);

}  // namespace copse::runner::kube
