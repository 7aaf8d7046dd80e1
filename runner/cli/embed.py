#!/usr/bin/env python3
"""Writes a C++ file that holds other files: embed.py OUT ROOT FILE..."""
import pathlib
import sys

out, root, *files = sys.argv[1:]
lines = ['#include "runner/cli/demo_files.hpp"', "", "namespace copse::runner::cli {", "",
         "const std::vector<DemoFile>& demo_files() {", "  static const std::vector<DemoFile> files{"]
for name in sorted(files):
    path = pathlib.Path(name).resolve()
    lines.append(f'      {{"{path.relative_to(pathlib.Path(root).resolve())}", R"copse({path.read_text()})copse"}},')
lines += ["  };", "  return files;", "}", "", "}  // namespace copse::runner::cli", ""]
pathlib.Path(out).write_text("\n".join(lines))
