#include "runner/bench/worst.hpp"

#include "engine/compile.hpp"
#include "runner/bench/corpora.hpp"
#include "runner/bench/fact_rows.hpp"
#include "runner/bench/scan.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace copse::runner::bench {
namespace {

constexpr std::uint32_t tasks = 16'384;
constexpr std::size_t scanned_tasks = 32;

WorstRow measure(const std::string& name, std::uint32_t rules) {
  Corpus made = corpus(name, rules, tasks);
  WorstRow row{.name = made.name, .about = made.about};
  engine::PolicySet policies;
  policies.placement = std::move(made.policy);
  const auto begin = std::chrono::steady_clock::now();
  const auto image = engine::compile(policies, {{}, false});
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  if (!image) return row;
  row.compile_ms = took.count();
  const FactRows facts(*image, made.tasks);
  const Scan scan(policies.placement, *image);
  if (!same_answers(*image, scan, facts, 4 * scanned_tasks)) return row;
  row.copse = decide_all(*image, facts, 1);
  row.scan = scan_all(scan, facts, scanned_tasks);
  return row;
}

}  // namespace

std::vector<WorstRow> measure_worst(std::uint32_t rules) {
  std::vector<WorstRow> rows;
  for (const std::string& name : corpus_names()) rows.push_back(measure(name, rules));
  return rows;
}

}  // namespace copse::runner::bench
