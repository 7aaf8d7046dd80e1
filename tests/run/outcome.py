"""Runs one suite and counts its cases."""

import dataclasses
import os
import re
import signal
import subprocess
import threading
import time

# WHY: without these a report of a sanitizer would be printed and the suite would pass.
SANITIZERS = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
}

# The last lines of Catch2 2.x.
CATCH_ALL = re.compile(r"^All tests passed \(.*in (\d+) test cases?\)$", re.M)
CATCH_SOME = re.compile(r"^test cases: +\d+((?: +\| +\d+ [a-z ]+)+)$", re.M)
# What every other program prints, as often as it likes: the lines are summed.
COUNTS = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.M)

# Of a suite that fails, the end of its output is shown.
SHOWN_CHARACTERS = 40_000


@dataclasses.dataclass
class Outcome:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    output: str = ""  # shown, when something failed

    def __add__(self, other):
        return Outcome(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)


def counted(output):
    """The cases that `output` of a suite tells of, or None where it tells of none."""
    found = None
    for match in COUNTS.finditer(output):
        passed, failed, skipped = (int(number or 0) for number in match.groups())
        found = (found or Outcome()) + Outcome(passed, failed, skipped)
    if found is None and (all_passed := CATCH_ALL.findall(output)):
        found = Outcome(passed=int(all_passed[-1]))
    if found is None and (some := CATCH_SOME.findall(output)):
        words = dict(reversed(part.split(maxsplit=1)) for part in some[-1].split("|")[1:])
        words = {word.strip(): int(number) for word, number in words.items()}
        found = Outcome(words.get("passed", 0) + words.get("failed as expected", 0), words.get("failed", 0))
    return found


def judged(output, code, note=""):
    """The outcome of a suite that printed `output` and ended with `code` (below zero: by that signal)."""
    outcome = counted(output) or Outcome()
    if not note and code < 0:
        note = f"ended by {signal.Signals(-code).name}"
    elif not note and outcome.passed + outcome.failed + outcome.skipped == 0:
        note = "told of no case that ran (neither Catch2's summary nor a line `N passed, N failed`)"
    elif not note and code != 0 and outcome.failed == 0:
        note = f"ended with exit code {code} though no case failed"
    if note and outcome.failed == 0:
        outcome.failed = 1
    if outcome.failed:
        outcome.output = output[-SHOWN_CHARACTERS:].rstrip() + (f"\n--- {note}" if note else "")
    return outcome


# The suites that run, on any thread; no other begins once `ending` is set.
running = set()
ending = threading.Event()


def end_all():
    """Ends every suite that runs, on whatever thread."""
    ending.set()
    for child in list(running):
        end_group(child)


def run_suite(suite):
    """Runs `suite` to its end or time limit; whatever it started dies with it."""
    started = time.monotonic()
    environment = {**SANITIZERS, **os.environ, **suite.environment}
    try:
        child = subprocess.Popen(suite.command, cwd=suite.folder, env=environment, start_new_session=True,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except OSError as error:
        return Outcome(failed=1, output=f"cannot start {suite.command[0]}: {error.strerror}")
    note = ""
    running.add(child)
    try:
        output, _ = child.communicate(timeout=suite.limit_seconds)
    except subprocess.TimeoutExpired:
        end_group(child)
        output, _ = child.communicate()
        note = f"was ended after {suite.limit_seconds} s"
    finally:
        end_group(child)
        running.discard(child)
    outcome = judged(output.decode(errors="replace"), child.returncode, note)
    outcome.seconds = time.monotonic() - started
    return outcome


def end_group(child):
    """Ends the suite and whatever it left running: asks first, insists after five seconds."""
    for number, patience in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
        try:
            os.killpg(child.pid, number)
        except ProcessLookupError:
            return
        try:
            child.wait(patience)
        except subprocess.TimeoutExpired:
            pass
