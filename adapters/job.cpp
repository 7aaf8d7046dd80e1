#include "adapters/job.hpp"

#include "adapters/job_name.hpp"
#include "adapters/json_text.hpp"
#include "adapters/overrides.hpp"
#include "adapters/payload.hpp"

#include <algorithm>

namespace copse::adapters {
namespace {

using engine::Behaviour;
using Result = std::expected<void, engine::Diagnostic>;

// A map in the order in which its keys came, like Java's LinkedHashMap.
using Entries = std::vector<TextEntry>;

engine::Diagnostic failure(std::string code, std::string title, engine::Place place,
                           std::string help) {
  engine::Diagnostic diagnostic;
  diagnostic.code = std::move(code);
  diagnostic.title = std::move(title);
  diagnostic.place = std::move(place);
  diagnostic.help = std::move(help);
  return diagnostic;
}

// Keys that Druid sets itself, appended to the configured ones. Guava's map builder refuses nulls
// and duplicates.
std::expected<Entries, engine::Diagnostic> with_fixed(const Entries& configured,
                                                      const Entries& fixed, std::string_view what,
                                                      const engine::Place& place) {
  const std::string property = "`druid.indexer.runner." + std::string(what) + "`";
  for (const TextEntry& entry : configured) {
    if (entry.value) continue;
    return std::unexpected(failure("C0131", "null value in entry: " + entry.key + "=null", place,
                                   "give `" + entry.key + "` a text in " + property));
  }
  Entries all = configured;
  for (const TextEntry& entry : fixed) {
    const auto same = std::find_if(configured.begin(), configured.end(),
                                   [&](const TextEntry& other) { return other.key == entry.key; });
    if (same != configured.end()) {
      return std::unexpected(
          failure("C0132",
                  "Multiple entries with same key: " + entry.key + "=" + entry.value.value_or("") +
                      " and " + same->key + "=" + same->value.value_or(""),
                  place, "Druid sets `" + entry.key + "` itself: remove it from " + property));
    }
    all.push_back(entry);
  }
  return all;
}

void put(Entries& map, const std::string& key, std::optional<std::string> value) {
  const auto at = std::find_if(map.begin(), map.end(),
                               [&](const TextEntry& entry) { return entry.key == key; });
  if (at == map.end()) {
    map.push_back({key, std::move(value)});
  } else {
    at->value = std::move(value);
  }
}

void put_all(Entries& map, const Entries& others) {
  for (const TextEntry& entry : others) put(map, entry.key, entry.value);
}

void append_member(std::string& out, std::string_view key, std::string_view text) {
  append_json_string(out, key);
  out += ':';
  append_json_string(out, text);
}

void append_map(std::string& out, const Entries& map) {
  out += '{';
  for (std::size_t i = 0; i < map.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, map[i].key);
    out += ':';
    if (map[i].value) {
      append_json_string(out, *map[i].value);
    } else {
      out += "null";
    }
  }
  out += '}';
}

// `parent` and `child` joined as java.io.File does: no doubled slash, none at the end.
std::string java_path(std::string_view parent, std::string_view child) {
  std::string path;
  const std::string joined =
      child.empty() ? std::string(parent)
                    : std::string(parent.empty() ? "/" : parent) + "/" + std::string(child);
  for (const char c : joined) {
    if (c != '/' || !path.ends_with('/')) path += c;
  }
  if (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

class Builder {
 public:
  explicit Builder(const JobRequest& request)
      : request_(request), settings_(request.settings), task_(request.task) {}

  std::expected<Job, engine::Diagnostic> run() {
    for (const auto step :
         {&Builder::make_labels, &Builder::make_annotations, &Builder::check_container,
          &Builder::make_mode, &Builder::make_durations}) {
      const Result done = (this->*step)();
      if (!done) return std::unexpected(done.error());
    }
    pack();
    write();
    apply_overrides();
    if (const Result done = mount(); !done) return std::unexpected(done.error());
    return std::move(job_);
  }

 private:
  Result make_labels() {
    const std::string& owner = settings_.overlord_namespace.empty() ? settings_.namespace_name
                                                                    : settings_.overlord_namespace;
    const Entries fixed{
        {"druid.k8s.peons", "true"},
        {"druid.overlord.namespace", owner},
        {"druid.task.id", task_id_label(task_.id)},
        {"druid.task.type", free_label(task_.type, request_.release)},
        {"druid.task.group.id", task_id_label(task_.group_id)},
        {"druid.task.datasource", free_label(task_.data_source.value_or(""), request_.release)}};
    auto all = with_fixed(settings_.labels, fixed, "labels", settings_.labels_place);
    if (!all) return std::unexpected(all.error());
    labels_ = std::move(*all);
    return {};
  }

  Result make_annotations() {
    if (!task_.data_source) {
      return std::unexpected(failure("I0104", "null value in entry: task.datasource=null", {},
                                     "the task `" + task_.id + "` needs a `dataSource`"));
    }
    const Entries fixed{{"task.id", task_.id},
                        {"task.type", task_.type},
                        {"task.group.id", task_.group_id},
                        {"task.datasource", task_.data_source}};
    auto all = with_fixed(settings_.annotations, fixed, "annotations", settings_.annotations_place);
    if (!all) return std::unexpected(all.error());
    annotations_ = std::move(*all);
    // Put after the builder that refuses duplicates: a configured value is replaced, not refused.
    put(annotations_, "task.jobTemplate", std::string(request_.template_key));
    return {};
  }

  Result check_container() {
    if (request_.pod_template.has_container) return {};
    return std::unexpected(
        failure("T0106", "Can't edit first containers. The list is empty.", {},
                "the template `" + std::string(request_.template_key) + "` has no container"));
  }

  Result make_mode() {
    const auto mode = broadcast_mode(task_, request_.traits);
    if (!mode) {
      return std::unexpected(
          failure("I0105", mode.error(), {}, "correct the context of the task `" + task_.id + "`"));
    }
    mode_ = *mode;
    return {};
  }

  Result make_durations() {
    const auto deadline = standard_seconds(settings_.max_task_duration);
    if (!deadline)
      return std::unexpected(
          bad_duration(deadline.error(), "maxTaskDuration", settings_.max_task_duration_place));
    const auto delay = standard_seconds(settings_.task_cleanup_delay);
    if (!delay)
      return std::unexpected(
          bad_duration(delay.error(), "taskCleanupDelay", settings_.task_cleanup_delay_place));
    active_deadline_seconds_ = *deadline;
    // Druid casts to a 32-bit int: above 2147483647 s the value wraps and is negative.
    ttl_seconds_ = static_cast<std::int32_t>(*delay);
    return {};
  }

  static engine::Diagnostic bad_duration(const std::string& title, std::string_view property,
                                         const engine::Place& place) {
    return failure(
        "C0133", title, place,
        "write `druid.indexer.runner." + std::string(property) + "` in days or less, e.g. `P30D`");
  }

  void pack() {
    payload_ = pack_payload(compact_json(request_.task_json));
    job_.payload_characters = payload_.size();
    job_.payload_omitted = payload_.size() > payload_limit;
  }

  void apply_overrides() {
    if (request_.overrides.empty()) return;
    job_.json = with_overrides(job_.json, request_.overrides);
    for (const engine::Override& each : request_.overrides) {
      if (each.field == engine::Field::namespace_name) job_.namespace_name = each.value;
    }
  }

  Result mount() {
    if (!job_.payload_omitted || request_.large_payload == LargePayload::omit) return {};
    auto payload = payload_of(job_.name, compact_json(request_.task_json));
    if (!payload) return std::unexpected(std::move(payload.error()));
    auto with_mount = mount_payload(job_.json, *payload, settings_.base_dir);
    if (!with_mount) return std::unexpected(std::move(with_mount.error()));
    job_.json = std::move(*with_mount);
    job_.mounted = std::move(*payload);
    return {};
  }

  void write() {
    job_.name = job_name(settings_.pod_name_prefix, task_.id);
    job_.namespace_name = settings_.namespace_name;
    std::string& out = job_.json;
    out.reserve(payload_.size() + request_.pod_template.pieces[3].size() + 4096);
    write_metadata(out);
    out += R"(,"spec":{"activeDeadlineSeconds":)" + std::to_string(active_deadline_seconds_) +
           R"(,"backoffLimit":0,)";
    if (const auto& policy = request_.additions.pod_replacement_policy) {
      append_member(out, "podReplacementPolicy", *policy);
      out += ',';
    }
    out += R"("template":)";
    write_template(out);
    out += R"(,"ttlSecondsAfterFinished":)" + std::to_string(ttl_seconds_) + "}}";
  }

  void write_metadata(std::string& out) {
    for (const auto& [key, value] : request_.additions.labels) put(labels_, key, value);
    for (const auto& [key, value] : request_.additions.job_annotations)
      put(annotations_, key, value);
    out += R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"annotations":)";
    append_map(out, annotations_);
    out += R"(,"labels":)";
    append_map(out, labels_);
    out += ',';
    append_member(out, "name", job_.name);
    out += '}';
  }

  void write_template(std::string& out) const {
    const PodTemplate& pod = request_.pod_template;
    out += pod.pieces[0];
    append_map(out, pod_annotations());
    out += pod.pieces[1];
    Entries labels = pod.labels;
    put_all(labels, labels_);
    append_map(out, labels);
    out += pod.pieces[2];
    write_environment(out, pod.env_is_empty);
    out += pod.pieces[3];
  }

  Entries pod_annotations() const {
    Entries map = request_.pod_template.annotations;
    put(map, "tls.enabled", settings_.tls_port_enabled ? "true" : "false");
    put(map, "task.id", task_.id);
    put(map, "task.type", task_.type);
    put(map, "task.group.id", task_.group_id);
    put(map, "task.datasource", task_.data_source);
    if (!job_.payload_omitted) put(map, "task", payload_);
    put(map, "task.jobTemplate", std::string(request_.template_key));
    return map;
  }

  bool has(Behaviour behaviour) const { return engine::has(request_.release, behaviour); }

  void write_environment(std::string& out, bool first) const {
    const auto value = [&](std::string_view name, std::string_view text) {
      out += first ? "{" : ",{";
      append_member(out, "name", name);
      out += ',';
      append_member(out, "value", text);
      out += '}';
      first = false;
    };
    const auto reference = [&](std::string_view name, std::string_view annotation) {
      out += ",{";
      append_member(out, "name", name);
      out += R"(,"valueFrom":{"fieldRef":{"fieldPath":"metadata.annotations[')" +
             std::string(annotation) + R"(']"}}})";
    };
    value("TASK_DIR", has(Behaviour::task_dir_ends_in_task_id)
                          ? java_path(settings_.base_dir, task_.id)
                          : settings_.base_dir);
    if (has(Behaviour::base_task_dir_in_environment))
      value("druid_indexer_task_baseTaskDir", settings_.base_dir);
    value("TASK_ID", task_.id);
    value("LOAD_BROADCAST_DATASOURCE_MODE", name(mode_));
    const bool segments = has(Behaviour::broadcast_segments_by_mode)
                              ? mode_ != BroadcastMode::none
                              : request_.traits.supports_queries;
    value("LOAD_BROADCAST_SEGMENTS", segments ? "true" : "false");
    if (has(Behaviour::pod_template_in_environment))
      reference("DRUID_POD_TEMPLATE", "task.jobTemplate");
    if (!job_.payload_omitted) reference("TASK_JSON", "task");
  }

  const JobRequest& request_;
  const Settings& settings_;
  const TaskHeader& task_;
  Entries labels_;
  Entries annotations_;
  BroadcastMode mode_ = BroadcastMode::all;
  std::int64_t active_deadline_seconds_ = 0;
  std::int32_t ttl_seconds_ = 0;
  std::string payload_;
  Job job_;
};

}  // namespace

std::expected<Job, engine::Diagnostic> build_job(const JobRequest& request) {
  return Builder(request).run();
}

}  // namespace copse::adapters
