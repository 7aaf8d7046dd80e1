#pragma once
// The options of a request beside its object: dryRun, fieldValidation, propagationPolicy, limit …
// read from the query (of a DELETE: from its body, where it has one) and checked as the real server
// checks them (apimachinery, pkg/apis/meta/v1/validation and …/internalversion/validation).

#include "runner/sandbox/deletion.hpp"
#include "runner/sandbox/refusal.hpp"
#include "runner/sandbox/target.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace copse::runner::sandbox {

/// What happens to unknown and repeated fields.
enum class FieldValidation : std::uint8_t { ignore, warn, strict };

/// Options of POST, PUT and PATCH.
struct WriteOptions {
  bool dry_run = false;
  FieldValidation validation = FieldValidation::warn;
};

/// `kind`: `CreateOptions`, `UpdateOptions` or `PatchOptions`.
[[nodiscard]] std::expected<WriteOptions, Refusal> read_write_options(const Target& target,
                                                                      std::string_view kind);

struct DeleteOptions {
  DeleteWish wish;
  std::string uid;  ///< precondition; empty: none
  std::string rv;   ///< likewise
  bool dry_run = false;
};

[[nodiscard]] std::expected<DeleteOptions, Refusal> read_delete_options(const Target& target,
                                                                        std::string_view body);

/// Options of a list and of a watch, beside the selectors.
struct ListOptions {
  std::string_view rv_match;  ///< belongs to the target, like the next
  std::string_view continue_token;
  std::size_t limit = 0;  ///< 0: none
  bool initial_events = false;
};

[[nodiscard]] std::expected<ListOptions, Refusal> read_list_options(const Target& target);

}  // namespace copse::runner::sandbox
