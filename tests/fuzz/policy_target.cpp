// What holds of every policy text, in whatever form: it is read or refused with reasons; what is
// read keeps its meaning when it is formatted; what is compiled decides as a scan of its rules.
#include "engine/compile.hpp"
#include "grammar/druid_policy.hpp"
#include "grammar/language/format.hpp"
#include "grammar/language/parse.hpp"
#include "grammar/policy_document.hpp"
#include "tests/fuzz/decisions.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>

using namespace copse;
using copse::tests::promise;

namespace {

void promise_reasons(const engine::Diagnostics& said) {
  promise(engine::has_errors(said), "is refused without an error");
  for (const engine::Diagnostic& each : said)
    promise(!each.code.empty() && !each.title.empty(), "an error without words");
}

std::string formatted(const engine::Source& source) {
  const grammar::language::Parsing parsed = grammar::language::parse(source);
  promise(parsed.diagnostics.empty(), "what was read cannot be parsed");
  return grammar::language::format(source, parsed.file);
}

void promise_form(const engine::Source& source) {
  const std::string once = formatted(source);
  promise(formatted({source.name, once}) == once, "is formatted otherwise the second time");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const engine::Source source{"fuzz", {reinterpret_cast<const char*>(data), size}};
  const engine::TemplateNames any{{}, false};
  auto read = grammar::read_policy_document(source, engine::newest_release);
  if (!read) {
    promise_reasons(read.error());
    return 0;
  }
  grammar::PolicyDocument& document = read->value;
  if (document.kind == grammar::DocumentKind::language) promise_form(source);
  engine::PolicySet policies;
  if (document.policies) {
    policies = std::move(*document.policies);
  } else if (document.configuration) {
    policies.placement = grammar::placement_policy(
        *document.configuration, source, any, engine::newest_release, grammar::TaskChoice::allowed);
  } else {
    return 0;
  }
  const auto image = engine::compile(policies, any);
  if (!image) {
    promise_reasons(image.error());
    return 0;
  }
  promise(verify(*image).empty(), "compiled to what leads astray");
  tests::promise_decisions(*image, tests::task_documents());
  return 0;
}
