#pragma once
// What can be said without asking anybody else: does copse's own name lead somewhere, may it
// listen, and can its folders be written? `examine_…` look, `judge_…` are pure.

#include "runner/doctor/row.hpp"
#include "runner/http/options.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace copse::runner::doctor {

struct AddressFacts {
  std::string host;
  std::uint16_t port = 0;
  std::optional<std::vector<std::string>> addresses;  ///< of `host`; absent: no answer in time
  std::string unresolved;                             ///< the resolver's words; empty: none
  std::string cannot_listen;                          ///< why; empty: it can
};

/// Listens for a moment, with copse's certificates where it has some. Takes at most
/// resolve_deadline.
[[nodiscard]] AddressFacts examine_address(boost::asio::io_context& io, std::string host,
                                           const http::Options& listening);

[[nodiscard]] Rows judge_address(const AddressFacts& facts);

enum class FolderState : std::uint8_t { writable, missing, no_folder, not_writable };

struct FolderFacts {
  std::string path;
  FolderState state = FolderState::writable;
  std::string why;           ///< the system's words
  bool can_be_made = false;  ///< of a missing one: its parent can be written
};

/// Writes a file into it and removes it.
[[nodiscard]] FolderFacts examine_folder(const std::string& path);

/// The task-log store. That the Overlord and the peons see the same folder nobody can tell from
/// here.
[[nodiscard]] Row judge_store(const FolderFacts& facts);

/// copse.state, which copse makes where it lacks.
[[nodiscard]] Row judge_state(const FolderFacts& facts);

}  // namespace copse::runner::doctor
