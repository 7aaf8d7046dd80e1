#include "runner/service/metrics.hpp"

#include <regex>
#include <sstream>

#include <catch2/catch.hpp>

using namespace copse::runner::service;
using namespace std::chrono_literals;
using What = TaskEvent::What;

namespace {

TaskEvent event(What what, std::string_view detail = {}, std::chrono::milliseconds since = 0ms) {
  TaskEvent made;
  made.what = what;
  made.task_id = "a";
  made.type = "index";
  made.data_source = "wiki";
  made.detail = detail;
  made.since_acceptance = since;
  made.since_last = since;
  return made;
}

bool has_line(const std::string& page, const std::string& line) {
  return page.find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("a histogram counts each value in its bucket and in all above", "[metrics]") {
  Histogram times;
  for (const double value : {0.0005, 0.001, 0.3, 7.0, 1e9}) times.add(value);
  std::string page = "\n";
  times.write(page, "t", "a=\"b\"");
  CHECK(has_line(page, R"(t_bucket{a="b",le="0.001"} 2)"));
  CHECK(has_line(page, R"(t_bucket{a="b",le="0.1"} 2)"));
  CHECK(has_line(page, R"(t_bucket{a="b",le="0.5"} 3)"));
  CHECK(has_line(page, R"(t_bucket{a="b",le="15"} 4)"));
  CHECK(has_line(page, R"(t_bucket{a="b",le="86400"} 4)"));
  CHECK(has_line(page, R"(t_bucket{a="b",le="+Inf"} 5)"));
  CHECK(has_line(page, R"(t_count{a="b"} 5)"));
}

TEST_CASE("the page says what happened, under Druid's meanings", "[metrics]") {
  Metrics metrics;
  metrics.happened(event(What::accepted));
  metrics.happened(event(What::started, "a-pod", 3s));
  metrics.happened(event(What::ended, "FAILED", 100s));
  metrics.journaled(4ms);
  metrics.misdirected();
  ServiceView now;
  now.is_ready = true;
  now.cluster.answers[{copse::runner::kube::Verb::create, 201}] = 7;
  const std::string page = metrics.text(now);
  CHECK(has_line(page, "copse_task_events_total{event=\"accepted\"} 1"));
  CHECK(has_line(page, R"(druid_task_pending_time_seconds_bucket{taskType="index",le="5"} 1)"));
  CHECK(has_line(page,
                 R"(druid_task_run_time_seconds_sum{taskType="index",taskStatus="FAILED"} 100)"));
  CHECK(has_line(page, R"(druid_task_ends_total{dataSource="wiki",taskStatus="FAILED"} 1)"));
  CHECK(has_line(page, R"(copse_api_requests_total{verb="create",code="201"} 7)"));
  CHECK(has_line(page, R"(copse_journal_seconds_bucket{le="0.005"} 1)"));
  CHECK(has_line(page, "copse_tasks_misdirected_total 1"));
  CHECK(has_line(page, "copse_ready 1"));
}

TEST_CASE("the page says what is to be seen of the policy", "[metrics]") {
  Metrics metrics;
  CHECK(has_line(metrics.text({}), "copse_policy_refused 0"));
  const std::string page = metrics.text({}, {.is_refused = true, .ill_typed = 3});
  CHECK(has_line(page, "copse_policy_refused 1"));
  CHECK(has_line(page, "copse_tasks_ill_typed_total 3"));
}

TEST_CASE("each line of the page is one that Prometheus reads", "[metrics]") {
  Metrics metrics;
  TaskEvent odd = event(What::decided, "rule \"x\"\n\\", 2s);
  odd.more = "template";
  metrics.happened(odd);
  metrics.happened(event(What::ended, "SUCCESS", 2s));
  const std::regex sample(
      R"re([a-z0-9_]+(\{([a-zA-Z]+="([^"\\\n]|\\["\\n])*",?)+\})? [-+0-9.eIinfN]+)re");
  const std::regex comment("# (HELP|TYPE) [a-z0-9_]+ .+");
  std::istringstream lines(metrics.text({}));
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    INFO(line);
    CHECK((std::regex_match(line, sample) || std::regex_match(line, comment)));
  }
  CHECK(count > 50);
}

TEST_CASE("a label has so many values, and the rest are one", "[metrics]") {
  Metrics metrics;
  for (std::size_t i = 0; i < label_limit + 5; ++i) {
    TaskEvent one = event(What::ended, "SUCCESS");
    const std::string source = "s" + std::to_string(i);
    one.data_source = source;
    metrics.happened(one);
  }
  const std::string page = metrics.text({});
  CHECK(has_line(page, R"(druid_task_ends_total{dataSource="other",taskStatus="SUCCESS"} 5)"));
  CHECK(has_line(page, R"(druid_task_ends_total{dataSource="s0",taskStatus="SUCCESS"} 1)"));
}
