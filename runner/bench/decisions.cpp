#include "runner/bench/decisions.hpp"

#include "engine/compile.hpp"
#include "runner/bench/corpus.hpp"
#include "runner/bench/fact_rows.hpp"
#include "runner/bench/scan.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

namespace copse::runner::bench {
namespace {

constexpr std::uint32_t warm_tasks = 256;
constexpr std::uint32_t distinct_tasks = 65'536;

// Growth is told up to here: beyond, the policy outgrows the processor's caches.
constexpr std::uint32_t grown_to = 100'000;

// Rules that one round of the scan looks at: of a large policy it is asked about fewer tasks.
constexpr std::size_t scanned_rules = 10'000'000;

double exponent(const std::vector<DecisionRow>& rows, double DecisionRow::* figure) {
  std::vector<double> x;
  std::vector<double> y;
  for (const DecisionRow& row : rows) {
    if (row.rules > grown_to) continue;
    x.push_back(std::log(row.rules));
    y.push_back(std::log(row.*figure));
  }
  const double n = static_cast<double>(x.size());
  const double mean_x = std::accumulate(x.begin(), x.end(), 0.0) / n;
  const double mean_y = std::accumulate(y.begin(), y.end(), 0.0) / n;
  double over = 0;
  double under = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    over += (x[i] - mean_x) * (y[i] - mean_y);
    under += (x[i] - mean_x) * (x[i] - mean_x);
  }
  return under == 0 ? 0 : over / under;
}

DecisionRow measure(std::uint32_t rules) {
  DecisionRow row;
  row.rules = rules;
  engine::PolicySet policies;
  policies.placement = selectors(rules, corpus_seed);
  const auto begin = std::chrono::steady_clock::now();
  const auto image = engine::compile(policies, {{}, false});
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  if (!image) return row;
  row.compile_ms = took.count();
  row.hot_bytes_a_rule = static_cast<double>(image->hot_bytes()) / rules;
  row.bytes_a_rule = static_cast<double>(image->bytes()) / rules;

  const FactRows few(*image, samples(tasks(warm_tasks, rules, corpus_seed + 1)));
  const FactRows many(*image, samples(tasks(distinct_tasks, rules, corpus_seed + 2)));
  row.warm = decide_all(*image, few, 400);
  row.distinct = decide_all(*image, many, 1);

  const Scan scan(policies.placement, *image);
  const std::size_t asked = std::clamp<std::size_t>(scanned_rules / rules, 8, warm_tasks);
  if (!same_answers(*image, scan, few, asked)) return {};
  row.scan = scan_all(scan, few, asked);
  return row;
}

}  // namespace

DecisionTable measure_decisions(const std::vector<std::uint32_t>& sizes) {
  DecisionTable table;
  for (const std::uint32_t size : sizes) table.rows.push_back(measure(size));
  table.warm_exponent = exponent(table.rows, &DecisionRow::warm);
  table.distinct_exponent = exponent(table.rows, &DecisionRow::distinct);
  table.scan_exponent = exponent(table.rows, &DecisionRow::scan);
  return table;
}

}  // namespace copse::runner::bench
