// counted decide RULES | worst CORPUS | read BYTES: decides, or reads, a thousand tasks. What
// counts is what it takes.
#include "engine/compile.hpp"
#include "engine/evaluate.hpp"
#include "engine/facts.hpp"
#include "runner/bench/corpora.hpp"
#include "runner/bench/corpus.hpp"
#include "runner/bench/fact_rows.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

using namespace copse;

namespace {

constexpr std::uint32_t count = 1'000;
constexpr std::uint32_t worst_rules = 10'000;
const engine::TemplateNames any_template{{}, false};

std::uint64_t decide(engine::Policy policy, const std::vector<runner::bench::Sample>& tasks) {
  engine::PolicySet policies;
  policies.placement = std::move(policy);
  const auto image = engine::compile(policies, any_template);
  if (!image) return 0;
  const runner::bench::FactRows facts(*image, tasks);
  std::uint64_t sum = 0;
  for (std::size_t row = 0; row < facts.size(); ++row)
    sum += static_cast<std::uint64_t>(evaluate(*image, facts[row]).placement.outcome) + 1;
  return sum;
}

std::uint64_t read(std::size_t bytes) {
  engine::PolicySet policies;
  policies.placement = runner::bench::selectors(1'000, runner::bench::corpus_seed);
  const auto image = engine::compile(policies, any_template);
  if (!image) return 0;
  engine::FactReader reader(image->attributes);
  std::uint64_t sum = 0;
  for (const auto& task : runner::bench::tasks(count, 1'000, runner::bench::corpus_seed + 1)) {
    std::string document = task.document(bytes);
    document.reserve(document.size() + engine::document_padding);
    if (const auto facts = reader.read(document)) sum += facts->size();
  }
  return sum;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return EXIT_FAILURE;
  const std::string what = argv[1];
  const auto number = static_cast<std::uint32_t>(std::strtoul(argv[2], nullptr, 10));
  std::uint64_t sum = 0;
  if (what == "decide") {
    sum = decide(runner::bench::selectors(number, runner::bench::corpus_seed),
                 samples(runner::bench::tasks(count, number, runner::bench::corpus_seed + 1)));
  } else if (what == "worst") {
    auto corpus = runner::bench::corpus(argv[2], worst_rules, count);
    sum = decide(std::move(corpus.policy), corpus.tasks);
  } else if (what == "read") {
    sum = read(number);
  }
  std::printf("%u\n", count);
  return sum == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
