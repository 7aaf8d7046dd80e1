#include "runner/sandbox/patch.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace copse::runner::sandbox {
namespace {

namespace json = boost::json;

void merge_at(json::object& target, const json::object& patch, std::size_t depth);

void merge_member(json::object& target, std::string_view key, const json::value& value,
                  std::size_t depth) {
  if (value.is_null()) {
    target.erase(key);
    return;
  }
  if (!value.is_object() || depth == 0) {
    target.insert_or_assign(key, value);
    return;
  }
  json::value& present = target[key];
  if (!present.is_object()) present.emplace_object();
  merge_at(present.get_object(), value.get_object(), depth - 1);
}

/// Depth is bounded by the parser's limit, json_depth.
void merge_at(json::object& target, const json::object& patch, std::size_t depth) {
  for (const auto& [key, value] : patch) merge_member(target, key, value, depth);
}

/// Resolves `/a/b~1c/0` up to its last step. Null: a step does not exist.
json::value* parent_of(json::value& root, std::string_view pointer, std::string& last) {
  json::value* here = &root;
  while (true) {
    pointer.remove_prefix(1);
    const std::size_t slash = pointer.find('/');
    last.clear();
    const std::string_view step = pointer.substr(0, slash);
    for (std::size_t i = 0; i < step.size(); ++i) {
      const bool escaped = step[i] == '~' && i + 1 < step.size();
      last += !escaped ? step[i] : step[++i] == '1' ? '/' : '~';
    }
    if (slash == std::string_view::npos) return here;
    pointer = pointer.substr(slash);
    if (here->is_object()) {
      here = here->get_object().if_contains(last);
    } else if (here->is_array()) {
      const std::size_t index = static_cast<std::size_t>(std::strtoul(last.c_str(), nullptr, 10));
      here = index < here->get_array().size() ? &here->get_array()[index] : nullptr;
    } else {
      return nullptr;
    }
    if (here == nullptr) return nullptr;
  }
}

json::value* find_in(json::value& parent, const std::string& step) {
  if (parent.is_object()) return parent.get_object().if_contains(step);
  if (!parent.is_array()) return nullptr;
  const std::size_t index = static_cast<std::size_t>(std::strtoul(step.c_str(), nullptr, 10));
  return index < parent.get_array().size() ? &parent.get_array()[index] : nullptr;
}

bool add_in(json::value& parent, const std::string& step, json::value value) {
  if (parent.is_object()) {
    parent.get_object().insert_or_assign(step, std::move(value));
    return true;
  }
  if (!parent.is_array()) return false;
  json::array& list = parent.get_array();
  const std::size_t index =
      step == "-" ? list.size() : static_cast<std::size_t>(std::strtoul(step.c_str(), nullptr, 10));
  if (index > list.size()) return false;
  list.insert(list.begin() + static_cast<std::ptrdiff_t>(index), std::move(value));
  return true;
}

bool remove_in(json::value& parent, const std::string& step) {
  if (parent.is_object()) return parent.get_object().erase(step) > 0;
  if (find_in(parent, step) == nullptr) return false;
  json::array& list = parent.get_array();
  list.erase(list.begin() + std::strtol(step.c_str(), nullptr, 10));
  return true;
}

std::optional<json::value> value_at(json::value& root, std::string_view pointer) {
  std::string step;
  if (!pointer.starts_with('/')) return std::nullopt;
  json::value* parent = parent_of(root, pointer, step);
  json::value* found = parent == nullptr ? nullptr : find_in(*parent, step);
  if (found == nullptr) return std::nullopt;
  return *found;
}

std::optional<std::string> run_operation(json::value& root, const json::object& operation) {
  const std::string_view name = text_at(operation, "op"), path = text_at(operation, "path"),
                         from = text_at(operation, "from");
  std::string step;
  json::value* parent = path.starts_with('/') ? parent_of(root, path, step) : nullptr;
  const auto missing = [&] {
    return fmt::format("{} operation does not apply: doc is missing path: {}: missing value", name,
                       path);
  };
  if (parent == nullptr) return missing();
  const json::value* given = operation.if_contains("value");
  const json::value value = given == nullptr ? json::value{} : *given;
  if (name == "add") return add_in(*parent, step, value) ? std::nullopt : std::optional{missing()};
  if (name == "remove") return remove_in(*parent, step) ? std::nullopt : std::optional{missing()};
  if (name == "replace") {
    json::value* found = find_in(*parent, step);
    if (found == nullptr) return missing();
    *found = value;
    return std::nullopt;
  }
  if (name == "test") {
    const json::value* found = find_in(*parent, step);
    // Of what is not there the server takes null for the value.
    if (found != nullptr ? *found == value : value.is_null()) return std::nullopt;
    return fmt::format("testing path {} failed", path);
  }
  if (name != "move" && name != "copy") return fmt::format("Unexpected kind: {}", name);
  const auto moved = value_at(root, from);
  if (!moved)
    return fmt::format("{} operation does not apply: doc is missing from path: {}: missing value",
                       name, from);
  if (name == "move") {
    std::string from_step;
    remove_in(*parent_of(root, from, from_step), from_step);
    parent = parent_of(root, path, step);
  }
  if (parent == nullptr || !add_in(*parent, step, *moved)) return missing();
  return std::nullopt;
}

Refusal undecodable(std::string_view why) {
  return bad_request(fmt::format("error decoding patch: {}", why));
}

bool is_list_of_operations(const json::value& patch) {
  if (!patch.is_array()) return false;
  for (const json::value& operation : patch.get_array()) {
    if (!operation.is_object()) return false;
  }
  return true;
}

Refusal not_applicable() {
  Refusal refusal = bad_request("the server rejected our request due to an error in our request");
  refusal.code = 422;
  refusal.reason = "Invalid";
  return refusal;
}

}  // namespace

std::optional<PatchKind> patch_kind(std::string_view content_type) {
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  if (type == "application/merge-patch+json") return PatchKind::merge;
  if (type == "application/strategic-merge-patch+json") return PatchKind::strategic;
  if (type == "application/json-patch+json") return PatchKind::json;
  if (type == "application/apply-patch+yaml") return PatchKind::apply;
  return std::nullopt;
}

std::optional<Refusal> apply_patch(PatchKind kind, json::object& document, std::string_view text) {
  json::parse_options options;
  options.max_depth = json_depth;
  json::error_code fault;
  const json::value patch = json::parse(text, fault, {}, options);
  if (fault) return undecodable(fault.message());
  if (kind == PatchKind::json) {
    if (!is_list_of_operations(patch)) {
      return undecodable("json: cannot unmarshal into Go value of type []handlers.jsonPatchOp");
    }
    if (json_patch(document, patch)) return not_applicable();
    return std::nullopt;
  }
  if (!patch.is_object())
    return undecodable("json: cannot unmarshal into Go value of type map[string]interface {}");
  if (kind == PatchKind::merge) {
    merge_patch(document, patch.get_object());
  } else {
    strategic_patch(document, patch.get_object());
  }
  return std::nullopt;
}

void merge_patch(json::object& target, const json::object& patch) {
  merge_at(target, patch, json_depth);
}

std::optional<std::string> json_patch(json::object& target, const json::value& patch) {
  if (!is_list_of_operations(patch)) return "a JSON patch must be a list of operations";
  json::value root(target);
  for (const json::value& operation : patch.get_array()) {
    if (auto problem = run_operation(root, operation.get_object())) return problem;
  }
  target = std::move(root.get_object());
  return std::nullopt;
}

}  // namespace copse::runner::sandbox
