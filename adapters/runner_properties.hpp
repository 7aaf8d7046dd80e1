#pragma once
// The names below `druid.indexer.runner.`: which there are, whose they are, and why some stop
// copse. Names only: values are read by settings.cpp. Internal to adapters.

#include <string_view>
#include <vector>

namespace copse::adapters {

/// Whose property a name is.
enum class PropertyOwner {
  runner,  ///< the Kubernetes runner's own, read by settings.cpp or by the reader of runner
           ///< strategies
  other,   ///< of httpRemote, of the worker or of the HTTP client below the same prefix: not needed
           ///< here
  unsupported,  ///< stops the start, with a text of its own
  unknown
};

struct PropertyVerdict {
  PropertyOwner owner = PropertyOwner::unknown;
  std::string_view reason;  ///< of an unsupported one: why, and
  std::string_view help;    ///< what to do instead
};

/// `name` is the property without the prefix, e.g. `labels.team`.
[[nodiscard]] PropertyVerdict judge(std::string_view name);

/// All names that a person may have meant.
[[nodiscard]] std::vector<std::string_view> known_runner_properties();

}  // namespace copse::adapters
