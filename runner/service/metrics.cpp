#include "runner/service/metrics.hpp"

#include <charconv>
#include <cstddef>

namespace copse::runner::service {
namespace {

using What = TaskEvent::What;

std::string number(double value) {
  std::array<char, 32> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return {digits.data(), error == std::errc{} ? end : digits.data()};
}

// A label's value between its quotes.
std::string escaped(std::string_view value) {
  std::string text;
  for (const char c : value) {
    if (c == '\\' || c == '"') text += '\\';
    text += c == '\n' ? ' ' : c;
  }
  return text;
}

std::string label(std::string_view name, std::string_view value) {
  return std::string(name) + "=\"" + escaped(value) + "\"";
}

double seconds(std::chrono::milliseconds time) {
  return std::chrono::duration<double>(time).count();
}

class Page {
 public:
  // One metric: what it is, and its lines.
  void head(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    text_ += "# HELP " + name_ + " " + std::string(help) + "\n# TYPE " + name_ + " " +
             std::string(type) + "\n";
  }

  void value(double value, std::string_view labels = {}) {
    text_ += name_;
    if (!labels.empty()) text_ += "{" + std::string(labels) + "}";
    text_ += " " + number(value) + "\n";
  }

  void histogram(const Histogram& histogram, std::string_view labels = {}) {
    histogram.write(text_, name_, labels);
  }

  void gauge(std::string_view name, double now, std::string_view help) {
    head(name, "gauge", help);
    value(now);
  }

  void counter(std::string_view name, std::uint64_t count, std::string_view help) {
    head(name, "counter", help);
    value(static_cast<double>(count));
  }

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string name_;
  std::string text_;
};

void write_cluster(Page& page, const ServiceView& now) {
  page.head(
      "copse_api_requests_total", "counter",
      "Requests to the Kubernetes API server that have ended, by verb and code; 0: no answer");
  for (const auto& [what, count] : now.cluster.answers) {
    page.value(static_cast<double>(count), label("verb", kube::name(what.first)) + "," +
                                               label("code", std::to_string(what.second)));
  }
  page.head("copse_watch_age_seconds", "gauge", "Since the watch was last heard of");
  page.value(seconds(now.watches.jobs_age), label("resource", "jobs"));
  page.value(seconds(now.watches.pods_age), label("resource", "pods"));
  page.head("copse_lists_total", "counter", "Full lists: one at the start, one a broken watch");
  page.value(static_cast<double>(now.watches.job_lists), label("resource", "jobs"));
  page.value(static_cast<double>(now.watches.pod_lists), label("resource", "pods"));
  page.value(static_cast<double>(now.watches.event_lists), label("resource", "events"));
}

void write_state(Page& page, const ServiceView& now) {
  const auto flag = [](bool is) { return is ? 1.0 : 0.0; };
  page.gauge("copse_ready", flag(now.is_ready), "State is recovered, polls are answered");
  page.gauge("copse_announced", flag(now.is_announced), "Overlords can discover this worker");
  page.gauge("copse_disabled", flag(now.is_disabled), "Announced as disabled: takes no task");
  page.gauge("copse_draining", flag(now.is_draining), "On its way to the end");
  page.gauge("copse_tasks", static_cast<double>(now.tasks),
             "Tasks between their acceptance and the Overlord's acknowledgement of their end");
  page.gauge("copse_tasks_unacknowledged", static_cast<double>(now.unacknowledged),
             "Ended tasks of which it is not known that the Overlord knows");
  page.gauge("copse_polls_held", static_cast<double>(now.held_polls), "Polls that wait for news");
  page.gauge("copse_logs_open", static_cast<double>(now.open_logs), "Logs that are being stored");
  page.gauge("copse_http_connections", static_cast<double>(now.http.open), "Open connections");
  page.counter("copse_http_requests_total", now.http.requests, "Requests that were handled");
  page.counter("copse_http_refused_total", now.http.refused + now.http.malformed,
               "Connections above the limit, and requests that are none");
  page.gauge("copse_journal_bytes", static_cast<double>(now.journal.file_bytes), "Of the journal");
  page.counter("copse_journal_records_total", now.journal.records, "Records made durable");
  page.counter("copse_journal_syncs_total", now.journal.batches, "Syncs of the disk");
}

}  // namespace

void Histogram::add(double value) {
  ++count_;
  sum_ += value;
  for (std::size_t i = 0; i < time_buckets.size(); ++i) {
    if (value > time_buckets[i]) continue;
    ++buckets_[i];
    return;
  }
}

void Histogram::write(std::string& to, std::string_view name, std::string_view labels) const {
  const std::string before = labels.empty() ? "" : std::string(labels) + ",";
  const std::string around = labels.empty() ? "" : "{" + std::string(labels) + "}";
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < time_buckets.size(); ++i) {
    below += buckets_[i];
    to += std::string(name) + "_bucket{" + before + "le=\"" + number(time_buckets[i]) + "\"} " +
          std::to_string(below) + "\n";
  }
  to += std::string(name) + "_bucket{" + before + "le=\"+Inf\"} " + std::to_string(count_) + "\n";
  to += std::string(name) + "_sum" + around + " " + number(sum_) + "\n";
  to += std::string(name) + "_count" + around + " " + std::to_string(count_) + "\n";
}

