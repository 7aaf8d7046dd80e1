#include "engine/release.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace copse::engine {
namespace {

struct Row {
  Behaviour behaviour;
  Release since;
};

// One row an enumerator. The verified releases bound each number from both sides: "37" means that
// 33 lacks the behaviour and 37 has it; where release notes name the release between, that one
// stands here.
constexpr std::array rows{
    Row{Behaviour::task_dir_ends_in_task_id, Release{35}},
    Row{Behaviour::base_task_dir_in_environment, Release{35}},
    Row{Behaviour::pod_template_in_environment, Release{39}},
    Row{Behaviour::broadcast_segments_by_mode, Release{39}},
    Row{Behaviour::label_cut_before_trim, Release{36}},
    Row{Behaviour::absent_strategy_is_by_type, Release{36}},
    Row{Behaviour::capacity_is_dynamic, Release{36}},
    Row{Behaviour::task_may_choose_template, Release{38}},
    Row{Behaviour::worker_type_remote_is_gone, Release{39}},
    Row{Behaviour::grace_period_is_read, Release{37}},
};

constexpr std::array verified{Release{33}, Release{37}, Release{39}};

}  // namespace

bool has(Release release, Behaviour behaviour) {
  const auto row = std::find_if(rows.begin(), rows.end(),
                                [&](const Row& r) { return r.behaviour == behaviour; });
  return row != rows.end() && std::to_underlying(release) >= std::to_underlying(row->since);
}

std::optional<Release> parse_release(std::string_view text) {
  std::uint16_t major = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), major);
  if (error != std::errc{}) return std::nullopt;
  const bool ends = end == text.data() + text.size() || *end == '.' || *end == '-';
  return ends ? std::optional<Release>(Release{major}) : std::nullopt;
}

bool is_verified(Release release) {
  return std::find(verified.begin(), verified.end(), release) != verified.end();
}

}  // namespace copse::engine
