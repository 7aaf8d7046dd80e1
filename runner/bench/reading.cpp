#include "runner/bench/reading.hpp"

#include "engine/compile.hpp"
#include "engine/evaluate.hpp"
#include "engine/facts.hpp"
#include "runner/bench/corpus.hpp"
#include "runner/bench/rounds.hpp"

#include <string>
#include <string_view>

#include <simdjson.h>

namespace copse::runner::bench {
namespace {

// What a program would write that needs just these members: the least that reading can cost.
std::uint64_t bare(simdjson::ondemand::parser& parser, const std::string& text) {
  simdjson::ondemand::document document;
  if (parser.iterate(text.data(), text.size(), text.capacity()).get(document)) return 0;
  std::uint64_t sum = 0;
  std::string_view found;
  simdjson::ondemand::object object;
  if (document.get_object().get(object)) return 0;
  if (!object.find_field("type").get_string().get(found)) sum += found.size();
  simdjson::ondemand::object tags;
  if (!object.find_field("context")["tags"].get_object().get(tags)) {
    if (!tags.find_field_unordered("team").get_string().get(found)) sum += found.size();
    if (!tags.find_field_unordered("tier").get_string().get(found)) sum += found.size();
  }
  if (!object.find_field("dataSource").get_string().get(found)) sum += found.size();
  return sum;
}

}  // namespace

std::vector<ReadingRow> measure_reading(const std::vector<std::size_t>& sizes) {
  constexpr std::uint32_t warm_tasks = 256;
  engine::PolicySet policies;
  policies.placement = selectors(10'000, corpus_seed);
  const auto image = engine::compile(policies, {{}, false});
  std::vector<ReadingRow> rows;
  if (!image) return rows;
  for (const std::size_t size : sizes) {
    std::vector<std::string> documents;
    for (const SampleTask& task : tasks(warm_tasks, 10'000, corpus_seed + 3)) {
      std::string& document = documents.emplace_back(task.document(size));
      document.reserve(document.size() + engine::document_padding);
    }
    engine::FactReader reader(image->attributes);
    simdjson::ondemand::parser parser;
    ReadingRow row;
    row.bytes = documents[0].size();
    row.copse_ns = median_ns(20UL * warm_tasks, [&] {
      std::uint64_t sum = 0;
      for (int n = 0; n < 20; ++n) {
        for (const std::string& document : documents) {
          const auto facts = reader.read(document);
          if (facts) sum += static_cast<std::uint64_t>(evaluate(*image, *facts).placement.outcome);
        }
      }
      return sum;
    });
    row.simdjson_ns = median_ns(20UL * warm_tasks, [&] {
      std::uint64_t sum = 0;
      for (int n = 0; n < 20; ++n) {
        for (const std::string& document : documents) sum += bare(parser, document);
      }
      return sum;
    });
    rows.push_back(row);
  }
  return rows;
}

}  // namespace copse::runner::bench
