#include "grammar/runner_strategy.hpp"

#include "grammar/druid_reader.hpp"

#include <algorithm>
#include <utility>

namespace copse::grammar {
namespace {

using engine::Diagnostics;
using engine::Runner;
using engine::Span;

const std::vector<std::string_view> strategy_types{"k8s", "worker", "taskType"};

class RunnerReader : public DruidReader {
 public:
  using DruidReader::DruidReader;

  Or<RunnerStrategy> strategy() {
    if (!begin()) return std::unexpected(Stop{});
    RunnerStrategy made;
    std::optional<std::string> type;
    std::optional<std::string> otherwise;
    Span type_span = json().span();
    std::string name;
    Span span;
    json().enter();
    while (json().next_member(name, span)) {
      const Span value = json().span();
      if (name == "type" || name == "default") {
        auto read = text("`" + name + "`");
        if (!read) return std::unexpected(Stop{});
        (name == "type" ? type : otherwise) = std::move(*read);
        if (name == "type") type_span = value;
      } else if (name != "overrides") {
        unknown(name, span, {"type", "default", "overrides"}, "a runner strategy");
      } else if (json().kind() == Kind::null) {
        json().skip();
        made.overrides.reset();
      } else if (json().kind() != Kind::object) {
        return wrong("`overrides`", "an object");
      } else if (!overrides(made.overrides.emplace())) {
        return std::unexpected(Stop{});
      }
    }
    return settle(std::move(made), type.value_or("k8s"), type_span, otherwise);
  }

  Or<std::vector<RunnerOverride>> only_overrides() {
    std::vector<RunnerOverride> made;
    if (!begin() || !overrides(made)) return std::unexpected(Stop{});
    return made;
  }

  // What a strategy of this type keeps, and what it cannot do without.
  Or<RunnerStrategy> settle(RunnerStrategy made, const std::string& type, Span span,
                            const std::optional<std::string>& otherwise) {
    if (std::find(strategy_types.begin(), strategy_types.end(), type) == strategy_types.end()) {
      warn("P0206", "there is no runner strategy `" + type + "`", span, "Druid takes it for `k8s`",
           suggest(type, strategy_types));
    } else {
      made.type = type;
    }
    if (made.type != "taskType") {
      made.overrides.reset();
      return made;
    }
    if (!otherwise) {
      return stop("P0202", "a `taskType` runner strategy needs a `default`", span,
                  "null or missing here", R"(add "default": "k8s")");
    }
    made.default_text = *otherwise;
    if (*otherwise != "k8s" && *otherwise != "worker") {
      warn("P0207",
           "the `default` of a runner strategy is `k8s` or `worker`, not `" + *otherwise + "`",
           span, "Druid sends these tasks to k8s");
    }
    return made;
  }

 private:
  bool overrides(std::vector<RunnerOverride>& made) {
    std::string type;
    Span span;
    json().enter();
    while (json().next_member(type, span)) {
      const Span value = json().span();
      auto read = text("each override");
      if (!read) return false;
      const std::string runner = read->value_or("null");
      if (runner != "k8s" && runner != "worker") {
        (void)stop(
            "P0205", "the runner of `" + type + "` is `" + runner + "`", value,
            "Invalid config in 'overrides'. Each runner type must be either 'worker' or 'k8s'.",
            suggest(runner, {"k8s", "worker"}));
        return false;
      }
      std::erase_if(made, [&](const RunnerOverride& o) { return o.task_type == type; });
      made.push_back({type, runner == "k8s" ? Runner::k8s : Runner::worker, value});
    }
    return true;
  }
};

// The strategy as properties spell it.
class RunnerProperties {
 public:
  RunnerProperties(const engine::Properties& properties, engine::Release release)
      : properties_(properties), release_(release) {}

  std::expected<std::optional<Reading<RunnerStrategy>>, Diagnostics> read() {
    const std::string worker_type = value("workerType").value_or("httpRemote");
    if (!worker_type_exists(worker_type)) return std::unexpected(std::move(found_));
    const std::string type = value("type").value_or("k8s");
    auto overrides = read_overrides(type);
    if (!overrides) return std::unexpected(std::move(overrides.error()));
    // Told as JSON, so that both spellings are judged by the same code.
    RunnerStrategy made;
    made.overrides = std::move(*overrides);
    made.worker_type = worker_type;
    const engine::Source source{"", type};
    RunnerReader reader(source);
    Or<RunnerStrategy> settled =
        reader.settle(std::move(made), type, {0, type.size()}, value(type + ".default"));
    Diagnostics said = reader.take();
    for (engine::Diagnostic& diagnostic : said) diagnostic.place = place(type);
    if (!settled) return std::unexpected(std::move(said));
    return Reading<RunnerStrategy>{std::move(*settled), std::move(said)};
  }

