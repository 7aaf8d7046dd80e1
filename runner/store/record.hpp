#pragma once
// What the journal keeps of a task, as values, and their bytes.
//
// A record is one thing that became true of one task. Its bytes are a type (the place of the
// alternative in `Record`), the length of what follows, and the fields in the order in which
// record.cpp lists them: numbers little-endian, texts with their length. Checksums are the matter
// of format.hpp. Pure: no file, no clock.

#include "engine/release.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace copse::runner::store {

/// System time as the journal keeps it.
using Moment = std::chrono::sys_time<std::chrono::milliseconds>;

/// Bytes of one record. Druid itself refuses tasks far below (max_allowed_packet, 16 to 64 MB).
inline constexpr std::size_t record_size_limit = 32U << 20U;

/// The Overlord gave us this task. Durable before it is told so.
struct Accepted {
  std::string task_id;
  std::string document;  ///< the task's JSON text
  Moment accepted_at{};

  bool operator==(const Accepted&) const = default;
};

/// How the task runs. Durable before the first request that creates its Job; a later one, of a
/// higher attempt, replaces it.
struct Decided {
  std::string task_id;
  std::string rule;            ///< name or place of the rule that is answerable
  std::string template_key;    ///< the pod template
  std::string policy_version;  ///< of the policy that decided
  engine::Release druid_release{};
  std::uint32_t attempt = 1;
  std::string job_name;
  std::string name_space;  ///< of the Job
  std::string overrides =
      {};  ///< what the rule sets in the Job, as JSON; since version 3, may be empty

  bool operator==(const Decided&) const = default;
};

/// Where the peon listened.
struct Location {
  std::string host;  ///< empty: never known
  std::int32_t port = -1;
  std::int32_t tls_port = -1;
  std::string pod;

  bool operator==(const Location&) const = default;
};

/// The task is over. Durable before the Overlord is told so.
struct Ended {
  enum class Status : std::uint8_t { success, failed };
  std::string task_id;
  Status status = Status::failed;
  std::string error;  ///< only of a failure
  std::chrono::milliseconds duration{-1};
  Location location;

  bool operator==(const Ended&) const = default;
};

/// The Overlord wants the task's end.
struct KillRequested {
  std::string task_id;

  bool operator==(const KillRequested&) const = default;
};

/// The Overlord knows of the task's end: nothing of it is kept.
struct Forgotten {
  std::string task_id;

  bool operator==(const Forgotten&) const = default;
};

/// The cluster has the task's Job: should it be gone one day, it is never created again. Since
/// version 2.
struct Placed {
  std::string task_id;

  bool operator==(const Placed&) const = default;
};

/// INVARIANT: the order is the file's: add at the end, and raise format_version.
using Record = std::variant<Accepted, Decided, Ended, KillRequested, Forgotten, Placed>;

[[nodiscard]] const std::string& task_id(const Record& record);

/// Bytes that `encode` adds for this record.
[[nodiscard]] std::size_t encoded_size(const Record& record);

/// Appends the record's bytes.
void encode(const Record& record, std::string& out);

/// Takes one record from the front of `bytes`. Empty when that is no record; `bytes` is then
/// somewhere in it.
[[nodiscard]] std::optional<Record> decode(std::string_view& bytes);

}  // namespace copse::runner::store
