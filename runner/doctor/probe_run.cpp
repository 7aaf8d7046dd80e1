// The pod of --probe, from its creation to its removal.
// WHY: io_context's executor keeps flags in the low bits of a pointer, which GCC 12 takes for a
// possible null when it is inlined.
#pragma GCC diagnostic ignored "-Wnull-dereference"
#include "runner/doctor/probe.hpp"
#include "runner/doctor/waiting.hpp"
#include "runner/kube/cluster.hpp"

#include <memory>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace copse::runner::doctor {
namespace {

constexpr milliseconds look_interval{500};

// Looks at the Job's pod until it has ended.
struct Watching : std::enable_shared_from_this<Watching> {
  Watching(kube::Transport& transport, std::string namespace_of_job, kube::Uid uid)
      : cluster(transport),
        timer(transport.io()),
        namespace_name(std::move(namespace_of_job)),
        job(uid) {}

  kube::Cluster cluster;
  boost::asio::steady_timer timer;
  std::string namespace_name;
  kube::Uid job;
  bool is_over = false;
  std::string state = "its pod was not created";
  std::string trouble;
  std::string message;

  void look() {
    cluster.pods_of_job(namespace_name, job, [self = shared_from_this()](auto pods) {
      if (self->is_over) return;
      if (!pods) {
        self->end(pods.error().text);
        return;
      }
      for (const kube::PodView& pod : *pods) self->see(pod);
      if (!self->is_over) self->again();
    });
  }

  void see(const kube::PodView& pod) {
    state = "pod " + std::string(pod.meta.name) + " is " + std::string(pod.phase);
    if (!pod.is_scheduled && !pod.unscheduled_message.empty())
      state += ": " + std::string(pod.unscheduled_message);
    if (!pod.container) {
      if (pod.phase == "Failed") end(state + " " + std::string(pod.message));
      return;
    }
    if (!pod.container->waiting_reason.empty())
      state += ": " + std::string(pod.container->waiting_reason) + " " +
               std::string(pod.container->waiting_message);
    if (!pod.container->is_terminated) return;
    message = pod.container->message;
    is_over = true;
    if (!message.empty()) return;
    trouble = "its container ended with " + std::to_string(pod.container->exit_code) + " (" +
              std::string(pod.container->reason) +
              ") and said nothing; does the image have a shell?";
  }

  void end(std::string why) {
    is_over = true;
    trouble = std::move(why);
  }

  void again() {
    timer.expires_after(look_interval);
    timer.async_wait([self = shared_from_this()](const auto& fault) {
      if (!fault && !self->is_over) self->look();
    });
  }
};

}  // namespace

ProbeFacts run_probe(kube::Transport& transport, const std::string& namespace_name, std::string job,
                     const std::string& name, std::vector<Target> targets) {
  ProbeFacts facts;
  facts.targets = std::move(targets);
  facts.name = name;
  kube::Cluster cluster(transport);
  using Created = std::expected<kube::Uid, std::string>;
  const auto created = answer_to<Created>(transport.io(), api_deadline, [&](auto told) {
    cluster.create_job(namespace_name, std::move(job), [told](auto stored) {
      if (stored) return told(Created(stored->meta.uid));
      told(Created(std::unexpected(stored.error().text)));
    });
  });
  if (!created || !*created) {
    facts.trouble = created ? created->error() : "the API server did not take its Job in time";
    return facts;
  }
  const auto watching = std::make_shared<Watching>(transport, namespace_name, **created);
  watching->look();
  if (!run_until(transport.io(), [&] { return watching->is_over; }, probe_deadline))
    watching->end(
        "after " +
        std::to_string(std::chrono::duration_cast<std::chrono::seconds>(probe_deadline).count()) +
        " s " + watching->state);
  watching->timer.cancel();
  facts.trouble = watching->trouble;
  facts.message = watching->message;
  // Its ttl removes it if this does not.
  (void)answer_to<bool>(transport.io(), api_deadline, [&](auto told) {
    cluster.delete_job(namespace_name, name, **created, kube::Propagation::background,
                       [told](auto gone) { told(gone.has_value()); });
  });
  return facts;
}

}  // namespace copse::runner::doctor
