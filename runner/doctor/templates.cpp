#include "runner/doctor/templates.hpp"

#include "runner/doctor/json_at.hpp"

#include <algorithm>
#include <utility>

namespace copse::runner::doctor {
namespace {

namespace json = boost::json;

// As Druid's images read it: `druid_peon_mode`, an underscore of the property doubled.
std::string environment_name(std::string_view property) {
  std::string name;
  for (const char c : property) name += c == '.' ? "_" : c == '_' ? "__" : std::string(1, c);
  return name;
}

// The value of the last `-DPROPERTY=VALUE` in a command line.
void find_definition(std::string_view words, std::string_view property, Told& to) {
  const std::string wanted = "-D" + std::string(property) + "=";
  const std::size_t at = words.rfind(wanted);
  if (at == std::string_view::npos) return;
  std::string_view value = words.substr(at + wanted.size());
  value = value.substr(0, value.find_first_of(" \t\r\n\"'"));
  to = {true, std::string(value)};
}

template <class Visit>
void each_text(const json::value* list, Visit visit) {
  if (list == nullptr || !list->is_array()) return;
  for (const json::value& word : list->get_array()) {
    if (word.is_string()) visit(std::string_view(word.get_string()));
  }
}

template <class Visit>
void each_variable(const json::value& document, Visit visit) {
  const json::value* list = json_at(document, "/spec/containers/0/env");
  if (list == nullptr || !list->is_array()) return;
  for (const json::value& variable : list->get_array())
    visit(text_at(variable, "/name").value_or(""), text_at(variable, "/value"),
          json_at(variable, "/valueFrom") != nullptr);
}

// WHY -D over the environment: Druid puts system properties over its files, into which the image's
// start script writes the environment.
Told told_as(const json::value& document, std::string_view property) {
  Told found;
  const std::string name = environment_name(property);
  each_variable(document, [&](const std::string& variable, const auto& value, bool is_elsewhere) {
    if (variable == name) found = {true, is_elsewhere ? std::nullopt : value};
  });
  each_variable(document, [&](const std::string&, const auto& value, bool) {
    if (value) find_definition(*value, property, found);
  });
  for (const char* words : {"/spec/containers/0/command", "/spec/containers/0/args"})
    each_text(json_at(document, words),
              [&](std::string_view word) { find_definition(word, property, found); });
  return found;
}

Told told_in(const json::value& document, std::string_view property) {
  Told found = told_as(document, property);
  if (!found.is_there && property == "druid.port") return told_as(document, "druid.plaintextPort");
  return found;
}

// The peon only looks whether `k8s` is in it.
bool fits(const PeonProperty& property, std::string_view wanted, std::string_view value) {
  if (property.name == "druid.indexer.runner.type")
    return value.find(property.wanted) != std::string_view::npos;
  return value == wanted;
}

constexpr std::string_view base_task_dir = "druid.indexer.task.baseTaskDir";

// The folder that `/peon.sh FOLDER 1` in the first container's command is given; empty: none.
std::string given_folder(const json::value& document) {
  std::string all;
  for (const char* words : {"/spec/containers/0/command", "/spec/containers/0/args"})
    each_text(json_at(document, words),
              [&](std::string_view word) { all += std::string(word) + " "; });
  const std::size_t script = all.find("peon.sh ");
  if (script == std::string::npos) return {};
  const std::size_t at = all.find_first_not_of(' ', script + std::string_view("peon.sh").size());
  if (at == std::string::npos || all[at] != '/') return {};
  return all.substr(at, all.find_first_of(" \t\r\n", at) - at);
}

void append(std::string& to, std::string_view text) {
  if (!to.empty()) to += "; ";
  to += text;
}

class Judge {
 public:
  Judge(const TemplateFacts& facts, engine::Release release)
      : facts_(facts), release_(release), row_{"template " + facts.key, Verdict::ok, {}} {}

