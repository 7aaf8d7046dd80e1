#pragma once
// What each code of a diagnostic means: the pages in codes/, inside the program.

#include <string_view>
#include <vector>

namespace copse::runner::cli {

struct CodePage {
  std::string_view code;
  std::string_view title;
  std::string_view text;  ///< Markdown: some words, and often an example
};

/// All pages, in the order of their codes within each letter.
[[nodiscard]] const std::vector<CodePage>& code_pages();

/// True of `P0203`: a letter and four digits, also in lower case.
[[nodiscard]] bool looks_like_code(std::string_view text);

/// `copse explain P0203`: prints the page, or `{"code","title","text"}`; the exit code.
int explain_code(std::string_view code, bool as_json);

}  // namespace copse::runner::cli
