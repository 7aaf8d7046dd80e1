// The journal on a disk that runs full, fails to sync, or loses its power.

#include "runner/store/format.hpp"
#include "runner/store/journal.hpp"
#include "tests/runner/kube/folder.hpp"
#include "tests/runner/store/disk_fake.hpp"
#include "tests/runner/store/story.hpp"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <map>
#include <optional>
#include <random>
#include <set>

#include <catch2/catch.hpp>

using namespace copse::tests;
using store::Failure;
using store::Journal;

namespace {

struct World {
  Folder folder;
  DiskFake disk{folder.path()};

  [[nodiscard]] std::uint64_t file_size() const {
    return std::filesystem::file_size(folder.path("journal"));
  }

  store::Opened open(std::uint64_t minimum = store::compaction_minimum) {
    auto opened = Journal::open(
        {.folder = folder.path(), .disk = disk.disk(), .compaction_minimum = minimum});
    if (!opened) FAIL(opened.error().text);
    return std::move(*opened);
  }
};

/// What a journal in a folder with these files says.
store::TaskEntries recover(const Files& files) {
  const Folder folder;
  for (const auto& [name, text] : files) folder.write(name, text);
  store::Disk disk = store::real_disk();
  disk.sync = [](int) { return 0; };  // nothing crashes here any more
  auto opened = Journal::open({.folder = folder.path(), .disk = std::move(disk)});
  if (!opened) FAIL(opened.error().text);
  return std::move(opened->entries);
}

/// The same by the pure functions alone, for many pictures.
store::TaskEntries read(const Files& files) {
  const auto journal = files.find("journal");
  if (journal == files.end()) return {};
  auto found = store::decode_journal(journal->second, "journal");
  if (!found) FAIL(found.error().text);
  return after(found->records, found->records.size());
}

/// True when `found` is what the first n records come to, for an n of at least `promised`.
bool is_a_state_after(const std::vector<store::TaskEntries>& states, std::size_t promised,
                      const store::TaskEntries& found) {
  return std::find(states.begin() + static_cast<std::ptrdiff_t>(promised), states.end(), found) !=
         states.end();
}

std::vector<store::TaskEntries> states_of(const std::vector<store::Record>& records) {
  std::vector<store::TaskEntries> states;
  for (std::size_t count = 0; count <= records.size(); ++count)
    states.push_back(after(records, count));
  return states;
}

}  // namespace

TEST_CASE("a crash before any operation of the disk loses nothing that was promised", "[store]") {
  const auto records = story(50, 7);
  const auto states = states_of(records);
  World world;
  std::atomic<std::size_t> promised = 0;
  std::uint64_t compactions = 0;
  world.disk.record_crashes([&] { return promised.load(); });
  {
    auto opened = world.open(500);
    for (std::size_t i = 0; i < records.size(); i += 2) {  // batches of one and of two
      const auto told = [&](const auto& result) { promised += result ? 1 : 0; };
      opened.journal.append(records[i], told);
      CHECK(keep(opened.journal, records[i + 1]));
      ++promised;
    }
    compactions = opened.journal.figures().compactions;
  }
  CHECK(compactions >= 3);
  CHECK(promised == records.size());
  auto images = world.disk.take_images();
  images.push_back(world.disk.image());
  CHECK(images.size() > 100);
  std::size_t failures = 0;
  std::map<Files, store::TaskEntries> recovered;  // most pictures are alike
  for (const CrashImage& image : images) {
    for (const Files& files : image.pictures) {
      if (!recovered.contains(files)) recovered[files] = recover(files);
      if (!is_a_state_after(states, image.promised, recovered[files])) ++failures;
    }
  }
  CHECK(failures == 0);
}

TEST_CASE("a crash at any byte of a write loses nothing that was promised", "[store]") {
  const auto records = story(40, 8);
  const auto states = states_of(records);
  World world;
  std::vector<std::pair<std::uint64_t, std::size_t>> promises;  // (bytes of the file, records)
  {
    auto opened = world.open();
    for (const auto& record : records) {
      CHECK(keep(opened.journal, record));
      promises.emplace_back(opened.journal.figures().file_bytes, promises.size() + 1);
    }
  }
  const std::string bytes = world.disk.image().pictures.front().at("journal");
  std::size_t promised = 0;
  for (std::size_t size = store::header().size(); size <= bytes.size(); ++size) {
    while (promised < promises.size() && promises[promised].first <= size) ++promised;
    const auto found = store::decode_journal(std::string_view(bytes).substr(0, size), "journal");
    REQUIRE(found);
    if (!is_a_state_after(states, promised, after(found->records, found->records.size())))
      FAIL("cut at " << size);
  }
  CHECK(promised == records.size());
}

