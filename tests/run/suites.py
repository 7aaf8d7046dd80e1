"""Finds the suites: whatever meson knows as a test is one."""

import dataclasses
import fnmatch
import json
import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))

TREES = ("plain", "address", "thread", "release")

# Slowness under each sanitizer, by which a suite's time limit grows.
SLOWNESS = {"plain": 1, "address": 4, "thread": 8, "release": 1}

# WHY: meson's default of 30 s is meant for an idle machine; here a build runs beside the suites.
LEAST_LIMIT_SECONDS = 300


@dataclasses.dataclass
class Suite:
    """One test of meson in one build tree."""

    name: str
    tree: str
    command: list
    folder: str
    environment: dict
    limit_seconds: int
    real: bool  # talks to real servers
    long: bool  # computes for minutes
    targets: list  # what ninja must have built for it, relative to the tree's folder


def matches(name, pattern):
    """Whether `pattern` is part of `name` (or, with * or ?, matches all of it)."""
    if "*" in pattern or "?" in pattern:
        return fnmatch.fnmatchcase(name, pattern)
    return pattern in name


def described(tree, what):
    """What meson wrote of `tree` when it was configured: its `tests` or `targets`."""
    with open(f"{ROOT}/build/{tree}/meson-info/intro-{what}.json") as file:
        return json.load(file)


def suites_of(tree, pattern, real):
    """The suites to run in `tree`, in meson's order.

    Scripts that run nothing compiled run in the plain tree only; so do, when `real` asks for them, suites against real
    servers and those that take minutes, which are labelled `long`. The thread
    sanitizer is for what lies under tests/runner or is labelled with the suite `runner`; release, which is what ./copse
    builds and warns of other things, for what is labelled with the suite `program`.
    """
    folder = f"{ROOT}/build/{tree}"
    files = {target["id"]: target["filename"] for target in described(tree, "targets")}
    found = []
    for test in described(tree, "tests"):
        labels = [label.rsplit(":", 1)[-1] for label in test["suite"]]
        targets = [os.path.relpath(file, folder) for target in test["depends"] for file in files[target]]
        of_runner = "runner" in labels or any(target.startswith("tests/runner/") for target in targets)
        is_real = "real" in labels
        is_long = "long" in labels
        if not matches(test["name"], pattern) or ((is_real or is_long) and not real):
            continue
        if tree != "plain" and (is_real or is_long or not targets or (tree == "thread" and not of_runner)):
            continue
        if tree == "release" and "program" not in labels:
            continue
        found.append(Suite(
            name=test["name"], tree=tree, command=test["cmd"], folder=test["workdir"] or folder,
            environment=dict(test["env"]),
            limit_seconds=max(test["timeout"], LEAST_LIMIT_SECONDS) * SLOWNESS[tree],
            real=is_real, long=is_long, targets=targets))
    return found


def targets_of(suites):
    """What ninja must build for `suites`, each once."""
    return list(dict.fromkeys(target for suite in suites for target in suite.targets))
