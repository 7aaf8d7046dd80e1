// What the bytes of a journal say, whole, torn and damaged.

#include "runner/store/format.hpp"

#include "tests/runner/store/story.hpp"

#include <span>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace {

using namespace copse::tests;
using copse::runner::store::Contents;
using copse::runner::store::Failure;
using copse::runner::store::Record;

/// A file of batches of one, two, three… records, and where each ends.
struct File {
  std::string bytes = store::header();
  std::vector<std::size_t> ends;        // of each batch
  std::vector<std::size_t> records{0};  // that are in the file up to that batch
};

File file_of(const std::vector<Record>& records) {
  File file;
  file.ends.push_back(file.bytes.size());
  std::size_t done = 0;
  for (std::size_t size = 1; done < records.size(); ++size) {
    const std::size_t count = std::min(size, records.size() - done);
    store::encode_batch(std::span(records).subspan(done, count), file.bytes);
    done += count;
    file.ends.push_back(file.bytes.size());
    file.records.push_back(done);
  }
  return file;
}

Contents read(std::string_view bytes) {
  auto found = store::decode_journal(bytes, "state/journal");
  REQUIRE(found);
  return std::move(*found);
}

Failure refuse(std::string_view bytes) {
  const auto found = store::decode_journal(bytes, "state/journal");
  REQUIRE_FALSE(found);
  CHECK_FALSE(found.error().may_retry);
  return found.error();
}

}  // namespace

TEST_CASE("each type of record is read as it was written, whatever is in its texts", "[store]") {
  std::vector<Record> records = life("index_kafka_wiki_abc");
  records.emplace_back(accepted("", std::string("\0\xff"
                                                "c\xfe"
                                                "b",
                                                5)));
  records.emplace_back(store::Accepted{"early", "", store::Moment{std::chrono::milliseconds{-5}}});
  for (const Record& record : records) {
    std::string bytes;
    store::encode(record, bytes);
    CHECK(bytes.size() == store::encoded_size(record));
    std::string_view rest = bytes;
    const auto found = store::decode(rest);
    REQUIRE(found);
    CHECK(*found == record);
    CHECK(rest.empty());
  }
}

TEST_CASE("a record that is cut, of an unknown type or with a number out of range is no record",
          "[store]") {
  std::string bytes;
  store::encode(ended("a"), bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    std::string_view cut = std::string_view(bytes).substr(0, size);
    CHECK_FALSE(store::decode(cut));
  }
  for (const char wrong : {'\x05', '\x7f'}) {  // the type
    std::string other = bytes;
    other[0] = wrong;
    std::string_view rest = other;
    CHECK_FALSE(store::decode(rest));
  }
  std::string other = bytes;
  other[16 + 9] = '\x02';  // a third status
  std::string_view rest = other;
  CHECK_FALSE(store::decode(rest));
}

TEST_CASE("a journal cut at any byte says what its whole batches say", "[store]") {
  const auto records = story(60, 1);
  const File file = file_of(records);
  std::size_t batch = 0;
  for (std::size_t size = file.ends[0]; size <= file.bytes.size(); ++size) {
    if (batch + 1 < file.ends.size() && size == file.ends[batch + 1]) ++batch;
    const Contents found = read(std::string_view(file.bytes).substr(0, size));
    CHECK(found.records.size() == file.records[batch]);
    CHECK(found.end == file.ends[batch]);
    CHECK(found.torn_bytes == size - file.ends[batch]);
  }
  CHECK(read(file.bytes).records == records);
}

TEST_CASE("blocks of the last batch that reached the disk in another order are a torn end",
          "[store]") {
  const auto records = story(60, 2);
  const File file = file_of(records);
  const std::size_t last = file.ends[file.ends.size() - 2];
  for (std::size_t zeros = 1; last + zeros < file.bytes.size(); ++zeros) {
    std::string bytes = file.bytes;
    bytes.replace(last, zeros, zeros, '\0');
    const Contents found = read(bytes);
    CHECK(found.end == last);
    CHECK(found.records.size() == file.records[file.records.size() - 2]);
  }
}

TEST_CASE("a byte that changed before the last batch is never dropped in silence", "[store]") {
  const File file = file_of(story(30, 3));
  const std::size_t last = file.ends[file.ends.size() - 2];
  for (std::size_t at = 0; at < last; ++at) {
    std::string bytes = file.bytes;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    const auto kind = refuse(bytes).kind;
    CHECK((kind == Failure::Kind::damaged || (at < file.ends[0] && kind == Failure::Kind::newer)));
  }
}

TEST_CASE("damage is told with its place and with what can be done", "[store]") {
  File file = file_of(story(10, 4));
  const std::size_t begin = file.ends[1];
  file.bytes[begin + 20] = '!';
  CHECK(
      refuse(file.bytes).text ==
      "state/journal: the journal is damaged at byte " + std::to_string(begin) +
          ": records can be read again from byte " + std::to_string(file.ends[2]) +
          " on; no crash does this, so look at the disk and bring the file back from a copy; to go "
          "on with the 1 records before it and lose the rest: truncate -s " +
          std::to_string(begin) + " 'state/journal'");
}

TEST_CASE("a newer version is refused, and its number said", "[store]") {
  const Failure failure = refuse(store::header(store::format_version + 1) + "whatever");
  CHECK(failure.kind == Failure::Kind::newer);
  CHECK(failure.text ==
        "state/journal: this journal has version 4, and this copse reads 3; start a copse that is "
        "as new as the one that wrote it, or let that one end its tasks and then name another "
        "folder in `copse.state`");
}

TEST_CASE("a file that is no journal, or less than its first line, is refused", "[store]") {
  for (const char* bytes : {"", "copse", "copse journal 1", "copse journal \n", "copse journal 0\n",
                            "copse journal 1 \n", "copse journal x\n", "{\"a\":1}\n"}) {
    const Failure failure = refuse(bytes);
    CHECK(failure.kind == Failure::Kind::damaged);
    CHECK(failure.text.find("its first line is not `copse journal 3`; bring it back") !=
          std::string::npos);
  }
}

TEST_CASE("a snapshot above the size of one batch is read back whole", "[store]") {
  std::vector<Record> records;
  for (int i = 0; i < 40; ++i)
    records.emplace_back(accepted(std::to_string(i), std::string(100'000, 'x')));
  const std::string bytes = store::encode_journal(records);
  CHECK(bytes.size() > 2 * store::snapshot_batch_size);
  CHECK(read(bytes).records == records);
  CHECK(read(store::encode_journal({})).records.empty());
}
