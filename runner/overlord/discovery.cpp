#include "runner/overlord/discovery.hpp"

#include "engine/json_writer.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <boost/json.hpp>

namespace copse::runner::overlord {
namespace {

namespace json = boost::json;

constexpr std::string_view role = "middleManager";
constexpr std::string_view election = "control-plane.alpha.kubernetes.io/leader";

struct Mark {
  std::string_view group;
  std::string_view name;
};

// In the order of PodMarks.
constexpr std::array<Mark, std::tuple_size_v<PodMarks>> places{{
    {"labels", "druidDiscoveryAnnouncement-middleManager"},
    {"labels", "druidDiscoveryAnnouncement-id-hash"},
    {"labels", "druidDiscoveryAnnouncement-cluster-identifier"},
    {"annotations", "druidNodeInfo-middleManager"},
}};

std::string path_of(const Mark& mark) {
  return "/metadata/" + std::string(mark.group) + "/" + std::string(mark.name);
}

// `metadata.GROUP` of an object; null when it is not there.
const json::object* group_of(const json::value& object, std::string_view group) {
  const json::value* at = &object;
  for (const std::string_view step : {std::string_view("metadata"), group}) {
    if (!at->is_object()) return nullptr;
    at = at->get_object().if_contains(step);
    if (at == nullptr) return nullptr;
  }
  return at->if_object();
}

std::optional<std::string> text_of(const json::object* group, std::string_view name) {
  const json::value* found = group == nullptr ? nullptr : group->if_contains(name);
  if (found == nullptr || !found->is_string()) return std::nullopt;
  return std::string(found->get_string());
}

std::string_view sequence_of(std::string_view name) {
  return name.substr(name.rfind('-') + 1);
}

}  // namespace

std::string discovery_document(const WorkerNode& node) {
  constexpr std::int64_t none = -1;
  const std::int64_t port = node.port;
  engine::JsonWriter out;
  out.begin_object().key("druidNode").begin_object().member("service", node.service);
  out.member("host", node.host).key("bindOnHost").boolean(false).key("port").number(none);
  out.key("plaintextPort").number(node.tls ? none : port);
  out.key("enablePlaintextPort").boolean(!node.tls);
  out.key("tlsPort").number(node.tls ? port : none).key("enableTlsPort").boolean(node.tls);
  out.end_object().member("nodeType", role).key("services").begin_object();
  out.key("workerNodeService").begin_object().member("type", "workerNodeService");
  out.member("ip", node.host).key("capacity").number(node.capacity);
  out.member("version", node.version).member("category", node.category).end_object().end_object();
  return out.member("startTime", node.start_time).end_object().take();
}

std::string announcement_path(std::string_view base, const WorkerNode& node) {
  return std::string(base) + "/internal-discovery/MIDDLE_MANAGER/" + node.host_port();
}

std::string leader_latch_path(std::string_view base) {
  return std::string(base) + "/overlord/_OVERLORD";
}

std::string leading_participant(const std::vector<std::string>& names) {
  const auto first = std::min_element(names.begin(), names.end(), [](const auto& a, const auto& b) {
    return sequence_of(a) < sequence_of(b);
  });
  return first == names.end() ? "" : *first;
}

PodMarks announcing_marks(const WorkerNode& node, std::string_view cluster_identifier) {
  const std::int64_t hash = java_hash(node.host_port());
  return {"true", std::to_string(std::abs(hash)), std::string(cluster_identifier),
          discovery_document(node)};
}

std::optional<PodMetadata> pod_metadata(std::string_view pod_json) {
  json::error_code fault;
  const json::value pod = json::parse(pod_json, fault);
  if (fault || !pod.is_object()) return std::nullopt;
  const json::value* metadata = pod.get_object().if_contains("metadata");
  if (metadata == nullptr || !metadata->is_object()) return std::nullopt;
  const json::object* labels = group_of(pod, "labels");
  const json::object* annotations = group_of(pod, "annotations");
  PodMetadata found{{}, labels != nullptr, annotations != nullptr};
  for (std::size_t i = 0; i < places.size(); ++i)
    found.marks[i] = text_of(places[i].group == "labels" ? labels : annotations, places[i].name);
  return found;
}

std::string announcing_patch(const PodMarks& wanted, const PodMetadata& there) {
  engine::JsonWriter out;
  out.begin_array();
  // WHY the test: an object that somebody has made meanwhile would be replaced. Of what is not
  // there the server takes null for the value.
  const auto make = [&](std::string_view group) {
    const std::string path = "/metadata/" + std::string(group);
    out.begin_object().member("op", "test").member("path", path).key("value").null().end_object();
    out.begin_object().member("op", "add").member("path", path).key("value");
    out.begin_object().end_object().end_object();
  };
  if (!there.has_labels) make("labels");
  if (!there.has_annotations) make("annotations");
  for (std::size_t i = 0; i < places.size(); ++i) {
    out.begin_object().member("op", "add").member("path", path_of(places[i]));
    out.member("value", wanted[i].value_or("")).end_object();
  }
  return out.end_array().take();
}

std::string withdrawing_patch(const PodMarks& there) {
  engine::JsonWriter out;
  out.begin_array();
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (!there[i]) continue;  // its removal would be refused
    out.begin_object().member("op", "remove").member("path", path_of(places[i])).end_object();
  }
  return out.end_array().take();
}

std::int32_t java_hash(std::string_view utf8) {
  std::uint32_t hash = 0;
  const auto add = [&](std::uint32_t unit) { hash = 31 * hash + unit; };
  for (std::size_t i = 0; i < utf8.size();) {
    const auto byte = [&](std::size_t n) {
      return i + n < utf8.size() ? std::uint32_t{static_cast<unsigned char>(utf8[i + n])} : 0U;
    };
    const std::uint32_t lead = byte(0);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    constexpr std::array<std::uint32_t, 5> masks{0, 0x7F, 0x1F, 0x0F, 0x07};
    std::uint32_t point = lead & masks[length];
    for (std::size_t n = 1; n < length; ++n) point = point << 6U | (byte(n) & 0x3FU);
    if (point < 0x10000) {
      add(point);
    } else {
      add(0xD800 + ((point - 0x10000) >> 10U));
      add(0xDC00 + ((point - 0x10000) & 0x3FFU));
    }
    i += length;
  }
  return static_cast<std::int32_t>(hash);
}

std::optional<std::string> leader_of(std::string_view annotation) {
  json::error_code fault;
  const json::value parsed = json::parse(annotation, fault);
  if (fault || !parsed.is_object()) return std::nullopt;
  const json::value* holder = parsed.get_object().if_contains("holderIdentity");
  if (holder == nullptr || !holder->is_string() || holder->get_string().empty())
    return std::nullopt;
  return std::string(holder->get_string());
}

std::optional<std::string> leader_of_config_map(std::string_view text) {
  json::error_code fault;
  const json::value map = json::parse(text, fault);
  if (fault) return std::nullopt;
  const auto record = text_of(group_of(map, "annotations"), election);
  return record ? leader_of(*record) : std::nullopt;
}

std::string leader_config_map(std::string_view cluster_identifier) {
  return std::string(cluster_identifier) + "-leaderelection-overlord";
}

}  // namespace copse::runner::overlord
