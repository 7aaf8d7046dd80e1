#include "runner/job/hold.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

namespace copse::runner::job {
namespace {

constexpr HoldRow holds[] = {
    {"InvalidImageName", Hold::at_once, Reason::image, "the image name is invalid"},
    {"ErrImageNeverPull", Hold::at_once, Reason::image,
     "the image is not on the node and must not be pulled"},
    {"ErrImagePull", Hold::image, Reason::image, "the image cannot be pulled"},
    {"ImagePullBackOff", Hold::image, Reason::image, "the image cannot be pulled"},
    {"ImageInspectError", Hold::image, Reason::image, "the image cannot be inspected"},
    {"RegistryUnavailable", Hold::image, Reason::image, "the image registry cannot be reached"},
    {"CreateContainerConfigError", Hold::config, Reason::config,
     "the container cannot be configured"},
    {"CreateContainerError", Hold::config, Reason::config, "the container cannot be created"},
    {"RunContainerError", Hold::config, Reason::config, "the container cannot be started"},
    {"Unschedulable", Hold::place, Reason::unschedulable, "no node takes the pod"},
};

// A sign in the words of the API server, and what it means; without any it is Reason::launch.
struct RefusalRow {
  std::string_view sign;
  Reason reason;
};

constexpr RefusalRow refusals[] = {
    {"exceeded quota", Reason::quota},
    {"failed quota", Reason::quota},  // the pod states no requests, and the quota asks for them
    {"error looking up service account", Reason::config},
};

}  // namespace

const HoldRow* find_hold(std::string_view waiting_reason) {
  const auto* row = std::find_if(std::begin(holds), std::end(holds), [&](const HoldRow& r) {
    return r.waiting_reason == waiting_reason;
  });
  return row == std::end(holds) ? nullptr : row;
}

GivenUp given_up_for_no_pod(std::string_view message) {
  // WHY: the Overlord keeps 100 characters; the pod's name says nothing, what comes behind does.
  constexpr std::string_view before = " is forbidden: ";
  const std::size_t at = message.find(before);
  const std::string_view cause =
      at == std::string_view::npos ? message : message.substr(at + before.size());
  const auto* row = std::find_if(std::begin(refusals), std::end(refusals), [&](const auto& r) {
    return message.find(r.sign) != std::string_view::npos;
  });
  const Reason reason = row == std::end(refusals) ? Reason::launch : row->reason;
  return {reason, "the pod cannot be created: " + std::string(cause)};
}

GivenUp given_up_for(const HoldRow& row, std::string_view waiting_reason,
                     std::string_view waiting_message) {
  std::string text = std::string(row.text) + " (" + std::string(waiting_reason) + ")";
  if (!waiting_message.empty()) text += ": " + std::string(waiting_message);
  return {row.reason, std::move(text)};
}

}  // namespace copse::runner::job
