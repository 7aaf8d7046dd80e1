"""The files of the tree for the three checks beside this file, and their common way to report.

A check is a function from {path: text} to findings `path:line: what`. Each proves itself first: every bad sample must
be found, every good one must not; only then it judges the tree.
"""

import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
NOT_OURS = ("build", ".git", ".cache", "__pycache__", "node_modules")


def files_of_tree():
    """{path: text} of every text file, path relative to the root."""
    found = {}
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(name for name in folders if name not in NOT_OURS)
        for name in sorted(names):
            path = os.path.join(folder, name)
            if name in NOT_OURS or os.path.islink(path):
                continue
            with open(path, "rb") as file:
                content = file.read()
            if b"\0" not in content[:4096]:
                found[os.path.relpath(path, ROOT)] = content.decode(errors="replace")
    return found


def is_cpp(path):
    return path.endswith((".cpp", ".hpp"))


def without_comments_and_text(source):
    """C++ `source` with comments and literals blanked, every line and column kept."""
    token = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)
    blank = lambda match: re.sub(r"[^\n]", " ", match.group())
    return token.sub(blank, source)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def main(check, bad, good):
    """Proves `check` on samples, {path: text} each; then runs it on the tree. Exits with 1 when anything is found."""
    passed, failed = 0, 0
    for samples, wanted in ((bad, True), (good, False)):
        for sample in samples:
            if bool(check(sample)) == wanted:
                passed += 1
            else:
                failed += 1
                print("not found in" if wanted else f"found {check(sample)} in", sample)
    found = check(files_of_tree())
    print(*found, sep="\n", end="\n" if found else "")
    failed += len(found)
    passed += not found
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
