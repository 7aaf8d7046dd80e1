#pragma once
// What Jackson makes of a scalar that meets a field of another kind: `8091` for a text, `"8091"`
// for a number. Internal to adapters; vectors and fabric8's own deserializers
// (GoIntegerDeserializer, Quantity, IntOrString) are the source.

#include "adapters/document.hpp"
#include "adapters/kubernetes_fields.hpp"

namespace copse::adapters {

enum class Coercion {
  fits,     ///< the value has the field's kind
  coerced,  ///< it was changed in place; the API server, asked directly, would refuse it
  becomes_null,
  refused  ///< Druid's client refuses the file
};

/// Fits `node`, which is not null, to one value of `field`. Lists and maps are refused, except by
/// `any`.
[[nodiscard]] Coercion coerce_scalar(Node& node, const Field& field);

}  // namespace copse::adapters
