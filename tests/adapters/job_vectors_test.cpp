#include "adapters/job.hpp"
#include "adapters/json_text.hpp"
#include "adapters/payload.hpp"
#include "adapters/readback.hpp"
#include "tests/adapters/vectors.hpp"

#include <array>

#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <openssl/sha.h>

using namespace copse::adapters;
using namespace copse::tests;
namespace engine = copse::engine;
namespace json = boost::json;

namespace {

std::string view(const json::string& text) {
  return {text.data(), text.size()};
}

std::string text(const json::object& row, std::string_view key) {
  const json::value* value = row.if_contains({key.data(), key.size()});
  return value == nullptr || !value->is_string() ? "" : view(value->get_string());
}

json::value parse(std::string_view document) {
  json::parse_options options;
  options.max_depth = 200;
  return json::parse({document.data(), document.size()}, {}, options);
}

std::string sha256_hex(const std::string& bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<unsigned char, SHA256_DIGEST_LENGTH> hash{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), hash.data());
  std::string hex;
  for (const unsigned char byte : hash) {
    hex += digits[byte >> 4U];
    hex += digits[byte & 0xFU];
  }
  return hex;
}

// As in the README of the vectors: hex(sha256(seed+":0")) + hex(sha256(seed+":1")) + …
std::string filler(const std::string& seed, std::size_t characters) {
  std::string all;
  for (std::size_t i = 0; all.size() < characters; ++i)
    all += sha256_hex(seed + ":" + std::to_string(i));
  all.resize(characters);
  return all;
}

struct Difference {
  std::string path;
  std::string theirs;
  std::string ours;
};

// Where two documents part, followed down as far as both have the same shape.
Difference first_difference(json::value theirs, json::value ours) {
  std::string path;
  while (theirs.is_object() && ours.is_object()) {
    const json::object& left = theirs.get_object();
    const json::object& right = ours.get_object();
    std::string key;
    for (const auto& member : left) {
      const json::value* other = right.if_contains(member.key());
      if (other == nullptr || *other != member.value()) key = std::string(member.key());
    }
    for (const auto& member : right) {
      if (!left.contains(member.key())) key = std::string(member.key());
    }
    path += "/" + key;
    const auto pick = [&](const json::object& object) {
      const json::value* found = object.if_contains(key);
      return found == nullptr ? json::value("(absent)") : *found;
    };
    json::value next_left = pick(left);
    json::value next_right = pick(right);
    theirs = std::move(next_left);
    ours = std::move(next_right);
  }
  return {path, json::serialize(theirs), json::serialize(ours)};
}

// What one line asks for, read and built; `error` says where it stopped.
struct Outcome {
  std::optional<Job> job;
  std::vector<std::string> errors;  // titles and notes
};

TaskTraits traits(const json::object& row, const TaskHeader& task) {
  // Druid's own classes answer for themselves; every other type is a stub of the vectors' driver.
  if (task.type == "noop" || task.type == "kill" || task.type == "archive")
    return traits_of(task.type);
  TaskTraits traits;
  traits.supports_queries = row.at("taskProps").at("supportsQueries").get_bool();
  const json::value* stub = row.if_contains("stub");
  const bool none = stub != nullptr && stub->is_object() &&
                    text(stub->get_object(), "broadcastDefault") == "NONE";
  traits.broadcast_default = none ? BroadcastMode::none : BroadcastMode::all;
  return traits;
}

std::string template_text(const json::object& row) {
  const json::value& given = row.at("template");
  if (given.is_string()) return view(given.get_string());
  return json::serialize(given);
}

void collect(Outcome& outcome, const engine::Diagnostics& diagnostics) {
  for (const engine::Diagnostic& d : diagnostics) {
    if (d.severity != engine::Severity::error) continue;
    outcome.errors.push_back(d.title);
    outcome.errors.insert(outcome.errors.end(), d.notes.begin(), d.notes.end());
  }
}

Outcome build(const json::object& row, engine::Release release) {
  Outcome outcome;
  engine::Properties properties;
  for (const auto& member : row.at("properties").get_object()) {
    properties.set({std::string(member.key()), view(member.value().get_string()), {}});
  }
  const SettingsReading settings = read_settings(properties, release);
  const TemplateReading reading = read_pod_template({"template", template_text(row)});
  if (!settings.settings) collect(outcome, settings.diagnostics);
  if (!reading.pod_template) collect(outcome, reading.diagnostics);
  if (!settings.settings || !reading.pod_template) return outcome;

  json::value task = row.at("task");
  if (const json::value* rule = row.if_contains("filler")) {
    const json::object& fill = rule->get_object();
    task.get_object().at("context").get_object()["filler"] =
        filler(text(fill, "seed"), fill.at("chars").to_number<std::size_t>());
  }
  const std::string document = json::serialize(task);
  const auto header = read_task_header({"task", document});
  if (!header) {
    collect(outcome, header.error());
    return outcome;
  }
  const TaskTraits answers = traits(row, *header);
  const std::string key = text(row, "templateKey");
  const Additions none;
  auto job = build_job(
      {document, *header, answers, *reading.pod_template, key, *settings.settings, release, none});
  if (job) {
    outcome.job = std::move(*job);
  } else {
    collect(outcome, {job.error()});
  }
  return outcome;
}

// Messages that are Druid's (or its libraries') own words and that copse repeats; the others come
// from Jackson.
bool repeats(const std::string& message) {
  for (const std::string_view start :
       {"Multiple entries", "Can't edit", "Invalid value of", "Set of broadcast",
        "Cannot convert to Duration", "null value in entry"}) {
    if (message.starts_with(start)) return true;
  }
  return false;
}

