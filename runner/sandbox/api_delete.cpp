#include "runner/sandbox/api.hpp"
#include "runner/sandbox/deletion.hpp"
#include "runner/sandbox/document.hpp"
#include "runner/sandbox/json_text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace copse::runner::sandbox {
namespace {

namespace json = boost::json;

/// DeleteOptions, from the body or, without one, from the query.
struct DeleteOptions {
  std::optional<std::int64_t> grace_seconds;
  Propagation propagation = Propagation::background;
  std::string uid;
  std::string rv;
  bool dry_run = false;
};

std::expected<Propagation, Refusal> propagation_of(std::string_view text, Resource resource) {
  if (text.empty()) return default_propagation(resource);
  if (text == "Background") return Propagation::background;
  if (text == "Foreground") return Propagation::foreground;
  if (text == "Orphan") return Propagation::orphan;
  Refusal refusal =
      bad_request(fmt::format("DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: "
                              "Unsupported value: \"{}\": supported values: "
                              "\"Foreground\", \"Background\", \"Orphan\", \"nil\"",
                              text));
  refusal.code = 422;
  refusal.reason = "Invalid";
  return std::unexpected{std::move(refusal)};
}

std::expected<DeleteOptions, Refusal> options_of(const Request& request, const Target& target,
                                                 Resource resource) {
  json::object body;
  if (!request.body.empty()) {
    auto parsed = parse_document(request.body);
    if (!parsed) return std::unexpected{std::move(parsed.error())};
    body = std::move(*parsed);
  }
  std::string policy{text_at(body, "propagationPolicy")};
  if (policy.empty()) policy = target.get("propagationPolicy");
  if (const json::value* orphan = body.if_contains("orphanDependents");
      policy.empty() && orphan != nullptr && orphan->is_bool()) {
    policy = orphan->get_bool() ? "Orphan" : "Background";
  }
  const auto propagation = propagation_of(policy, resource);
  if (!propagation) return std::unexpected{propagation.error()};
  DeleteOptions options{.grace_seconds = {},
                        .propagation = *propagation,
                        .uid = std::string{text_at(body, "preconditions.uid")},
                        .rv = std::string{text_at(body, "preconditions.resourceVersion")}};
  if (body.contains("gracePeriodSeconds"))
    options.grace_seconds = number_at(body, "gracePeriodSeconds", 0);
  if (const auto seconds = target.number("gracePeriodSeconds"))
    options.grace_seconds = static_cast<std::int64_t>(*seconds);
  const json::value* dry = body.if_contains("dryRun");
  options.dry_run = target.get("dryRun") == "All" ||
                    (dry != nullptr && dry->is_array() && !dry->get_array().empty());
  return options;
}

}  // namespace

Answer Api::remove(const Call& call) {
  const auto options = options_of(call.request, call.target, call.resource);
  if (!options) return reply_of(options.error());
  const ObjectPtr current = cluster_.store().find(call.resource, call.target.ns, call.target.name);
  if (current == nullptr) return reply_of(not_found(call.resource, call.target.name));
  if (!options->uid.empty() && options->uid != current->uid) {
    return reply_of(
        conflict(call.resource, current->name,
                 fmt::format("Precondition failed: UID in precondition: {}, UID in object meta: {}",
                             options->uid, current->uid)));
  }
  const std::string rv = std::to_string(static_cast<std::uint64_t>(current->rv));
  if (!options->rv.empty() && options->rv != rv) {
    return reply_of(conflict(call.resource, current->name,
                             fmt::format("Precondition failed: ResourceVersion in precondition: "
                                         "{}, ResourceVersion in object meta: {}",
                                         options->rv, rv)));
  }
  Reply reply{.body = success_text(call.resource, current->name, current->uid), .warnings = {}};
  if (options->dry_run) return reply;
  const Deletion deletion = delete_object(cluster_.store(), current, options->grace_seconds,
                                          options->propagation, cluster_.now());
  if (!deletion.gone || call.resource == Resource::pods) {
    reply.body.clear();
    append_object(reply.body, *deletion.object, Head::full);
  }
  return reply;
}

Answer Api::remove_collection(const Call& call) {
  const auto selection = selection_of(call);
  if (!selection) return reply_of(selection.error());
  const auto options = options_of(call.request, call.target, call.resource);
  if (!options) return reply_of(options.error());
  Store& store = cluster_.store();
  const std::size_t limit = call.target.number("limit").value_or(0);
  const auto page = store.list(call.resource, *selection, store.head(), {}, limit);
  Reply reply{.body = {}, .warnings = {}};
  ObjectText list{reply.body};
  list.text("kind", std::string{info(call.resource).kind} + "List");
  list.text("apiVersion", api_version(call.resource));
  list.raw("metadata",
           fmt::format("{{\"resourceVersion\":\"{}\"}}", static_cast<std::uint64_t>(store.head())));
  list.key("items");
  reply.body += '[';
  for (std::size_t i = 0; i < page->items.size(); ++i) {
    const ObjectPtr& item = page->items[i];
    if (i > 0) reply.body += ',';
    append_object(reply.body, *item, Head::item);
    if (!options->dry_run)
      delete_object(store, item, options->grace_seconds, options->propagation, cluster_.now());
  }
  reply.body += ']';
  list.close();
  return reply;
}

}  // namespace copse::runner::sandbox
