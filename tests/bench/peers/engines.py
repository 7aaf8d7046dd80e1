"""The engines that are compared: how each is installed, what starts it, and what makes its figures no equal match."""

import dataclasses
import os
import pathlib
import subprocess
from typing import Callable

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
CACHE = pathlib.Path.home() / ".cache/copse/peers"


class Absent(Exception):
    """The engine cannot be installed; the text says why."""


@dataclasses.dataclass(frozen=True)
class Engine:
    name: str
    install: Callable[[], list]  # returns the command that starts it, but for the corpus; idempotent; raises Absent
    remark: str


def step(*command, folder=HERE, **environment):
    """Runs an installing command without a word; what it says is told when it fails."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(words, cwd=folder, env={**os.environ, **environment}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    except FileNotFoundError:
        raise Absent(f"there is no {words[0]} on this machine") from None
    if done.returncode:
        said = [line.strip() for line in done.stdout.splitlines() if "rror" in line] or done.stdout.split("\n")[-2:]
        raise Absent(f"`{' '.join(words[:3])} …` failed: {said[0][:300] if said else 'no word'}")


def copse(input_kind):
    step(ROOT / ".ci/build", "release", "tests/bench/peers/copse_peer")
    return [ROOT / "build/release/tests/bench/peers/copse_peer", input_kind]


def java(main, *arguments, libraries=""):
    classes = CACHE / "classes" / main
    step("javac", "--release", "17", "-cp", libraries, "-sourcepath", "java", "-d", classes, HERE / "java" / f"{main}.java")
    return ["java", "-Xmx6g", "-Xss512m", "-cp", f"{classes}:{libraries}", main, *arguments]


ENGINES = (
    Engine("copse", lambda: copse("facts"),
           "facts in hand, as the others have parsed input; an index over Druid's selectors, which its grammar has read."),
    Engine("copse, from JSON", lambda: copse("bytes"),
           "from the bytes of a task of 3.8 KB to the decision; no other line reads a document."),
    Engine("Druid's scan", lambda: java("SelectorScan"),
           "what the Overlord does, re-created in Java 17 with its streams and its order of conditions, on parsed tasks; it ends at "
           "the first match and does nothing that copse does not."),
)
