#include "grammar/language/convert.hpp"

#include "engine/json_writer.hpp"
#include "grammar/dynamic_configuration.hpp"
#include "grammar/language/format.hpp"
#include "grammar/language/parse.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <variant>

namespace copse::grammar::language {
namespace {

using engine::Policy;
using engine::Rule;
using engine::Test;
using engine::Verdict;

bool is_plain_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

std::string spelled_path(const std::vector<std::string>& path) {
  std::string text;
  for (const std::string& segment : path) {
    if (!text.empty()) text += '.';
    text += is_plain_name(segment) ? segment : engine::quoted(segment);
  }
  return text;
}

bool is_tag(const engine::Attribute& attribute) {
  return attribute.path.size() == 3 && attribute.path[0] == "context" &&
         attribute.path[1] == "tags";
}

std::string spelled(const engine::Attribute& attribute) {
  if (attribute == engine::type_attribute()) return "type";
  if (attribute == engine::data_source_attribute()) return "dataSource?";
  if (is_tag(attribute)) return "tags." + spelled_path({attribute.path[2]}) + "?";
  return spelled_path(attribute.path) + "?";
}

std::string listed(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values)
    text += (text.empty() ? "[" : ", ") + engine::quoted(value);
  return text + "]";
}

std::string condition(const Test& test) {
  return spelled(test.attribute) + (test.values.size() == 1
                                        ? " == " + engine::quoted(test.values.front())
                                        : " in " + listed(test.values));
}

// What `in` and `==` with `?` say, but for values that are no texts.
bool is_of_a_set(const Test& test) {
  return test.if_listed == Verdict::yes && test.if_other == Verdict::no &&
         test.if_absent == Verdict::no && test.patterns.empty() &&
         test.attribute->type == engine::ValueType::text;
}

class ToLanguage {
 public:
  ToLanguage(const engine::PolicySet& policies, const engine::TemplateNames& templates)
      : policies_(policies), templates_(templates) {}

  Converted run() {
    if (policies_.runner) runner(*policies_.runner);
    for (const Rule& rule : policies_.placement.rules) place(rule);
    out_ += (policies_.placement.rules.empty() ? "default { template " : "\ndefault { template ") +
            engine::quoted(known(policies_.placement.otherwise.template_key.value_or(
                std::string(engine::base_template)))) +
            " }\n";
    const engine::Source source{"converted", std::move(out_)};
    return {format(source, parse(source).file), {notes_.begin(), notes_.end()}};
  }

 private:
  // By type, as Druid's strategies are: the first that names a type decides it.
  void runner(const Policy& policy) {
    const bool by_default = policy.otherwise.runner == engine::Runner::worker;
    std::set<std::string> seen;
    std::vector<std::string> others;  // types that the default does not decide
    for (const Rule& rule : policy.rules) {
      const bool is_worker = rule.outcome.runner == engine::Runner::worker;
      for (const std::string& type : rule.tests.front().values) {
        if (seen.insert(type).second && is_worker != by_default) others.push_back(type);
      }
    }
    if (others.empty() && !by_default) return;
    const std::string types = others.size() == 1 ? "type == " + engine::quoted(others.front())
                                                 : "type in " + listed(others);
    out_ += "rule " + engine::quoted(unused("workers"));
    if (!others.empty()) out_ += by_default ? " when not (" + types + ")" : " when " + types;
    out_ += " { runner worker }\n\n";
  }

  void place(const Rule& rule) {
    std::string when;
    for (const Test& test : rule.tests) {
      if (!is_of_a_set(test)) return unsayable(rule);
      if (test.values.empty()) return never(rule);
      if (test.if_ill_typed == Verdict::fail)
        notes_.insert("a tag that is no text fails its task in Druid; here it counts as absent");
      when += (when.empty() ? " when " : " and ") + condition(test);
    }
    if (!rule.outcome.template_key) return unsayable(rule);
    out_ += "rule " + engine::quoted(unused(*rule.outcome.template_key)) + when + " { template " +
            engine::quoted(known(*rule.outcome.template_key)) + " }\n";
  }

