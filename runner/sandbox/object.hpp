#pragma once
// One version of one object in the cluster, in the form in which it is kept.
//
// What the machinery looks at is parsed (names, owners, finalizers, the few selectable fields);
// spec, data and status are JSON text that is copied to the wire as it is. A version is immutable
// once the store has it. Versions of one object share what their author wrote (`Written`), so a
// status update copies neither labels nor spec. No DOM lives here: see object_json.hpp.

#include "runner/sandbox/container_facts.hpp"
#include "runner/sandbox/moment.hpp"
#include "runner/sandbox/resource.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::runner::sandbox {

/// A resourceVersion. One counter for the whole cluster; 0 means "none".
enum class Rv : std::uint64_t {};

/// Sorted by key, each key once.
using Pairs = std::vector<std::pair<std::string, std::string>>;

/// Value of `key`, or null.
[[nodiscard]] const std::string* find(const Pairs& pairs, std::string_view key);

/// Sets or replaces; keeps the order.
void put(Pairs& pairs, std::string_view key, std::string_view value);

/// Selectable fields: the keys are literals. Absent and empty are the same.
using Fields = std::vector<std::pair<std::string_view, std::string>>;

[[nodiscard]] const std::string* find(const Fields& fields, std::string_view key);

/// Sets or replaces. `key` must live for ever: pass a literal.
void put(Fields& fields, std::string_view key, std::string_view value);

struct Owner {
  std::string api_version;
  std::string kind;
  std::string name;
  std::string uid;
  bool controller = false;
  bool blocks_deletion = false;

  bool operator==(const Owner&) const = default;
};

/// What the author of an object wrote and status updates never touch.
struct Written {
  std::string generate_name;
  Pairs labels;
  Pairs annotations;
  std::vector<Owner> owners;
  /// The top-level members other than apiVersion, kind, metadata and status: `"spec":{…}`. May be
  /// empty.
  std::string body;
  std::vector<ContainerFacts> containers;  ///< of a pod, as its body says
  std::vector<ContainerFacts> init_containers;
  std::vector<ConfigMapVolume> config_maps;  ///< those of its volumes that are not optional

  bool operator==(const Written&) const = default;
};

struct Object {
  Resource resource = Resource::pods;
  std::string ns;  ///< empty for cluster-scoped resources
  std::string name;
  std::string uid;
  Rv rv{};
  std::int64_t generation = 0;  ///< 0: the resource has none
  Moment created{};
  std::optional<Moment> deletion;  ///< deletionTimestamp: when the grace period is over
  std::int64_t grace_seconds = 0;  ///< deletionGracePeriodSeconds; meaningful with `deletion`
  std::vector<std::string> finalizers;
  std::shared_ptr<const Written> written;
  std::string status;  ///< a JSON object, or empty
  /// Selectable fields besides metadata (`status.phase` = `Running`), and of pods `ready`.
  Fields fields;
};

using ObjectPtr = std::shared_ptr<const Object>;

/// `namespace/name`, or `name` for cluster-scoped resources: the key under which it is stored and
/// sorted.
[[nodiscard]] std::string key_of(std::string_view ns, std::string_view name);
[[nodiscard]] std::string key_of(const Object& object);

[[nodiscard]] bool has_finalizer(const Object& object, std::string_view finalizer);
void remove_finalizer(Object& object, std::string_view finalizer);

/// The owner with `controller: true`, or null.
[[nodiscard]] const Owner* controller_of(const Object& object);

/// Value of a selectable field (`metadata.name`, `status.phase`, …); empty when the object lacks
/// it.
[[nodiscard]] std::string_view field(const Object& object, std::string_view path);

/// How much of the object's head is written: items of a list carry no kind and apiVersion.
enum class Head : std::uint8_t { full, item };

/// Appends the object as JSON.
void append_object(std::string& out, const Object& object, Head head);

/// Metadata without the rest: a kind of the API's own.
inline constexpr std::string_view partial_metadata_kind = "PartialObjectMetadata";
inline constexpr std::string_view meta_version = "meta.k8s.io/v1";

/// Appends the object's PartialObjectMetadata.
void append_partial(std::string& out, const Object& object);

/// Appends the value of `metadata`.
void append_metadata(std::string& out, const Object& object);

}  // namespace copse::runner::sandbox
