#include "runner/sandbox/validation.hpp"

#include <algorithm>
#include <cctype>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace copse::runner::sandbox {
namespace {

namespace json = boost::json;

constexpr std::size_t label_limit = 63;
constexpr std::size_t subdomain_limit = 253;

constexpr std::string_view subdomain_rule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', and must "
    "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation "
    "is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
constexpr std::string_view dns_label_rule =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
    "must start and "
    "end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation "
    "is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
constexpr std::string_view label_value_rule =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    "and must "
    "start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', "
    "regex used "
    "for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
constexpr std::string_view qualified_rule =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end "
    "with an "
    "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
    "validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

bool is_alnum(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

bool is_lower_alnum(char c) {
  return is_alnum(c) && std::isupper(static_cast<unsigned char>(c)) == 0;
}

bool is_dns_label(std::string_view text) {
  if (text.empty() || !is_lower_alnum(text.front()) || !is_lower_alnum(text.back())) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_lower_alnum(c) || c == '-'; });
}

bool is_subdomain(std::string_view text) {
  while (true) {
    const std::size_t dot = text.find('.');
    if (!is_dns_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_qualified_part(std::string_view text) {
  if (text.empty() || !is_alnum(text.front()) || !is_alnum(text.back())) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; });
}

Cause wrong_text(std::string_view field, std::string_view value, std::string_view detail) {
  return invalid_value(field, json::serialize(json::string{value}), detail);
}

std::string too_long(std::size_t limit) {
  return fmt::format("must be no more than {} characters", limit);
}

void check_name(std::vector<Cause>& causes, Resource resource, const json::object& metadata) {
  const std::string_view name = text_at(metadata, "name");
  if (name.empty()) {
    causes.push_back({"FieldValueRequired", "Required value: name or generateName is required",
                      "metadata.name"});
    return;
  }
  const bool is_namespace = resource == Resource::namespaces;
  const std::size_t limit = is_namespace ? label_limit : subdomain_limit;
  if (name.size() > limit) causes.push_back(wrong_text("metadata.name", name, too_long(limit)));
  if (is_namespace ? !is_dns_label(name) : !is_subdomain(name)) {
    causes.push_back(
        wrong_text("metadata.name", name, is_namespace ? dns_label_rule : subdomain_rule));
  }
}

void check_metadata(std::vector<Cause>& causes, Resource resource, const json::object& document) {
  static const json::object none;
  const json::value* found = document.if_contains("metadata");
  const json::object& metadata =
      found != nullptr && found->is_object() ? found->get_object() : none;
  check_name(causes, resource, metadata);
  check_labels(causes, "metadata.labels", metadata);
  check_annotations(causes, "metadata.annotations", metadata);
}

void check_not_negative(std::vector<Cause>& causes, const json::object& spec, const char* member) {
  const std::int64_t value = number_at(spec, member, 0);
  if (value >= 0) return;
  causes.push_back(invalid_value(std::string{"spec."} + member, std::to_string(value),
                                 "must be greater than or equal to 0"));
}

Cause required(std::string field, std::string_view detail = {}) {
  return {"FieldValueRequired",
          detail.empty() ? "Required value" : fmt::format("Required value: {}", detail),
          std::move(field)};
}

void check_env(std::vector<Cause>& causes, const std::string& path, const json::object& container) {
  const json::value* list = container.if_contains("env");
  if (list == nullptr || !list->is_array()) return;
  for (std::size_t i = 0; i < list->get_array().size(); ++i) {
    const json::value& item = list->get_array()[i];
    if (item.is_object() && text_at(item.get_object(), "name").empty()) {
      causes.push_back(required(fmt::format("{}.env[{}].name", path, i)));
    }
  }
}

void check_containers(std::vector<Cause>& causes, const std::string& path, const char* list_name,
                      const json::object& pod_spec) {
  const json::value* list = pod_spec.if_contains(list_name);
  std::vector<std::string_view> names;
  if (list == nullptr || !list->is_array()) return;
  for (std::size_t i = 0; i < list->get_array().size(); ++i) {
    const json::value& item = list->get_array()[i];
    if (!item.is_object()) continue;
    const json::object& container = item.get_object();
    const std::string here = fmt::format("{}.{}[{}]", path, list_name, i);
    const std::string_view name = text_at(container, "name");
    if (name.empty()) {
      causes.push_back(required(here + ".name"));
    } else if (!is_dns_label(name) || name.size() > label_limit) {
      causes.push_back(wrong_text(
          here + ".name", name,
          name.size() > label_limit ? too_long(label_limit) : std::string{dns_label_rule}));
    } else if (std::find(names.begin(), names.end(), name) != names.end()) {
      causes.push_back(
          {"FieldValueDuplicate", fmt::format("Duplicate value: \"{}\"", name), here + ".name"});
    }
    names.push_back(name);
    if (text_at(container, "image").empty()) causes.push_back(required(here + ".image"));
    check_env(causes, here, container);
  }
}

void check_pod_spec(std::vector<Cause>& causes, const std::string& path,
                    const json::object& parent) {
  const json::value* found = parent.if_contains("spec");
  static const json::object none;
  const json::object& spec = found != nullptr && found->is_object() ? found->get_object() : none;
  const json::value* containers = spec.if_contains("containers");
  if (containers == nullptr || !containers->is_array() || containers->get_array().empty()) {
    causes.push_back(required(path + ".containers"));
  }
  check_containers(causes, path, "containers", spec);
  check_containers(causes, path, "initContainers", spec);
}

void check_job_template(std::vector<Cause>& causes, const json::object& spec) {
  const json::value* found = spec.if_contains("template");
  if (found == nullptr || !found->is_object()) return;
  const json::object& pod_template = found->get_object();
  if (const json::value* metadata = pod_template.if_contains("metadata");
      metadata != nullptr && metadata->is_object()) {
    check_labels(causes, "spec.template.labels", metadata->get_object());
    check_annotations(causes, "spec.template.annotations", metadata->get_object());
  }
  check_pod_spec(causes, "spec.template.spec", pod_template);
  const std::string_view policy = text_at(pod_template, "spec.restartPolicy");
  constexpr const char* path = "spec.template.spec.restartPolicy";
  if (policy == "Always" || policy.empty()) {
    causes.push_back(required(path, R"(valid values: "OnFailure", "Never")"));
  } else if (policy != "OnFailure" && policy != "Never") {
    causes.push_back(
        {"FieldValueNotSupported",
         fmt::format(R"(Unsupported value: "{}": supported values: "OnFailure", "Never")", policy),
         path});
  }
}

void check_job(std::vector<Cause>& causes, const json::object& job) {
  const json::object& spec = job.at("spec").as_object();
  for (const char* member : {"parallelism", "completions", "activeDeadlineSeconds", "backoffLimit",
                             "ttlSecondsAfterFinished"}) {
    check_not_negative(causes, spec, member);
  }
  check_job_template(causes, spec);
}

// What is Base64 on the wire counts by the bytes that it stands for.
std::size_t decoded_size(std::string_view base64) {
  const std::size_t padding = base64.ends_with("==") ? 2 : base64.ends_with('=') ? 1 : 0;
  return base64.size() / 4 * 3 - std::min(padding, base64.size() / 4 * 3);
}

template <class Size>
std::size_t bytes_at(const json::object& document, std::string_view name, Size size) {
  const json::value* values = document.if_contains(name);
  if (values == nullptr || !values->is_object()) return 0;
  std::size_t bytes = 0;
  for (const auto& [key, value] : values->get_object()) {
    if (value.is_string()) bytes += size(std::string_view(value.get_string()));
  }
  return bytes;
}

void check_config_map(std::vector<Cause>& causes, const json::object& map) {
  const std::size_t bytes =
      bytes_at(map, "data", [](std::string_view text) { return text.size(); }) +
      bytes_at(map, "binaryData", decoded_size);
  if (bytes <= config_map_limit) return;
  causes.push_back({"FieldValueTooLong",
                    fmt::format("Too long: may not be more than {} bytes", config_map_limit),
                    "[]"});  // the object as a whole
}

}  // namespace