 private:
  static std::string key(const std::string& name) {
    return "druid.indexer.runner.k8sAndWorker.runnerStrategy." + name;
  }

  std::optional<std::string> value(const std::string& name) const {
    const auto found = properties_.value(key(name));
    return found ? std::optional<std::string>(*found) : std::nullopt;
  }

  // Where a finding about the strategy as a whole points to.
  engine::Place place(const std::string& type) const {
    for (const std::string& name : {type + ".default", std::string("type")}) {
      if (const engine::Property* property = properties_.find(key(name))) return property->place;
    }
    return engine::whole_file("");
  }

  bool worker_type_exists(const std::string& worker_type) {
    const bool remote_is_gone =
        engine::has(release_, engine::Behaviour::worker_type_remote_is_gone);
    if (worker_type == "httpRemote" || (worker_type == "remote" && !remote_is_gone)) return true;
    engine::Diagnostic& diagnostic = found_.emplace_back();
    diagnostic.code = "P0205";
    diagnostic.title =
        remote_is_gone
            ? "workerType must be set to [httpRemote]; the ZooKeeper-based 'remote' worker "
              "type has been removed."
            : "workerType must be set to one of (httpRemote, remote)";
    diagnostic.place = properties_.find(key("workerType"))->place;
    return false;
  }

  // The map as one JSON text, or one property an entry.
  std::expected<std::vector<RunnerOverride>, Diagnostics> read_overrides(const std::string& type) {
    if (type != "taskType") return {};
    if (const engine::Property* map = properties_.find(key("taskType.overrides"))) {
      const engine::Source source{map->place.file, map->value};
      RunnerReader reader(source);
      Or<std::vector<RunnerOverride>> read = reader.only_overrides();
      if (read) return std::move(*read);
      Diagnostics said = reader.take();
      for (engine::Diagnostic& diagnostic : said) diagnostic.place = map->place;
      return std::unexpected(std::move(said));
    }
    std::string json;
    const std::string prefix = key("taskType.overrides.");
    for (const engine::Property* entry : properties_.with_prefix(prefix)) {
      const bool known = entry->value == "k8s" || entry->value == "worker";
      if (!known) {
        engine::Diagnostic& diagnostic = found_.emplace_back();
        diagnostic.code = "P0205";
        diagnostic.title =
            "the runner of `" + entry->key.substr(prefix.size()) + "` is `" + entry->value + "`";
        diagnostic.place = entry->place;
        diagnostic.label =
            "Invalid config in 'overrides'. Each runner type must be either 'worker' or 'k8s'.";
        return std::unexpected(std::move(found_));
      }
      entries_.push_back({entry->key.substr(prefix.size()),
                          entry->value == "k8s" ? Runner::k8s : Runner::worker,
                          {}});
    }
    return std::move(entries_);
  }

  const engine::Properties& properties_;
  engine::Release release_;
  std::vector<RunnerOverride> entries_;
  Diagnostics found_;
};

}  // namespace

Runner RunnerStrategy::otherwise() const {
  if (type == "worker") return Runner::worker;
  return type == "taskType" && default_text == "worker" ? Runner::worker : Runner::k8s;
}

std::expected<Reading<RunnerStrategy>, Diagnostics> read_runner_strategy(
    const engine::Source& source) {
  RunnerReader reader(source);
  return finish(reader, reader.strategy());
}

std::expected<std::optional<Reading<RunnerStrategy>>, Diagnostics> runner_strategy_of(
    const engine::Properties& properties, engine::Release release) {
  if (properties.with_prefix("druid.indexer.runner.k8sAndWorker.runnerStrategy").empty()) {
    return std::optional<Reading<RunnerStrategy>>();
  }
  return RunnerProperties(properties, release).read();
}

}  // namespace copse::grammar
