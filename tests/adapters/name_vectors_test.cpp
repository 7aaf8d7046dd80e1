#include "adapters/job_name.hpp"
#include "adapters/json_text.hpp"
#include "tests/adapters/vectors.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using namespace copse::adapters;
using namespace copse::tests;
namespace json = boost::json;

namespace {

// A null id cannot be written down in copse; Java ends in a null pointer with a prefix.
constexpr std::string_view null_id_with_prefix = "charSequence";

std::string text(const json::object& line, std::string_view key) {
  const json::value* value = line.if_contains({key.data(), key.size()});
  return value == nullptr || value->is_null() ? "" : std::string(value->get_string());
}

std::size_t compare(std::string_view file, copse::engine::Release release,
                    Differences& differences) {
  const auto lines = vector_lines(file);
  for (const std::string& line : lines) {
    const json::value parsed = json::parse(line);
    const json::object& row = parsed.get_object();
    const auto check = [&](std::string_view key, const std::string& actual) {
      const std::string expected = text(row, key);
      if (expected != actual) differences.add(line, std::string(key) + " " + expected, actual);
    };
    const std::string id = text(row, "taskId");
    const std::string prefix = text(row, "prefix");
    check("labelTaskId", task_id_label(id));
    check("labelFree", free_label(text(row, "free"), release));
    const std::string error = text(row, "error");
    if (error.find(null_id_with_prefix) != std::string::npos && row.at("taskId").is_null())
      continue;
    if (!error.empty()) differences.add(line, error, "no error");
    if (row.at("taskId").is_null()) continue;
    check("jobName", job_name(prefix, id));
    check("text", task_and_job(prefix, id));
  }
  return lines.size();
}

}  // namespace

TEST_CASE("names and labels of 33 equal those of Druid's classes", "[adapters]") {
  Differences differences;
  CHECK(compare("names", copse::engine::Release{33}, differences) == 1032);
  INFO(differences.shown());
  CHECK(differences.count() == 0);
}

TEST_CASE("names and labels of 37 and 39 equal those of Druid's classes", "[adapters]") {
  for (const auto release : {copse::engine::Release{37}, copse::engine::Release{39}}) {
    Differences differences;
    CHECK(compare("main-names", release, differences) == 1032);
    INFO(differences.shown());
    CHECK(differences.count() == 0);
  }
}

TEST_CASE("half of a surrogate pair is hashed as a question mark", "[adapters]") {
  const auto half = read_json_string(R"("a\ud83db")");
  REQUIRE(half.has_value());
  CHECK(task_hash(*half) == task_hash("a?b"));
  CHECK(job_name("", *half) == "ab-" + task_hash("a?b"));
  CHECK(read_json_string(R"("\ud83d\ude00")") == "\xF0\x9F\x98\x80");
}

TEST_CASE("a name that Kubernetes refuses is known as such", "[adapters]") {
  CHECK(job_name("", "") == "-00000000000000000000000000000000");
  CHECK_FALSE(is_valid_job_name(job_name("", "")));
  CHECK_FALSE(is_valid_job_name(job_name("", "a\\b")));
  CHECK(is_valid_job_name(job_name("", "a.b")));
  CHECK_FALSE(is_valid_label_value("a-"));
  CHECK(is_valid_label_value(""));
}
