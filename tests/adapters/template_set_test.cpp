#include "adapters/template_set.hpp"

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <unistd.h>

using namespace copse::adapters;
namespace engine = copse::engine;
namespace fs = std::filesystem;

namespace {

// A folder that is gone with the test.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "copse-templates-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }

  ~Folder() { fs::remove_all(path_); }

  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  // Written beside and moved into place, as an editor or a mounted ConfigMap does.
  std::string put(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / ".new", std::ios::binary) << text;
    fs::rename(path_ / ".new", path_ / name);
    return (path_ / name).string();
  }

  void remove(const std::string& name) const { fs::remove(path_ / name); }

  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

std::string good(const std::string& container) {
  return "template:\n  spec:\n    restartPolicy: Never\n    containers:\n    - name: " + container +
         "\n";
}

engine::Properties templates(const std::vector<std::pair<std::string, std::string>>& paths) {
  engine::Properties properties;
  for (const auto& [key, path] : paths) {
    properties.set({std::string(template_property_prefix) + key, path,
                    engine::whole_file("runtime.properties")});
  }
  return properties;
}

std::string container(const TemplateSet& set, std::string_view key) {
  const auto found = set.get(key);
  return found ? (*found)->first_container : found.error().front().title;
}

}  // namespace

TEST_CASE("without a base template nothing starts", "[adapters]") {
  const auto origins = template_origins(templates({{"noop", "/x"}}));
  REQUIRE_FALSE(origins.has_value());
  CHECK(origins.error().front().title ==
        "Pod template task adapter requires a base pod template to be specified under "
        "druid.indexer.runner.k8s.podTemplate.base");
}

TEST_CASE("a key with a dot asks for a property that is missing", "[adapters]") {
  const auto origins = template_origins(templates({{"base", "/x"}, {"a.b", "/y"}}));
  REQUIRE_FALSE(origins.has_value());
  CHECK(origins.error().front().title ==
        "Pod template file not specified for [druid.indexer.runner.k8s.podTemplate.b]");
  const auto both = template_origins(templates({{"base", "/x"}, {"a.b", "/y"}, {"b", "/z"}}));
  REQUIRE(both.has_value());
  CHECK(both->size() == 2);
}

TEST_CASE("a file that cannot be read or parsed stops the start, with Druid's message",
          "[adapters]") {
  const Folder folder;
  const std::string base = folder.put("base.yaml", good("main"));
  const auto notes = [&](const std::string& path) {
    const auto loading =
        TemplateSet::load(template_origins(templates({{"base", base}, {"noop", path}})).value());
    CHECK(loading.set == nullptr);
    REQUIRE_FALSE(loading.diagnostics.empty());
    return loading.diagnostics.front().notes.back();
  };
  const std::string head =
      "Druid: Failed to load pod template file for [druid.indexer.runner.k8s.podTemplate.noop] at "
      "[";
  CHECK(notes("/nowhere/x.yaml") == head + "/nowhere/x.yaml]");
  CHECK(notes(folder.path()) == head + folder.path() + "]");
  const std::string empty = folder.put("empty.yaml", "");
  CHECK(notes(empty) == head + empty + "]");
}

TEST_CASE("templates stay as they were read, whatever becomes of their files", "[adapters]") {
  const Folder folder;
  const std::string base = folder.put("base.yaml", good("first"));
  const std::string noop = folder.put("noop.yaml", good("noop"));
  const auto origins = template_origins(templates({{"base", base}, {"noop", noop}})).value();
  auto loading = TemplateSet::load(origins);
  REQUIRE(loading.set != nullptr);
  const TemplateSet& set = *loading.set;
  CHECK(set.keys() == std::vector<std::string_view>{"base", "noop"});
  CHECK(container(set, "base") == "first");
  CHECK(container(set, "other") == "no template has the key `other`");

  folder.put("base.yaml", "null\n");
  folder.remove("noop.yaml");
  CHECK(container(set, "base") == "first");
  CHECK(container(set, "noop") == "noop");

  const auto broken = TemplateSet::load(origins);
  CHECK(broken.set == nullptr);
  REQUIRE(broken.diagnostics.size() == 2);
  CHECK(broken.diagnostics[0].title == "the template is empty");
  CHECK(broken.diagnostics[1].title ==
        "cannot read the pod template `" + noop + "`: No such file or directory");
  CHECK(broken.diagnostics[1].place.file == "runtime.properties");
  CHECK(broken.diagnostics[1].notes.back().find("Failed to load pod template file for") !=
        std::string::npos);

  folder.put("base.yaml", good("second"));
  folder.put("noop.yaml", good("noop"));
  const auto mended = TemplateSet::load(origins);
  REQUIRE(mended.set != nullptr);
  CHECK(container(*mended.set, "base") == "second");
  CHECK(container(set, "base") == "first");
}

TEST_CASE("a template that is a pipe is refused without waiting for who writes to it",
          "[adapters]") {
  const Folder folder;
  const std::string pipe = folder.path() + "/base.yaml";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const auto loading = TemplateSet::load(template_origins_in(folder.path()).value());
  CHECK(loading.set == nullptr);
  REQUIRE(loading.diagnostics.size() == 1);
  CHECK(loading.diagnostics[0].title ==
        "cannot read the pod template `" + pipe + "`: it is no regular file");
}

TEST_CASE("warnings of a template come with it", "[adapters]") {
  const Folder folder;
  const std::string base = folder.put("base.yaml", good("main") + "      imge: x\n");
  const auto loading = TemplateSet::load(template_origins(templates({{"base", base}})).value());
  REQUIRE(loading.set != nullptr);
  CHECK(loading.diagnostics.size() == 1);
}

TEST_CASE("a folder gives each of its YAML and JSON files as a template", "[adapters]") {
  const Folder folder;
  folder.put("base.yaml", "spec:\n  restartPolicy: Never\n  containers:\n  - name: bare\n");
  folder.put("index_kafka.yml", good("kafka"));
  folder.put("noop.json",
             R"({"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"json"}]}}})");
  folder.put("README.md", "no template");
  auto loading = TemplateSet::load(template_origins_in(folder.path()).value());
  REQUIRE(loading.set != nullptr);
  CHECK(loading.diagnostics.empty());
  CHECK(loading.set->keys() == std::vector<std::string_view>{"base", "index_kafka", "noop"});
  CHECK(container(*loading.set, "base") == "bare");
  CHECK(container(*loading.set, "noop") == "json");
}

TEST_CASE("a folder must exist, have a base, and no name twice", "[adapters]") {
  const Folder folder;
  CHECK(template_origins_in("/nowhere").error().front().code == "C0123");
  CHECK(template_origins_in(folder.path()).error().front().help == "add a file `base.yaml`");
  folder.put("base.yaml", good("a"));
  folder.put("base.json", "{}");
  CHECK(template_origins_in(folder.path()).error().front().title ==
        "two files give the template `base`");
}
