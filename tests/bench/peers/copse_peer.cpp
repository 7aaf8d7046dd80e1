// copse among its peers: answers the questions of `run`, which starts it, and says how long that
// took. Not part of the tests; README.md has the protocol.
//
//     copse_peer facts|bytes CORPUS

#include "engine/compile.hpp"
#include "engine/evaluate.hpp"
#include "engine/json_writer.hpp"
#include "grammar/druid_policy.hpp"
#include "grammar/policy_document.hpp"
#include "runner/bench/corpus.hpp"

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace copse;
using Clock = std::chrono::steady_clock;
using Row = std::vector<std::string>;

/// As large as the task whose reading the root README.md gives.
constexpr std::size_t document_bytes = 3'500;

struct Corpus {
  std::vector<Row> rules;
  std::vector<runner::bench::SampleTask> tasks;
};

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t end = 0; end != std::string_view::npos;) {
    end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end != std::string_view::npos) text.remove_prefix(end + 1);
  }
  return parts;
}

Corpus read_corpus(const char* path) {
  Corpus corpus;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    Row row = split(line, '\t');
    if (row[0] == "rule") {
      corpus.rules.push_back(std::move(row));
    } else {
      corpus.tasks.push_back({row[1], row[2], row[3], row[4]});
    }
  }
  return corpus;
}

void write_set(engine::JsonWriter& out, std::string_view name, const std::string& set) {
  if (set.empty()) return;
  out.key(name).begin_array();
  for (const std::string& value : split(set, ',')) out.text(value);
  out.end_array();
}

/// The rules as Druid's own configuration says them.
std::string selectors(const std::vector<Row>& rules) {
  engine::JsonWriter out;
  out.begin_object().member("type", "selectorBased").key("selectors").begin_array();
  for (const Row& rule : rules) {
    out.begin_object().member("selectionKey", "template");
    write_set(out, "type", rule[1]);
    write_set(out, "dataSource", rule[2]);
    out.key("context.tags").begin_object();
    write_set(out, "team", rule[3]);
    write_set(out, "tier", rule[4]);
    out.end_object().end_object();
  }
  out.end_array().end_object();
  return out.take();
}

std::expected<engine::Image, engine::Diagnostics> image_of(const std::vector<Row>& rules) {
  engine::Source source{"selectors", selectors(rules)};
  const auto document = grammar::read_policy_document(source, engine::newest_release);
  if (!document) return std::unexpected(document.error());
  const engine::TemplateNames any{{}, false};
  engine::PolicySet policies;
  policies.placement =
      grammar::placement_policy(*document->value.configuration, std::move(source), any,
                                engine::newest_release, grammar::TaskChoice::ignored);
  return engine::compile(policies, any);
}

std::string_view value_of(const runner::bench::SampleTask& task, std::string_view attribute) {
  if (attribute == "type") return task.type;
  if (attribute == "dataSource") return task.data_source;
  if (attribute == "tags.team") return task.team;
  if (attribute == "tags.tier") return task.tier;
  return {};
}

/// Facts of all tasks, a row of the image's attributes each; they view `texts`.
std::vector<engine::Fact> facts_of(const engine::Image& image,
                                   const std::vector<runner::bench::SampleTask>& tasks,
                                   std::string& texts) {
  std::vector<std::pair<std::size_t, std::size_t>> places;
  for (const auto& task : tasks) {
    for (const engine::Attribute& attribute : image.attributes) {
      const std::string_view text = value_of(task, attribute.name);
      places.emplace_back(texts.size(), text.size());
      texts += text;
    }
  }
  texts.append(engine::text_padding, ' ');
  std::vector<engine::Fact> facts;
  for (const auto& [begin, size] : places) {
    const std::string_view text = std::string_view(texts).substr(begin, size);
    facts.push_back(text.empty() ? engine::Fact{} : engine::Fact::of_padded(text));
  }
  return facts;
}

/// Answers questions until there is none left. `decide` gives the rule that takes a task.
template <typename Decide>
void serve(Decide decide) {
  std::string what;
  for (std::size_t tasks = 0; std::cin >> what >> tasks;) {
    if (what == "answer") {
      for (std::size_t task = 0; task < tasks; ++task) std::cout << decide(task) << ' ';
    } else {
      std::size_t rounds = 0;
      std::cin >> rounds;
      std::uint64_t sum = 0;
      const auto begin = Clock::now();
      for (std::size_t round = 0; round < rounds; ++round) {
        for (std::size_t task = 0; task < tasks; ++task) sum += decide(task);
      }
      const auto took = std::chrono::nanoseconds(Clock::now() - begin).count();
      std::cout << took << ' ' << sum;
    }
    std::cout << std::endl;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("copse_peer facts|bytes CORPUS\n", stderr);
    return 2;
  }
  const Corpus corpus = read_corpus(argv[2]);
  const auto image = image_of(corpus.rules);
  if (!image) {
    std::fprintf(stderr, "%s\n", image.error().front().title.c_str());
    return 1;
  }
  // What Druid checks of every task stands before its selectors.
  const std::size_t ahead = image->rules.size() - corpus.rules.size();
  const auto rule = [&](std::span<const engine::Fact> facts) {
    const auto id = evaluate(*image, facts).placement.rule;
    return id == engine::no_rule ? corpus.rules.size() : std::to_underlying(id) - ahead;
  };
  if (std::string_view(argv[1]) == "facts") {
    std::string texts;
    const std::vector<engine::Fact> facts = facts_of(*image, corpus.tasks, texts);
    const std::size_t width = image->attributes.size();
    std::cout << "ready" << std::endl;
    serve([&](std::size_t task) { return rule({facts.data() + task * width, width}); });
  } else {
    std::vector<std::string> documents;
    for (const auto& task : corpus.tasks) {
      std::string& document = documents.emplace_back(task.document(document_bytes));
      document.reserve(document.size() + engine::document_padding);
    }
    engine::FactReader reader(image->attributes);
    std::cout << "ready" << std::endl;
    serve([&](std::size_t task) { return rule(reader.read(documents[task]).value()); });
  }
}
