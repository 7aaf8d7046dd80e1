#include "runner/overlord_sandbox/worker_requests.hpp"

#include "runner/kube/query.hpp"
#include "runner/overlord/smile.hpp"

#include <utility>

namespace copse::runner::overlord_sandbox {
namespace {

constexpr int ok = 200;

}  // namespace

WorkerRequests::WorkerRequests(const Surroundings& around, http::Client& client,
                               std::function<double()> normal)
    : around_(around), calls_(around.io, client, around.options, std::move(normal)) {}

void WorkerRequests::assign(const std::string& origin, const action::Assign& assign,
                            const Callback& accepted, Callback done) {
  const Task& task = around_.metadata.find(assign.task_id)->task;
  http::Call call{.method = "POST",
                  .url = origin + "/druid-internal/v1/worker/assignTask",
                  .body = overlord::json_to_smile(task.document).value_or(""),
                  .content_type = std::string(overlord::smile_media_type),
                  .deadline = around_.options.times.assign_request};
  around_.metadata.note_sent(assign.worker, assign.task_id);
  if (around_.misbehaviour.assign_twice) calls_.send(http::Call(call), events_of(assign, accepted));
  CallEvents events = events_of(assign, accepted);
  events.done = std::move(done);
  calls_.send(std::move(call), std::move(events));
}

CallEvents WorkerRequests::events_of(const action::Assign& assign, Callback accepted) {
  CallEvents events;
  events.sent = [this, assign](Time sent) {
    around_.witness.assignment_sent(assign.worker, assign.task_id, sent);
  };
  events.answered = [this, assign, accepted = std::move(accepted)](int status, Time sent,
                                                                   const std::string& fault) {
    const Time at = std::chrono::steady_clock::now();
    around_.witness.assignment_answered(assign.worker, assign.task_id, status, sent, at);
    if (status == 0) around_.witness.failure(assign.worker + ": assignTask: " + fault);
    if (status != ok) return;
    around_.metadata.note_accepted(assign.worker, assign.task_id, at);
    accepted();
  };
  return events;
}

void WorkerRequests::kill(const std::string& origin, const action::Kill& kill, Callback done) {
  http::Call call{
      .method = "POST",
      .url = origin + "/druid/worker/v1/task/" + kube::percent_encoded(kill.task_id) + "/shutdown",
      .deadline = around_.options.times.shutdown_request};
  around_.metadata.note_killed(kill.worker, kill.task_id);
  CallEvents events;
  events.sent = [this, kill](Time sent) { around_.witness.kill_sent(kill.task_id, sent); };
  events.answered = [this, kill](int status, Time, const std::string& fault) {
    around_.witness.kill_answered(kill.worker, kill.task_id, status);
    if (status == 0) around_.witness.failure(kill.worker + ": shutdown: " + fault);
  };
  events.done = std::move(done);
  calls_.send(std::move(call), std::move(events));
}

}  // namespace copse::runner::overlord_sandbox
