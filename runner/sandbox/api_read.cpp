#include "runner/sandbox/api.hpp"
#include "runner/sandbox/json_text.hpp"
#include "runner/sandbox/list_token.hpp"
#include "runner/sandbox/table.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace copse::runner::sandbox {
namespace {

/// What a watch gets that does not say how long it wants to last: the server's minimum (30 min).
constexpr milliseconds default_watch_time = std::chrono::minutes{30};

struct RvQuery {
  bool present = false;
  Rv rv{};
};

std::expected<RvQuery, Refusal> rv_of(const Target& target) {
  const std::string_view text = target.get("resourceVersion");
  if (text.empty()) return RvQuery{};
  const auto number = target.number("resourceVersion");
  if (!number) {
    return std::unexpected{
        bad_request(fmt::format("resourceVersion: Invalid value: \"{0}\": strconv.ParseUint: "
                                "parsing \"{0}\": invalid syntax",
                                text))};
  }
  return RvQuery{true, Rv{*number}};
}

bool wants_json(std::string_view accept) {
  return accept.empty() || accept.find("json") != std::string_view::npos ||
         accept.find("*/*") != std::string_view::npos ||
         accept.find("application/*") != std::string_view::npos;
}

Refusal not_acceptable() {
  Refusal refusal = bad_request("only the following media types are accepted: application/json");
  refusal.code = 406;
  refusal.reason = "NotAcceptable";
  return refusal;
}

/// Metadata alone: meta.k8s.io/v1 PartialObjectMetadata and its list.
bool wants_metadata(std::string_view accept) {
  return accept.substr(0, accept.find(',')).find("as=PartialObjectMetadata") !=
         std::string_view::npos;
}

enum class Items : std::uint8_t { whole, metadata };

std::string list_text(Resource resource, const Page& page, Rv rv, const Selection& selection,
                      Items items) {
  std::string out;
  std::size_t size = 256;
  for (const ObjectPtr& item : page.items)
    size += item->written->body.size() + item->status.size() + 768;
  out.reserve(size);
  ObjectText list{out};
  const bool whole = items == Items::whole;
  list.text("kind", std::string{whole ? info(resource).kind : partial_metadata_kind} + "List");
  list.text("apiVersion", whole ? api_version(resource) : std::string{meta_version});
  list.key("metadata");
  append_list_metadata(out, page, rv, selection.narrows());
  list.key("items");
  out += '[';
  for (std::size_t i = 0; i < page.items.size(); ++i) {
    if (i > 0) out += ',';
    if (whole) {
      append_object(out, *page.items[i], Head::item);
    } else {
      append_partial(out, *page.items[i]);
    }
  }
  out += ']';
  list.close();
  return out;
}

}  // namespace

std::expected<Selection, Refusal> Api::selection_of(const Call& call) const {
  Selection selection{.ns = call.target.ns, .labels = {}, .fields = {}};
  auto labels = parse_label_selector(call.target.get("labelSelector"));
  if (!labels) return std::unexpected{bad_request(std::move(labels.error()))};
  selection.labels = std::move(*labels);
  auto fields = parse_field_selector(call.resource, call.target.get("fieldSelector"));
  if (!fields) return std::unexpected{bad_request(std::move(fields.error()))};
  selection.fields = std::move(*fields);
  if (!call.target.name.empty())
    selection.fields.push_back({"metadata.name", call.target.name, true});
  return selection;
}

Answer Api::get(const Call& call) {
  if (!wants_json(call.request.accept)) return reply_of(not_acceptable());
  const auto rv = rv_of(call.target);
  if (!rv) return reply_of(rv.error());
  const Store& store = cluster_.store();
  if (rv->rv > store.head()) return Pending{rv->rv, rv_too_large(rv->rv, store.head())};
  const ObjectPtr object = store.find(call.resource, call.target.ns, call.target.name);
  if (object == nullptr) return reply_of(not_found(call.resource, call.target.name));
  Reply reply{.body = {}, .warnings = {}};
  if (const auto form = table_form(call.request.accept, call.target.get("includeObject"))) {
    append_table(reply.body, call.resource, {&object, 1}, *form, cluster_.now(), {});
  } else if (wants_metadata(call.request.accept)) {
    append_partial(reply.body, *object);
  } else {
    append_object(reply.body, *object, Head::full);
  }
  return reply;
}

