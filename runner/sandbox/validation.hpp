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

/// Everything wrong with an update of `current` from `before` to `after` (both after defaulting):
/// the rules for new objects, those of find_metadata_faults, and the immutable fields.
[[nodiscard]] std::vector<Cause> find_update_faults(const Object& current,
                                                    const boost::json::object& before,
                                                    const boost::json::object& after);

/// What is wrong with the new metadata of an object, whether its spec or its status is written. The
/// real server looks twice and names each cause twice.
[[nodiscard]] std::vector<Cause> find_metadata_faults(const Object& current,
                                                      const boost::json::object& after);

/// Wrong keys or values in labels, at `path` (`metadata.labels`).
void check_labels(std::vector<Cause>& causes, std::string_view path,
                  const boost::json::object& parent);

/// A key of labels: an optional DNS prefix and a name of at most 63 characters.
void check_qualified_name(std::vector<Cause>& causes, std::string_view path, std::string_view key);

/// A value of labels.
void check_label_value(std::vector<Cause>& causes, std::string_view path, std::string_view value);

/// The same as check_labels for annotations.
void check_annotations(std::vector<Cause>& causes, std::string_view path,
                       const boost::json::object& parent);

/// `Invalid value: SHOWN: DETAIL`; `shown` is JSON.
[[nodiscard]] Cause invalid_value(std::string_view field, std::string_view shown,
                                  std::string_view detail);

/// Annotations of one object: at most this many bytes of keys and values together.
inline constexpr std::size_t annotation_limit = 256 * 1024;

/// A ConfigMap: at most this many bytes of values (core.MaxSecretSize).
inline constexpr std::size_t config_map_limit = 1024 * 1024;

}  // namespace copse::runner::sandbox
