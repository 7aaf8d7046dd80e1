#include "runner/cli/codes.hpp"

#include "engine/diagnostic.hpp"
#include "engine/json_writer.hpp"
#include "runner/cli/arguments.hpp"
#include "runner/cli/screen.hpp"

#include <algorithm>
#include <cstdio>
#include <string>

#include <unistd.h>

namespace copse::runner::cli {
namespace {

constexpr std::size_t code_size = 5;

// An example stands between fences; a person sees it indented.
void print_text(std::string_view text) {
  bool is_example = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with("```")) {
      is_example = !is_example;
      if (is_example) std::puts("\nexample:");
      continue;
    }
    std::printf("%s%s\n", is_example ? "  " : "", std::string(line).c_str());
  }
}

}  // namespace

bool looks_like_code(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return text.size() == code_size && ((text[0] | 0x20) >= 'a' && (text[0] | 0x20) <= 'z') &&
         std::all_of(text.begin() + 1, text.end(), is_digit);
}

int explain_code(std::string_view code, bool as_json) {
  std::string wanted(code);
  if (wanted[0] >= 'a') wanted[0] = static_cast<char>(wanted[0] - 'a' + 'A');
  const auto& pages = code_pages();
  const auto at = std::find_if(pages.begin(), pages.end(),
                               [&](const CodePage& page) { return page.code == wanted; });
  if (at == pages.end()) {
    std::vector<std::string_view> known;
    for (const CodePage& page : pages) known.push_back(page.code);
    const std::string near(engine::nearest(wanted, known));
    const std::string error =
        "there is no code " + wanted + (near.empty() ? "" : "; did you mean " + near + "?");
    if (as_json) {
      engine::JsonWriter out;
      out.begin_object().member("code", wanted).member("error", error).end_object();
      std::puts(out.take().c_str());
    } else {
      std::fprintf(stderr, "%s\n", error.c_str());
    }
    return exit_usage;
  }
  if (as_json) {
    engine::JsonWriter out;
    out.begin_object().member("code", at->code).member("title", at->title);
    out.member("text", at->text).end_object();
    std::puts(out.take().c_str());
    return exit_fine;
  }
  const engine::Colour colour =
      is_terminal(STDOUT_FILENO) ? engine::Colour::on : engine::Colour::off;
  std::printf("%s: %s\n\n", paint(Hue::bold, wanted, colour).c_str(),
              std::string(at->title).c_str());
  print_text(at->text);
  return exit_fine;
}

}  // namespace copse::runner::cli
