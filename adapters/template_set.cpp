#include "adapters/template_set.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include <sys/stat.h>

namespace copse::adapters {
namespace {

namespace fs = std::filesystem;

// WHY looked at before it is opened: opening a pipe waits for somebody who writes to it, perhaps
// for ever.
std::expected<std::string, std::string> contents(const std::string& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0)
    return std::unexpected(std::generic_category().message(errno));
  if (S_ISDIR(found.st_mode)) return std::unexpected(std::string("it is a folder"));
  if (!S_ISREG(found.st_mode)) return std::unexpected(std::string("it is no regular file"));
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::unexpected(std::generic_category().message(errno));
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

std::string druid_says(const TemplateOrigin& origin) {
  return "Druid: Failed to load pod template file for [" + origin.property + "] at [" +
         origin.path + "]";
}

engine::Diagnostic unreadable(const TemplateOrigin& origin, const std::string& cause) {
  engine::Diagnostic diagnostic;
  diagnostic.code = "T0111";
  diagnostic.title = "cannot read the pod template `" + origin.path + "`: " + cause;
  diagnostic.place = origin.place;
  if (diagnostic.place.file.empty()) diagnostic.place = engine::whole_file(origin.path);
  diagnostic.label = "named here";
  if (origin.place.line == 0) diagnostic.label.clear();
  diagnostic.notes.push_back(druid_says(origin));
  diagnostic.help = "put the file back, or correct its path";
  return diagnostic;
}

engine::Diagnostic configuration_error(std::string code, std::string title, engine::Place place,
                                       std::string help) {
  engine::Diagnostic diagnostic;
  diagnostic.code = std::move(code);
  diagnostic.title = std::move(title);
  diagnostic.place = std::move(place);
  diagnostic.help = std::move(help);
  return diagnostic;
}

engine::Diagnostic no_base(engine::Place place, std::string help) {
  return configuration_error(
      "C0121",
      "Pod template task adapter requires a base pod template to be specified under "
      "druid.indexer.runner.k8s.podTemplate.base",
      std::move(place), std::move(help));
}

void sort_by_key(std::vector<TemplateOrigin>& origins) {
  std::sort(origins.begin(), origins.end(),
            [](const TemplateOrigin& a, const TemplateOrigin& b) { return a.key < b.key; });
}

TemplateReading read(const TemplateOrigin& origin) {
  auto text = contents(origin.path);
  if (!text) return {std::nullopt, {unreadable(origin, text.error())}};
  TemplateReading reading = read_pod_template({origin.path, std::move(*text)}, origin.form);
  if (reading.pod_template) return reading;
  for (engine::Diagnostic& each : reading.diagnostics) {
    if (each.severity == engine::Severity::error) each.notes.push_back(druid_says(origin));
  }
  return reading;
}

bool has_base(const std::vector<TemplateOrigin>& origins) {
  return std::any_of(origins.begin(), origins.end(),
                     [](const TemplateOrigin& origin) { return origin.key == base_template; });
}

}  // namespace

std::expected<std::vector<TemplateOrigin>, engine::Diagnostics> template_origins(
    const engine::Properties& properties) {
  std::vector<TemplateOrigin> origins;
  engine::Diagnostics diagnostics;
  for (const engine::Property* property : properties.with_prefix(template_property_prefix)) {
    const std::string key = property->key.substr(property->key.rfind('.') + 1);
    const bool seen = std::any_of(origins.begin(), origins.end(),
                                  [&](const TemplateOrigin& o) { return o.key == key; });
    if (seen) continue;
    const std::string name = std::string(template_property_prefix) + key;
    const engine::Property* file = properties.find(name);
    if (file == nullptr) {
      diagnostics.push_back(configuration_error(
          "C0122", "Pod template file not specified for [" + name + "]", property->place,
          "a key is the last segment of `" + property->key + "`: use a key without dots"));
      continue;
    }
    origins.push_back({key, file->value, name, file->place, TemplateForm::pod_template});
  }
  if (!has_base(origins)) {
    const auto others = properties.with_prefix(template_property_prefix);
    diagnostics.push_back(
        no_base(others.empty() ? engine::Place{} : engine::whole_file(others.front()->place.file),
                "add `druid.indexer.runner.k8s.podTemplate.base=/path/to/template.yaml`"));
  }
  if (!diagnostics.empty()) return std::unexpected(std::move(diagnostics));
  sort_by_key(origins);
  return origins;
}

std::expected<std::vector<TemplateOrigin>, engine::Diagnostics> template_origins_in(
    const std::string& folder) {
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  if (error) {
    return std::unexpected(engine::Diagnostics{configuration_error(
        "C0123", "cannot read the folder of templates `" + folder + "`: " + error.message(),
        engine::whole_file(folder), "name a folder with a file `base.yaml`")});
  }
  std::vector<TemplateOrigin> origins;
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    const fs::path& path = entries->path();
    const std::string extension = path.extension().string();
    if (extension != ".yaml" && extension != ".yml" && extension != ".json") continue;
    const std::string key = path.stem().string();
    origins.push_back({key,
                       path.string(),
                       std::string(template_property_prefix) + key,
                       {},
                       TemplateForm::bare_allowed});
  }
  sort_by_key(origins);
  engine::Diagnostics diagnostics;
  for (std::size_t i = 1; i < origins.size(); ++i) {
    if (origins[i].key != origins[i - 1].key) continue;
    diagnostics.push_back(
        configuration_error("C0124", "two files give the template `" + origins[i].key + "`",
                            engine::whole_file(origins[i].path),
                            "the other is `" + origins[i - 1].path + "`: keep one of them"));
  }
  if (!has_base(origins))
    diagnostics.push_back(no_base(engine::whole_file(folder), "add a file `base.yaml`"));
  if (!diagnostics.empty()) return std::unexpected(std::move(diagnostics));
  return origins;
}

