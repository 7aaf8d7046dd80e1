#include "tests/real/node_pods.hpp"

#include "runner/sandbox/document.hpp"
#include "runner/sandbox/json_text.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <unordered_map>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

namespace copse::tests::real {

namespace asio = boost::asio;
namespace json = boost::json;
namespace sandbox = runner::sandbox;
using sandbox::Moment;
using sandbox::ObjectText;

namespace {

// Requests at a time. On loopback an answer takes a few milliseconds, so these carry hundreds of
// pods.
constexpr std::size_t senders = 8;

// Between two looks for a pod's ConfigMaps. A kubelet begins with 500 ms.
constexpr std::chrono::milliseconds volumes_every{100};

using Sender = asio::strand<asio::thread_pool::executor_type>;

// A pod in our charge.
struct Charge {
  Charge(asio::io_context& io, asio::thread_pool& pool, sandbox::PodMachine played)
      : machine(std::move(played)), timer(io), volumes(io), sender(asio::make_strand(pool)) {}

  sandbox::PodMachine machine;
  asio::steady_timer timer;
  asio::steady_timer volumes;  // when its ConfigMaps are looked for again
  Sender sender;
  std::optional<std::int64_t> grace_seconds;  // once it is to go
};

std::vector<sandbox::ContainerFacts> containers(const json::object& pod, std::string_view path) {
  std::vector<sandbox::ContainerFacts> found;
  const json::value* list = sandbox::member(pod, path);
  if (list == nullptr || !list->is_array()) return found;
  for (const json::value& one : list->get_array()) {
    if (!one.is_object()) continue;
    found.push_back({std::string(sandbox::text_at(one.get_object(), "name")),
                     std::string(sandbox::text_at(one.get_object(), "image"))});
  }
  return found;
}

sandbox::Script script_of(const json::object& pod) {
  const json::value* annotations = sandbox::member(pod, "metadata.annotations");
  if (annotations == nullptr || !annotations->is_object()) return {};
  const json::value* text = annotations->get_object().if_contains(sandbox::script_annotation);
  if (text == nullptr || !text->is_string()) return {};
  auto script = sandbox::parse_script(text->get_string());
  if (script) return std::move(*script);
  sandbox::Script failing;
  failing.obstacle =
      sandbox::Obstacle{sandbox::Obstacle::Kind::rejected, "InvalidScript",
                        fmt::format("annotation {}, line {}: {}", sandbox::script_annotation,
                                    script.error().line, script.error().text)};
  return failing;
}

std::string event_text(const sandbox::PodFacts& pod, const sandbox::PodNotice& notice, Moment at,
                       std::string_view node, std::uint64_t number) {
  const std::string_view from = notice.from_scheduler ? "default-scheduler" : "kubelet";
  const std::string time = sandbox::quoted(sandbox::timestamp(at));
  std::string out;
  ObjectText event(out);
  event.text("apiVersion", "v1");
  event.text("kind", "Event");
  event.raw("metadata", fmt::format(R"({{"name":{},"namespace":{}}})",
                                    sandbox::quoted(fmt::format("{}.{:016x}", pod.name, number)),
                                    sandbox::quoted(pod.ns)));
  const std::string field =
      notice.container.empty()
          ? std::string()
          : ",\"fieldPath\":" + sandbox::quoted("spec.containers{" + notice.container + "}");
  event.raw("involvedObject",
            fmt::format(R"({{"apiVersion":"v1","kind":"Pod","name":{},"namespace":{},"uid":{}{}}})",
                        sandbox::quoted(pod.name), sandbox::quoted(pod.ns),
                        sandbox::quoted(pod.uid), field));
  event.text("type", notice.warning ? "Warning" : "Normal");
  event.text("reason", notice.reason);
  event.text("message", notice.message);
  event.raw("source",
            fmt::format(R"({{"component":"{}"{}}})", from,
                        notice.from_scheduler ? "" : ",\"host\":" + sandbox::quoted(node)));
  event.raw("firstTimestamp", time);
  event.raw("lastTimestamp", time);
  event.number("count", 1);
  event.text("reportingComponent", from);
  event.text("reportingInstance", notice.from_scheduler ? "" : node);
  event.close();
  return out;
}

bool write_file(const std::string& folder, const sandbox::ScriptFile& file) {
  const std::filesystem::path path = std::filesystem::path(folder) / file.name;
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  // WHY: whoever looks for a status must never find half of one.
  const std::filesystem::path half = path.string() + ".part";
  std::ofstream out(half, std::ios::binary);
  out << file.text;
  out.close();
  std::filesystem::rename(half, path, error);
  return !error;
}

}  // namespace

Moment now() {
  return std::chrono::time_point_cast<Moment::duration>(std::chrono::system_clock::now());
}

struct NodePods::Core : std::enable_shared_from_this<Core> {
  Core(asio::io_context& context, NodeClient& asked, NodeOptions chosen,
       std::function<void()>& told)
      : io(context), client(asked), options(std::move(chosen)), stepped(told) {}

