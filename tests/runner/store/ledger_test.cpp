// What records come to.

#include "runner/store/ledger.hpp"

#include "tests/runner/store/story.hpp"

#include <catch2/catch.hpp>

using namespace copse::tests;
using store::Ledger;
using store::Record;
using store::TaskEntries;

namespace {

TaskEntries come_to(const std::vector<Record>& records) {
  return after(records, records.size());
}

}  // namespace

TEST_CASE("a task that is accepted twice is the one that came first", "[store]") {
  const auto found = come_to({accepted("a", "{1}"), decided("a"), accepted("a", "{2}")});
  CHECK(found.at("a").accepted.document == "{1}");
  CHECK(found.at("a").decided.has_value());
}

TEST_CASE("the newest decision counts, and the first end", "[store]") {
  auto late = ended("a");
  late.status = store::Ended::Status::success;
  const auto found = come_to({accepted("a"), decided("a"), decided("a", 2), ended("a"), late});
  CHECK(found.at("a").decided->attempt == 2);
  CHECK(found.at("a").ended == ended("a"));
}

TEST_CASE("a Job belongs to the decision before it", "[store]") {
  CHECK_FALSE(come_to({accepted("a"), store::Placed{"a"}, decided("a")}).at("a").placed);
  CHECK(come_to({accepted("a"), decided("a"), store::Placed{"a"}}).at("a").placed);
  CHECK_FALSE(
      come_to({accepted("a"), decided("a"), store::Placed{"a"}, decided("a", 2)}).at("a").placed);
}

TEST_CASE("a task that is forgotten leaves nothing, and may come again", "[store]") {
  CHECK(come_to(life("a")).empty());
  auto records = life("a");
  records.emplace_back(accepted("a"));
  CHECK(come_to(records).at("a") == store::TaskEntry{accepted("a"), {}, {}, false});
}

TEST_CASE("what is said of an unknown task is ignored", "[store]") {
  CHECK(come_to({decided("a"), ended("a"), store::KillRequested{"a"}, store::Forgotten{"a"}})
            .empty());
}

TEST_CASE("a snapshot comes to the same entries, and the tally knows its bytes", "[store]") {
  for (unsigned seed = 0; seed < 50; ++seed) {
    const auto records = story(200, seed);
    Ledger ledger;
    store::Tally tally;
    for (const Record& record : records) {
      ledger.apply(record);
      tally.apply(record);
      const auto snapshot = ledger.snapshot();
      std::uint64_t bytes = 0;
      for (const Record& one : snapshot) bytes += store::encoded_size(one);
      REQUIRE(tally.live_bytes() == bytes);
      REQUIRE(tally.tasks() == ledger.entries().size());
    }
    CHECK(come_to(ledger.snapshot()) == ledger.entries());
  }
}

TEST_CASE("a file is rewritten once more of it is dead than alive, but not a small one",
          "[store]") {
  CHECK_FALSE(store::compaction_is_due(200, 100, 50));
  CHECK(store::compaction_is_due(201, 100, 50));
  CHECK_FALSE(store::compaction_is_due(201, 100, 101));
  CHECK_FALSE(store::compaction_is_due(store::compaction_minimum, 0, store::compaction_minimum));
  CHECK(store::compaction_is_due(store::compaction_minimum + 1, 0, store::compaction_minimum));
}
