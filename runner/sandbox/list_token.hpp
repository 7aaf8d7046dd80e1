#pragma once
// The metadata of a list and the token with which its next page is asked for.

#include "runner/sandbox/store.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace copse::runner::sandbox {

/// Where a paged list goes on: after which key, in the snapshot of which Rv.
struct ListPlace {
  Rv rv{};
  std::string after;
};

/// Base64 of JSON, as the real server's; clients must not look inside.
[[nodiscard]] std::string list_token(const ListPlace& place);
[[nodiscard]] std::optional<ListPlace> read_list_token(std::string_view token);

/// Appends `{"resourceVersion":"…","continue":"…","remainingItemCount":…}`.
void append_list_metadata(std::string& out, const Page& page, Rv rv, bool narrowed);

/// The message of the 410 for a token whose snapshot is gone.
inline constexpr std::string_view expired_token_text =
    "The provided continue parameter is too old to display a consistent list result. You can start "
    "a new list "
    "without the continue parameter, or use the continue token in this response to retrieve the "
    "remainder of the "
    "results. Continuing with the provided token results in an inconsistent list - objects that "
    "were created, "
    "modified, or deleted between the time the first chunk was returned and now may show up in the "
    "list.";

}  // namespace copse::runner::sandbox