  Row run() {
    reading();
    if (!facts_.document || row_.verdict == Verdict::error) return std::move(row_);
    const json::value document = json_of(*facts_.document);
    if (json_at(document, "/spec/containers/0") == nullptr) {
      say(Verdict::error, "there is no container, so that Druid fails each launch",
          "put the peon's container first under `spec.containers`");
      return std::move(row_);
    }
    properties(document);
    host(document);
    restart_policy(document);
    if (row_.found.empty()) row_.found = "tells a peon all it needs";
    return std::move(row_);
  }

 private:
  void say(Verdict verdict, std::string_view found, std::string_view remedy) {
    row_.verdict = graver(row_.verdict, verdict);
    append(row_.found, found);
    if (row_.remedy.find(remedy) == std::string::npos) append(row_.remedy, remedy);
  }

  void reading() {
    for (const engine::Diagnostic& each : facts_.diagnostics) {
      if (each.severity == engine::Severity::note) continue;
      std::string place = each.place.file;
      if (each.place.line > 0) place += ":" + std::to_string(each.place.line);
      say(each.severity == engine::Severity::error ? Verdict::error : Verdict::warning,
          each.title + (place.empty() ? "" : " (" + place + ")"), each.help);
    }
  }

  void properties(const json::value& document) {
    std::vector<std::string> unseen;
    std::vector<std::string> variables;
    for (const PeonProperty& property : peon_properties) {
      const std::string wanted = wanted_of(property, document);
      if (wanted.empty()) continue;
      const Told said = told_in(document, property.name);
      const std::string name(property.name);
      if (!said.is_there) {
        unseen.push_back(name);
        variables.push_back(environment_name(name) + "=" + wanted);
      } else if (said.value && !fits(property, wanted, *said.value)) {
        say(property.when_other, name + " is `" + *said.value + "`: " + std::string(property.why),
            "set " + name + "=" + wanted);
      }
    }
    if (unseen.empty()) return;
    say(Verdict::note, "does not set " + listed(unseen) + ", which may come from the image",
        "if the image's configuration lacks it, add to the environment: " + listed(variables));
  }

  // Empty: any value, or none, will do.
  std::string wanted_of(const PeonProperty& property, const json::value& document) const {
    if (property.name != base_task_dir) return std::string(property.wanted);
    if (engine::has(release_, engine::Behaviour::base_task_dir_in_environment)) return {};
    return given_folder(document);
  }

  // What the image's start script does by itself, unless it is told otherwise.
  void host(const json::value& document) {
    const Told said = told_in(document, "druid.host");
    if (!said.is_there || !said.value || said.value->find('$') != std::string::npos) return;
    say(Verdict::warning, "druid.host is `" + *said.value + "` in every pod",
        "take it from the field status.podIP, or leave it out");
  }

  // A missing one, and `Always`, are told by the reading.
  void restart_policy(const json::value& document) {
    if (text_at(document, "/spec/restartPolicy") != "OnFailure") return;
    say(Verdict::warning,
        "restartPolicy is `OnFailure`: a peon that died is started again on half-written files",
        "set `restartPolicy: Never`");
  }

  const TemplateFacts& facts_;
  engine::Release release_;
  Row row_;
};

}  // namespace

Told told(std::string_view document, std::string_view property) {
  return told_in(json_of(document), property);
}

Row judge_template(const TemplateFacts& facts, engine::Release release) {
  return Judge(facts, release).run();
}

Row judge_spreading(const std::vector<TemplateFacts>& all) {
  std::vector<std::string> without;
  for (const TemplateFacts& each : all) {
    const json::value document = json_of(each.document.value_or(""));
    if (json_at(document, "/spec/affinity/podAntiAffinity") == nullptr &&
        json_at(document, "/spec/topologySpreadConstraints") == nullptr)
      without.push_back("`" + each.key + "`");
  }
  Row row{"replicas", Verdict::ok, "templates spread pods over nodes"};
  if (without.empty()) return row;
  row.verdict = Verdict::note;
  row.found =
      "nothing in " + listed(without) + " keeps replicas of a streaming task on different nodes";
  row.remedy =
      "where replicas matter add podAntiAffinity or topologySpreadConstraints over "
      "kubernetes.io/hostname";
  return row;
}

}  // namespace copse::runner::doctor
