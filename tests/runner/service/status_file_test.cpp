#include "runner/logs/status_file.hpp"

#include "runner/cli/scratch.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include <catch2/catch.hpp>

using namespace copse::runner;
using namespace std::chrono_literals;
using State = job::StatusReport::State;

namespace {

struct Store {
  cli::Scratch folder = std::move(*cli::Scratch::make("copse-test-"));

  void write(const std::string& id, const std::string& text) const {
    std::ofstream(logs::status_path(folder.path(), id)) << text;
  }

  job::StatusReport read(const std::string& id,
                         std::optional<std::chrono::sys_seconds> job_created = {}) const {
    return logs::read_status_file(folder.path(), id, job_created);
  }
};

const std::string success = R"({"id":"a","status":"SUCCESS","errorMsg":null})";

}  // namespace

TEST_CASE("a status file is a task's own word, and none is no word", "[runner]") {
  const Store store;
  store.write("a", success);
  CHECK(store.read("a") == job::StatusReport{State::read, true, ""});
  CHECK(store.read("b").state == State::absent);
}

TEST_CASE("a status file that was written before the Job is another attempt's", "[runner]") {
  const Store store;
  store.write("a", success);
  const auto written = std::chrono::file_clock::to_sys(
      std::filesystem::last_write_time(logs::status_path(store.folder.path(), "a")));
  const auto second = std::chrono::floor<std::chrono::seconds>(written);
  CHECK(store.read("a", second + logs::clock_skew).state == State::read);
  CHECK(store.read("a", second + logs::clock_skew + 1s).state == State::absent);
}

TEST_CASE("a status file that cannot be understood says why and decides nothing", "[runner]") {
  const Store store;
  store.write("half", success.substr(0, 20));
  CHECK(store.read("half").state == State::unreadable);
  store.write("huge", success + std::string(logs::status_size_limit, ' '));
  CHECK(store.read("huge").state == State::unreadable);
  store.write("fits", success + std::string(logs::status_size_limit - success.size(), ' '));
  CHECK(store.read("fits").state == State::read);
}

TEST_CASE("a task id never leads out of the task-log store", "[runner]") {
  const Store store;
  store.write("a", success);
  const std::string name = std::filesystem::path(store.folder.path()).filename();
  CHECK(store.read("../" + name + "/a").state == State::unreadable);
  CHECK(store.read("./a").state == State::unreadable);
}
