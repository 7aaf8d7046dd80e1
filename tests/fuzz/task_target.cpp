// What holds of every task document: facts are read of all that is a JSON object, and the same
// whether or not the document has room behind it; the decision is that of a scan.
#include "engine/compile.hpp"
#include "engine/evaluate.hpp"
#include "engine/json_fault.hpp"
#include "engine/task.hpp"
#include "grammar/policy_document.hpp"
#include "tests/fuzz/decisions.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>

using namespace copse;
using copse::tests::promise;

namespace {

// Asks for every type of value, and for what a document has in several places.
constexpr std::string_view policy = R"(
attribute rows: integer = spec.tuningConfig.maxRowsPerSegment
attribute share: decimal = context.share
attribute flag: boolean = context.flag
attribute size: quantity = context.size
attribute span: interval = spec.ioConfig.interval
rule "a" when rows else 0 > 1000 and share else 0 < 0.5 { template "a" }
rule "b" when flag else false == true or size else 0 > 16Gi { template "b" }
rule "c" when span.length else 0s > 1d or context.taskLockTimeout? > 10m { template "c" }
rule "d" when tags.team? == "lab" and groupId like glob"g*" and requiredCapacity > 1 { template "d" }
rule "e" when dataSource in ["wiki", glob"search_*"] and priority >= 75 and has tags.team { template "e" }
default { template "base" }
)";

const engine::Image& image() {
  static const engine::Image made = [] {
    const auto read =
        grammar::read_policy_document({"policy", std::string(policy)}, engine::newest_release);
    if (!read) throw tests::Broken(read.error()[0].title);
    return std::move(*engine::compile(*read->value.policies, {{}, false}));
  }();
  return made;
}

std::vector<engine::Fact> copied(std::span<const engine::Fact> facts) {
  return {facts.begin(), facts.end()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string exact(reinterpret_cast<const char*>(data), size);
  exact.shrink_to_fit();
  std::string roomy = exact;
  roomy.reserve(size + engine::document_padding);
  engine::FactReader one(image().attributes);
  engine::FactReader other(image().attributes);
  const auto facts = one.read(exact);
  const auto same = other.read(roomy);
  const bool is_json = !engine::find_json_fault(exact);
  const std::size_t first = exact.find_first_not_of(" \t\r\n");
  const bool is_object = first != std::string::npos && exact[first] == '{';
  promise(facts.has_value() == same.has_value(), "room behind a document matters");
  promise(!is_json || !is_object || facts.has_value(), "an object is not read");
  if (facts) {
    promise(copied(*facts) == copied(*same), "room behind a document changes facts");
    tests::promise_decisions(image(), {exact});
  }
  const auto task = engine::read_task({"task", exact});
  promise(task || engine::has_errors(task.error()), "is refused without an error");
  return 0;
}
