#include "runner/cli/file_state.hpp"

#include "runner/cli/scratch.hpp"

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

using namespace copse::runner::cli;
namespace fs = std::filesystem;

namespace {

// A file that was written a while ago, as far as the clock of the file system can tell.
struct OldFile {
  Scratch folder = std::move(*Scratch::make("copse-test-"));
  std::string path = folder.path() + "/file";

  OldFile() {
    std::ofstream(path) << "one";
    // The file system's clock has gone on when a second write can be told from the first.
    const std::string probe = folder.path() + "/probe";
    std::ofstream(probe) << "x";
    const std::string first = file_state({probe});
    while (file_state({probe}) == first) std::ofstream(probe) << "x";
  }

  [[nodiscard]] std::string state() const { return file_state({path}); }
};

}  // namespace

TEST_CASE("a file that nobody touches is the same file", "[cli]") {
  const OldFile file;
  const std::string before = file.state();
  std::ifstream(file.path).get();
  CHECK(file.state() == before);
  CHECK(file_state({"", file.path, ""}) == before);
}

TEST_CASE("a text of the same size is another one, also with the time of the old one", "[cli]") {
  const OldFile file;
  const std::string before = file.state();
  const auto written = fs::last_write_time(file.path);
  std::ofstream(file.path) << "two";
  fs::last_write_time(file.path, written);
  CHECK(file.state() != before);
}

TEST_CASE("a file that was moved into the place of another is another one", "[cli]") {
  const OldFile file;
  const std::string before = file.state();
  const std::string other = file.folder.path() + "/other";
  std::ofstream(other) << "two";
  fs::last_write_time(other, fs::last_write_time(file.path));
  fs::rename(other, file.path);
  CHECK(file.state() != before);
}

TEST_CASE("other rights are seen", "[cli]") {
  const OldFile file;
  const std::string before = file.state();
  fs::permissions(file.path, fs::perms::none);
  CHECK(file.state() != before);
}

TEST_CASE("a file that is gone, and one that comes, are seen", "[cli]") {
  const OldFile file;
  const std::string before = file.state();
  fs::remove(file.path);
  const std::string gone = file.state();
  CHECK(gone != before);
  CHECK(file.state() == gone);
  std::ofstream(file.path) << "one";
  CHECK(file.state() != gone);
}
