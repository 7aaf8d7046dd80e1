#include "runner/sandbox/object.hpp"

#include "runner/sandbox/json_text.hpp"

#include <algorithm>

namespace copse::runner::sandbox {
namespace {

auto place_of(const Pairs& pairs, std::string_view key) {
  return std::lower_bound(
      pairs.begin(), pairs.end(), key,
      [](const auto& pair, std::string_view wanted) { return pair.first < wanted; });
}

void append_pairs(ObjectText& parent, std::string& out, std::string_view name, const Pairs& pairs) {
  if (pairs.empty()) return;
  parent.key(name);
  ObjectText object{out};
  for (const auto& [key, value] : pairs) object.text(key, value);
  object.close();
}

void append_owners(ObjectText& parent, std::string& out, const std::vector<Owner>& owners) {
  if (owners.empty()) return;
  parent.key("ownerReferences");
  out += '[';
  for (std::size_t i = 0; i < owners.size(); ++i) {
    if (i > 0) out += ',';
    ObjectText owner{out};
    owner.text("apiVersion", owners[i].api_version);
    owner.text("kind", owners[i].kind);
    owner.text("name", owners[i].name);
    owner.text("uid", owners[i].uid);
    if (owners[i].controller) owner.boolean("controller", true);
    if (owners[i].blocks_deletion) owner.boolean("blockOwnerDeletion", true);
    owner.close();
  }
  out += ']';
}

void append_finalizers(ObjectText& parent, std::string& out,
                       const std::vector<std::string>& finalizers) {
  if (finalizers.empty()) return;
  parent.key("finalizers");
  out += '[';
  for (std::size_t i = 0; i < finalizers.size(); ++i) {
    if (i > 0) out += ',';
    append_quoted(out, finalizers[i]);
  }
  out += ']';
}

}  // namespace

const std::string* find(const Pairs& pairs, std::string_view key) {
  const auto at = place_of(pairs, key);
  return at != pairs.end() && at->first == key ? &at->second : nullptr;
}

void put(Pairs& pairs, std::string_view key, std::string_view value) {
  const auto at = pairs.begin() + (place_of(pairs, key) - pairs.cbegin());
  if (at != pairs.end() && at->first == key) {
    at->second = value;
  } else {
    pairs.emplace(at, key, value);
  }
}

const std::string* find(const Fields& fields, std::string_view key) {
  for (const auto& [name, value] : fields) {
    if (name == key) return &value;
  }
  return nullptr;
}

void put(Fields& fields, std::string_view key, std::string_view value) {
  for (auto& [name, present] : fields) {
    if (name != key) continue;
    present = value;
    return;
  }
  if (!value.empty()) fields.emplace_back(key, value);
}

std::string key_of(std::string_view ns, std::string_view name) {
  std::string key;
  key.reserve(ns.size() + 1 + name.size());
  if (!ns.empty()) key.append(ns).append(1, '/');
  return key.append(name);
}

std::string key_of(const Object& object) {
  return key_of(object.ns, object.name);
}

bool has_finalizer(const Object& object, std::string_view finalizer) {
  return std::find(object.finalizers.begin(), object.finalizers.end(), finalizer) !=
         object.finalizers.end();
}

void remove_finalizer(Object& object, std::string_view finalizer) {
  std::erase(object.finalizers, finalizer);
}

const Owner* controller_of(const Object& object) {
  for (const Owner& owner : object.written->owners) {
    if (owner.controller) return &owner;
  }
  return nullptr;
}

std::string_view field(const Object& object, std::string_view path) {
  if (path == "metadata.name") return object.name;
  if (path == "metadata.namespace") return object.ns;
  const std::string* value = find(object.fields, path);
  return value == nullptr ? std::string_view{} : std::string_view{*value};
}

void append_metadata(std::string& out, const Object& object) {
  const Written& written = *object.written;
  ObjectText metadata{out};
  metadata.text("name", object.name);
  if (!written.generate_name.empty()) metadata.text("generateName", written.generate_name);
  if (!object.ns.empty()) metadata.text("namespace", object.ns);
  metadata.text("uid", object.uid);
  metadata.key("resourceVersion");
  out += '"';
  append_number(out, static_cast<std::int64_t>(object.rv));
  out += '"';
  if (object.generation > 0) metadata.number("generation", object.generation);
  metadata.key("creationTimestamp");
  out += '"';
  append_timestamp(out, object.created);
  out += '"';
  if (object.deletion) {
    metadata.text("deletionTimestamp", timestamp(*object.deletion));
    metadata.number("deletionGracePeriodSeconds", object.grace_seconds);
  }
  append_pairs(metadata, out, "labels", written.labels);
  append_pairs(metadata, out, "annotations", written.annotations);
  append_owners(metadata, out, written.owners);
  append_finalizers(metadata, out, object.finalizers);
  metadata.close();
}

void append_partial(std::string& out, const Object& object) {
  ObjectText partial{out};
  partial.text("kind", partial_metadata_kind);
  partial.text("apiVersion", meta_version);
  partial.key("metadata");
  append_metadata(out, object);
  partial.close();
}

void append_object(std::string& out, const Object& object, Head head) {
  ObjectText text{out};
  if (head == Head::full) {
    text.text("kind", info(object.resource).kind);
    text.text("apiVersion", api_version(object.resource));
  }
  text.key("metadata");
  append_metadata(out, object);
  if (!object.written->body.empty()) {
    out += ',';
    out += object.written->body;
  }
  if (!object.status.empty()) {
    out += ",\"status\":";
    out += object.status;
  }
  text.close();
}

}  // namespace copse::runner::sandbox
