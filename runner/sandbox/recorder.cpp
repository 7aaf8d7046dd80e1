#include "runner/sandbox/recorder.hpp"

#include "runner/sandbox/json_text.hpp"

#include <fmt/format.h>

namespace copse::runner::sandbox {
namespace {

std::string rv_text(Rv rv) {
  return std::to_string(static_cast<std::uint64_t>(rv));
}

std::string body_of(const Object& about, const Notice& notice, const std::string& node,
                    Moment now) {
  const std::string when = timestamp(now);
  const std::string path = notice.container.empty()
                               ? std::string{}
                               : fmt::format("spec.containers{{{}}}", notice.container);
  const bool from_node = notice.component == "kubelet";
  std::string body{"\"involvedObject\":"};
  ObjectText involved{body};
  involved.text("kind", info(about.resource).kind);
  if (!about.ns.empty()) involved.text("namespace", about.ns);
  involved.text("name", about.name);
  involved.text("uid", about.uid);
  involved.text("apiVersion", api_version(about.resource));
  involved.text("resourceVersion", rv_text(about.rv));
  if (!path.empty()) involved.text("fieldPath", path);
  involved.close();
  body += ",\"reason\":" + quoted(notice.reason) + ",\"message\":" + quoted(notice.message);
  body += ",\"source\":";
  ObjectText source{body};
  source.text("component", notice.component);
  if (from_node) source.text("host", node);
  source.close();
  body += fmt::format(
      R"(,"firstTimestamp":"{0}","lastTimestamp":"{0}","count":1,"type":"{1}","eventTime":null)",
      when, notice.warning ? "Warning" : "Normal");
  body += fmt::format(R"(,"reportingComponent":"{}","reportingInstance":"{}")", notice.component,
                      from_node ? node : "");
  return body;
}

Fields fields_of(const Object& about, const Notice& notice) {
  Fields fields;
  fields.reserve(10);
  put(fields, "involvedObject.kind", info(about.resource).kind);
  put(fields, "involvedObject.namespace", about.ns);
  put(fields, "involvedObject.name", about.name);
  put(fields, "involvedObject.uid", about.uid);
  put(fields, "involvedObject.apiVersion", api_version(about.resource));
  put(fields, "involvedObject.resourceVersion", rv_text(about.rv));
  put(fields, "reason", notice.reason);
  put(fields, "reportingComponent", notice.component);
  put(fields, "source", notice.component);
  put(fields, "type", notice.warning ? "Warning" : "Normal");
  return fields;
}

}  // namespace

void Recorder::record(const Object& about, const Notice& notice, Moment now) {
  if (!enabled_) return;
  Object event;
  event.resource = Resource::events;
  event.ns = about.ns.empty() ? "default" : about.ns;
  // client-go: the object's name and the time in nanoseconds; the counter keeps two of one moment
  // apart.
  event.name = fmt::format("{}.{:x}", about.name,
                           static_cast<std::uint64_t>(now.time_since_epoch().count()) * 1'000'000 +
                               count_++ % 1'000'000);
  event.created = now;
  Written written;
  written.body = body_of(about, notice, node_, now);
  event.written = std::make_shared<const Written>(std::move(written));
  event.fields = fields_of(about, notice);
  const std::string key = key_of(event);
  if (store_.find(Resource::events, event.ns, event.name) != nullptr) return;
  store_.add(std::move(event));
  expiry_.emplace_back(now + event_lifetime, key);
}

std::optional<Moment> Recorder::wake() const {
  if (expiry_.empty()) return std::nullopt;
  return expiry_.front().first;
}

void Recorder::run(Moment now) {
  while (!expiry_.empty() && expiry_.front().first <= now) {
    const auto& events = store_.all(Resource::events);
    const auto at = events.find(expiry_.front().second);
    if (at != events.end()) store_.remove(ObjectPtr{at->second});
    expiry_.pop_front();
  }
}

}  // namespace copse::runner::sandbox
