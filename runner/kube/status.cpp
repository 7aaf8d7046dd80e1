#include "runner/kube/status.hpp"

#include <cstdint>

#include <simdjson.h>

namespace copse::runner::kube {
namespace {

std::string text_of(simdjson::dom::element object, std::string_view key) {
  std::string_view text;
  return object[key].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

std::optional<Status> status_of(simdjson::dom::element root) {
  if (!root.is_object() || text_of(root, "kind") != "Status") return {};
  Status status;
  std::int64_t number = 0;
  if (root["code"].get(number) == simdjson::SUCCESS && number >= 100 && number <= 599) {
    status.code = static_cast<int>(number);
  }
  status.reason = text_of(root, "reason");
  status.message = text_of(root, "message");
  simdjson::dom::element details;
  if (root["details"].get(details) != simdjson::SUCCESS || !details.is_object()) return status;
  if (details["retryAfterSeconds"].get(number) == simdjson::SUCCESS && number > 0) {
    status.retry_after = std::chrono::seconds(number);
  }
  simdjson::dom::element cause;
  if (details.at_pointer("/causes/0").get(cause) == simdjson::SUCCESS && cause.is_object()) {
    status.cause = text_of(cause, "reason");
  }
  return status;
}

}  // namespace

std::optional<Status> read_status(std::string_view body) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS) return {};
  return status_of(root);
}

std::optional<Status> read_watch_status(std::string_view line) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(line.data(), line.size()).get(root) != simdjson::SUCCESS || !root.is_object())
    return {};
  simdjson::dom::element object;
  if (root["object"].get(object) != simdjson::SUCCESS) return {};
  return status_of(object);
}

}  // namespace copse::runner::kube
