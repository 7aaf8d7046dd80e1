#pragma once
// The bytes of a journal file: a line that says what it is, then batches of records.
//
//     copse journal 2\n
//     batch: marker (4) | length of the payload (8) | CRC-32 of length and payload (4) | payload
//
// A batch is what is written and synced at once, and has one checksum. WHY a batch and not a
// record: a disk may write the blocks of one write in any order, so after a crash the end of a
// batch can be there without its beginning. As the next batch is begun only when the one before is
// durable, at most one is torn, and it is the last. So the two cases can be told apart:
//  * the last batch cannot be read: it was being written, nobody was told that it is durable; cut;
//  * a readable batch follows one that is not: no crash does that; an error, nothing is dropped.
//
// The marker cannot occur in JSON text (0xff and 0xfe are not UTF-8), so no task's document looks
// like a batch. Pure: no file; `path` is for the texts only.

#include "runner/store/failure.hpp"
#include "runner/store/record.hpp"

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace copse::runner::store {

/// Version of everything in the file. A reader of the version before stays when it is raised.
inline constexpr std::uint32_t format_version = 3;

/// Bytes of a batch besides its records.
inline constexpr std::size_t batch_overhead = 16;

/// Payload at which a snapshot begins its next batch, so that damage spoils little.
inline constexpr std::size_t snapshot_batch_size = 1U << 20U;

/// The first line of a file.
[[nodiscard]] std::string header(std::uint32_t version = format_version);

/// Appends one batch; `records` are not empty.
void encode_batch(std::span<const Record> records, std::string& out);

/// A whole file with these records.
[[nodiscard]] std::string encode_journal(std::span<const Record> records);

/// What a file says.
struct Contents {
  std::uint32_t version = format_version;
  std::vector<Record> records;
  std::uint64_t end = 0;         ///< bytes that can be read: what comes next is written here
  std::uint64_t torn_bytes = 0;  ///< bytes behind `end`: of a batch that a crash interrupted
};

/// Reads a whole file. Fails when it is no journal, is newer, or is damaged before its last batch.
[[nodiscard]] std::expected<Contents, Failure> decode_journal(std::string_view bytes,
                                                              std::string_view path);

}  // namespace copse::runner::store
