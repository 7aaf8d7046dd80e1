"""What editors highlight are the words of the language, all of them and no others; what VS Code is told of fits together."""

import json
import re
import sys

sys.dont_write_bytecode = True

import words  # noqa: E402
from words import EDITORS  # noqa: E402

VSCODE = EDITORS / "vscode"
GRAMMAR = EDITORS / "copse.tmLanguage.json"


def strings(value):
    """The patterns of a TextMate grammar, wherever they stand in it."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from [inner] if name in ("match", "begin", "end") else strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def spelled(patterns):
    """The words of two letters and more in regexes, without escapes and classes of characters."""
    bare = re.sub(r"\\.|\[(?:\\.|[^\]\\])*\]", " ", "\n".join(patterns))
    return set(re.findall(r"[A-Za-z]\w+", bare))


def of_textmate():
    return spelled(strings(json.loads(GRAMMAR.read_text())))


def of_vim():
    text = (EDITORS / "neovim/syntax/copse.vim").read_text()
    rest = re.findall(r"^syntax (?:keyword|match|region) \w+ (.*)$", text, re.M)
    return spelled(re.sub(r"\bcontains=\w+|\b(?:contained|oneline)\b|\b(?:start|skip|end)=", " ", line) for line in rest)


def contributed(kind):
    (one,) = json.loads((VSCODE / "package.json").read_text())["contributes"][kind]
    return one


CASES = [
    ("words that VS Code does not know", lambda: words.ALL - of_textmate(), set()),
    ("words that VS Code alone knows", lambda: of_textmate() - words.ALL, {"ms", "null"}),
    # Paths are dotted names, whatever they begin with.
    ("words that Neovim does not know", lambda: words.ALL - of_vim(), {"tags", "context"}),
    ("words that Neovim alone knows", lambda: of_vim() - words.ALL, set()),
    ("VS Code finds the grammar, and its language",
     lambda: json.loads((VSCODE / contributed("grammars")["path"]).read_text())["scopeName"],
     contributed("grammars")["scopeName"]),
    ("the language has one name", lambda: contributed("languages")["id"], contributed("grammars")["language"]),
    ("VS Code knows the comments",
     lambda: json.loads((VSCODE / contributed("languages")["configuration"]).read_text())["comments"], {"lineComment": "#"}),
]


def main():
    failed = 0
    for name, given, wanted in CASES:
        if (found := given()) != wanted:
            failed += 1
            print(f"wrong: {name}: {found!r}, not {wanted!r}")
    print(f"{len(CASES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
