#!/usr/bin/env python3
"""Writes a C++ file that holds the pages of all codes: embed_codes.py OUT FILE..."""
import pathlib
import re
import sys

out, *files = sys.argv[1:]
lines = ['#include "runner/cli/codes.hpp"', "", "namespace copse::runner::cli {", "",
         "const std::vector<CodePage>& code_pages() {", "  static const std::vector<CodePage> pages{"]
for name in sorted(files):
    for code, title, body in re.findall(r"^## (\w+) (.*)\n((?:(?!## ).*\n?)*)", pathlib.Path(name).read_text(), re.M):
        lines.append(f'      {{"{code}", R"copse({title})copse", R"copse({body.strip()})copse"}},')
lines += ["  };", "  return pages;", "}", "", "}  // namespace copse::runner::cli", ""]
pathlib.Path(out).write_text("\n".join(lines))