Cause invalid_value(std::string_view field, std::string_view shown, std::string_view detail) {
  return {"FieldValueInvalid", fmt::format("Invalid value: {}: {}", shown, detail),
          std::string{field}};
}

void check_qualified_name(std::vector<Cause>& causes, std::string_view path, std::string_view key) {
  const std::size_t slash = key.find('/');
  if (slash != std::string_view::npos && key.find('/', slash + 1) != std::string_view::npos) {
    causes.push_back(wrong_text(path, key,
                                fmt::format("a qualified name {} with an optional DNS subdomain "
                                            "prefix and '/' (e.g. 'example.com/MyName')",
                                            qualified_rule)));
    return;
  }
  const std::string_view name = slash == std::string_view::npos ? key : key.substr(slash + 1);
  if (slash != std::string_view::npos && !is_subdomain(key.substr(0, slash))) {
    causes.push_back(wrong_text(path, key, fmt::format("prefix part {}", subdomain_rule)));
  }
  if (name.empty()) causes.push_back(wrong_text(path, key, "name part must be non-empty"));
  if (name.size() > label_limit)
    causes.push_back(wrong_text(path, key, "name part " + too_long(label_limit)));
  if (!is_qualified_part(name))
    causes.push_back(wrong_text(path, key, fmt::format("name part {}", qualified_rule)));
}

void check_label_value(std::vector<Cause>& causes, std::string_view path, std::string_view value) {
  if (value.size() > label_limit) causes.push_back(wrong_text(path, value, too_long(label_limit)));
  if (!value.empty() && !is_qualified_part(value))
    causes.push_back(wrong_text(path, value, label_value_rule));
}

void check_annotations(std::vector<Cause>& causes, std::string_view path,
                       const json::object& parent) {
  const json::value* annotations = parent.if_contains("annotations");
  if (annotations == nullptr || !annotations->is_object()) return;
  std::size_t bytes = 0;
  for (const auto& [key, value] : annotations->get_object()) {
    std::string lower{key};
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    check_qualified_name(causes, path, lower);
    bytes += key.size() + (value.is_string() ? value.get_string().size() : 0);
  }
  if (bytes > annotation_limit) {
    causes.push_back({"FieldValueTooLong",
                      fmt::format("Too long: may not be more than {} bytes", annotation_limit),
                      std::string{path}});
  }
}

void check_labels(std::vector<Cause>& causes, std::string_view path, const json::object& parent) {
  const json::value* labels = parent.if_contains("labels");
  if (labels == nullptr || !labels->is_object()) return;
  for (const auto& [key, value] : labels->get_object()) {
    check_qualified_name(causes, path, key);
    if (value.is_string()) check_label_value(causes, path, value.get_string());
  }
}

std::vector<Cause> find_faults(Resource resource, const json::object& document) {
  std::vector<Cause> causes;
  check_metadata(causes, resource, document);
  if (resource == Resource::jobs) check_job(causes, document);
  if (resource == Resource::pods) check_pod_spec(causes, "spec", document);
  if (resource == Resource::configmaps) check_config_map(causes, document);
  return causes;
}

}  // namespace copse::runner::sandbox
