#include "runner/sandbox/log_stream.hpp"

#include <algorithm>

namespace copse::runner::sandbox {

std::string LogStream::pull(Moment now) {
  std::string out;
  const PodMachine* machine = node_.machine(request_.pod_uid);
  if (machine == nullptr) {  // the pod is gone: so is its log
    finished_ = true;
    return out;
  }
  const auto lines = machine->log(now);
  if (!begun_ && request_.tail_lines && lines.size() > *request_.tail_lines) {
    lines_seen_ = lines.size() - *request_.tail_lines;
  }
  begun_ = true;
  for (; lines_seen_ < lines.size(); ++lines_seen_) {
    const LogLine& line = lines[lines_seen_];
    if (request_.since && line.at < *request_.since) continue;
    if (request_.timestamps) out.append(micro_timestamp(line.at)).append(1, ' ');
    out.append(line.text).append(1, '\n');
  }
  if (request_.limit_bytes) {
    out.resize(std::min(out.size(), *request_.limit_bytes - bytes_sent_));
    bytes_sent_ += out.size();
    finished_ = bytes_sent_ == *request_.limit_bytes;
  }
  finished_ = finished_ || !request_.follow || machine->ended();
  return out;
}

std::optional<Moment> LogStream::wake(Moment now) const {
  const PodMachine* machine = node_.machine(request_.pod_uid);
  return machine == nullptr ? std::optional{now} : machine->next_line(now);
}

}  // namespace copse::runner::sandbox
