// copse compile: a policy as the image that decides, in a file or in words.
#include "engine/compile.hpp"

#include "engine/image_file.hpp"
#include "engine/json_writer.hpp"
#include "grammar/language/format.hpp"
#include "grammar/language/parse.hpp"
#include "grammar/policy_document.hpp"
#include "runner/cli/basis.hpp"
#include "runner/cli/compiled_policy.hpp"
#include "runner/cli/screen.hpp"
#include "runner/cli/task_input.hpp"
#include "runner/cli/verbs.hpp"

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

namespace copse::runner::cli {
namespace {

void print_step(const Arguments& arguments, const std::string& text) {
  if (arguments.format != Format::json) {
    std::fputs(text.c_str(), stdout);
    return;
  }
  engine::JsonWriter out;
  out.begin_object().member("step", arguments.dump).member("text", text).end_object();
  std::puts(out.take().c_str());
}

// What was read, without a meaning yet: in copse's language (also of its JSON form) as `fmt` writes
// it, else as it is.
int dump_parsed(const Arguments& arguments) {
  const auto source = read_source(arguments.policy);
  if (!source) {
    show(source.error(), arguments.format == Format::json);
    return exit_unreadable;
  }
  std::string text = source->text;
  const grammar::DocumentKind kind = grammar::kind_of(*source);
  if (kind == grammar::DocumentKind::language || kind == grammar::DocumentKind::json_form) {
    const auto in_language = grammar::language_text(*source);
    if (!in_language) {
      show(in_language.error(), arguments.format == Format::json);
      return exit_unreadable;
    }
    const grammar::language::Parsing parsed = grammar::language::parse(*in_language);
    show(parsed.diagnostics, arguments.format == Format::json);
    if (!parsed.diagnostics.empty()) return exit_unreadable;
    text = grammar::language::format(*in_language, parsed.file);
  }
  print_step(arguments, text);
  return exit_fine;
}

// Both may be moved together: the folder is named as it is found from the compiled policy.
std::string folder_of_templates(const Arguments& arguments, const std::string& named) {
  if (named.empty() || arguments.policy == "-") return {};
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path folder = fs::absolute(fs::path(arguments.policy).parent_path() / named, error);
  const fs::path from = fs::absolute(fs::path(arguments.output), error).parent_path();
  return folder.lexically_normal().lexically_proximate(from.lexically_normal()).string();
}

std::string dumped(const Basis& basis, const std::string& step) {
  using engine::Part;
  if (step == "check") return dump(basis.image, Part::attributes) + dump(basis.image, Part::rules);
  if (step == "simplify") return engine::dump_simplified(basis.policies);
  if (step == "order") return dump(basis.image, Part::atoms);
  if (step == "index") return engine::dump_homes(basis.policies);
  if (step == "emit") return dump(basis.image, Part::nodes);
  return parts_in_words(basis.image);
}

}  // namespace

int compile(const Arguments& arguments) {
  if (arguments.dump == "parse") return dump_parsed(arguments);
  const bool as_json = arguments.format == Format::json;
  const auto basis = load_basis(arguments, Purpose::decide);
  if (!basis) {
    show(basis.error().said, as_json);
    return basis.error().exit_code;
  }
  show(basis->findings, as_json);
  if (!arguments.dump.empty()) {
    print_step(arguments, dumped(*basis, arguments.dump));
    return exit_fine;
  }
  const CompiledAbout about{.copse = COPSE_VERSION,
                            .policy = basis->policies.name,
                            .what = basis->what,
                            .release = std::to_string(std::to_underlying(basis->release)),
                            .templates = folder_of_templates(arguments, basis->policies.templates),
                            .is_in_language = basis->is_in_language};
  const auto written = write_compiled_policy(arguments.output, basis->image, about);
  if (!written) {
    show(written.error(), as_json);
    return exit_unreadable;
  }
  if (as_json) {
    engine::JsonWriter out;
    out.begin_object().member("file", arguments.output).key("rules");
    out.number(static_cast<std::int64_t>(written_rules(*basis))).key("bytes");
    out.number(static_cast<std::int64_t>(*written)).end_object();
    std::puts(out.take().c_str());
    return exit_fine;
  }
  std::printf("compiled %s: %s, %s bytes\n", arguments.output.c_str(),
              counted(written_rules(*basis), "rule").c_str(), grouped(*written).c_str());
  return exit_fine;
}

}  // namespace copse::runner::cli
