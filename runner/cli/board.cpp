#include "runner/cli/board.hpp"

#include "runner/cli/screen.hpp"

#include <cstdio>
#include <utility>

#include <unistd.h>

namespace copse::runner::cli {

std::string painted(job::Outcome::Status status, engine::Colour colour) {
  const Hue hue = status == job::Outcome::Status::success  ? Hue::good
                  : status == job::Outcome::Status::failed ? Hue::bad
                                                           : Hue::warn;
  return paint(hue, name(status), colour);
}

Board::Board(const Plan& plan)
    : plan_(plan),
      live_(is_terminal(STDERR_FILENO)),
      colour_(live_ ? engine::Colour::on : engine::Colour::off),
      phases_(plan.tasks.size(), job::Phase::fresh),
      begun_(plan.tasks.size()),
      seconds_(plan.tasks.size()) {
  counts_[static_cast<std::size_t>(job::Phase::fresh)] = plan.tasks.size();
}

void Board::moved(std::size_t task, job::Phase phase) {
  if (begun_[task] == Clock::time_point{}) begun_[task] = Clock::now();
  --counts_[static_cast<std::size_t>(phases_[task])];
  ++counts_[static_cast<std::size_t>(phase)];
  phases_[task] = phase;
}

void Board::ended(std::size_t task, const job::Outcome& outcome) {
  seconds_[task] = std::chrono::duration<double>(Clock::now() - begun_[task]).count();
  ++(outcome.status == job::Outcome::Status::success ? succeeded_ : failed_);
}

void Board::trouble(const kube::Failure& failure) {
  // The same trouble is told once, however often it is met; the text differs by how long it took.
  const std::string& same = failure.message.empty() ? failure.text : failure.message;
  if (told_.size() >= troubles_limit || !told_.insert(same).second) return;
  say(paint(Hue::warn, "! ", colour_) + failure.text);
}

void Board::blocked(std::size_t task, const job::GivenUp& why) {
  const std::string reason(job::name(why.reason));
  if (!told_.insert("blocked by " + reason).second) return;
  say(paint(Hue::warn, "! ", colour_) + plan_.tasks[task].id + " waits: " + reason + ": " +
      why.text);
}

void Board::say(const std::string& line) {
  close();
  std::fprintf(stderr, "%s\n", line.c_str());
  draw();
}

void Board::draw() {
  if (!live_) return;
  using job::Phase;
  const std::size_t all = plan_.tasks.size();
  const std::size_t ended = succeeded_ + failed_;
  const auto part = [&](std::string_view what, std::size_t n, Hue hue) {
    return n == 0 ? std::string()
                  : "  " + paint(hue, std::to_string(n) + " " + std::string(what), colour_);
  };
  std::string line = bar(ended, all, 24) + " " + std::to_string(ended) + "/" + std::to_string(all);
  line += part("queued", count(Phase::fresh) + count(Phase::pausing), Hue::dim);
  line += part("creating", count(Phase::creating) + count(Phase::looking), Hue::plain);
  line += part("starting", count(Phase::waiting), Hue::plain);
  line += part("running", count(Phase::running), Hue::blue);
  line += part("ending", count(Phase::ending) + count(Phase::settling) + count(Phase::stopping),
               Hue::plain);
  line += part("succeeded", succeeded_, Hue::good) + part("failed", failed_, Hue::bad);
  std::fprintf(stderr, "\r\x1b[2K%s", line.c_str());
  std::fflush(stderr);
  drawn_ = true;
}

void Board::close() {
  if (!std::exchange(drawn_, false)) return;
  std::fputs("\r\x1b[2K", stderr);
  std::fflush(stderr);
}

}  // namespace copse::runner::cli