  // Druid's look at a context key that names a template, where tasks may not choose one.
  void never(const Rule& rule) {
    if (!rule.outcome.failure) notes_.insert(rule.name + " matches no task, and is left out");
    for (const Test& test : rule.tests) {
      if (test.if_ill_typed == Verdict::fail)
        notes_.insert("a " + test.attribute->name +
                      " that is no text fails its task in Druid; here nothing asks for it");
    }
  }

  void unsayable(const Rule& rule) {
    notes_.insert(rule.name + " fails tasks in Druid, which no rule here does; it is left out");
  }

  std::string known(const std::string& key) {
    if (!templates_.known || templates_.names.contains(key)) return key;
    notes_.insert("there is no template `" + key + "`: Druid takes `base`, and so it says here");
    return std::string(engine::base_template);
  }

  std::string unused(const std::string& wanted) {
    if (wanted.empty()) return unused("unnamed");
    std::string name = wanted == policies_.placement.otherwise_name ? wanted + "-1" : wanted;
    if (names_.insert(name).second) return name;
    // WHY kept: a large policy names a template many thousand times.
    for (std::uint64_t& n = next_.try_emplace(wanted, 2).first->second;;) {
      name = wanted + "-" + std::to_string(n++);
      if (names_.insert(name).second) return name;
    }
  }

  const engine::PolicySet& policies_;
  const engine::TemplateNames& templates_;
  std::string out_;
  std::set<std::string> names_;
  std::map<std::string, std::uint64_t> next_;  // by name: what to try behind it
  std::set<std::string> notes_;
};

// What keeps a rule from being a selector; nothing: it is one.
std::optional<std::string> obstacle(const Rule& rule) {
  if (!rule.outcome.overrides.empty())
    return "selectors name a template, and change nothing in it: `" +
           in_words(rule.outcome.overrides.front()) + "`";
  std::set<std::string> asked;
  for (const Test& test : rule.tests) {
    const bool is_known = test.attribute == engine::type_attribute() ||
                          test.attribute == engine::data_source_attribute() ||
                          is_tag(test.attribute);
    if (!is_known)
      return "selectors ask for type, dataSource and tags, not `" + test.attribute->name + "`";
    if (!is_of_a_set(test) || test.values.empty())
      return "selectors ask whether `" + test.attribute->name +
             "` is one of some texts, and nothing else";
    if (!asked.insert(test.attribute->name).second)
      return "a selector asks once for `" + test.attribute->name + "`";
  }
  return std::nullopt;
}

Texts texts(const std::vector<std::string>& values) {
  return {values.begin(), values.end()};
}

Selector selector(const Rule& rule) {
  Selector made;
  made.selection_key = rule.outcome.template_key;
  for (const Test& test : rule.tests) {
    if (test.attribute == engine::type_attribute()) {
      made.types = texts(test.values);
    } else if (test.attribute == engine::data_source_attribute()) {
      made.data_sources = texts(test.values);
    } else {
      if (!made.tags) made.tags.emplace();
      made.tags->push_back({test.attribute->path[2], texts(test.values)});
    }
  }
  return made;
}

}  // namespace

Converted to_language(const engine::PolicySet& policies, const engine::TemplateNames& templates) {
  return ToLanguage(policies, templates).run();
}

