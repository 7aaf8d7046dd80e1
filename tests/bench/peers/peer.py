"""One engine that runs with one corpus: it is asked for its answers, and for the time that decisions take.

Every engine is a program that reads the corpus, says `ready`, and then answers a line with a line:

    answer TASKS           the number of the rule that takes each of the first TASKS tasks; the number of rules for none
    time TASKS ROUNDS      the nanoseconds of ROUNDS times these decisions, and their sum, so that none can be left out
"""

import statistics
import subprocess
import tempfile
import threading
import time

from corpus import TASKS

PATIENCE = 60  # seconds that an engine may take to load its rules, or to answer
WARM_UP = 1.5
ROUND = 0.3  # seconds; longer where FEWEST decisions take longer
ROUNDS = 5
CHECK = 4  # seconds that answers may take that are compared with the oracle's
FEWEST = 20  # decisions that are compared, and that a round has unless they take longer than LONGEST
LONGEST = 3  # seconds; no single decision may take longer


class Failed(Exception):
    """The engine gave no answer, or a wrong one; the text says which."""


class Peer:
    def __init__(self, command):
        self._errors = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    def load(self):
        if self._line("to load its rules") != "ready":
            raise Failed("does not say that it is ready")

    def check(self, expected, decision_seconds):
        """Fails unless the answers to as many tasks as CHECK allows, but FEWEST, are the oracle's. Returns how many."""
        count = max(FEWEST, decisions_in(CHECK, decision_seconds)[0])
        given = [int(word) for word in self._ask(f"answer {count}").split()]
        wrong = [n for n in range(count) if given[n:n + 1] != [expected[n]]]
        if wrong:
            raise Failed(f"answers {len(wrong)} of {count} tasks otherwise than the oracle, the first is task {wrong[0]}")
        return count

    def warm_up(self):
        """Decides for a while; returns the seconds that one decision takes by then."""
        self._seconds(1, 1)
        seconds = self._seconds(1, 1)
        if seconds > LONGEST:
            raise Failed(f"takes {seconds:.1f} s to decide")
        end = time.monotonic() + WARM_UP
        while time.monotonic() < end:
            seconds = self._seconds(*decisions_in(ROUND, seconds))
        return seconds

    def seconds(self, about):
        """The seconds of one decision, the median of rounds; `about` is what is expected."""
        return statistics.median(self._seconds(*decisions_in(ROUND, about)) for _ in range(ROUNDS))

    def _seconds(self, tasks, rounds):
        nanoseconds = int(self._ask(f"time {tasks} {rounds}").split()[0])
        return nanoseconds / 1e9 / tasks / rounds

    def _ask(self, question):
        try:
            print(question, file=self._process.stdin, flush=True)
        except BrokenPipeError:
            pass
        return self._line("for its answers")

    def _line(self, what):
        """The next line that the engine prints. Fails when it ends or takes too long."""
        late = threading.Event()
        timer = threading.Timer(PATIENCE, lambda: (late.set(), self._process.kill()))
        timer.start()
        line = self._process.stdout.readline().strip()
        timer.cancel()
        if late.is_set():
            raise Failed(f"takes longer than {PATIENCE} s {what}")
        if not line:
            self._process.wait()
            self._errors.seek(0)
            said = self._errors.read().decode(errors="replace").strip().splitlines()
            raise Failed(f"ended with {self._process.returncode}: {said[-1] if said else 'no word'}")
        return line


def decisions_in(seconds, decision_seconds):
    """(tasks, rounds) that take about so long."""
    wanted = seconds / decision_seconds
    if wanted >= TASKS:
        return TASKS, int(wanted / TASKS)
    return max(int(wanted), min(FEWEST, int(LONGEST / decision_seconds)), 1), 1