  asio::io_context& io;
  NodeClient& client;
  NodeOptions options;
  std::function<void()>& stepped;
  std::unordered_map<std::string, Charge> charges;          // by uid
  std::map<std::string, std::string, std::less<>> by_name;  // NS/NAME: uid
  std::uint32_t addresses = 0;
  std::uint64_t events = static_cast<std::uint64_t>(now().time_since_epoch().count()) << 16U;
  asio::thread_pool pool{senders};

  void see(std::string_view line) {
    const auto event = sandbox::parse_document(line);
    if (!event) return;
    const json::value* object = event->if_contains("object");
    if (object == nullptr || !object->is_object()) return;
    const json::object& pod = object->get_object();
    const std::string uid(sandbox::text_at(pod, "metadata.uid"));
    const std::string_view type = sandbox::text_at(*event, "type");
    if (type == "DELETED") return forget(uid);
    if (type != "ADDED" && type != "MODIFIED") return;
    auto charge = charges.find(uid);
    const bool is_bound = !sandbox::text_at(pod, "spec.nodeName").empty();
    // Somebody else has bound a pod that was yet to be scheduled.
    if (charge != charges.end() && is_bound && !charge->second.machine.is_scheduled()) {
      forget(uid);
      charge = charges.end();
    }
    const bool is_to_go = !sandbox::text_at(pod, "metadata.deletionTimestamp").empty();
    // A pod that was never bound is no kubelet's: the server removes it.
    if (is_to_go && !is_bound) return forget(uid);
    if (charge == charges.end()) charge = adopt(pod, uid);
    if (charge == charges.end()) return;
    if (is_to_go) {
      stop(charge->second, sandbox::number_at(pod, "metadata.deletionGracePeriodSeconds", 0));
    }
    go_on(uid);
  }

  void forget(const std::string& uid) {
    const auto at = charges.find(uid);
    if (at == charges.end()) return;
    const auto& facts = at->second.machine.facts();
    const auto name = by_name.find(facts.ns + "/" + facts.name);
    if (name != by_name.end() && name->second == uid) by_name.erase(name);
    charges.erase(at);
    stepped();
  }

  std::unordered_map<std::string, Charge>::iterator adopt(const json::object& pod,
                                                          const std::string& uid) {
    const std::string_view phase = sandbox::text_at(pod, "status.phase");
    if (phase == "Succeeded" || phase == "Failed") return charges.end();
    sandbox::PodFacts facts{.ns = std::string(sandbox::text_at(pod, "metadata.namespace")),
                            .name = std::string(sandbox::text_at(pod, "metadata.name")),
                            .uid = uid,
                            .node = std::string(sandbox::text_at(pod, "spec.nodeName")),
                            .containers = containers(pod, "spec.containers"),
                            .init_containers = containers(pod, "spec.initContainers"),
                            .config_maps = sandbox::config_map_volumes(pod),
                            .qos_class = std::string(sandbox::text_at(pod, "status.qosClass"))};
    by_name[facts.ns + "/" + facts.name] = uid;
    const std::uint32_t host = ++addresses;
    sandbox::Placement placement{
        .node = options.name,
        .host_ip = "127.0.0.1",
        .pod_ip = fmt::format("10.244.{}.{}", (host >> 8U) & 255U, host & 255U)};
    const auto charge = charges
                            .try_emplace(uid, io, pool,
                                         sandbox::PodMachine(std::move(facts), script_of(pod),
                                                             std::move(placement), now()))
                            .first;
    if (charge->second.machine.awaits_volumes()) look_for_volumes(uid);
    return charge;
  }

  // Asks for a pod's ConfigMaps, again and again, as a kubelet does.
  void look_for_volumes(const std::string& uid) {
    const auto at = charges.find(uid);
    if (at == charges.end()) return;
    asio::post(at->second.sender,
               [self = shared_from_this(), uid, facts = at->second.machine.facts()] {
                 const bool there = std::all_of(
                     facts.config_maps.begin(), facts.config_maps.end(), [&](const auto& volume) {
                       const std::string path =
                           "/api/v1/namespaces/" + facts.ns + "/configmaps/" + volume.config_map;
                       return self->client.ask({"GET", path, ""}).status == 200;
                     });
                 asio::post(self->io, [self, uid, there] { self->looked_for_volumes(uid, there); });
               });
  }