Answer Api::list(const Call& call) {
  if (!wants_json(call.request.accept)) return reply_of(not_acceptable());
  const auto selection = selection_of(call);
  if (!selection) return reply_of(selection.error());
  const auto options = read_list_options(call.target);
  if (!options) return reply_of(options.error());
  const auto rv = rv_of(call.target);
  if (!rv) {
    Refusal refusal = rv.error();
    refusal.message.insert(0, "invalid resource version: ");
    return reply_of(refusal);
  }
  const Store& store = cluster_.store();
  const std::string_view match = options->rv_match;
  const std::string_view token = options->continue_token;
  std::size_t limit = options->limit;
  Rv at = store.head();
  std::string after;
  if (!token.empty()) {
    if (rv->present && rv->rv != Rv{0})
      return reply_of(
          bad_request("specifying resource version is not allowed when using continue"));
    const auto place = read_list_token(token);
    if (!place) {
      return reply_of(
          bad_request(fmt::format("invalid continue token: continue key is not valid: {}", token)));
    }
    at = place->rv;
    after = place->after;
  } else if (rv->rv > store.head()) {
    return Pending{rv->rv, rv_too_large(rv->rv, store.head())};
  } else if (match == "Exact" || (match.empty() && limit > 0 && rv->rv > Rv{0})) {
    at = rv->rv;
  } else if (rv->present && rv->rv == Rv{0}) {
    limit = 0;  // a list from the watch cache is never cut
  }
  const auto page = store.list(call.resource, *selection, at, after, limit);
  if (!page) {
    return reply_of(expired(token.empty() ? "The resourceVersion for the provided list is too old."
                                          : std::string{expired_token_text}));
  }
  Reply reply{.body = {}, .warnings = {}};
  if (const auto form = table_form(call.request.accept, call.target.get("includeObject"))) {
    std::string metadata;
    append_list_metadata(metadata, *page, at, selection->narrows());
    append_table(reply.body, call.resource, page->items, *form, cluster_.now(), metadata);
  } else {
    reply.body = list_text(call.resource, *page, at, *selection,
                           wants_metadata(call.request.accept) ? Items::metadata : Items::whole);
  }
  return reply;
}

Answer Api::watch(const Call& call) {
  if (!wants_json(call.request.accept)) return reply_of(not_acceptable());
  auto selection = selection_of(call);
  if (!selection) return reply_of(selection.error());
  const auto options = read_list_options(call.target);
  if (!options) return reply_of(options.error());
  const auto rv = rv_of(call.target);
  // WHY 500: where it watches, the real server does not foresee this error.
  if (!rv) return reply_of(internal_error(rv.error().message));
  const bool initial = options->initial_events;
  const Store& store = cluster_.store();
  if (initial && rv->rv > store.head()) return Pending{rv->rv, rv_too_large(rv->rv, store.head())};
  WatchRequest request{
      .resource = call.resource, .selection = std::move(*selection), .after = {}, .body = {}};
  if (!initial && rv->rv > Rv{0}) request.after = rv->rv;
  request.bookmarks = call.target.flag("allowWatchBookmarks");
  request.marks_initial_end = initial && request.bookmarks;
  const auto seconds = call.target.number("timeoutSeconds");
  request.deadline =
      call.now +
      (seconds && *seconds > 0
           ? milliseconds{std::chrono::seconds{std::min<std::uint64_t>(*seconds, 86'400)}}
           : default_watch_time);
  if (const auto form = table_form(call.request.accept, call.target.get("includeObject"))) {
    // The columns stand in the first event; those behind it have none.
    request.body = [this, form = *form, resource = call.resource, columns = Columns::all](
                       std::string& out, const Object& object) mutable {
      const ObjectPtr borrowed{ObjectPtr{}, &object};
      append_table(out, resource, {&borrowed, 1}, form, cluster_.now(), {}, columns);
      columns = Columns::none;
    };
  } else if (wants_metadata(call.request.accept)) {
    request.body = [](std::string& out, const Object& object) { append_partial(out, object); };
  }
  return std::make_unique<Watch>(store, std::move(request), call.now);
}

}  // namespace copse::runner::sandbox
