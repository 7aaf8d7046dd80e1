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
constexpr std::string_view announcement =
    "/metadata/labels/druidDiscoveryAnnouncement-middleManager";
constexpr std::string_view id_hash = "/metadata/labels/druidDiscoveryAnnouncement-id-hash";
constexpr std::string_view cluster =
    "/metadata/labels/druidDiscoveryAnnouncement-cluster-identifier";
constexpr std::string_view node_info = "/metadata/annotations/druidNodeInfo-middleManager";

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

std::string announcing_patch(const WorkerNode& node, std::string_view cluster_identifier) {
  const std::string hash = std::to_string(std::abs(std::int64_t{java_hash(node.host_port())}));
  const std::string document = discovery_document(node);
  engine::JsonWriter out;
  out.begin_array();
  const auto add = [&](std::string_view path, std::string_view value) {
    out.begin_object().member("op", "add").member("path", path).member("value", value).end_object();
  };
  add(announcement, "true");
  add(id_hash, hash);
  add(cluster, cluster_identifier);
  add(node_info, document);
  return out.end_array().take();
}

std::string withdrawing_patch() {
  engine::JsonWriter out;
  out.begin_array();
  for (const std::string_view path : {announcement, id_hash, cluster, node_info})
    out.begin_object().member("op", "remove").member("path", path).end_object();
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

std::string leader_config_map(std::string_view cluster_identifier) {
  return std::string(cluster_identifier) + "-leaderelection-overlord";
}

}  // namespace copse::runner::overlord
