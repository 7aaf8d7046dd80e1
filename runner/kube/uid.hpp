#pragma once
// The identity of one object for the whole life of a cluster: a name may be used again, a uid never
// is.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace copse::runner::kube {

/// 128 bits of a uid. API servers write RFC 4122 text, which is kept exactly; any other text is
/// hashed, so that it still compares, but `text` then does not give it back.
struct Uid {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  auto operator<=>(const Uid&) const = default;
};

[[nodiscard]] Uid parse_uid(std::string_view text);

/// The lower-case RFC 4122 form, for delete preconditions and texts.
[[nodiscard]] std::string text(Uid uid);

}  // namespace copse::runner::kube

template <>
struct std::hash<copse::runner::kube::Uid> {
  std::size_t operator()(const copse::runner::kube::Uid& uid) const noexcept {
    return uid.high ^ (uid.low * 0x9E3779B97F4A7C15ULL);
  }
};
