#include "runner/doctor/overlord.hpp"

#include "engine/release.hpp"
#include "runner/doctor/json_at.hpp"
#include "runner/doctor/waiting.hpp"

#include <algorithm>

namespace copse::runner::doctor {
namespace {

using Kind = overlord::OverlordFailure::Kind;

bool is_answered(const OverlordAnswer& answer) {
  return answer && answer->has_value();
}

std::string why_not(const OverlordAnswer& answer) {
  return answer ? answer->error().text : "no answer in time";
}

OverlordAnswer ask(boost::asio::io_context& io, overlord::OverlordClient& client,
                   std::string path) {
  using Answer = std::expected<std::string, overlord::OverlordFailure>;
  return answer_to<Answer>(io, overlord_deadline, [&](auto told) {
    client.ask({.path = std::move(path), .deadline = overlord_deadline}, std::move(told));
  });
}

Row away(const OverlordFacts& facts) {
  Row row{"Overlord", Verdict::error, why_not(facts.status), {}, true};
  if (facts.status) {
    const Kind kind = facts.status->error().kind;
    row.is_away = kind == Kind::unknown || kind == Kind::away;
    if (kind == Kind::unauthorized) {
      row.remedy = "set copse.overlord.auth.user and copse.overlord.auth.password, or .token";
      return row;
    }
  }
  row.remedy =
      "start it, or say where it is: copse.overlord.url, or the discovery that it uses itself";
  return row;
}

std::string release_words(const std::string& version) {
  const auto release = engine::parse_release(version);
  if (!release) return ", whose release is unknown: the newest is followed";
  if (*release < engine::oldest_release)
    return ", older than any that was compared (" +
           std::to_string(std::to_underlying(engine::oldest_release)) + ")";
  return {};
}

Row reached(const OverlordFacts& facts) {
  const std::string version =
      text_at(json_of(**facts.status), "/version").value_or("of unknown version");
  Row row{"Overlord", Verdict::ok, version + " at " + facts.url};
  if (const std::string odd = release_words(version); !odd.empty()) {
    row.verdict = Verdict::note;
    row.found += odd;
    row.remedy = "set copse.druid.version to the release whose Jobs you want";
  }
  if (is_answered(facts.workers)) {
    row.found += ", leads";
    return row;
  }
  // A runner without workers has no such list: that is the business of the runner's type.
  if (facts.workers && facts.workers->error().kind == Kind::trouble) return row;
  if (facts.workers && facts.workers->error().kind == Kind::refused) return row;
  row.verdict = Verdict::error;
  row.found += "; no leader answers: " + why_not(facts.workers);
  row.remedy = facts.workers && facts.workers->error().kind == Kind::unauthorized
                   ? "set copse.overlord.auth.user and copse.overlord.auth.password, or .token"
                   : "look into the Overlord's log why none becomes leader";
  return row;
}

Row workers(const OverlordFacts& facts, const OwnSide& own) {
  const boost::json::value answer = json_of(**facts.workers);
  Row row{"workers", Verdict::ok, "none yet"};
  if (!answer.is_array() || answer.get_array().empty()) return row;
  const auto& all = answer.get_array();
  row.found = std::to_string(all.size()) + (all.size() == 1 ? " is" : " are") + " announced";
  const bool is_taken = std::any_of(all.begin(), all.end(), [&](const auto& each) {
    return text_at(each, "/worker/host") == own.host_port;
  });
  if (!is_taken) return row;
  row.verdict = Verdict::note;
  row.found = "a worker is announced as " + own.host_port + " already";
  row.remedy =
      "if that is not the copse which this one is to follow, change copse.host or "
      "copse.port: a worker's address is its identity";
  return row;
}

OverlordProperties properties_of(std::string_view json) {
  OverlordProperties found;
  const boost::json::value answer = json_of(json);
  if (!answer.is_object()) return found;
  for (const auto& [key, value] : answer.get_object()) {
    if (value.is_string()) found[std::string(key)] = value.get_string();
  }
  return found;
}

}  // namespace

OverlordFacts examine_overlord(boost::asio::io_context& io, overlord::OverlordClient& client) {
  OverlordFacts facts;
  facts.status = ask(io, client, "/status");
  facts.url = client.leader();
  if (!is_answered(facts.status)) return facts;
  // WHY first: a follower sends to the leader, whose properties then are read.
  facts.workers = ask(io, client, "/druid/indexer/v1/workers");
  facts.url = client.leader();
  facts.properties = ask(io, client, "/status/properties");
  return facts;
}

Rows judge_overlord(const OverlordFacts& facts, const OwnSide& own) {
  if (!is_answered(facts.status)) return {away(facts)};
  Rows rows{reached(facts)};
  if (is_answered(facts.workers)) rows.push_back(workers(facts, own));
  const OverlordProperties properties =
      is_answered(facts.properties) ? properties_of(**facts.properties) : OverlordProperties{};
  if (properties.empty()) {
    rows.push_back({"Overlord's settings", Verdict::skipped,
                    "it does not show them" +
                        (is_answered(facts.properties) ? "" : ": " + why_not(facts.properties)),
                    "look yourself: druid.indexer.runner.type=httpRemote, "
                    "druid.indexer.runner.pendingTasksRunnerNumThreads=10, "
                    "druid.indexer.storage.type=metadata"});
    return rows;
  }
  Rows settings = judge_overlord_properties(properties, own);
  std::move(settings.begin(), settings.end(), std::back_inserter(rows));
  return rows;
}

}  // namespace copse::runner::doctor
