#include "runner/logs/log_file.hpp"

#include "runner/cli/scratch.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>

using namespace copse::runner;
using logs::LogFile;
using logs::LogPosition;

namespace {

struct Place {
  cli::Scratch folder = std::move(*cli::Scratch::make("copse-test-"));
  std::string path = logs::log_path(folder.path() + "/logs", "a");
  std::string position = folder.path() + "/state/a.position";

  LogFile open() {
    auto opened = LogFile::open(path, position);
    if (!opened) FAIL(opened.error());
    return std::move(*opened);
  }

  std::string text() const {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
};

const LogPosition one{"2026-11-26T13:30:12.000000001Z", 1, 0};
const LogPosition two{"2026-11-26T13:30:13Z", 12, 345};

}  // namespace

TEST_CASE("a log goes on after a restart from where it was", "[logs]") {
  Place place;
  CHECK(place.open().position() == LogPosition{});
  {
    LogFile log = place.open();
    CHECK(log.append("one\n", one));
    CHECK(log.append("two\n", two));
  }
  LogFile log = place.open();
  CHECK(log.position() == two);
  CHECK(log.append("three\n", one));
  CHECK(place.text() == "one\ntwo\nthree\n");
}

TEST_CASE("bytes that were written without their position are cut off", "[logs]") {
  Place place;
  CHECK(place.open().append("one\n", one));
  std::ofstream(place.path, std::ios::app) << "tw";
  CHECK(place.open().position() == one);
  CHECK(place.text() == "one\n");
}

TEST_CASE("without its position, or when it was cut behind it, a log begins anew", "[logs]") {
  Place place;
  CHECK(place.open().append("one\n", one));
  SECTION("finished, and the same id again") {
    place.open().finish();
    CHECK_FALSE(std::filesystem::exists(place.position));
  }
  SECTION("unreadable") {
    std::ofstream(place.position) << "x";
  }
  SECTION("cut") {
    std::filesystem::resize_file(place.path, 2);
  }
  CHECK(place.open().position() == LogPosition{});
  CHECK(place.text().empty());
}

TEST_CASE("a folder that cannot be made is told with path and cause", "[logs]") {
  Place place;
  std::ofstream(place.folder.path() + "/logs") << "a file";
  const auto opened = LogFile::open(place.path, place.position);
  REQUIRE_FALSE(opened);
  CHECK(opened.error() == place.path + ": Not a directory");
}

TEST_CASE("an id that leads out of the folder is no file name", "[logs]") {
  CHECK(logs::is_file_name("index_kafka_wiki:1"));
  for (const char* id : {"", ".", "..", "../a", "a/b"}) CHECK_FALSE(logs::is_file_name(id));
}

TEST_CASE("an id whose files would have too long a name is no file name", "[logs]") {
  const std::string longest(logs::task_id_limit, 'a');
  CHECK(logs::is_file_name(longest));
  CHECK_FALSE(logs::is_file_name(longest + "a"));
  const auto folder = *cli::Scratch::make("copse-test-");
  CHECK(std::ofstream(folder.path() + "/" + longest + ".position.log"));
  CHECK_FALSE(std::ofstream(folder.path() + "/" + longest + "a.position.log"));
}
