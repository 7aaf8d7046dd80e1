#include "runner/overlord/acknowledgement.hpp"

#include "engine/json_writer.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <boost/json.hpp>

namespace copse::runner::overlord {
namespace {

namespace json = boost::json;

bool has_ended(const json::value& status) {
  if (!status.is_object()) return false;
  const json::value* state = status.get_object().if_contains("status");
  return state != nullptr && state->is_string() &&
         (state->get_string() == "SUCCESS" || state->get_string() == "FAILED");
}

}  // namespace

void Acknowledgement::ended(std::string task_id, Time now) {
  if (waiting_.empty() && asked_.empty()) {
    pause_ = first_;
    next_ = now + pause_;
  }
  waiting_.push_back(std::move(task_id));
}

std::optional<Acknowledgement::Time> Acknowledgement::due() const {
  if (!asked_.empty() || waiting_.empty()) return std::nullopt;
  return next_;
}

std::vector<std::string> Acknowledgement::question() {
  if (!asked_.empty()) return {};
  const auto count = static_cast<std::ptrdiff_t>(std::min(waiting_.size(), question_limit));
  asked_.assign(std::make_move_iterator(waiting_.begin()),
                std::make_move_iterator(waiting_.begin() + count));
  waiting_.erase(waiting_.begin(), waiting_.begin() + count);
  return asked_;
}

std::string Acknowledgement::body(const std::vector<std::string>& task_ids) {
  engine::JsonWriter out;
  out.begin_array();
  for (const std::string& id : task_ids) out.text(id);
  return out.end_array().take();
}

std::expected<std::vector<std::string>, std::string> Acknowledgement::answered(
    std::string_view text, Time now) {
  json::error_code fault;
  const json::value parsed = json::parse(text, fault);
  if (fault || !parsed.is_object()) {
    failed(now);
    return std::unexpected("the Overlord's answer to taskStatus is no JSON object");
  }
  std::vector<std::string> known;
  std::vector<std::string> unknown;
  for (std::string& id : asked_) {
    const json::value* status = parsed.get_object().if_contains(id);
    (status == nullptr || has_ended(*status) ? known : unknown).push_back(std::move(id));
  }
  // Those that the Overlord has not taken notice of come last; the pause grows only while it takes
  // notice of none.
  asked_ = std::move(unknown);
  if (!known.empty()) pause_ = first_;
  again(now);
  return known;
}

void Acknowledgement::failed(Time now) {
  again(now);
}

void Acknowledgement::again(Time now) {
  // A full question behind which as many wait is followed by the next at once.
  next_ = asked_.empty() && waiting_.size() >= question_limit ? now : now + pause_;
  if (!asked_.empty()) pause_ = std::min(pause_ * 2, longest_question_pause);
  waiting_.insert(waiting_.end(), std::make_move_iterator(asked_.begin()),
                  std::make_move_iterator(asked_.end()));
  asked_.clear();
}

}  // namespace copse::runner::overlord
