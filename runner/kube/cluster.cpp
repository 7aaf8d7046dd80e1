#include "runner/kube/cluster.hpp"

#include "engine/json_writer.hpp"
#include "runner/kube/base64.hpp"
#include "runner/kube/query.hpp"
#include "runner/kube/splitter.hpp"
#include "runner/kube/watch_event.hpp"

#include <charconv>
#include <memory>
#include <utility>

#include <simdjson.h>

namespace copse::runner::kube {
namespace {

Failure unreadable(const std::string& path, const std::string& server, const std::string& cause) {
  return local_failure(FailureKind::malformed, "`" + path + "` at " + server +
                                                   " was answered with something unreadable (" +
                                                   cause + "); is this a Kubernetes API server?");
}

// An answer that is one object, handed on as a view that lives during the reply. After a create
// whose answer cannot be read the Job may well be there.
template <class View>
Done object_reply(std::string path, std::string server, FailureKind when_unreadable,
                  Reply<View> reply) {
  return [path = std::move(path), server = std::move(server), when_unreadable,
          reply = std::move(reply)](std::expected<Answer, Failure> answer) mutable {
    if (!answer) return reply(std::unexpected(std::move(answer.error())));
    Parser parser;
    const auto view = parser.object<View>(answer->body);
    if (view) return reply(*view);
    Failure failure = unreadable(path, server, view.error().text);
    failure.kind = when_unreadable;
    reply(std::unexpected(std::move(failure)));
  };
}

std::string config_map_text(const OwnedConfigMap& map) {
  engine::JsonWriter out;
  out.begin_object().member("apiVersion", "v1").member("kind", "ConfigMap");
  out.key("metadata").begin_object().member("name", map.name);
  out.key("labels").begin_object().member("copse/owner", map.owner).member("copse/task", map.task);
  out.end_object().key("ownerReferences").begin_array().begin_object();
  out.member("apiVersion", "batch/v1").member("kind", "Job").member("name", map.job_name);
  out.member("uid", text(map.job)).end_object().end_array().end_object();
  // WHY immutable: kubelets need not watch it.
  out.key("immutable").boolean(true).key("binaryData").begin_object();
  out.member(map.key, encode_base64(map.data)).end_object().end_object();
  return out.take();
}

std::string log_path(std::string_view namespace_name, std::string_view pod,
                     const LogOptions& options, bool follow) {
  Query query(pods_path(namespace_name, pod) + "/log");
  query.add("container", options.container).add("sinceTime", options.since_time);
  if (options.tail_lines) query.add("tailLines", *options.tail_lines);
  if (options.limit_bytes) query.add("limitBytes", *options.limit_bytes);
  if (options.with_timestamps) query.add("timestamps", "true");
  if (follow) query.add("follow", "true");
  return std::move(query.text);
}

// `34+` on some vendors' servers counts as 34.
int leading_number(std::string_view text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::optional<ServerVersion> read_version(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::string_view text;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS) return {};
  if (root["gitVersion"].get(text) != simdjson::SUCCESS) return {};
  ServerVersion version;
  version.git_version = text;
  if (root["major"].get(text) == simdjson::SUCCESS) version.major = leading_number(text);
  if (root["minor"].get(text) == simdjson::SUCCESS) version.minor = leading_number(text);
  return version;
}

}  // namespace

RequestId Cluster::create_job(std::string_view namespace_name, std::string json,
                              Reply<JobView> reply) {
  Query query(jobs_path(namespace_name));
  // WHY: templates are checked when they are read; checking each Job again only costs the server.
  query.add("fieldManager", "copse").add("fieldValidation", "Ignore");
  auto done =
      object_reply(query.text, transport_.server(), FailureKind::unknown_outcome, std::move(reply));
  return transport_.send({Verb::create, std::move(query.text), std::move(json)}, std::move(done));
}

RequestId Cluster::get_job(std::string_view namespace_name, std::string_view name,
                           Reply<JobView> reply) {
  std::string path = jobs_path(namespace_name, name);
  auto done = object_reply(path, transport_.server(), FailureKind::malformed, std::move(reply));
  return transport_.send({Verb::get, std::move(path), {}}, std::move(done));
}

RequestId Cluster::delete_job(std::string_view namespace_name, std::string_view name, Uid uid,
                              Propagation propagation, Reply<Deletion> reply) {
  const std::string policy = propagation == Propagation::background ? "Background" : "Foreground";
  std::string body = R"({"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":")" + policy +
                     R"(","preconditions":{"uid":")" + text(uid) + R"("}})";
  return transport_.send({Verb::remove, jobs_path(namespace_name, name), std::move(body)},
                         [reply = std::move(reply)](std::expected<Answer, Failure> answer) mutable {
                           if (answer) return reply(Deletion::accepted);
                           if (answer.error().kind == FailureKind::not_found)
                             return reply(Deletion::already_gone);
                           reply(std::unexpected(std::move(answer.error())));
                         });
}

