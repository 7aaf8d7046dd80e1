#include "adapters/template_rules.hpp"

#include <algorithm>
#include <array>

namespace copse::adapters {
namespace {

using engine::Severity;

class Rules {
 public:
  Rules(const engine::Source& source, const Document& document, engine::Diagnostics& diagnostics)
      : source_(source),
        document_(document),
        diagnostics_(diagnostics),
        root_(document.nodes.front()) {}

  void run() {
    check_kind();
    const Node* pod_template = document_.find(root_, "template");
    const Node* spec = pod_template == nullptr ? nullptr : document_.find(*pod_template, "spec");
    const Node* containers = spec == nullptr ? nullptr : document_.find(*spec, "containers");
    if (containers == nullptr || containers->members.empty()) {
      report_no_container(pod_template, spec);
      return;
    }
    check_restart_policy(*spec);
    check_volume_mounts(*spec);
  }

 private:
  engine::Diagnostic& report(engine::Span span, std::string code, std::string title) {
    diagnostics_.push_back(
        template_problem(source_, span, Severity::warning, std::move(code), std::move(title)));
    return diagnostics_.back();
  }

  void check_kind() {
    const Node* kind = document_.find(root_, "kind");
    if (kind == nullptr || kind->text == "PodTemplate") return;
    auto& diagnostic =
        report(kind->span, "T0118", "this is a `" + kind->text + "`, not a `PodTemplate`");
    diagnostic.notes.emplace_back(
        "Druid does not look at `kind`: it takes what stands under `template`");
    if (kind->text == "ConfigMap") {
      diagnostic.help =
          "a ConfigMap holds templates as texts under `data`: name the file that it is mounted as";
    }
  }

  void report_no_container(const Node* pod_template, const Node* spec) {
    const engine::Span here = spec != nullptr           ? spec->span
                              : pod_template != nullptr ? pod_template->span
                                                        : root_.span;
    auto& diagnostic = report(here, "T0106", "the template has no container");
    diagnostic.notes.emplace_back(
        "Druid loads it, and each launch fails: Can't edit first containers. The list is empty.");
    if (pod_template == nullptr && document_.find(root_, "spec") != nullptr) {
      diagnostic.help = "put `metadata` and `spec` under a field `template`";
    } else {
      diagnostic.help = "add the peon's container under `template.spec.containers`";
    }
  }

  void check_restart_policy(const Node& spec) {
    const Node* policy = document_.find(spec, "restartPolicy");
    if (policy == nullptr) {
      auto& diagnostic = report(spec.span, "T0109", "`template.spec` lacks `restartPolicy`");
      diagnostic.notes.emplace_back(
          "its default is `Always`, and the API server refuses a Job with that");
      diagnostic.help =
          container_has_policy(spec)
              ? "the container's `restartPolicy` is another field: move it up to `template.spec`"
              : "add `restartPolicy: Never`";
    } else if (policy->text != "Never" && policy->text != "OnFailure") {
      auto& diagnostic =
          report(policy->span, "T0117",
                 "`restartPolicy` of a Job is `Never` or `OnFailure`, not `" + policy->text + "`");
      diagnostic.notes.emplace_back("the API server refuses the Job");
      diagnostic.help = "write `restartPolicy: Never`";
    }
  }

  bool container_has_policy(const Node& spec) const {
    const Node* containers = document_.find(spec, "containers");
    return containers != nullptr &&
           std::any_of(containers->members.begin(), containers->members.end(),
                       [&](const Member& member) {
                         return document_.find(document_[member.value], "restartPolicy") != nullptr;
                       });
  }

  void check_volume_mounts(const Node& spec) {
    std::vector<std::string_view> volumes;
    if (const Node* list = document_.find(spec, "volumes")) {
      for (const Member& member : list->members) {
        if (const Node* name = document_.find(document_[member.value], "name"))
          volumes.push_back(name->text);
      }
    }
    for (const std::string_view group : {"containers", "initContainers"}) {
      const Node* containers = document_.find(spec, group);
      if (containers == nullptr) continue;
      for (const Member& member : containers->members)
        check_mounts_of(document_[member.value], volumes);
    }
  }

  void check_mounts_of(const Node& container, const std::vector<std::string_view>& volumes) {
    const Node* mounts = document_.find(container, "volumeMounts");
    if (mounts == nullptr) return;
    for (const Member& member : mounts->members) {
      const Node* name = document_.find(document_[member.value], "name");
      if (name == nullptr || std::find(volumes.begin(), volumes.end(), name->text) != volumes.end())
        continue;
      auto& diagnostic = report(name->span, "T0112", "no volume is called `" + name->text + "`");
      diagnostic.notes.emplace_back(
          "the API server refuses a Job that mounts a volume which it does not have");
      const std::string_view near = engine::nearest(name->text, volumes);
      diagnostic.help = near.empty() ? "add it to `template.spec.volumes`"
                                     : "did you mean `" + std::string(near) + "`?";
    }
  }

  const engine::Source& source_;
  const Document& document_;
  engine::Diagnostics& diagnostics_;
  const Node& root_;
};

}  // namespace

void check_template(const engine::Source& source, const Document& document,
                    engine::Diagnostics& diagnostics) {
  Rules(source, document, diagnostics).run();
}

}  // namespace copse::adapters
