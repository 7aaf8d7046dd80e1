#include "runner/sandbox/request_options.hpp"

#include "runner/sandbox/document.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace copse::runner::sandbox {
namespace {

namespace json = boost::json;

using Texts = std::vector<std::string>;

Cause not_supported(std::string_view field, std::string_view shown, std::string_view supported) {
  return {"FieldValueNotSupported",
          fmt::format("Unsupported value: {}: supported values: {}", shown, supported),
          std::string{field}};
}

Cause forbidden_option(std::string_view field, std::string_view why) {
  return {"FieldValueForbidden", fmt::format("Forbidden: {}", why), std::string{field}};
}

/// `All` is the only stage that a dry run knows; empty values of a query say nothing.
void check_dry_run(std::vector<Cause>& causes, const Texts& values) {
  const bool known =
      std::all_of(values.begin(), values.end(), [](const auto& one) { return one == "All"; });
  if (known) return;
  Texts quoted;
  for (const std::string& value : values) quoted.push_back(fmt::format("\"{}\"", value));
  causes.push_back(not_supported("dryRun", fmt::format("[{}]", fmt::join(quoted, ",")), "\"All\""));
}

Texts dry_run_of(const Target& target) {
  Texts values;
  for (const auto& [key, value] : target.query) {
    if (key == "dryRun") values.push_back(value);
  }
  return values;
}

std::optional<FieldValidation> validation_of(std::string_view text) {
  if (text.empty() || text == "Warn") return FieldValidation::warn;
  if (text == "Strict") return FieldValidation::strict;
  if (text == "Ignore") return FieldValidation::ignore;
  return std::nullopt;
}

std::optional<Propagation> propagation_of(std::string_view text) {
  if (text == "Background") return Propagation::background;
  if (text == "Foreground") return Propagation::foreground;
  if (text == "Orphan") return Propagation::orphan;
  return std::nullopt;
}

/// A parameter that must be a whole number, in the words of the decoder of queries.
std::expected<std::optional<std::int64_t>, Refusal> whole(const Target& target,
                                                          std::string_view key) {
  const std::string_view text = target.get(key);
  if (text.empty()) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault == std::errc{} && end == text.data() + text.size()) return value;
  return std::unexpected{
      bad_request(fmt::format("strconv.ParseInt: parsing \"{}\": invalid syntax", text))};
}

/// DeleteOptions as they were written, before anything is made of them.
struct WrittenDelete {
  std::optional<std::int64_t> grace_seconds;
  std::optional<std::string> policy;
  std::optional<bool> orphans;
  Texts dry_run;
  std::string uid, rv;
};

/// WHY 500: the real server does not foresee that DeleteOptions cannot be read.
std::expected<WrittenDelete, Refusal> from_body(std::string_view body) {
  auto parsed = parse_document(body);
  if (!parsed) return std::unexpected{internal_error(std::move(parsed.error().message))};
  WrittenDelete written;
  if (const json::value* grace = parsed->if_contains("gracePeriodSeconds");
      grace != nullptr && grace->is_number()) {
    written.grace_seconds = number_at(*parsed, "gracePeriodSeconds", 0);
  }
  if (const json::value* policy = parsed->if_contains("propagationPolicy");
      policy != nullptr && policy->is_string()) {
    written.policy = policy->get_string();
  }
  if (const json::value* orphan = parsed->if_contains("orphanDependents");
      orphan != nullptr && orphan->is_bool()) {
    written.orphans = orphan->get_bool();
  }
  if (const json::value* dry = parsed->if_contains("dryRun"); dry != nullptr && dry->is_array()) {
    for (const json::value& one : dry->get_array()) {
      if (one.is_string()) written.dry_run.emplace_back(one.get_string());
    }
  }
  written.uid = text_at(*parsed, "preconditions.uid");
  written.rv = text_at(*parsed, "preconditions.resourceVersion");
  return written;
}

std::expected<WrittenDelete, Refusal> from_query(const Target& target) {
  WrittenDelete written;
  const auto grace = whole(target, "gracePeriodSeconds");
  if (!grace) return std::unexpected{grace.error()};
  written.grace_seconds = *grace;
  if (const std::string_view policy = target.get("propagationPolicy"); !policy.empty())
    written.policy = policy;
  if (!target.get("orphanDependents").empty()) written.orphans = target.flag("orphanDependents");
  written.dry_run = dry_run_of(target);
  return written;
}

