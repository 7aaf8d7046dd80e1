// The journal on a real disk.

#include "runner/store/journal.hpp"

#include "runner/store/format.hpp"
#include "tests/runner/kube/folder.hpp"
#include "tests/runner/store/disk_fake.hpp"
#include "tests/runner/store/story.hpp"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>

#include <catch2/catch.hpp>
#include <unistd.h>

using namespace copse::tests;
using store::Failure;
using store::Journal;
using namespace std::chrono_literals;

namespace {

store::Opened open(const Folder& folder, store::Disk disk = store::real_disk()) {
  auto opened = Journal::open({.folder = folder.path("state"), .disk = std::move(disk)});
  if (!opened) FAIL(opened.error().text);
  return std::move(*opened);
}

/// A process that accepts task `a`.
void keep_one(const Folder& folder) {
  auto opened = open(folder);
  CHECK(keep(opened.journal, accepted("a")));
}

Failure refuse(const std::string& path) {
  auto opened = Journal::open({.folder = path});
  REQUIRE_FALSE(opened);
  return opened.error();
}

void append_text(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary | std::ios::app) << text;
}

}  // namespace

TEST_CASE("what was reported as kept is there after a restart", "[store]") {
  const Folder folder;
  {
    auto opened = open(folder);
    CHECK(opened.entries.empty());
    CHECK(opened.notes.empty());
    for (const auto& record : story(100, 5)) CHECK(keep(opened.journal, record));
    CHECK(opened.journal.figures().records == 100);
  }
  const auto opened = open(folder);
  CHECK(opened.entries == after(story(100, 5), 100));
  CHECK_FALSE(opened.entries.empty());
  CHECK(opened.notes.empty());
  CHECK(opened.journal.figures().tasks == opened.entries.size());
}

TEST_CASE("the end of a journal waits for everything that is queued", "[store]") {
  const Folder folder;
  std::atomic<int> told = 0;
  {
    auto opened = open(folder);
    for (int i = 0; i < 500; ++i)
      opened.journal.append(accepted(std::to_string(i)),
                            [&told](const auto& result) { told += result ? 1 : 0; });
  }
  CHECK(told == 500);
  CHECK(open(folder).entries.size() == 500);
}

TEST_CASE("a journal of the version before is read, and is of this version once it is written to",
          "[store]") {
  const Folder folder;
  keep_one(folder);
  const std::string path = folder.path("state/journal");
  const auto first_line = [&] {
    std::string line;
    std::getline(std::ifstream(path) >> std::ws, line);
    return line + "\n";
  };
  {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file << store::header(1);
  }
  {
    auto opened = open(folder);
    CHECK(opened.entries.size() == 1);
    CHECK(first_line() == store::header(1));
    CHECK(keep(opened.journal, decided("a")));
    CHECK(keep(opened.journal, store::Placed{"a"}));
  }
  CHECK(first_line() == store::header());
  CHECK(open(folder).entries.at("a").placed);
}

TEST_CASE("a torn end is cut off, said, and written over", "[store]") {
  const Folder folder;
  keep_one(folder);
  const std::string path = folder.path("state/journal");
  std::string batch;
  const store::Record record = accepted("b");
  store::encode_batch(std::span(&record, 1), batch);
  append_text(path, std::string_view(batch).substr(0, batch.size() - 1));
  {
    auto opened = open(folder);
    CHECK(opened.entries.size() == 1);
    REQUIRE(opened.notes.size() == 1);
    CHECK(opened.notes[0] ==
          path + ": cut off " + std::to_string(batch.size() - 1) +
              " bytes at the end, of records that were being written when copse was stopped; "
              "nobody had been told that they are kept");
    CHECK(keep(opened.journal, accepted("c")));
  }
  const auto opened = open(folder);
  CHECK(opened.notes.empty());
  CHECK(opened.entries.contains("c"));
  CHECK(opened.entries.size() == 2);
}

TEST_CASE("a second copse on the folder is told who has it, and may come when that one is gone",
          "[store]") {
  const Folder folder;
  {
    const auto opened = open(folder);
    const Failure failure = refuse(folder.path("state"));
    CHECK(failure.kind == Failure::Kind::held);
    CHECK(failure.may_retry);
    CHECK(failure.text.starts_with(folder.path("state") + ": process " +
                                   std::to_string(::getpid()) + " on "));
    CHECK(
        failure.text.ends_with(" works on this folder; stop that copse first, or name another "
                               "folder in `copse.state`"));
  }
  CHECK(open(folder).entries.empty());
}

TEST_CASE("a file in the place of the folder is told as such", "[store]") {
  const Folder folder;
  const std::string path = folder.write("state", "text");
  const Failure failure = refuse(path);
  CHECK(failure.kind == Failure::Kind::no_folder);
  CHECK_FALSE(failure.may_retry);
  CHECK(failure.text.starts_with(path + ": cannot "));
  CHECK(failure.text.ends_with("Not a directory; name a folder in `copse.state`"));
  CHECK(refuse(path + "/below").kind == Failure::Kind::no_folder);
}

