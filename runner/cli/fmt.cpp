// copse fmt: policies in the one way to write them.
#include "engine/json_writer.hpp"
#include "grammar/json_form/writer.hpp"
#include "grammar/language/format.hpp"
#include "grammar/language/parse.hpp"
#include "grammar/policy_document.hpp"
#include "runner/cli/screen.hpp"
#include "runner/cli/task_input.hpp"
#include "runner/cli/verbs.hpp"
#include "runner/cli/whole_file.hpp"

#include <algorithm>
#include <cstdio>
#include <expected>
#include <fstream>
#include <span>
#include <string>

namespace copse::runner::cli {
namespace {

engine::Diagnostic problem(const std::string& path, std::string code, std::string title,
                           std::string help) {
  engine::Diagnostic said;
  said.code = std::move(code);
  said.title = std::move(title);
  said.help = std::move(help);
  said.place = engine::whole_file(path);
  return said;
}

// A policy that says something in another form: there is no one way to write that here.
bool is_of_another_form(const engine::Source& source, const grammar::language::Parsing& parsed) {
  return !parsed.diagnostics.empty() && parsed.file.statements.empty() &&
         !grammar::language::looks_like_language(source.text);
}

std::expected<std::string, engine::Diagnostics> formatted(const engine::Source& source) {
  if (grammar::kind_of(source) == grammar::DocumentKind::json_form) {
    const auto text = grammar::language_text(source);
    if (!text) return std::unexpected(text.error());
    const grammar::language::Parsing parsed = grammar::language::parse(*text);
    if (!parsed.diagnostics.empty()) return std::unexpected(parsed.diagnostics);
    return grammar::json_form::write(*text, parsed.file).text;
  }
  const grammar::language::Parsing parsed = grammar::language::parse(source);
  if (is_of_another_form(source, parsed)) {
    return std::unexpected(engine::Diagnostics{
        problem(source.name, "C0013", "this is no policy in copse's language",
                "fmt formats `.copse` files; for Druid's JSON any JSON formatter will do")});
  }
  if (!parsed.diagnostics.empty()) return std::unexpected(parsed.diagnostics);
  return grammar::language::format(source, parsed.file);
}

std::expected<void, engine::Diagnostics> replace(const std::string& path, const std::string& text) {
  const auto written = replace_file(path, std::as_bytes(std::span(text)));
  if (written) return {};
  return std::unexpected(engine::Diagnostics{problem(
      path, "C0602", "the formatted policy cannot be written: " + written.error(),
      "check the rights of file and folder, and the room on the disk; nothing is changed")});
}

bool is_compressed(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return path != "-" && file.get() == 0x1F && file.get() == 0x8B;
}

class Formatting {
 public:
  explicit Formatting(const Arguments& arguments) : arguments_(arguments) {}

  int run() {
    for (const std::string& path : arguments_.inputs) {
      const auto source = read_source(path);
      if (is_compressed(path)) {
        refuse({problem(path, "C0603", "the policy is compressed, and would be written plain",
                        "unpack it first, or give it by a pipe")});
      } else if (!source) {
        refuse(source.error());
      } else if (const auto text = formatted(*source); !text) {
        refuse(text.error());
      } else {
        found(path, *source, *text);
      }
    }
    return exit_code_;
  }

 private:
  void found(const std::string& path, const engine::Source& source, const std::string& text) {
    const bool is_stream = path == "-";
    if (arguments_.format == Format::json) return found_json(path, source, text);
    if (is_stream && !arguments_.only_check) {
      std::fwrite(text.data(), 1, text.size(), stdout);
      return;
    }
    if (text == source.text) return;
    if (arguments_.only_check) {
      std::printf("%s\n", source.name.c_str());
      exit_code_ = std::max(exit_code_, exit_findings);
    } else if (const auto written = replace(path, text); !written) {
      refuse(written.error());
    } else {
      std::printf("formatted %s\n", path.c_str());
    }
  }

  // One object a file; what goes to a pipe is in it.
  void found_json(const std::string& path, const engine::Source& source, const std::string& text) {
    const bool changes = text != source.text;
    const bool is_stream = path == "-";
    if (changes && arguments_.only_check) exit_code_ = std::max(exit_code_, exit_findings);
    if (changes && !arguments_.only_check && !is_stream) {
      if (const auto written = replace(path, text); !written) return refuse(written.error());
    }
    engine::JsonWriter out;
    out.begin_object().member("file", source.name).key("changes").boolean(changes);
    if (is_stream && !arguments_.only_check) out.member("text", text);
    out.end_object();
    std::puts(out.take().c_str());
  }

  void refuse(const engine::Diagnostics& said) {
    show(said, arguments_.format == Format::json);
    exit_code_ = std::max(exit_code_, exit_unreadable);
  }

  const Arguments& arguments_;
  int exit_code_ = exit_fine;
};

}  // namespace

int fmt(const Arguments& arguments) {
  return Formatting(arguments).run();
}

}  // namespace copse::runner::cli