std::vector<Cause> faults_of(const WrittenDelete& written) {
  std::vector<Cause> causes;
  if (written.orphans && written.policy) {
    causes.push_back({"FieldValueInvalid",
                      fmt::format("Invalid value: \"{}\": orphanDependents and "
                                  "deletionPropagation cannot be both set",
                                  *written.policy),
                      "propagationPolicy"});
  }
  if (written.policy && !propagation_of(*written.policy)) {
    causes.push_back(not_supported("propagationPolicy", fmt::format("\"{}\"", *written.policy),
                                   R"("Foreground", "Background", "Orphan", "nil")"));
  }
  check_dry_run(causes, written.dry_run);
  return causes;
}

void check_list(std::vector<Cause>& causes, const Target& target, const ListOptions& options) {
  constexpr std::string_view field = "resourceVersionMatch";
  const std::string_view rv = target.get("resourceVersion");
  const std::string_view match = options.rv_match;
  if (!match.empty()) {
    if (rv.empty()) {
      causes.push_back(forbidden_option(
          field, "resourceVersionMatch is forbidden unless resourceVersion is provided"));
    }
    if (!options.continue_token.empty()) {
      causes.push_back(
          forbidden_option(field, "resourceVersionMatch is forbidden when continue is provided"));
    }
    if (match != "Exact" && match != "NotOlderThan") {
      causes.push_back(
          not_supported(field, fmt::format("\"{}\"", match), R"("Exact", "NotOlderThan", "")"));
    }
    if (match == "Exact" && rv == "0") {
      causes.push_back(forbidden_option(
          field, R"(resourceVersionMatch "exact" is forbidden for resourceVersion "0")"));
    }
  }
  if (options.initial_events) {
    causes.push_back(
        forbidden_option("sendInitialEvents", "sendInitialEvents is forbidden for list"));
  }
}

void check_watch(std::vector<Cause>& causes, const ListOptions& options) {
  constexpr std::string_view field = "resourceVersionMatch";
  const std::string_view match = options.rv_match;
  if (options.initial_events && match != "NotOlderThan") {
    causes.push_back(forbidden_option(
        field, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
  }
  if (match.empty()) return;
  if (!options.initial_events) {
    causes.push_back(forbidden_option(
        field, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
  }
  if (match != "NotOlderThan") {
    causes.push_back(not_supported(field, fmt::format("\"{}\"", match), "\"NotOlderThan\""));
  }
  if (!options.continue_token.empty()) {
    causes.push_back(
        forbidden_option(field, "resourceVersionMatch is forbidden when continue is provided"));
  }
}

}  // namespace

std::expected<WriteOptions, Refusal> read_write_options(const Target& target,
                                                        std::string_view kind) {
  std::vector<Cause> causes;
  const Texts dry_run = dry_run_of(target);
  check_dry_run(causes, dry_run);
  const std::string_view wanted = target.get("fieldValidation");
  const auto validation = validation_of(wanted);
  if (!validation) {
    causes.push_back(not_supported("fieldValidation", fmt::format("\"{}\"", wanted),
                                   R"("", "Ignore", "Strict", "Warn")"));
  }
  if (!causes.empty()) return std::unexpected{invalid_options(kind, std::move(causes))};
  return WriteOptions{.dry_run = !dry_run.empty(), .validation = *validation};
}

std::expected<DeleteOptions, Refusal> read_delete_options(const Target& target,
                                                          std::string_view body) {
  auto written = body.empty() ? from_query(target) : from_body(body);
  if (!written) return std::unexpected{std::move(written.error())};
  auto causes = faults_of(*written);
  if (!causes.empty()) return std::unexpected{invalid_options("DeleteOptions", std::move(causes))};
  DeleteOptions options{.wish = {.grace_seconds = written->grace_seconds},
                        .uid = std::move(written->uid),
                        .rv = std::move(written->rv),
                        .dry_run = !written->dry_run.empty()};
  if (written->policy) options.wish.propagation = propagation_of(*written->policy);
  if (written->orphans) {
    options.wish.propagation = *written->orphans ? Propagation::orphan : Propagation::background;
  }
  return options;
}

std::expected<ListOptions, Refusal> read_list_options(const Target& target) {
  ListOptions options{.rv_match = target.get("resourceVersionMatch"),
                      .continue_token = target.get("continue"),
                      .limit = 0,
                      .initial_events = target.flag("sendInitialEvents")};
  const auto limit = whole(target, "limit");
  if (!limit) return std::unexpected{limit.error()};
  options.limit = static_cast<std::size_t>(std::max<std::int64_t>(limit->value_or(0), 0));
  if (const auto seconds = whole(target, "timeoutSeconds"); !seconds)
    return std::unexpected{seconds.error()};
  std::vector<Cause> causes;
  if (target.flag("watch")) {
    check_watch(causes, options);
  } else {
    check_list(causes, target, options);
  }
  if (!causes.empty()) return std::unexpected{invalid_options("ListOptions", std::move(causes))};
  return options;
}

}  // namespace copse::runner::sandbox
