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

}  // namespace

const HoldRow* find_hold(std::string_view waiting_reason) {
  const auto* row = std::find_if(std::begin(holds), std::end(holds), [&](const HoldRow& r) {
    return r.waiting_reason == waiting_reason;
  });
  return row == std::end(holds) ? nullptr : row;
}

GivenUp given_up_for(const HoldRow& row, std::string_view waiting_reason,
                     std::string_view waiting_message) {
  std::string text = std::string(row.text) + " (" + std::string(waiting_reason) + ")";
  if (!waiting_message.empty()) text += ": " + std::string(waiting_message);
  return {row.reason, std::move(text)};
}

}  // namespace copse::runner::job
