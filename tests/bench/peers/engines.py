"""The engines that are compared: how each is installed, what starts it, and what makes its figures no equal match."""

import dataclasses
import os
import pathlib
import shutil
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


def copied(name):
    """A copy of a folder of ours in the cache, for tools that write beside what they read."""
    return shutil.copytree(HERE / name, CACHE / name, dirs_exist_ok=True)


def copse(input_kind):
    step(ROOT / ".ci/build", "release", "tests/bench/peers/copse_peer")
    return [ROOT / "build/release/tests/bench/peers/copse_peer", input_kind]


def java(main, *arguments, libraries=""):
    classes = CACHE / "classes" / main
    step("javac", "--release", "17", "-cp", libraries, "-sourcepath", "java", "-d", classes, HERE / "java" / f"{main}.java")
    return ["java", "-Xmx6g", "-Xss512m", "-cp", f"{classes}:{libraries}", main, *arguments]


def sapl(way):
    recipe, folder = HERE / "java/pom.xml", CACHE / "sapl"
    installed = folder / "installed"
    if not installed.exists() or installed.read_text() != recipe.read_text():
        shutil.rmtree(folder, ignore_errors=True)
        step("mvn", "-q", "-B", "-f", recipe, "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies",
             f"-DoutputDirectory={folder / 'lib'}")
        installed.write_text(recipe.read_text())
    return java("SaplPeer", way, libraries=f"{folder}/lib/*")


def go(name):
    step("go", "build", "-o", CACHE / "go" / name, f"./{name}", folder=HERE / "go")
    return [CACHE / "go" / name]


def cedar():
    folder = copied("cedar")
    step("cargo", "build", "--release", folder=folder)
    return [folder / "target/release/cedar_peer"]


def zen():
    folder = copied("zen")
    step("npm", "install", "--no-audit", "--no-fund", "--prefer-offline", folder=folder)
    return ["node", HERE / "zen/zen.cjs", folder / "node_modules"]


ENGINES = (
    Engine("copse", lambda: copse("facts"),
           "facts in hand, as the others have parsed input; an index over Druid's selectors, which its grammar has read."),
    Engine("copse, from JSON", lambda: copse("bytes"),
           "from the bytes of a task of 3.8 KB to the decision; no other line reads a document."),
    Engine("Druid's scan", lambda: java("SelectorScan"),
           "what the Overlord does, re-created in Java 17 with its streams and its order of conditions, on parsed tasks; it ends at "
           "the first match and does nothing that copse does not."),
    Engine("OPA 1.22.3", lambda: go("opa"),
           "a language for any JSON, with joins, functions and partial evaluation, on parsed input; each rule adds its number to a "
           "set of which the smallest wins, so that its rule index works, but it cannot stop at the first match."),
    Engine("Cedar 4.14.1", cedar,
           "evaluates every permit and forbid, as authorisation must, without an index, on parsed requests, and there are proofs "
           "about its policies; it knows no first match: the smallest number of the permits that it names wins."),
    Engine("cel-go 0.33.2", lambda: go("cel"),
           "evaluates expressions of any kind within a cost limit, on parsed input; a compiled program a rule, and the loop that ends "
           "at the first yes is ours."),
    Engine("SAPL 3.0.0, set", lambda: sapl("set"),
           "a first-applicable policy set, which is a scan, on parsed input; each decision is a reactive stream with obligations that "
           "would go on to tell of changes, and only its first element is waited for."),
    Engine("SAPL 3.0.0, index", lambda: sapl("index"),
           "a document a rule under its canonical index, the smallest obligation of all that permit wins; version 4, which has "
           "another index, could not be had from Maven Central."),
    Engine("ZEN 2.0.2", zen,
           "a decision table that ends at its first hit, a scan whose cells may be any expression; the call from Node is included: "
           "task and answer are converted, and a promise is waited for."),
)