  void looked_for_volumes(const std::string& uid, bool there) {
    const auto at = charges.find(uid);
    if (at == charges.end()) return;
    if (there) {
      at->second.machine.mount(now());
      return go_on(uid);
    }
    at->second.volumes.expires_after(volumes_every);
    at->second.volumes.async_wait([weak = weak_from_this(), uid](const auto& error) {
      const auto self = weak.lock();
      if (self && !error) self->look_for_volumes(uid);
    });
  }

  static void stop(Charge& charge, std::int64_t grace_seconds) {
    if (charge.grace_seconds && *charge.grace_seconds <= grace_seconds) return;
    charge.grace_seconds = grace_seconds;
    charge.machine.stop(now(), std::chrono::seconds(grace_seconds));
  }

  // Takes every step that is due, and sets the timer for the next one.
  void go_on(const std::string& uid) {
    const auto at = charges.find(uid);
    if (at == charges.end()) return;
    Charge& charge = at->second;
    while (const auto reaction = charge.machine.step(now())) {
      asio::post(charge.sender,
                 [self = shared_from_this(), facts = charge.machine.facts(), reaction = *reaction,
                  number = events] { self->carry_out(facts, reaction, number); });
      events += reaction->notices.size();
    }
    stepped();
    const auto due = charge.machine.wake();
    if (!due) {
      charge.timer.cancel();
      return;
    }
    charge.timer.expires_after(*due - now());
    charge.timer.async_wait([weak = weak_from_this(), uid](const auto& error) {
      const auto self = weak.lock();
      if (self && !error) self->go_on(uid);
    });
  }

  // On a thread of the pool.
  void carry_out(const sandbox::PodFacts& pod, const sandbox::Reaction& reaction,
                 std::uint64_t number) {
    const std::string collection = "/api/v1/namespaces/" + pod.ns;
    const std::string path = collection + "/pods/" + pod.name;
    if (!options.files.empty()) {
      for (const sandbox::ScriptFile& file : reaction.files) {
        if (!write_file(options.files, file)) fmt::print(stderr, "cannot write {}\n", file.name);
      }
    }
    if (reaction.bind) {
      tell(
          {"POST", path + "/binding",
           fmt::format(
               R"({{"apiVersion":"v1","kind":"Binding","metadata":{{"name":{},"uid":{}}},"target":{{"apiVersion":"v1","kind":"Node","name":{}}}}})",
               sandbox::quoted(pod.name), sandbox::quoted(pod.uid),
               sandbox::quoted(options.name))});
    }
    if (reaction.status) {
      tell({"PATCH", path + "/status",
            fmt::format(R"({{"metadata":{{"uid":{}}},"status":{}}})", sandbox::quoted(pod.uid),
                        *reaction.status),
            "application/merge-patch+json"});
    }
    for (const sandbox::PodNotice& notice : reaction.notices) {
      tell({"POST", collection + "/events",
            event_text(pod, notice, reaction.at, options.name, number++)});
    }
    if (reaction.remove) {
      tell({"DELETE", path,
            fmt::format(R"({{"gracePeriodSeconds":0,"preconditions":{{"uid":{}}}}})",
                        sandbox::quoted(pod.uid))});
    }
  }

  // What may be refused: the pod or its namespace has gone meanwhile, or another one has its name.
  void tell(const Question& question) {
    const Reply reply = client.ask(question);
    const bool is_late = reply.status == 404 || reply.status == 409 || reply.status == 403;
    if (reply.status / 100 == 2 || is_late || reply.status == 0) return;
    fmt::print(stderr, "{} {} was answered with {}: {}\n", question.method, question.path,
               reply.status, reply.body);
  }
};

NodePods::NodePods(asio::io_context& io, NodeClient& client, NodeOptions options)
    : stepped([] {}), core_(std::make_shared<Core>(io, client, std::move(options), stepped)) {}

NodePods::~NodePods() {
  core_->pool.join();
}

void NodePods::see(std::string_view event) {
  core_->see(event);
}

const sandbox::PodMachine* NodePods::find(std::string_view ns, std::string_view name) const {
  const auto uid = core_->by_name.find(fmt::format("{}/{}", ns, name));
  if (uid == core_->by_name.end()) return nullptr;
  return &core_->charges.at(uid->second).machine;
}

}  // namespace copse::tests::real
