#pragma once
// A subset of the API server's validation: the mistakes that people make in Jobs and pods, with the
// real causes (reason, message, field) of Kubernetes 1.34. What is not checked is accepted.

#include "runner/sandbox/document.hpp"

#include <string_view>
#include <vector>

namespace copse::runner::sandbox {

/// Everything wrong with a new object (after defaulting). Empty: it is valid.
[[nodiscard]] std::vector<Cause> find_faults(Resource resource,
                                             const boost::json::object& document);

/// Everything wrong with an update of `before` to `after` (both after defaulting): the rules for
/// new objects and the immutable fields.
[[nodiscard]] std::vector<Cause> find_update_faults(Resource resource,
                                                    const boost::json::object& before,
                                                    const boost::json::object& after);

/// Wrong keys or values in labels, at `path` (`metadata.labels`).
void check_labels(std::vector<Cause>& causes, std::string_view path,
                  const boost::json::object& parent);

/// Annotations of one object: at most this many bytes of keys and values together.
inline constexpr std::size_t annotation_limit = 256 * 1024;

}  // namespace copse::runner::sandbox