RequestId Cluster::create_config_map(std::string_view namespace_name, const OwnedConfigMap& map,
                                     Reply<void> reply) {
  Query query(config_maps_path(namespace_name));
  query.add("fieldManager", "copse");
  return transport_.send({Verb::create, std::move(query.text), config_map_text(map)},
                         [reply = std::move(reply)](std::expected<Answer, Failure> answer) mutable {
                           if (answer) return reply({});
                           reply(std::unexpected(std::move(answer.error())));
                         });
}

RequestId Cluster::get_config_map(std::string_view namespace_name, std::string_view name,
                                  Reply<OwnedView> reply) {
  std::string path = config_maps_path(namespace_name, name);
  auto done = object_reply(path, transport_.server(), FailureKind::malformed, std::move(reply));
  return transport_.send({Verb::get, std::move(path), {}}, std::move(done));
}

RequestId Cluster::pods_of_job(std::string_view namespace_name, Uid job,
                               Reply<std::vector<PodView>> reply) {
  Query query(pods_path(namespace_name));
  // WHY the old spelling: servers before 1.27 know no other, and newer ones still set it.
  query.add("labelSelector", "controller-uid=" + text(job));
  std::string path = query.text;
  return transport_.send({Verb::list, std::move(query.text), {}},
                         [path = std::move(path), server = transport_.server(),
                          reply = std::move(reply)](std::expected<Answer, Failure> answer) mutable {
                           if (!answer) return reply(std::unexpected(std::move(answer.error())));
                           Parser parser;
                           auto pods = parser.items<PodView>(answer->body);
                           if (pods) return reply(std::move(*pods));
                           reply(std::unexpected(unreadable(path, server, pods.error().text)));
                         });
}

RequestId Cluster::read_log(std::string_view namespace_name, std::string_view pod,
                            const LogOptions& options, Reply<std::string> reply) {
  return transport_.send({Verb::log, log_path(namespace_name, pod, options, false), {}},
                         [reply = std::move(reply)](std::expected<Answer, Failure> answer) mutable {
                           if (!answer) return reply(std::unexpected(std::move(answer.error())));
                           reply(std::move(answer->body));
                         });
}

RequestId Cluster::follow_log(std::string_view namespace_name, std::string_view pod,
                              const LogOptions& options, LogHandlers log) {
  StreamHandlers handlers;
  handlers.chunk = std::move(log.bytes);
  handlers.closed = std::move(log.closed);
  return transport_.open({Verb::log, log_path(namespace_name, pod, options, true), {}},
                         std::move(handlers), {});
}

RequestId Cluster::server_version(Reply<ServerVersion> reply) {
  return transport_.send({Verb::version, "/version", {}},
                         [server = transport_.server(),
                          reply = std::move(reply)](std::expected<Answer, Failure> answer) mutable {
                           if (!answer) return reply(std::unexpected(std::move(answer.error())));
                           auto version = read_version(answer->body);
                           if (version) return reply(std::move(*version));
                           reply(std::unexpected(unreadable("/version", server, "no gitVersion")));
                         });
}

}  // namespace copse::runner::kube
