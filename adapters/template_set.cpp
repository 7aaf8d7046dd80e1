#include "adapters/template_set.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include <sys/stat.h>

namespace copse::adapters {
namespace {

namespace fs = std::filesystem;

// Enough to notice that a file was replaced, also by the symlink that a mounted ConfigMap swaps.
struct Stamp {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = -1;
  timespec changed{};

  bool operator==(const Stamp& other) const {
    return device == other.device && inode == other.inode && size == other.size &&
           changed.tv_sec == other.changed.tv_sec && changed.tv_nsec == other.changed.tv_nsec;
  }
};

std::expected<Stamp, std::string> stamp(const std::string& path) {
  struct stat status{};

  if (::stat(path.c_str(), &status) != 0)
    return std::unexpected(std::generic_category().message(errno));
  if (S_ISDIR(status.st_mode)) return std::unexpected(std::string("it is a folder"));
  return Stamp{status.st_dev, status.st_ino, status.st_size, status.st_mtim};
}

std::expected<std::string, std::string> contents(const std::string& path) {
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
  Stamp read_at;  // of the version below
  std::shared_ptr<const PodTemplate> current;
  engine::Diagnostics diagnostics;

  // Reads the file unless it is the version that is known.
  void refresh() {
    const auto now = stamp(origin.path);
    if (!now) return lose(now.error());
    if (*now == read_at) return;
    auto text = contents(origin.path);
    if (!text) return lose(text.error());
    TemplateReading reading = read_pod_template({origin.path, std::move(*text)}, origin.form);
    current = reading.pod_template
                  ? std::make_shared<const PodTemplate>(std::move(*reading.pod_template))
                  : nullptr;
    diagnostics = std::move(reading.diagnostics);
    if (current == nullptr) {
      for (engine::Diagnostic& d : diagnostics) {
        if (d.severity == engine::Severity::error) d.notes.push_back(druid_says(origin));
      }
    }
    read_at = *now;
  }

  void lose(const std::string& cause) {
    current = nullptr;
    read_at = Stamp{};
    diagnostics = {unreadable(origin, cause)};
  }
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
    slots.push_back({std::move(origin), {}, nullptr, {}});
    slots.back().refresh();
    const engine::Diagnostics& found = slots.back().diagnostics;
    loading.diagnostics.insert(loading.diagnostics.end(), found.begin(), found.end());
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

bool TemplateSet::contains(std::string_view key) const {
  return std::any_of(slots_.begin(), slots_.end(),
                     [&](const Slot& slot) { return slot.origin.key == key; });
}

std::string TemplateSet::path(std::string_view key) const {
  for (const Slot& slot : slots_) {
    if (slot.origin.key == key) return slot.origin.path;
  }
  return {};
}

std::vector<std::string> TemplateSet::paths() const {
  std::vector<std::string> all;
  for (const Slot& slot : slots_) all.push_back(slot.origin.path);
  return all;
}

std::expected<std::shared_ptr<const PodTemplate>, engine::Diagnostics> TemplateSet::get(
    std::string_view key) {
  const auto slot = std::find_if(slots_.begin(), slots_.end(),
                                 [&](const Slot& s) { return s.origin.key == key; });
  if (slot == slots_.end()) {
    return std::unexpected(engine::Diagnostics{configuration_error(
        "C0125", "no template has the key `" + std::string(key) + "`", {},
        "set `" + std::string(template_property_prefix) + std::string(key) + "`")});
  }
  slot->refresh();
  if (slot->current == nullptr) return std::unexpected(slot->diagnostics);
  return slot->current;
}

engine::Diagnostics TemplateSet::warnings(std::string_view key) const {
  const auto slot = std::find_if(slots_.begin(), slots_.end(),
                                 [&](const Slot& s) { return s.origin.key == key; });
  return slot == slots_.end() || slot->current == nullptr ? engine::Diagnostics{}
                                                          : slot->diagnostics;
}

}  // namespace copse::adapters
