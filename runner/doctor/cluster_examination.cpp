// The questions to the API server.
#include "runner/doctor/cluster.hpp"
#include "runner/doctor/waiting.hpp"
#include "runner/kube/query.hpp"
#include "runner/kube/transport.hpp"

#include <utility>

namespace copse::runner::doctor {
namespace {

constexpr std::string_view user_path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
constexpr std::string_view user_review =
    R"({"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"})";

// Foreign Jobs that are read: to say that there are some, a few are enough.
constexpr std::uint64_t foreign_limit = 50;

kube::Request request(kube::Verb verb, std::string path, std::string body = {}) {
  return {.verb = verb, .path = std::move(path), .body = std::move(body), .deadline = api_deadline};
}

// All are sent at once; an answer in the place of its request.
std::vector<ApiAnswer> ask_all(kube::Transport& transport, std::vector<kube::Request> requests) {
  using Answer = std::expected<std::string, kube::Failure>;
  return answers_to<Answer>(
      transport.io(), api_deadline, requests.size(), [&](std::size_t i, auto told) {
        transport.send(std::move(requests[i]), [told = std::move(told)](auto answer) {
          if (answer) return told(std::move(answer->body));
          told(std::unexpected(std::move(answer.error())));
        });
      });
}

ApiAnswer ask(kube::Transport& transport, kube::Request one) {
  return std::move(ask_all(transport, {std::move(one)}).front());
}

std::string dry_run_path(const std::string& namespace_name) {
  kube::Query query(kube::jobs_path(namespace_name));
  query.add("dryRun", "All").add("fieldManager", "copse").add("fieldValidation", "Ignore");
  return std::move(query.text);
}

std::string foreign_path(const std::string& namespace_name) {
  kube::Query query(kube::jobs_path(namespace_name));
  query.add("labelSelector", "druid.k8s.peons=true,!copse/owner").add("limit", foreign_limit);
  return std::move(query.text);
}

}  // namespace

ApiAnswer look_at(kube::Transport& transport, std::string path) {
  return ask(transport, request(kube::Verb::get, std::move(path)));
}

ClusterFacts examine_cluster(kube::Transport& transport, const ClusterQuestions& questions) {
  ClusterFacts facts;
  facts.server = transport.server();
  facts.namespace_name = questions.namespace_name;
  facts.version = ask(transport, request(kube::Verb::version, "/version"));
  if (!facts.version || !*facts.version) return facts;
  facts.user =
      ask(transport, request(kube::Verb::create, std::string(user_path), std::string(user_review)));
  if (questions.namespace_name.empty()) return facts;

  std::vector<std::string> namespaces{questions.namespace_name};
  namespaces.insert(namespaces.end(), questions.other_namespaces.begin(),
                    questions.other_namespaces.end());
  const auto permissions = needed_permissions(namespaces, questions.discovery);
  std::vector<kube::Request> reviews;
  for (const Permission& each : permissions)
    reviews.push_back(request(kube::Verb::create, std::string(review_path), review_of(each)));
  const std::vector<ApiAnswer> answers = ask_all(transport, std::move(reviews));
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const bool is_there = answers[i] && *answers[i];
    facts.permissions.push_back(
        {permissions[i], is_there ? reviewed(**answers[i]) : Answer::unknown});
  }

  std::vector<kube::Request> others;
  others.push_back(request(
      kube::Verb::get, "/api/v1/namespaces/" + kube::percent_encoded(questions.namespace_name)));
  others.push_back(request(kube::Verb::list, foreign_path(questions.namespace_name)));
  for (const TrialJob& job : questions.jobs)
    others.push_back(request(kube::Verb::create, dry_run_path(questions.namespace_name), job.json));
  std::vector<ApiAnswer> said = ask_all(transport, std::move(others));
  facts.name_space = std::move(said[0]);
  facts.foreign = std::move(said[1]);
  for (std::size_t i = 0; i < questions.jobs.size(); ++i)
    facts.jobs.emplace_back(questions.jobs[i].template_key, std::move(said[i + 2]));
  return facts;
}

}  // namespace copse::runner::doctor