TEST_CASE("a folder that may not be written is told as such", "[store]") {
  std::string path = "/sys/kernel";  // where not even root makes a file
  const Folder folder;
  if (::geteuid() != 0) {
    path = folder.path();
    std::filesystem::permissions(
        path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  }
  const Failure failure = refuse(path);
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
  CHECK(failure.kind == Failure::Kind::forbidden);
  CHECK_FALSE(failure.may_retry);
  CHECK(failure.text.starts_with(path + "/lock: cannot open it for writing: "));
  CHECK(failure.text.ends_with(
      "; make it writable for copse's user, or name another folder in `copse.state`"));
}

TEST_CASE("a newer or a damaged journal is refused and left as it is", "[store]") {
  const Folder folder;
  keep_one(folder);
  const std::string path = folder.write("state/journal", store::header(store::format_version + 1));
  CHECK(refuse(folder.path("state")).kind == Failure::Kind::newer);
  CHECK(std::filesystem::file_size(path) == store::header(store::format_version + 1).size());
  folder.write("state/journal", "something else\n");
  CHECK(refuse(folder.path("state")).kind == Failure::Kind::damaged);
  CHECK(std::filesystem::file_size(path) == 15);
}

TEST_CASE("a rewrite that a crash interrupted leaves nothing", "[store]") {
  const Folder folder;
  keep_one(folder);
  folder.write("state/journal.new", "half a jour");
  CHECK(open(folder).entries.contains("a"));
  CHECK_FALSE(std::filesystem::exists(folder.path("state/journal.new")));
}

TEST_CASE("what comes while the disk syncs is kept with one sync", "[store]") {
  const Folder folder;
  DiskFake disk(folder.path("state"));
  std::atomic<int> told = 0;
  std::vector<int> order;
  auto opened = open(folder, disk.disk());
  disk.hold_sync();
  const auto append = [&](int number) {
    opened.journal.append(accepted(std::to_string(number)), [&, number](const auto& result) {
      order.push_back(number);  // one thread, read after the last answer
      if (result) ++told;
    });
  };
  append(0);
  disk.wait_until_held();
  for (int i = 1; i < 1000; ++i) append(i);
  CHECK(told == 0);  // nothing is told before it is durable
  disk.release();
  CHECK(keep(opened.journal, accepted("last")));
  CHECK(told == 1000);
  CHECK(std::is_sorted(order.begin(), order.end()));
  CHECK(opened.journal.figures().records == 1001);
  CHECK(opened.journal.figures().batches <= 3);
}

TEST_CASE("records that nobody waits for share the sync of the next one that is urgent",
          "[store]") {
  const Folder folder;
  std::atomic<int> told = 0;
  const auto append = [&](store::Journal& journal, int number) {
    journal.append(
        accepted(std::to_string(number)), [&](const auto& result) { told += result ? 1 : 0; },
        store::Urgency::soon);
  };
  {
    auto opened = Journal::open({.folder = folder.path("state"), .gather_time = 1h});
    REQUIRE(opened);
    for (int i = 0; i < 100; ++i) append(opened->journal, i);
    CHECK(keep(opened->journal, accepted("urgent")));
    CHECK(told == 100);
    CHECK(opened->journal.figures().batches == 1);
    append(opened->journal, 100);
  }  // does not wait for an hour
  CHECK(told == 101);
  CHECK(open(folder).entries.size() == 102);
}

TEST_CASE("a record that nobody waits for is written all the same", "[store]") {
  const Folder folder;
  auto opened = open(folder);
  std::promise<bool> told;
  opened.journal.append(
      accepted("a"), [&](const auto& result) { told.set_value(result.has_value()); },
      store::Urgency::soon);
  CHECK(told.get_future().get());
}

TEST_CASE("finished work leaves a small file, and a restart the live tasks", "[store]") {
  const Folder folder;
  const std::string document(4096, 'x');
  {
    auto opened = open(folder);
    for (int i = 0; i < 10; ++i)
      CHECK(keep(opened.journal, accepted("live-" + std::to_string(i), document)));
    std::vector<std::future<bool>> answers;
    for (int i = 0; i < 1000; ++i) {
      for (auto& record : life(std::to_string(i))) {
        if (auto* task = std::get_if<store::Accepted>(&record)) task->document = document;
        std::promise<bool> told;
        answers.push_back(told.get_future());
        opened.journal.append(std::move(record),
                              [told = std::move(told)](const auto& result) mutable {
                                told.set_value(result.has_value());
                              });
      }
      if (i % 100 == 99) {
        for (auto& answer : std::exchange(answers, {})) CHECK(answer.get());
      }
    }
    CHECK(keep(opened.journal, decided("live-3")));  // after the last rewrite
    const auto figures = opened.journal.figures();
    CHECK(figures.compactions >= 2);
    CHECK(figures.compactions <= 5);
    CHECK(figures.compaction_failure.empty());
    CHECK(figures.tasks == 10);
    CHECK(figures.file_bytes < 2 * figures.live_bytes + store::compaction_minimum);
  }
  CHECK(std::filesystem::file_size(folder.path("state/journal")) <
        store::compaction_minimum + 100'000);
  const auto opened = open(folder);
  CHECK(opened.entries.size() == 10);
  CHECK(opened.entries.at("live-3") ==
        store::TaskEntry{accepted("live-3", document), decided("live-3"), {}, false});
}