void compare_error(const std::string& line, const json::object& row, const Outcome& outcome,
                   Differences& differences) {
  const std::string message = text(row, "error");
  if (outcome.job) return differences.add(line, message, "a Job");
  if (!repeats(message)) return;
  for (const std::string& ours : outcome.errors) {
    if (ours == message) return;
  }
  differences.add(line, message, outcome.errors.empty() ? "" : outcome.errors.front());
}

// The payload as JSON; its place in the Job becomes `<payload>`, as in the vectors.
std::optional<json::value> take_payload(json::value& job) {
  json::value* annotations =
      job.at_pointer("/spec/template/metadata").as_object().if_contains("annotations");
  json::value* task = annotations->get_object().if_contains("task");
  if (task == nullptr) return std::nullopt;
  const auto unpacked = unpack_payload(view(task->get_string()));
  *task = "<payload>";
  if (!unpacked) return std::nullopt;
  return parse(*unpacked);
}

void compare_job(const std::string& line, const json::object& row, const Outcome& outcome,
                 Differences& differences) {
  if (!outcome.job) {
    return differences.add(line, "a Job",
                           outcome.errors.empty() ? "no error" : outcome.errors.front());
  }
  json::value job = parse(outcome.job->json);
  const bool omitted = row.at("deepStorage").get_bool();
  if (omitted != outcome.job->payload_omitted)
    differences.add(line, omitted ? "omitted" : "present", "the other");
  if (row.contains("base64Length") &&
      row.at("base64Length").to_number<std::size_t>() != outcome.job->payload_characters) {
    differences.add(line, json::serialize(row.at("base64Length")),
                    std::to_string(outcome.job->payload_characters));
  }
  const auto payload = take_payload(job);
  if (!row.at("payload").is_null()) {
    const json::value wanted = parse(view(row.at("payload").get_string()));
    if (!payload || *payload != wanted) {
      differences.add(line, json::serialize(wanted), payload ? json::serialize(*payload) : "none");
    }
  }
  if (job != row.at("job")) {
    const auto [path, theirs, ours] = first_difference(row.at("job"), job);
    differences.add(path + " in " + line, theirs, ours);
  }
}

struct Tally {
  std::size_t lines = 0;
  std::size_t jobs = 0;
  std::size_t errors = 0;
};

Tally compare(std::string_view file, engine::Release release, Differences& differences) {
  Tally tally;
  for (const std::string& line : vector_lines(file)) {
    ++tally.lines;
    const json::value parsed = parse(line);
    const json::object& row = parsed.get_object();
    if (text(row, "adapter") != "customTemplateAdapter") continue;
    const Outcome outcome = build(row, release);
    if (row.contains("job")) {
      ++tally.jobs;
      compare_job(line, row, outcome, differences);
    } else {
      ++tally.errors;
      compare_error(line, row, outcome, differences);
    }
  }
  return tally;
}

void check_all(std::string_view file, engine::Release release) {
  Differences differences;
  const Tally tally = compare(file, release, differences);
  INFO(differences.shown());
  CHECK(differences.count() == 0);
  CHECK(tally.lines == 1263);
  CHECK(tally.jobs == 569);
  CHECK(tally.errors == 67);
}

}  // namespace

TEST_CASE("Jobs from templates equal those of Druid 33", "[adapters]") {
  check_all("jobs", engine::Release{33});
}

TEST_CASE("Jobs from templates equal those of Druid 37", "[adapters]") {
  check_all("r37-jobs", engine::Release{37});
}

TEST_CASE("Jobs from templates equal those of Druid 39", "[adapters]") {
  check_all("main-jobs", engine::Release{39});
}

TEST_CASE("a task is read back from its Job as Druid reads it", "[adapters]") {
  Differences differences;
  std::size_t lines = 0;
  for (const std::string& line : vector_lines("readback")) {
    const json::value parsed = parse(line);
    const json::object& row = parsed.get_object();
    if (text(row, "adapter") != "customTemplateAdapter") continue;
    ++lines;
    std::string job = json::serialize(row.at("job"));
    if (row.contains("payload") && row.at("payload").is_string()) {
      const std::string packed = pack_payload(view(row.at("payload").get_string()));
      const std::size_t at = job.find("<payload>");
      if (at != std::string::npos) job.replace(at, std::string_view("<payload>").size(), packed);
    }
    const auto stored = [&](std::string_view id) -> std::optional<std::string> {
      const json::value* texts = row.if_contains("deepStorage");
      if (texts == nullptr || texts->is_null()) return std::nullopt;
      const json::value* found = texts->get_object().if_contains({id.data(), id.size()});
      return found == nullptr || found->is_null() ? std::nullopt
                                                  : std::optional(view(found->get_string()));
    };
    const auto id = read_task_id(job);
    const bool id_fails = row.contains("taskIdError");
    if (id_fails == id.has_value())
      differences.add(line, id_fails ? "no id" : "an id", id ? *id : id.error());
    if (id && *id != text(row, "taskId")) differences.add(line, text(row, "taskId"), *id);
    const auto task = read_task(job, stored);
    const bool fails = row.contains("error") || row.contains("errorClass");
    if (fails == task.has_value()) {
      differences.add(line, fails ? text(row, "error") : "a task", task ? *task : task.error());
    } else if (fails && text(row, "errorClass").find("druid") != std::string::npos &&
               task.error() != text(row, "error")) {
      differences.add(line, text(row, "error"), task.error());
    }
  }
  INFO(differences.shown());
  CHECK(differences.count() == 0);
  CHECK(lines == 72);
}
