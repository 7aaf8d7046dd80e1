#include "runner/sandbox/cluster.hpp"

#include "runner/sandbox/defaults.hpp"

#include <limits>

namespace copse::runner::sandbox {
namespace {

void add_namespace(Store& store, std::string_view name, Moment now) {
  Object ns;
  ns.resource = Resource::namespaces;
  ns.name = name;
  ns.created = now;
  Written written;
  put(written.labels, "kubernetes.io/metadata.name", name);
  written.body = R"("spec":{"finalizers":["kubernetes"]})";
  ns.written = std::make_shared<const Written>(std::move(written));
  ns.status = first_status(Resource::namespaces);
  put(ns.fields, "status.phase", "Active");
  store.add(std::move(ns));
}

}  // namespace

Cluster::Cluster(ClusterOptions options, Moment start)
    : now_{start},
      store_{options.history, options.seed},
      recorder_{store_, options.events, options.node.name},
      jobs_{store_, recorder_, options.job_times},
      collector_{store_},
      node_{store_, recorder_, std::move(options.node)} {
  add_namespace(store_, "default", start);
  add_namespace(store_, "kube-system", start);
  for (const std::string& name : options.namespaces) {
    if (name != "default" && name != "kube-system") add_namespace(store_, name, start);
  }
  node_.join(start);
  settle();
  // Watches and lists from before the first request find nothing, as in a server that was
  // restarted.
  store_.compact();
}

bool Cluster::settle_one() {
  if (store_.has_fresh()) {
    for (const ChangePtr& change : store_.take_fresh()) {
      collector_.observe(*change);
      jobs_.observe(*change, now_);
      node_.observe(*change, now_);
    }
    return true;
  }
  return collector_.run_one(now_) || jobs_.run_one(now_) || node_.run_one(now_);
}

void Cluster::settle() {
  advance_to(now_);
}

bool Cluster::run_until(Moment moment, std::size_t steps) {
  while (true) {
    for (bool busy = true; busy;) {
      if (steps == 0) return true;
      --steps;
      busy = settle_one();
    }
    recorder_.run(now_);
    const auto due = wake();
    if (!due || *due > moment) break;
    now_ = std::max(now_, *due);
  }
  now_ = std::max(now_, moment);
  return false;
}

std::optional<Moment> Cluster::wake() const {
  if (store_.has_fresh()) return now_;
  return earlier(recorder_.wake(), earlier(jobs_.wake(), node_.wake()));
}

void Cluster::advance_to(Moment moment) {
  while (run_until(moment, std::numeric_limits<std::size_t>::max())) {
  }
}

}  // namespace copse::runner::sandbox