TEST_CASE("whatever fails and whenever the power goes, what was promised is there", "[store]") {
  for (unsigned seed = 0; seed < 20; ++seed) {
    std::mt19937 random(seed);
    World world;
    std::set<std::string> kept;
    std::vector<std::set<std::string>> promises{{}};  // tasks, after so many answers
    std::atomic<std::size_t> answers = 0;
    {
      auto opened = world.open(600);
      world.disk.record_crashes([&] { return answers.load(); });
      for (int i = 0; i < 40; ++i) {
        world.disk.set_space(random() % 4 == 0 ? std::optional(random() % 300) : std::nullopt);
        world.disk.fail_syncs(random() % 6 == 0 ? 1 : 0);
        world.disk.fail_folder_syncs(random() % 6 == 0 ? 1 : 0);
        world.disk.fail_truncates(random() % 3 == 0 ? 1 : 0);
        world.disk.fail_renames(random() % 6 == 0 ? 1 : 0);
        const std::string id = "task-" + std::to_string(i);
        if (keep(opened.journal, accepted(id))) kept.insert(id);
        promises.push_back(kept);
        ++answers;
        if (keep(opened.journal, store::Forgotten{id})) kept.erase(id);
        if (i % 3 == 0 && keep(opened.journal, accepted("stays-" + id))) kept.insert("stays-" + id);
        promises.push_back(kept);
        ++answers;
      }
    }
    CHECK(kept.size() > 5);
    std::map<Files, store::TaskEntries> recovered;  // most pictures are alike
    for (const CrashImage& image : world.disk.take_images()) {
      for (const Files& files : image.pictures) {
        if (!recovered.contains(files)) recovered[files] = read(files);
        const auto& found = recovered[files];
        for (const std::string& id : promises[image.promised]) {
          const bool there = found.contains(id) || (image.promised + 1 < promises.size() &&
                                                    !promises[image.promised + 1].contains(id));
          if (!there) FAIL("seed " << seed << ": " << id << " is lost");
        }
      }
    }
  }
}

TEST_CASE("a full disk fails what is queued, keeps what was kept, and goes on when there is space",
          "[store]") {
  World world;
  {
    auto opened = world.open();
    CHECK(keep(opened.journal, accepted("a")));
    for (std::uint64_t space = 0; space < 100; space += 9) {
      world.disk.set_space(space);
      const auto result = keep(opened.journal, accepted("too much", std::string(4096, 'x')));
      REQUIRE_FALSE(result);
      CHECK(result.error().kind == Failure::Kind::full);
      CHECK(result.error().may_retry);
      CHECK(world.file_size() == opened.journal.figures().file_bytes);  // its space is given back
      CHECK(result.error().text == world.folder.path() +
                                       "journal: cannot write: No space left on device; free some "
                                       "space there; tasks are taken again as soon as a write "
                                       "succeeds");
    }
    world.disk.set_space({});
    CHECK(keep(opened.journal, accepted("b")));
    CHECK(opened.journal.figures().tasks == 2);
  }
  const auto found = recover(world.disk.image().pictures.front());
  CHECK(found.size() == 2);
  CHECK(found.contains("b"));
}

TEST_CASE("a disk that is full when copse begins is told as such", "[store]") {
  World world;
  world.disk.set_space(3);
  const auto opened = Journal::open({.folder = world.folder.path(), .disk = world.disk.disk()});
  REQUIRE_FALSE(opened);
  CHECK(opened.error().kind == Failure::Kind::full);
  world.disk.set_space({});
  CHECK(world.open().entries.empty());
}

TEST_CASE("after a failed sync the file is written anew before anything is promised", "[store]") {
  World world;
  {
    auto opened = world.open();
    CHECK(keep(opened.journal, accepted("a")));
    world.disk.fail_syncs(2);
    const auto lost = keep(opened.journal, accepted("lost"));
    REQUIRE_FALSE(lost);
    CHECK(lost.error().kind == Failure::Kind::disk);
    CHECK(lost.error().text.find("journal: cannot sync it: Input/output error; look into the "
                                 "system's log") != std::string::npos);
    // The rewrite meets the second bad sync; the one after it succeeds.
    const auto again = keep(opened.journal, accepted("again"));
    REQUIRE_FALSE(again);
    CHECK(again.error().text.find("journal.new: cannot sync it: ") != std::string::npos);
    CHECK(keep(opened.journal, accepted("b")));
  }
  for (const Files& files : world.disk.image().pictures) {
    const auto found = recover(files);
    CHECK(found.size() == 2);
    CHECK(found.contains("a"));
    CHECK(found.contains("b"));
  }
}

TEST_CASE("nothing is promised while a crash could bring an older file back", "[store]") {
  World world;
  auto opened = world.open();
  CHECK(keep(opened.journal, accepted("a")));
  world.disk.fail_syncs(1);
  CHECK_FALSE(keep(opened.journal, accepted("lost")));
  world.disk.fail_folder_syncs(1);
  const auto result = keep(opened.journal, accepted("early"));
  REQUIRE_FALSE(result);
  CHECK(result.error().text.find("journal: cannot make its new name durable: ") !=
        std::string::npos);
  CHECK(keep(opened.journal, accepted("b")));
  for (const Files& files : world.disk.image().pictures) CHECK(recover(files).size() == 2);
}

