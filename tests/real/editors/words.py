"""The words of the language, from the sources that decide what is one; no second list of them stands in the tests."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[3]
LANGUAGE = ROOT / "grammar/language"
EDITORS = ROOT / "grammar/editors"


def structs():
    """{struct of rules.hpp: the words in it, in order}."""
    found = {}
    for name, body in re.findall(r"struct (\w+)\s*:(.*?)\{\s*\};", (LANGUAGE / "rules.hpp").read_text(), re.S):
        found[name] = ["".join(re.findall(r"'(\w)'", letters)) for letters in re.findall(r"\bword<([^>]*)>", body)]
    return found


def prefixes():
    """What stands before the quote of a pattern: `glob`, `re`."""
    spelled = re.findall(r"peg::string<((?:'\w',\s*)+)'\"'>", (LANGUAGE / "rules.hpp").read_text())
    return {"".join(re.findall(r"'(\w)'", letters)) for letters in spelled}


def named(before):
    """The quoted words in what the regex `before` holds in its group, wherever in the folder that is."""
    sources = "".join(path.read_text() for path in sorted(LANGUAGE.glob("*.?pp")))
    found = set(re.findall(r'"(\w+)"', "".join(re.findall(before, sources, re.S))))
    assert found, f"no {before} in {LANGUAGE}"
    return found


STRUCTS = structs()
# Words that stand for a value.
VALUES = {word for name in ("boolean", "day", "on_or_off") for word in STRUCTS[name]}
KEYWORDS = {word for name, words in STRUCTS.items() if name not in ("boolean", "day", "on_or_off") for word in words}
PREFIXES = prefixes()
OUTCOMES = named(r"outcome_words\{(.*?)\};")
ATTRIBUTES = named(r'BuiltIn(\{"\w+")') | {"tags", "context"}
TYPES = named(r'TypeName(\{"\w+")')
RUNNERS = {"k8s", "worker"}
ALL = KEYWORDS | VALUES | PREFIXES | OUTCOMES | ATTRIBUTES | TYPES | RUNNERS
