#include "runner/store/format.hpp"

#include <cassert>
#include <charconv>
#include <optional>
#include <utility>

#include <zlib.h>

namespace copse::runner::store {
namespace {

constexpr std::string_view title = "copse journal ";
constexpr std::string_view marker =
    "\xff"
    "c\xfe"
    "b";
constexpr std::size_t length_size = 8;
constexpr std::size_t checksum_size = 4;
static_assert(marker.size() + length_size + checksum_size == batch_overhead);

void put(std::string& out, std::size_t at, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i)
    out[at + i] = static_cast<char>((value >> (8 * i)) & 0xffU);
}

std::uint64_t get(std::string_view in, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i)
    value |= std::uint64_t{static_cast<unsigned char>(in[at + i])} << (8 * i);
  return value;
}

std::uint64_t checksum(std::string_view length, std::string_view payload) {
  const auto add = [](uLong sum, std::string_view part) {
    return ::crc32_z(sum, reinterpret_cast<const Bytef*>(part.data()), part.size());
  };
  return add(add(::crc32_z(0, nullptr, 0), length), payload);
}

/// The records' bytes of the batch at the front of `bytes`; empty when there is no whole one.
std::optional<std::string_view> payload_of(std::string_view bytes) {
  if (bytes.size() < batch_overhead || !bytes.starts_with(marker)) return std::nullopt;
  const std::uint64_t length = get(bytes, marker.size(), length_size);
  if (length > bytes.size() - batch_overhead) return std::nullopt;
  const std::string_view payload = bytes.substr(batch_overhead, length);
  const std::uint64_t sum = get(bytes, marker.size() + length_size, checksum_size);
  if (sum != checksum(bytes.substr(marker.size(), length_size), payload)) return std::nullopt;
  return payload;
}

/// Where the next whole batch begins, at or after `from`.
std::optional<std::size_t> next_batch(std::string_view bytes, std::size_t from) {
  for (std::size_t at = bytes.find(marker, from); at != std::string_view::npos;
       at = bytes.find(marker, at + 1)) {
    if (payload_of(bytes.substr(at))) return at;
  }
  return std::nullopt;
}

Failure damaged(std::string_view path, std::string text) {
  return {Failure::Kind::damaged, std::string(path) + ": " + std::move(text), false};
}

Failure damaged_at(std::string_view path, std::size_t at, std::string_view what,
                   std::size_t tasks_records) {
  const std::string offset = std::to_string(at);
  return damaged(path, "the journal is damaged at byte " + offset + ": " + std::string(what) +
                           "; no crash does this, so look at the disk and bring the file back from "
                           "a copy; to go on with the " +
                           std::to_string(tasks_records) +
                           " records before it and lose the rest: truncate -s " + offset + " '" +
                           std::string(path) + "'");
}

struct Head {
  std::size_t size = 0;  // of the first line
  std::uint32_t version = 0;
};

/// The first line, or why this file cannot be read.
std::expected<Head, Failure> check_header(std::string_view bytes, std::string_view path) {
  const std::size_t line = bytes.find('\n');
  std::uint32_t version = 0;
  const char* const end = bytes.data() + (line == std::string_view::npos ? bytes.size() : line);
  bool good = line != std::string_view::npos && bytes.starts_with(title);
  if (good) {
    const auto [stop, error] = std::from_chars(bytes.data() + title.size(), end, version);
    good = error == std::errc{} && stop == end && version > 0;
  }
  if (!good) {
    return std::unexpected(damaged(
        path,
        "this is no journal of copse: its first line is not `" +
            header().substr(0, header().size() - 1) +
            "`; bring it back from a copy, or move it away: copse then starts without its tasks"));
  }
  if (version > format_version) {
    return std::unexpected(Failure{
        Failure::Kind::newer,
        std::string(path) + ": this journal has version " + std::to_string(version) +
            ", and this copse reads " + std::to_string(format_version) +
            "; start a copse that is as new as the one that wrote it, or let that one end its "
            "tasks and then name another folder in `copse.state`",
        false});
  }
  return Head{line + 1, version};
}

}  // namespace

std::string header(std::uint32_t version) {
  return std::string(title) + std::to_string(version) + "\n";
}

void encode_batch(std::span<const Record> records, std::string& out) {
  assert(!records.empty());
  const std::size_t begin = out.size();
  out.append(marker).append(length_size + checksum_size, '\0');
  for (const Record& record : records) encode(record, out);
  put(out, begin + marker.size(), out.size() - begin - batch_overhead, length_size);
  const std::string_view batch = std::string_view(out).substr(begin);
  const std::uint64_t sum =
      checksum(batch.substr(marker.size(), length_size), batch.substr(batch_overhead));
  put(out, begin + marker.size() + length_size, sum, checksum_size);
}

std::string encode_journal(std::span<const Record> records) {
  std::string out = header();
  while (!records.empty()) {
    std::size_t size = 0;
    std::size_t count = 0;
    while (count < records.size() && size < snapshot_batch_size)
      size += encoded_size(records[count++]);
    encode_batch(records.first(count), out);
    records = records.subspan(count);
  }
  return out;
}

std::expected<Contents, Failure> decode_journal(std::string_view bytes, std::string_view path) {
  const auto head = check_header(bytes, path);
  if (!head) return std::unexpected(head.error());
  Contents found;
  found.version = head->version;
  std::size_t at = head->size;
  while (at < bytes.size()) {
    const auto payload = payload_of(bytes.substr(at));
    if (!payload) {
      const auto next = next_batch(bytes, at);
      if (!next) break;
      return std::unexpected(damaged_at(
          path, at, "records can be read again from byte " + std::to_string(*next) + " on",
          found.records.size()));
    }
    std::string_view rest = *payload;
    while (!rest.empty()) {
      auto record = decode(rest);
      if (!record) {
        return std::unexpected(
            damaged_at(path, at, "a record in a batch with a right checksum has no known form",
                       found.records.size()));
      }
      found.records.push_back(std::move(*record));
    }
    at += batch_overhead + payload->size();
  }
  found.end = at;
  found.torn_bytes = bytes.size() - at;
  return found;
}

}  // namespace copse::runner::store