struct TemplateSet::Slot {
  TemplateOrigin origin;
  PodTemplate pod_template;
};

TemplateSet::TemplateSet(std::vector<Slot> slots) : slots_(std::move(slots)) {}

TemplateSet::TemplateSet(TemplateSet&&) noexcept = default;
TemplateSet& TemplateSet::operator=(TemplateSet&&) noexcept = default;
TemplateSet::~TemplateSet() = default;

TemplateSet::Loading TemplateSet::load(std::vector<TemplateOrigin> origins) {
  sort_by_key(origins);
  Loading loading;
  std::vector<Slot> slots;
  for (TemplateOrigin& origin : origins) {
    TemplateReading reading = read(origin);
    loading.diagnostics.insert(loading.diagnostics.end(), reading.diagnostics.begin(),
                               reading.diagnostics.end());
    if (reading.pod_template)
      slots.push_back({std::move(origin), std::move(*reading.pod_template)});
  }
  if (!engine::has_errors(loading.diagnostics)) {
    loading.set = std::unique_ptr<TemplateSet>(new TemplateSet(std::move(slots)));
  }
  return loading;
}

std::vector<std::string_view> TemplateSet::keys() const {
  std::vector<std::string_view> all;
  for (const Slot& slot : slots_) all.emplace_back(slot.origin.key);
  return all;
}

const TemplateSet::Slot* TemplateSet::find(std::string_view key) const {
  const auto slot =
      std::ranges::find_if(slots_, [&](const Slot& each) { return each.origin.key == key; });
  return slot == slots_.end() ? nullptr : &*slot;
}

bool TemplateSet::contains(std::string_view key) const {
  return find(key) != nullptr;
}

std::string TemplateSet::path(std::string_view key) const {
  const Slot* slot = find(key);
  return slot == nullptr ? "" : slot->origin.path;
}

std::vector<std::string> TemplateSet::paths() const {
  std::vector<std::string> all;
  for (const Slot& slot : slots_) all.push_back(slot.origin.path);
  return all;
}

std::expected<const PodTemplate*, engine::Diagnostics> TemplateSet::get(
    std::string_view key) const {
  if (const Slot* slot = find(key)) return &slot->pod_template;
  return std::unexpected(engine::Diagnostics{configuration_error(
      "C0125", "no template has the key `" + std::string(key) + "`", {},
      "set `" + std::string(template_property_prefix) + std::string(key) + "`")});
}

}  // namespace copse::adapters
