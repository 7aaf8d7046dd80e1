#include "runner/overlord_sandbox/api.hpp"

#include "engine/json_writer.hpp"
#include "runner/http/target.hpp"
#include "runner/overlord_sandbox/answers.hpp"

#include <utility>

namespace copse::runner::overlord_sandbox {

http::Response error_answer(int status, std::string_view text) {
  return json_answer(status,
                     engine::JsonWriter().begin_object().member("error", text).end_object().take());
}

http::Response pair_answer(std::string_view name, std::string_view value) {
  return json_answer(200,
                     engine::JsonWriter().begin_object().member(name, value).end_object().take());
}

void serve_api(ApiCall call) {
  const std::string_view path = call.request.path;
  std::vector<std::string> segments;
  for (const std::string_view segment : http::segments_of(path.substr(api_path.size() - 1))) {
    auto decoded = http::decode_segment(segment);
    if (!decoded) return call.responder.send(error_answer(400, "the path is not escaped right"));
    segments.push_back(std::move(*decoded));
  }
  if (serve_tasks(call, segments) || serve_workers(call, segments)) return;
  call.responder.send(error_answer(404, "there is nothing here"));
}

}  // namespace copse::runner::overlord_sandbox
