#include "adapters/template_walk.hpp"

#include "adapters/scalar_coercion.hpp"
#include "engine/number.hpp"

#include <algorithm>
#include <optional>

namespace copse::adapters {
namespace {

using engine::Severity;

std::string_view describe(NodeKind kind) {
  switch (kind) {
    case NodeKind::null:
      return "null";
    case NodeKind::boolean:
      return "a boolean";
    case NodeKind::integer:
    case NodeKind::real:
      return "a number";
    case NodeKind::text:
      return "text";
    case NodeKind::list:
      return "a list";
    case NodeKind::map:
      return "an object";
  }
  return "";
}

// One step of a path such as `template.spec.containers[0]`, linked to the step before it.
struct Step {
  std::size_t before = 0;  // index of the step before; the root is its own
  std::string name;
  std::optional<TypeId> type;  // of an object
};

struct Work {
  NodeId object;
  TypeId type;
  std::size_t step;
};

class Walk {
 public:
  Walk(const engine::Source& source, Document& document, engine::Diagnostics& diagnostics)
      : source_(source),
        document_(document),
        diagnostics_(diagnostics),
        steps_{{0, "", std::nullopt}} {}

  bool run(TypeId root) {
    work_.push_back({NodeId{0}, root, 0});
    while (!work_.empty()) {
      const Work next = work_.back();
      work_.pop_back();
      object(next);
    }
    return !refused_;
  }

 private:
  void object(const Work& at) {
    if (document_[at.object].kind != NodeKind::map) return refuse(at.object, at.step, "an object");
    steps_[at.step].type = at.type;
    auto members = std::move(document_[at.object].members);
    std::erase_if(members, [&](const Member& member) {
      const Field* field = find_field(at.type, member.key);
      if (field == nullptr) {
        report_unknown(member, at);
        return false;
      }
      return !keep(member.value, *field, step(at.step, member.key));
    });
    document_[at.object].members = std::move(members);
    sort_members(document_[at.object], at.type);
    report_missing(at);
  }

  // Fits a member's value to its field; false: the client leaves the member out.
  bool keep(NodeId id, const Field& field, std::size_t at) {
    if (document_[id].kind == NodeKind::null) return false;
    if (field.shape == FieldShape::one) return value(id, field, at);
    const NodeKind wanted = field.shape == FieldShape::list ? NodeKind::list : NodeKind::map;
    if (document_[id].kind != wanted) {
      refuse(id, at, wanted == NodeKind::list ? "a list" : "an object");
      return true;
    }
    const auto members = document_[id].members;
    for (std::size_t i = 0; i < members.size(); ++i) {
      const std::string name =
          wanted == NodeKind::list ? "[" + std::to_string(i) + "]" : members[i].key;
      const std::size_t inner = step(at, name);
      if (document_[members[i].value].kind == NodeKind::null) {
        report_null(members[i].value, inner);
      } else if (!value(members[i].value, field, inner)) {
        document_[members[i].value].kind = NodeKind::null;
      }
    }
    return !members.empty();
  }

  bool value(NodeId id, const Field& field, std::size_t at) {
    if (field.kind == FieldKind::object) {
      work_.push_back({id, field.type, at});
      return true;
    }
    const NodeKind before = document_[id].kind;
    const std::string text = document_[id].text;
    switch (coerce_scalar(document_[id], field)) {
      case Coercion::fits:
        break;
      case Coercion::coerced:
        report_coerced(id, field, before, text, at);
        break;
      case Coercion::becomes_null:
        return false;
      case Coercion::refused:
        refuse(id, at, adapters::describe(field.kind));
        break;
    }
    if (field.kind == FieldKind::quantity && !engine::is_quantity(document_[id].text))
      report_quantity(id, at);
    return true;
  }

  std::size_t step(std::size_t before, std::string name) {
    steps_.push_back({before, std::move(name), std::nullopt});
    return steps_.size() - 1;
  }

  // e.g. `template.spec.containers[0].env`
  std::string path(std::size_t at) const {
    std::string text;
    for (; at != 0; at = steps_[at].before) {
      const std::string& name = steps_[at].name;
      const bool joined = text.empty() || text.front() == '[';
      text = name + (joined ? "" : ".") + text;
    }
    return text.empty() ? "the template" : "`" + text + "`";
  }

  engine::Diagnostic& report(engine::Span span, Severity severity, std::string code,
                             std::string title) {
    diagnostics_.push_back(
        template_problem(source_, span, severity, std::move(code), std::move(title)));
    return diagnostics_.back();
  }

