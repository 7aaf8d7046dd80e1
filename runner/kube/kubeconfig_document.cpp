#include "runner/kube/kubeconfig_document.hpp"

#include "runner/kube/credentials.hpp"

#include <yaml-cpp/yaml.h>

namespace copse::runner::kube {
namespace {

using engine::Diagnostic;
using engine::Diagnostics;

Diagnostic about_file(std::string code, std::string title, const std::string& path,
                      std::string help) {
  Diagnostic diagnostic;
  diagnostic.code = std::move(code);
  diagnostic.title = std::move(title);
  diagnostic.place = engine::whole_file(path);
  diagnostic.help = std::move(help);
  return diagnostic;
}

engine::Place place_at(const std::string& path, const YAML::Mark& mark) {
  engine::Place place = engine::whole_file(path);
  if (mark.is_null()) return place;
  place.line = static_cast<std::uint32_t>(mark.line + 1);
  place.column = static_cast<std::uint32_t>(mark.column + 1);
  return place;
}

std::string_view kind_of(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Map:
      return "a map";
    case YAML::NodeType::Sequence:
      return "a list";
    case YAML::NodeType::Scalar:
      return "a text";
    case YAML::NodeType::Null:
    case YAML::NodeType::Undefined:
      break;
  }
  return "nothing";
}

}  // namespace

struct Section::Node {
  std::shared_ptr<const std::string> path;
  YAML::Node yaml;

  [[nodiscard]] std::shared_ptr<const Node> with(YAML::Node other) const {
    return std::make_shared<const Node>(Node{path, std::move(other)});
  }

  // The value at `key`; not defined when there is none or the file says null.
  [[nodiscard]] YAML::Node at(std::string_view key) const {
    if (!yaml.IsMap()) return YAML::Node(YAML::NodeType::Undefined);
    for (const auto& member : yaml) {
      if (member.first.IsScalar() && member.first.Scalar() == key) {
        return member.second.IsNull() ? YAML::Node(YAML::NodeType::Undefined) : member.second;
      }
    }
    return YAML::Node(YAML::NodeType::Undefined);
  }

  [[nodiscard]] YAML::Mark mark_of_key(std::string_view key) const {
    for (const auto& member : yaml) {
      if (member.first.IsScalar() && member.first.Scalar() == key) return member.first.Mark();
    }
    return yaml.Mark();
  }
};

const std::string& Section::file() const {
  return *node_->path;
}

Diagnostic Section::fault(std::string code, std::string title, std::string_view key,
                          std::string_view shown, std::string help) const {
  Diagnostic diagnostic;
  diagnostic.code = std::move(code);
  diagnostic.title = std::move(title);
  diagnostic.help = std::move(help);
  diagnostic.place = place_at(file(), node_->mark_of_key(key));
  const std::string value(shown.substr(0, engine::excerpt_limit / 2));
  diagnostic.place.excerpt = std::string(key) + ": " + value;
  diagnostic.place.underline_at = value.empty() ? 0 : engine::code_points(key) + 2;
  diagnostic.place.underline_length =
      engine::code_points(value.empty() ? key : std::string_view(value));
  return diagnostic;
}

std::string Section::text(std::string_view key, Diagnostics& diagnostics) const {
  const YAML::Node value = node_->at(key);
  if (!value.IsDefined()) return {};
  if (value.IsScalar()) return value.Scalar();
  diagnostics.push_back(fault(
      "C0504", "`" + std::string(key) + "` must be a text and is " + std::string(kind_of(value)),
      key, "", ""));
  return {};
}

bool Section::flag(std::string_view key, Diagnostics& diagnostics) const {
  const std::string value = text(key, diagnostics);
  if (value.empty() || value == "false") return false;
  if (value == "true") return true;
  diagnostics.push_back(
      fault("C0504", "`" + std::string(key) + "` must be true or false", key, value, ""));
  return false;
}

bool Section::has(std::string_view key) const {
  return node_->at(key).IsDefined();
}

std::optional<Section> Section::section(std::string_view key, Diagnostics& diagnostics) const {
  const YAML::Node value = node_->at(key);
  if (!value.IsDefined()) return {};
  if (value.IsMap()) return Section(node_->with(value));
  diagnostics.push_back(fault(
      "C0504", "`" + std::string(key) + "` must be a map and is " + std::string(kind_of(value)),
      key, "", ""));
  return {};
}

std::vector<std::string> Section::texts(std::string_view key, Diagnostics& diagnostics) const {
  std::vector<std::string> list;
  const YAML::Node value = node_->at(key);
  if (!value.IsDefined()) return list;
  bool is_good = value.IsSequence();
  for (std::size_t i = 0; is_good && i < value.size(); ++i) {
    is_good = value[i].IsScalar();
    if (is_good) list.push_back(value[i].Scalar());
  }
  if (!is_good)
    diagnostics.push_back(
        fault("C0504", "`" + std::string(key) + "` must be a list of texts", key, "", ""));
  return list;
}

std::vector<Section> Section::sections(std::string_view key, Diagnostics& diagnostics) const {
  std::vector<Section> list;
  const YAML::Node value = node_->at(key);
  if (!value.IsDefined()) return list;
  bool is_good = value.IsSequence();
  for (std::size_t i = 0; is_good && i < value.size(); ++i) {
    is_good = value[i].IsMap();
    if (is_good) list.emplace_back(node_->with(value[i]));
  }
  if (!is_good)
    diagnostics.push_back(
        fault("C0504", "`" + std::string(key) + "` must be a list of maps", key, "", ""));
  return list;
}

std::expected<Section, Diagnostics> read_kubeconfig(const std::string& path) {
  const auto text = read_small_file(path);
  if (!text) {
    return std::unexpected(
        Diagnostics{about_file("C0502", "kubeconfig `" + path + "` cannot be read: " + text.error(),
                               path, "check the path and its permissions")});
  }
  try {
    const YAML::Node root = YAML::Load(*text);
    if (root.IsMap()) {
      return Section(std::make_shared<const Section::Node>(
          Section::Node{std::make_shared<const std::string>(path), root}));
    }
    return std::unexpected(
        Diagnostics{about_file("C0503", "kubeconfig `" + path + "` holds no map", path,
                               "a kubeconfig has `clusters`, `users` and `contexts`")});
  } catch (const YAML::Exception& error) {
    Diagnostic diagnostic =
        about_file("C0503", "kubeconfig `" + path + "` is not YAML: " + error.msg, path,
                   "look at the indentation and the quotes around this place");
    diagnostic.place = place_at(path, error.mark);
    return std::unexpected(Diagnostics{std::move(diagnostic)});
  }
}

}  // namespace copse::runner::kube
