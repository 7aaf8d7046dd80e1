#include "runner/sandbox/api.hpp"
#include "runner/sandbox/deletion.hpp"
#include "runner/sandbox/json_text.hpp"
#include "runner/sandbox/request_options.hpp"

#include <fmt/format.h>

namespace copse::runner::sandbox {
namespace {

constexpr std::string_view orphan_warning =
    "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background "
    "to remove them or set propagationPolicy=Orphan to suppress this warning";

/// The registry of Jobs warns whoever does not say what becomes of the pods.
std::vector<std::string> warnings_of(Resource resource, const DeleteOptions& options) {
  if (resource != Resource::jobs || options.wish.propagation) return {};
  return {std::string{orphan_warning}};
}

/// Storage speaks of the kind where the registry speaks of the resource.
Refusal precondition_failed(Resource resource, std::string_view name, std::string_view why) {
  Refusal refusal = conflict(resource, name, why);
  refusal.kind = info(resource).kind;
  refusal.message = fmt::format("Operation cannot be fulfilled on {} \"{}\": {}",
                                qualified_kind(resource), name, why);
  return refusal;
}

std::optional<Refusal> check_preconditions(const Object& current, const DeleteOptions& options) {
  if (!options.uid.empty() && options.uid != current.uid) {
    return precondition_failed(
        current.resource, current.name,
        fmt::format("the UID in the precondition ({}) does not match the UID in record ({}). The "
                    "object might have been deleted and then recreated",
                    options.uid, current.uid));
  }
  const std::string rv = std::to_string(static_cast<std::uint64_t>(current.rv));
  if (!options.rv.empty() && options.rv != rv) {
    return precondition_failed(
        current.resource, current.name,
        fmt::format("the ResourceVersion in the precondition ({}) does not match the "
                    "ResourceVersion in record ({}). The object might have been modified",
                    options.rv, rv));
  }
  return std::nullopt;
}

}  // namespace

Answer Api::remove(const Call& call) {
  const auto options = read_delete_options(call.target, call.request.body);
  if (!options) return reply_of(options.error());
  std::vector<std::string> warnings = warnings_of(call.resource, *options);
  const ObjectPtr current = cluster_.store().find(call.resource, call.target.ns, call.target.name);
  if (current == nullptr)
    return reply_of(not_found(call.resource, call.target.name), std::move(warnings));
  if (const auto refusal = check_preconditions(*current, *options))
    return reply_of(*refusal, std::move(warnings));
  Deletion deletion;
  if (options->dry_run) {
    DeletionPlan plan = plan_deletion(*current, options->wish, cluster_.now());
    deletion = {.object = std::make_shared<const Object>(std::move(plan.object)),
                .gone = plan.goes};
  } else {
    deletion = delete_object(cluster_.store(), current, options->wish, cluster_.now());
  }
  Reply reply{.body = {}, .warnings = std::move(warnings)};
  if (!deletion.gone || call.resource == Resource::pods) {
    append_object(reply.body, *deletion.object, Head::full);
  } else {
    reply.body = success_text(call.resource, current->name, current->uid);
  }
  return reply;
}

Answer Api::remove_collection(const Call& call) {
  const auto selection = selection_of(call);
  if (!selection) return reply_of(selection.error());
  const auto options = read_delete_options(call.target, call.request.body);
  if (!options) return reply_of(options.error());
  Store& store = cluster_.store();
  const auto listing = read_list_options(call.target);
  if (!listing) return reply_of(listing.error());
  const auto page = store.list(call.resource, *selection, store.head(), {}, listing->limit);
  Reply reply{.body = {}, .warnings = warnings_of(call.resource, *options)};
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
    if (!options->dry_run) delete_object(store, item, options->wish, cluster_.now());
  }
  reply.body += ']';
  list.close();
  return reply;
}

}  // namespace copse::runner::sandbox
