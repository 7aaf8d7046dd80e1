#include "runner/doctor/here.hpp"

#include "runner/cli/scratch.hpp"
#include "runner/http/server.hpp"
#include "tests/runner/doctor/rows.hpp"

#include <filesystem>
#include <fstream>

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

using namespace copse::runner;
using namespace copse::runner::doctor;
using copse::tests::row_of;
using copse::tests::says;

namespace {

struct Folder {
  cli::Scratch scratch = std::move(*cli::Scratch::make("copse-test-"));
  std::string path = scratch.path();
};

}  // namespace

TEST_CASE("a folder that can be written is left as it was", "[doctor]") {
  const Folder folder;
  const FolderFacts facts = examine_folder(folder.path);
  CHECK(facts.state == FolderState::writable);
  CHECK(std::filesystem::is_empty(folder.path));
  CHECK(judge_store(facts).verdict == Verdict::ok);
  CHECK(judge_state(facts).verdict == Verdict::ok);
}

TEST_CASE("a store that lacks is an error, a state folder that can be made is not", "[doctor]") {
  const Folder folder;
  const FolderFacts facts = examine_folder(folder.path + "/a/b");
  CHECK(facts.state == FolderState::missing);
  CHECK(judge_store(facts).verdict == Verdict::error);
  CHECK(judge_state(facts).verdict == Verdict::ok);
  CHECK(std::filesystem::is_empty(folder.path));
  CHECK(judge_state(examine_folder("/proc/self/a")).verdict == Verdict::error);
}

TEST_CASE("a folder is no file, and one into which nothing goes is no store", "[doctor]") {
  const Folder folder;
  std::ofstream(folder.path + "/file") << "x";
  CHECK(examine_folder(folder.path + "/file").state == FolderState::no_folder);
  // WHY there: root writes everywhere else.
  const FolderFacts facts = examine_folder("/proc/self");
  CHECK(facts.state == FolderState::not_writable);
  CHECK(judge_store(facts).verdict == Verdict::error);
  CHECK(judge_state(facts).verdict == Verdict::error);
}

TEST_CASE("a free port is left free, and a taken one is told", "[doctor]") {
  boost::asio::io_context io;
  auto taken = http::Server::listen(io, {}, [](const auto&, auto) {});
  REQUIRE(taken);
  http::Options options;
  options.port = (*taken)->port();
  const Row busy = row_of(judge_address(examine_address(io, "127.0.0.1", options)), "own port");
  CHECK(busy.verdict == Verdict::error);
  CHECK(says(busy.remedy, "copse.port"));
  taken->reset();
  for (int i = 0; i < 2; ++i) {
    const Rows rows = judge_address(examine_address(io, "127.0.0.1", options));
    CHECK(row_of(rows, "own port").verdict == Verdict::ok);
    CHECK(row_of(rows, "own name").verdict == Verdict::ok);
  }
}

TEST_CASE("a name has to lead to where others can go", "[doctor]") {
  AddressFacts facts;
  facts.host = "copse-0.copse";
  const auto verdict = [&] { return row_of(judge_address(facts), "own name").verdict; };
  CHECK(verdict() == Verdict::error);  // no answer in time
  facts.addresses = {"10.0.0.7"};
  CHECK(verdict() == Verdict::ok);
  facts.addresses = {"127.0.1.1"};
  CHECK(verdict() == Verdict::warning);
  facts.addresses = {"127.0.1.1", "10.0.0.7"};
  CHECK(verdict() == Verdict::ok);
  facts.unresolved = "Host not found";
  CHECK(verdict() == Verdict::error);
}