  void refuse(NodeId id, std::size_t at, std::string_view wanted) {
    refused_ = true;
    const Node& node = document_[id];
    const bool shown =
        node.kind != NodeKind::list && node.kind != NodeKind::map && node.kind != NodeKind::null;
    const std::string got =
        std::string(describe(node.kind)) + (shown ? " `" + node.text + "`" : "");
    auto& diagnostic =
        report(node.span, Severity::error, "T0107", path(at) + " must be " + std::string(wanted));
    diagnostic.label = "this is " + got;
  }

  void report_unknown(const Member& member, const Work& at) {
    auto& diagnostic = report(member.key_span, Severity::warning, "T0104",
                              "unknown field `" + member.key + "` in " + path(at.step));
    diagnostic.label = "not a field of " + std::string(name(at.type));
    diagnostic.notes.emplace_back(
        "Druid passes it on as it is; the API server drops it or refuses the Job");
    std::vector<std::string_view> candidates;
    for (const Field& field : fields(at.type)) candidates.push_back(field.name);
    const std::string_view near = engine::nearest(member.key, candidates);
    const std::string elsewhere = where_it_belongs(member.key, at.step);
    if (!elsewhere.empty()) {
      diagnostic.help = "it is a field of " + elsewhere + ": is it indented too far?";
    } else if (!near.empty()) {
      diagnostic.help = "did you mean `" + std::string(near) + "`?";
    }
    if (member.key == "<<")
      diagnostic.help = "Druid's YAML reader does not merge: write the fields out";
  }

  // The enclosing object that has such a field, or that has a field like the present one which
  // does: `tolerations` and `securityContext.fsGroup` of a container belong to its pod.
  std::string where_it_belongs(std::string_view key, std::size_t at) const {
    const std::string& own = steps_[at].name;
    while (at != 0) {
      at = steps_[at].before;
      const auto type = steps_[at].type;
      if (!type) continue;
      if (find_field(*type, key) != nullptr) return path(at);
      const Field* twin = find_field(*type, own);
      if (twin != nullptr && twin->kind == FieldKind::object &&
          find_field(twin->type, key) != nullptr) {
        std::string place = path(at);
        place.insert(place.size() - 1, "." + own);
        return place;
      }
    }
    return "";
  }

  void report_missing(const Work& at) {
    const Node& node = document_[at.object];
    for (const Field& field : fields(at.type)) {
      // Whether there is a container is a question of its own (template_rules).
      if (!field.required || field.name == "containers" ||
          document_.find(node, field.name) != nullptr)
        continue;
      auto& diagnostic =
          report(node.span, Severity::warning, "T0109",
                 path(at.step) + " lacks the required field `" + std::string(field.name) + "`");
      diagnostic.notes.emplace_back("the API server refuses a Job without it");
    }
  }

  void report_coerced(NodeId id, const Field& field, NodeKind before, const std::string& text,
                      std::size_t at) {
    const Node& node = document_[id];
    auto& diagnostic =
        report(node.span, Severity::warning, "T0108",
               path(at) + " should be " + std::string(adapters::describe(field.kind)));
    diagnostic.label = "this is " + std::string(describe(before));
    diagnostic.notes.emplace_back(
        "Druid converts it; kubectl and the API server would refuse the template");
    diagnostic.help =
        "write " + (node.kind == NodeKind::text ? "`\"" + text + "\"`" : "`" + node.text + "`");
  }

  void report_null(NodeId id, std::size_t at) {
    report(document_[id].span, Severity::warning, "T0116", path(at) + " is null").help =
        "remove it or give it a value";
  }

  void report_quantity(NodeId id, std::size_t at) {
    auto& diagnostic = report(document_[id].span, Severity::warning, "T0110",
                              path(at) + ": `" + document_[id].text + "` is not a quantity");
    diagnostic.notes.emplace_back("Druid passes it on; the API server refuses the Job");
    diagnostic.help =
        "write a number with one of m, k, M, G, T, Ki, Mi, Gi, Ti, e.g. `500m` or `2Gi`";
  }

  const engine::Source& source_;
  Document& document_;
  engine::Diagnostics& diagnostics_;
  std::vector<Step> steps_;
  std::vector<Work> work_;
  bool refused_ = false;
};

}  // namespace

void sort_members(Node& object, TypeId type) {
  const auto all = fields(type);
  const auto rank = [&](const Member& member) {
    const auto at =
        std::find_if(all.begin(), all.end(), [&](const Field& f) { return f.name == member.key; });
    return at - all.begin();
  };
  std::stable_sort(object.members.begin(), object.members.end(),
                   [&](const Member& a, const Member& b) { return rank(a) < rank(b); });
}

bool apply_fields(const engine::Source& source, Document& document, TypeId root,
                  engine::Diagnostics& diagnostics) {
  return Walk(source, document, diagnostics).run(root);
}

}  // namespace copse::adapters