std::string Metrics::Labels::of(std::string_view value) {
  if (!known.contains(value)) {
    if (known.size() >= label_limit) return "other";
    known.emplace(value);
  }
  return std::string(value);
}

void Metrics::happened(const TaskEvent& event) {
  ++events_[static_cast<std::size_t>(event.what)];
  if (event.what != What::waits)
    phases_[static_cast<std::size_t>(event.what)].add(seconds(event.since_last));
  const double since = seconds(event.since_acceptance);
  switch (event.what) {
    case What::decided:
      ++decisions_[{std::string(event.detail), std::string(event.more)}];
      break;
    case What::waits:
      ++waits_[std::string(event.detail)];
      break;
    case What::started:
      pending_time_[types_.of(event.type)].add(since);
      break;
    case What::located:
      startup_time_[types_.of(event.type)].add(since);
      break;
    case What::ended:
      run_time_[{types_.of(event.type), std::string(event.detail)}].add(since);
      ++ends_[{data_sources_.of(event.data_source), std::string(event.detail)}];
      break;
    case What::refused:
      ++ends_[{data_sources_.of(event.data_source), "FAILED"}];
      break;
    default:
      break;
  }
}

void Metrics::journaled(std::chrono::microseconds took) {
  journal_.add(std::chrono::duration<double>(took).count());
}

std::string Metrics::text(const ServiceView& now, const PolicyView& policy) const {
  Page page;
  write_state(page, now);
  page.head("copse_task_events_total", "counter", "What has happened to tasks");
  for (std::size_t i = 0; i < task_event_count; ++i)
    page.value(static_cast<double>(events_[i]), label("event", name(static_cast<What>(i))));
  page.head("copse_task_phase_seconds", "histogram",
            "From the event before of the same task to this one");
  for (std::size_t i = 0; i < task_event_count; ++i) {
    if (phases_[i].count() > 0)
      page.histogram(phases_[i], label("phase", name(static_cast<What>(i))));
  }
  page.head("copse_task_waits_total", "counter",
            "Tasks whose pod could not start at once, by reason");
  for (const auto& [reason, count] : waits_)
    page.value(static_cast<double>(count), label("reason", reason));
  page.head("copse_decisions_total", "counter", "Decisions by rule and template");
  for (const auto& [what, count] : decisions_) {
    page.value(static_cast<double>(count),
               label("rule", what.first) + "," + label("template", what.second));
  }
  page.counter("copse_tasks_misdirected_total", misdirected_,
               "Tasks that the runner strategy would send to a worker, and that ran here");
  page.counter("copse_tasks_ill_typed_total", policy.ill_typed,
               "Tasks that have a value of another type than the policy asks for");
  page.gauge("copse_policy_refused", policy.is_refused ? 1 : 0,
             "The policy's files have changed and cannot be taken: the old one decides");
  page.head("copse_journal_seconds", "histogram", "From an append to its durability");
  page.histogram(journal_);

  const auto by_type = [&](const std::map<std::string, Histogram>& of) {
    for (const auto& [type, histogram] : of) page.histogram(histogram, label("taskType", type));
  };
  page.head("druid_task_pending_time_seconds", "histogram",
            "Druid's task/pending/time: from acceptance to a running container");
  by_type(pending_time_);
  page.head("druid_k8s_peon_startup_time_seconds", "histogram",
            "Druid's k8s/peon/startup/time: from acceptance to an address");
  by_type(startup_time_);
  page.head("druid_task_run_time_seconds", "histogram",
            "Druid's task/run/time: from acceptance to the end");
  for (const auto& [what, histogram] : run_time_) {
    page.histogram(histogram,
                   label("taskType", what.first) + "," + label("taskStatus", what.second));
  }
  page.head("druid_task_ends_total", "counter",
            "Druid's task/success/count and task/failed/count, by taskStatus");
  for (const auto& [what, count] : ends_) {
    page.value(static_cast<double>(count),
               label("dataSource", what.first) + "," + label("taskStatus", what.second));
  }
  write_cluster(page, now);
  return page.take();
}

}  // namespace copse::runner::service
