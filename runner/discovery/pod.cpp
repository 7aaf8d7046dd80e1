// WHY: io_context's executor keeps flags in the low bits of a pointer, which GCC 12 takes for a
// possible null when it inlines `post`.
#pragma GCC diagnostic ignored "-Wnull-dereference"
#include "runner/discovery/pod.hpp"

#include "runner/discovery/election.hpp"
#include "runner/discovery/pod_label.hpp"
#include "runner/discovery/telling.hpp"
#include "runner/kube/query.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace copse::runner::discovery {

namespace asio = boost::asio;

struct PodAnnouncer::Core : std::enable_shared_from_this<Core> {
  Core(kube::Transport& to, PodOptions chosen, News news)
      : transport(to),
        options(std::move(chosen)),
        pod_path(kube::pods_path(options.pod_namespace, options.pod)),
        telling(std::make_shared<Telling>(to.io(), std::move(news))),
        label_timer(to.io()),
        election_timer(to.io()),
        label(options.pod_namespace + "/" + options.pod),
        election(election_namespace() + "/" + election_name()) {}

  kube::Transport& transport;
  const PodOptions options;
  const std::string pod_path;
  std::shared_ptr<Telling> telling;
  asio::steady_timer label_timer;
  asio::steady_timer election_timer;
  pod::PodLabel label;
  pod::Election election;
  std::optional<kube::RequestId> label_request;
  std::optional<kube::RequestId> election_request;

  const std::string& election_namespace() const {
    return options.leader_namespace.empty() ? options.pod_namespace : options.leader_namespace;
  }

  std::string election_name() const {
    return overlord::leader_config_map(options.cluster_identifier);
  }

  void step(const pod::Event& event) {
    for (const pod::Action& action : label.step(event, std::chrono::steady_clock::now()))
      std::visit([&](const auto& each) { perform(each); }, action);
    arm();
  }

  void perform(const pod::action::Look&) { send({kube::Verb::get, pod_path, {}}); }

  void perform(const pod::action::Patch& patch) {
    send({kube::Verb::patch, pod_path, patch.operations});
  }

  template <class Told>
  void perform(const Told& told) {
    telling->perform(told);
  }

  // Both kinds of request are answered with the pod.
  void send(kube::Request request) {
    label_request = transport.send(
        std::move(request),
        [weak = weak_from_this()](std::expected<kube::Answer, kube::Failure> answer) {
          const auto core = weak.lock();
          if (!core) return;
          core->label_request.reset();
          core->step(core->meaning_of(answer));
        });
  }

  pod::Event meaning_of(const std::expected<kube::Answer, kube::Failure>& answer) const {
    if (!answer) return pod::event::Failed{answer.error().kind, answer.error().text};
    if (auto seen = overlord::pod_metadata(answer->body)) return pod::event::Seen{std::move(*seen)};
    return pod::event::Failed{kube::FailureKind::malformed,
                              "`" + pod_path + "` at " + transport.server() +
                                  " was answered with no pod; is this a Kubernetes API server?"};
  }

  void arm() {
    const auto due = label.due();
    if (!due) {
      label_timer.cancel();
      return;
    }
    label_timer.expires_at(*due);
    label_timer.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
      const auto core = weak.lock();
      if (!error && core) core->step(pod::event::Elapsed{});
    });
  }

  void ask_for_leader() {
    election_request = transport.send(
        {kube::Verb::get, kube::config_maps_path(election_namespace(), election_name()), {}},
        [weak = weak_from_this()](std::expected<kube::Answer, kube::Failure> answer) {
          const auto core = weak.lock();
          if (!core) return;
          core->election_request.reset();
          core->tell(answer ? core->election.answered(answer->body)
                            : core->election.failed(answer.error()));
          core->ask_again_later();
        });
  }

  void tell(const pod::Election::Told& told) {
    if (const auto* leader = std::get_if<tell::Leader>(&told)) telling->perform(*leader);
    if (const auto* trouble = std::get_if<tell::Trouble>(&told)) telling->perform(*trouble);
  }

  void ask_again_later() {
    election_timer.expires_after(options.leader_poll);
    election_timer.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
      const auto core = weak.lock();
      if (!error && core) core->ask_for_leader();
    });
  }

  void stop() {
    telling->stop();
    if (label_request) transport.cancel(*label_request);
    if (election_request) transport.cancel(*election_request);
  }
};

PodAnnouncer::PodAnnouncer(kube::Transport& transport, PodOptions options, News news)
    : core_(std::make_shared<Core>(transport, std::move(options), std::move(news))) {
  core_->ask_for_leader();
}

PodAnnouncer::~PodAnnouncer() {
  core_->stop();
}

void PodAnnouncer::announce(const overlord::WorkerNode& node) {
  core_->step(
      pod::event::Announce{overlord::announcing_marks(node, core_->options.cluster_identifier)});
}

void PodAnnouncer::withdraw(std::move_only_function<void()> done) {
  core_->telling->when_withdrawn(std::move(done));
  core_->step(pod::event::Withdraw{});
}

void PodAnnouncer::cycle() {
  core_->step(pod::event::Cycle{});
}

const std::string& PodAnnouncer::leader() const {
  return core_->election.leader();
}

bool is_cluster_identifier(std::string_view text) {
  const auto is_word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return text.size() >= 2 && is_word(text.front()) && is_word(text.back()) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return is_word(c) || c == '-'; });
}

}  // namespace copse::runner::discovery
