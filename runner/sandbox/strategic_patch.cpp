// Strategic merge: lists of objects are merged by a key that the API's types name, and directives
// that begin with `$` say what else is meant.
#include "runner/sandbox/patch.hpp"

#include <algorithm>
#include <array>

#include <boost/json.hpp>

namespace copse::runner::sandbox {
namespace {

namespace json = boost::json;

struct MergeKey {
  std::string_view list;
  std::string_view key;  ///< empty: a list of scalars, merged as a set
};

// Source: patchMergeKey tags of k8s.io/api core/v1, batch/v1 and meta/v1. Lists not named are
// replaced.
constexpr std::array merge_keys{
    MergeKey{"conditions", "type"},
    MergeKey{"containers", "name"},
    MergeKey{"env", "name"},
    MergeKey{"ephemeralContainers", "name"},
    MergeKey{"finalizers", ""},
    MergeKey{"hostAliases", "ip"},
    MergeKey{"hostIPs", "ip"},
    MergeKey{"imagePullSecrets", "name"},
    MergeKey{"initContainers", "name"},
    MergeKey{"ownerReferences", "uid"},
    MergeKey{"podIPs", "ip"},
    MergeKey{"ports", "containerPort"},
    MergeKey{"volumeDevices", "devicePath"},
    MergeKey{"volumeMounts", "mountPath"},
    MergeKey{"volumes", "name"},
    MergeKey{"addresses", "type"},
};

const MergeKey* merge_key_of(std::string_view list) {
  const auto at = std::find_if(merge_keys.begin(), merge_keys.end(),
                               [&](const MergeKey& row) { return row.list == list; });
  return at == merge_keys.end() ? nullptr : &*at;
}

void merge_into(json::object& target, const json::object& patch, std::size_t depth);

json::array& array_made(json::object& target, std::string_view name) {
  json::value& value = target[name];
  return value.is_array() ? value.get_array() : value.emplace_array();
}

void merge_scalars(json::array& target, const json::array& patch) {
  for (const json::value& item : patch) {
    if (std::find(target.begin(), target.end(), item) == target.end()) target.push_back(item);
  }
}

json::value* find_by(json::array& list, std::string_view key, const json::value& wanted) {
  for (json::value& item : list) {
    const json::value* value = item.is_object() ? item.get_object().if_contains(key) : nullptr;
    if (value != nullptr && *value == wanted) return &item;
  }
  return nullptr;
}

void merge_list(json::array& target, const json::array& patch, std::string_view key,
                std::size_t depth) {
  const bool replaces = std::any_of(patch.begin(), patch.end(), [](const json::value& item) {
    return item.is_object() && text_at(item.get_object(), "$patch") == "replace";
  });
  if (replaces) target.clear();
  for (const json::value& item : patch) {
    if (!item.is_object()) continue;
    const json::object& change = item.get_object();
    const json::value* wanted = change.if_contains(key);
    if (wanted == nullptr) continue;
    json::value* present = find_by(target, key, *wanted);
    if (text_at(change, "$patch") == "delete") {
      if (present != nullptr) target.erase(target.begin() + (present - target.data()));
    } else if (present != nullptr) {
      merge_into(present->get_object(), change, depth);
    } else {
      json::object made;
      merge_into(made, change, depth);
      target.push_back(std::move(made));
    }
  }
}

/// `$deleteFromPrimitiveList/finalizers: [x]`.
void delete_scalars(json::object& target, std::string_view list, const json::value& gone) {
  json::value* found = target.if_contains(list);
  if (found == nullptr || !found->is_array() || !gone.is_array()) return;
  json::array kept;
  for (const json::value& item : found->get_array()) {
    if (std::find(gone.get_array().begin(), gone.get_array().end(), item) == gone.get_array().end())
      kept.push_back(item);
  }
  *found = std::move(kept);
}

/// `$retainKeys: [a, b]`: all other members go.
void retain(json::object& target, const json::value& names) {
  if (!names.is_array()) return;
  std::vector<std::string> gone;
  for (const auto& [key, value] : target) {
    const json::value name = json::string(key);
    if (std::find(names.get_array().begin(), names.get_array().end(), name) ==
        names.get_array().end())
      gone.emplace_back(key);
  }
  for (const std::string& key : gone) target.erase(key);
}

void merge_member(json::object& target, std::string_view key, const json::value& value,
                  std::size_t depth) {
  constexpr std::string_view deletes = "$deleteFromPrimitiveList/";
  if (key.starts_with(deletes)) {
    delete_scalars(target, key.substr(deletes.size()), value);
  } else if (key == "$retainKeys") {
    retain(target, value);
  } else if (key.starts_with('$')) {
    return;  // $patch is seen to by the caller; $setElementOrder keeps an order that nothing here
             // depends on
  } else if (value.is_null()) {
    target.erase(key);
  } else if (value.is_object() && depth > 0) {
    json::value& present = target[key];
    if (!present.is_object()) present.emplace_object();
    merge_into(present.get_object(), value.get_object(), depth - 1);
  } else if (const MergeKey* row = value.is_array() ? merge_key_of(key) : nullptr;
             row != nullptr && depth > 0) {
    json::array& list = array_made(target, key);
    row->key.empty() ? merge_scalars(list, value.get_array())
                     : merge_list(list, value.get_array(), row->key, depth - 1);
  } else {
    target.insert_or_assign(key, value);
  }
}

/// Depth is bounded by the parser's limit, json_depth.
void merge_into(json::object& target, const json::object& patch, std::size_t depth) {
  if (text_at(patch, "$patch") == "replace") target.clear();
  for (const auto& [key, value] : patch) merge_member(target, key, value, depth);
}

}  // namespace

void strategic_patch(json::object& target, const json::object& patch) {
  merge_into(target, patch, json_depth);
}

}  // namespace copse::runner::sandbox
