#include "runner/overlord/routes.hpp"

#include "runner/http/target.hpp"
#include "runner/overlord/smile.hpp"

#include <charconv>
#include <optional>
#include <utility>

namespace copse::runner::overlord {
namespace {

constexpr std::string_view internal = "/druid-internal/v1/worker";
constexpr std::string_view external = "/druid/worker/v1/";

route::Refused refused(int status, std::string text) {
  return {status, std::move(text)};
}

route::Refused only(std::string method) {
  return {405, "only " + method + " is served here", method};
}

// HEAD is GET without the body.
route::Refused only_reading() {
  return {405, "only GET is served here", "GET, HEAD"};
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// A parameter that is no number says which; one that is absent has `otherwise`.
std::optional<std::int64_t> parameter(std::string_view query, std::string_view name,
                                      std::int64_t otherwise) {
  const auto text = http::query_parameter(query, name);
  return text ? number(*text) : otherwise;
}

Route poll(std::string_view query, std::string_view accept) {
  const auto counter = parameter(query, "counter", -1);
  const auto hash = parameter(query, "hash", 0);
  const auto timeout = parameter(query, "timeout", 0);
  if (!counter || !hash || !timeout)
    return refused(400, "`counter`, `hash` and `timeout` are whole numbers");
  if (*timeout <= 0) return refused(400, "`timeout` is a number of milliseconds above 0");
  return route::Poll{*counter, *hash, std::chrono::milliseconds(*timeout),
                     accept == smile_media_type};
}

std::vector<std::string> ids_of(std::string_view segment) {
  std::vector<std::string> ids;
  if (auto once = http::decode_segment(segment)) {
    auto twice = http::decode_segment(*once);
    ids.push_back(std::move(*once));
    if (twice && *twice != ids[0]) ids.push_back(std::move(*twice));
  }
  return ids;
}

// `task/ID/shutdown`, `task/ID/log`; the `?` of the latter may be escaped, too.
Route of_task(std::string_view method, const std::vector<std::string_view>& segments,
              std::string_view query) {
  auto ids = ids_of(segments[1]);
  if (ids.empty()) return refused(400, "the task id is not escaped as it should be");
  const auto verb = http::decode_segment(segments[2]);
  if (!verb) return refused(404, "there is nothing here");
  const http::TargetParts last = http::split_target(*verb);
  if (last.path == "shutdown") {
    if (method != "POST") return only("POST");
    return route::Kill{std::move(ids)};
  }
  if (last.path != "log") return refused(404, "there is nothing here");
  if (method != "GET" && method != "HEAD") return only_reading();
  const auto offset = parameter(query.empty() ? last.query : query, "offset", 0);
  if (!offset) return refused(400, "`offset` is a whole number");
  return route::Log{std::move(ids), *offset};
}

}  // namespace

bool is_worker_path(std::string_view path) {
  return path == internal || path.starts_with(std::string(internal) + "/") ||
         path.starts_with(external);
}

Route route_of(std::string_view method, std::string_view path, std::string_view query,
               std::string_view accept) {
  if (path.starts_with(internal)) {
    const std::string_view rest = path.substr(internal.size());
    if (rest.empty() || rest == "/")
      return method == "GET" ? poll(query, accept) : Route(only("GET"));
    if (rest == "/assignTask")
      return method == "POST" ? Route(route::Assign{}) : Route(only("POST"));
    return refused(404, "there is nothing here");
  }
  if (!path.starts_with(external)) return refused(404, "there is nothing here");
  const std::vector<std::string_view> segments =
      http::segments_of(path.substr(external.size() - 1));
  if (segments.size() == 3 && segments[0] == "task") return of_task(method, segments, query);
  if (segments.size() != 1) return refused(404, "there is nothing here");
  if (segments[0] == "enable" || segments[0] == "disable") {
    if (method != "POST") return only("POST");
    return route::SetDisabled{segments[0] == "disable"};
  }
  if (segments[0] != "enabled" && segments[0] != "tasks")
    return refused(404, "there is nothing here");
  if (method != "GET" && method != "HEAD") return only_reading();
  return segments[0] == "tasks" ? Route(route::Tasks{}) : Route(route::IsEnabled{});
}

}  // namespace copse::runner::overlord