std::expected<std::string, engine::Diagnostics> to_druid(const engine::PolicySet& policies,
                                                         engine::Release release,
                                                         std::optional<std::int32_t> capacity) {
  engine::Diagnostics said;
  engine::Locator places(policies.placement.source);
  const auto refuse = [&](engine::Span span, std::string title, std::string why) {
    engine::Diagnostic error;
    error.code = "P0560";
    error.title = std::move(title);
    error.place = span == engine::Span{} ? engine::whole_file(policies.placement.source.name)
                                         : places.place(span);
    error.notes.push_back(std::move(why));
    said.push_back(std::move(error));
  };
  SelectorBased strategy;
  for (const Rule& rule : policies.placement.rules) {
    // Druid 39 does this by itself, before any selector.
    const bool is_own = rule.span == engine::Span{} && rule.tests.size() == 1 &&
                        rule.tests.front().attribute->name == "context.podTemplateSelectionKey";
    if (is_own) continue;
    if (auto why = obstacle(rule)) {
      refuse(rule.span, "Druid's JSON cannot say rule `" + rule.name + "`", std::move(*why));
    } else {
      strategy.selectors.push_back(selector(rule));
    }
  }
  // Where no selector matches Druid takes the template `base`: another is said by one that always
  // matches.
  if (policies.placement.otherwise.template_key != engine::base_template) {
    Rule last;
    last.outcome.template_key = policies.placement.otherwise.template_key;
    strategy.selectors.push_back(selector(last));
  }
  if (!policies.placement.otherwise.overrides.empty())
    refuse(policies.placement.otherwise_span, "Druid's JSON cannot say what the default changes",
           "templates are taken as they are: `" +
               in_words(policies.placement.otherwise.overrides.front()) + "`");
  if (policies.runner) {
    for (const Rule& rule : policies.runner->rules) {
      if (rule.outcome.runner == engine::Runner::worker)
        refuse(rule.span, "Druid's JSON cannot say rule `" + rule.name + "`",
               "the runner is chosen by druid.indexer.runner.k8sAndWorker.runnerStrategy in the "
               "properties");
    }
  }
  if (!said.empty()) return std::unexpected(std::move(said));
  DynamicConfiguration configuration;
  configuration.strategy = std::move(strategy);
  configuration.capacity = capacity;
  return to_json(configuration, release);
}

namespace {

template <typename Kind>
std::size_t count_of(const File& file) {
  return static_cast<std::size_t>(
      std::count_if(file.statements.begin(), file.statements.end(),
                    [](const Statement& each) { return std::holds_alternative<Kind>(each.is); }));
}

bool asks_for_tags(const engine::Source& source, const File& file) {
  return std::any_of(file.operands.begin(), file.operands.end(), [&](const Operand& each) {
    return language::spelled(source, each.name).starts_with("tags.");
  });
}

}  // namespace

engine::Diagnostics lost_in_druid(const engine::Source& source, const File& file) {
  std::string lost;
  const auto add = [&](std::size_t count, std::string_view one, std::string_view many) {
    if (count == 0) return;
    lost += lost.empty() ? "" : ", ";
    lost += count == 1 ? std::string(one) : std::to_string(count) + " " + std::string(many);
  };
  add(count_of<statement::PolicyName>(file), "the policy's name", "names");
  add(count_of<statement::Rule>(file), "the name of a rule", "names of rules");
  add(count_of<statement::Test>(file), "a test", "tests");
  add(count_of<statement::List>(file), "the name of a list", "names of lists");
  add(count_of<statement::Attribute>(file), "a declared attribute", "declared attributes");
  add(count_of<statement::Profile>(file), "a profile", "profiles");
  add(count_of<statement::Templates>(file), "the folder of templates", "folders of templates");
  add(count_of<statement::Allow>(file), "what overrides are allowed", "lists of allowed overrides");
  add(file.comments.size(), "a comment", "comments");
  if (lost.empty()) return {};
  engine::Diagnostic note;
  note.severity = engine::Severity::note;
  note.code = "P0562";
  note.title = "Druid's JSON has no place for " + lost;
  note.place = engine::whole_file(source.name);
  if (asks_for_tags(source, file))
    note.notes.emplace_back(
        "a tag that is no text counts as absent here; with Druid it fails the task");
  note.help = "keep the policy: converting back does not bring them back";
  return {std::move(note)};
}

}  // namespace copse::grammar::language