TEST_CASE("a copse that follows one which died in a rewrite makes its file durable first",
          "[store]") {
  World world;
  {
    auto opened = world.open();
    CHECK(keep(opened.journal, accepted("a")));
    world.disk.fail_syncs(1);
    CHECK_FALSE(keep(opened.journal, accepted("lost")));
    world.disk.fail_folder_syncs(1);
    CHECK_FALSE(keep(opened.journal, accepted("early")));  // and here it dies
  }
  auto opened = world.open();
  CHECK(opened.entries.size() == 1);
  CHECK(keep(opened.journal, accepted("b")));
  for (const Files& files : world.disk.image().pictures) CHECK(recover(files).size() == 2);
}

TEST_CASE("a file that cannot be cut back is written anew", "[store]") {
  World world;
  auto opened = world.open();
  CHECK(keep(opened.journal, accepted("a")));
  world.disk.set_space(4000);
  world.disk.fail_truncates(1);
  CHECK_FALSE(keep(opened.journal, accepted("lost", std::string(8000, 'x'))));
  CHECK(world.file_size() > 4000);
  world.disk.set_space({});
  CHECK(keep(opened.journal, accepted("b")));
  CHECK(world.file_size() == opened.journal.figures().file_bytes);
  for (const Files& files : world.disk.image().pictures) CHECK(recover(files).size() == 2);
}

TEST_CASE("a rewrite that fails leaves the old file in use, and is not tried at every batch",
          "[store]") {
  World world;
  auto opened = world.open(1000);
  const auto work = [&](int tasks) {
    for (int i = 0; i < tasks; ++i) {
      for (const auto& record : life("a")) CHECK(keep(opened.journal, record));
    }
    CHECK(keep(opened.journal, accepted("live")));  // what came before it is written and judged
    return opened.journal.figures();
  };
  world.disk.fail_renames(1000);
  auto figures = work(3);
  CHECK(figures.compactions == 0);
  CHECK(figures.compaction_failure ==
        world.folder.path() +
            "journal.new: cannot rename it to `journal`: Input/output error; look into the "
            "system's log for what this disk says");
  CHECK(world.disk.failing_renames() == 999);
  CHECK(recover(world.disk.image().pictures.back()).size() == 1);
  work(0);
  CHECK(world.disk.failing_renames() == 999);  // it waits until the file has grown
  world.disk.fail_renames(0);
  figures = work(3);
  CHECK(figures.compactions >= 1);
  CHECK(figures.compaction_failure.empty());
  CHECK(recover(world.disk.image().pictures.back()).size() == 1);
}

TEST_CASE("a queue that is full refuses at once and says so", "[store]") {
  World world;
  auto opened = world.open();
  std::atomic<std::size_t> kept = 0;
  std::atomic<std::size_t> refused = 0;
  Failure failure;
  const auto told = [&](const std::expected<void, Failure>& result) {
    if (result) {
      ++kept;
    } else if (refused++ == 0) {
      failure = result.error();
    }
  };
  world.disk.hold_sync();
  opened.journal.append(accepted("first"), told);
  world.disk.wait_until_held();
  SECTION("by records") {
    for (std::size_t i = 0; i < store::queue_record_limit; ++i)
      opened.journal.append(store::Forgotten{"x"}, told);
    CHECK(refused == 0);
    opened.journal.append(store::Forgotten{"x"}, told);
  }
  SECTION("by bytes") {
    const std::string document(store::queue_size_limit / 4 - 1000, 'x');
    for (int i = 0; i < 4; ++i) opened.journal.append(accepted(std::to_string(i), document), told);
    CHECK(refused == 0);
    opened.journal.append(accepted("over", std::string(5000, 'x')), told);
  }
  CHECK(refused == 1);
  CHECK(failure.kind == Failure::Kind::overloaded);
  CHECK(failure.may_retry);
  CHECK(failure.text.find("the disk does not keep up: too many records wait") != std::string::npos);
  world.disk.release();
  {
    const Journal ends = std::move(opened.journal);
  }
  CHECK(kept >= 5);  // what was queued
  CHECK(world.open().entries.contains("first"));
}

TEST_CASE("a record above the limit is refused at once", "[store]") {
  World world;
  auto opened = world.open();
  const auto result =
      keep(opened.journal, accepted("huge", std::string(store::record_size_limit, 'x')));
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == Failure::Kind::too_large);
  CHECK_FALSE(result.error().may_retry);
  CHECK(result.error().text.find("the record of task `huge` has ") != std::string::npos);
  CHECK(keep(opened.journal, accepted("fits", std::string(store::record_size_limit - 1000, 'x'))));
}
