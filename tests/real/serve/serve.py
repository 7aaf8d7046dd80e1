"""`copse serve` as a program that starts, is stopped, killed and started again, and whose log is read as it comes.

    serve = Serve(program, world)            # a DruidOnKubernetes, whose properties it is given
    serve.start()                            # until the Overlord can discover it
    serve.wait_event("task ended", task="a")
    serve.kill()                             # as if its machine were gone

`run` is the main program of a suite.
"""

import argparse
import datetime
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[1:1] = [str(HERE.parent / "peons")]

from druid_on_kubernetes import DruidOnKubernetes, cases, http, wait_until  # noqa: E402
from java import die_with_parent  # noqa: E402

BUILT = HERE.parents[2] / "build/plain/runner/cli/copse"
START_SECONDS = 60
# Of an Overlord's log.
ASSIGNED = re.compile(r"^(\S+) .* Assigning task \[([^]]+)\] to worker", re.M)
RUNS = re.compile(r"^(\S+) .* Task\[([^]]+)\] started RUNNING on worker", re.M)
STAMP = "%Y-%m-%dT%H:%M:%S,%f"
STOP_SECONDS = 30


class Serve:
    """`events`: what it has logged so far, as dicts, over all its lives. Use from the main thread."""

    def __init__(self, program, world, *flags):
        self.program, self.world, self.flags = program, world, flags
        self.process = None
        self.events = []
        self._grown = threading.Condition()
        self._watchers = []
        self.lives = 0

    def start(self, announced=True):
        """Starts it; with `announced` waits until the Overlord's discovery has it. Returns itself."""
        self.lives += 1
        words = [self.program, "serve", "--properties", self.world.properties, "--format", "json", *self.flags]
        self.process = subprocess.Popen(words, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, cwd=self.world.site.folder, preexec_fn=die_with_parent)
        threading.Thread(target=self._read, args=(self.process,), daemon=True).start()
        if announced:
            life = self.lives
            self.wait(lambda: any(one["event"] == "announced" and one["life"] == life for one in self.events)
                      or self.process.poll() is not None, START_SECONDS, "its announcement")
            assert self.process.poll() is None, f"copse ended with {self.process.returncode}: {self.tail()}"
        return self

    def _read(self, process):
        life = self.lives
        for line in process.stdout:
            event = {**json.loads(line), "life": life}
            with self._grown:
                self.events.append(event)
                watchers = list(self._watchers)
                self._grown.notify_all()
            for watcher in watchers:
                watcher(event, process)
        with self._grown:
            self._grown.notify_all()

    def wait(self, condition, seconds, what):
        """Waits until `condition()`, which is asked whenever something is logged."""
        with self._grown:
            if not self._grown.wait_for(condition, seconds):
                raise TimeoutError(f"{what} did not happen within {seconds} s; copse says last:\n{self.tail()}")

    def of(self, event, **fields):
        """The events of this name with these fields."""
        return [one for one in self.events if one["event"] == event and all(one.get(k) == v for k, v in fields.items())]

    def wait_event(self, event, seconds=60, **fields):
        self.wait(lambda: self.of(event, **fields), seconds, f"{event} {fields}")
        return self.of(event, **fields)[-1]

    def kill_at(self, event, count):
        """It is killed with SIGKILL as soon as it logs this event for the `count`th time from now on; `killed()` waits for that."""
        left = [count]

        def watch(one, process):
            if one["event"] == event:
                left[0] -= 1
                if left[0] == 0:
                    process.send_signal(signal.SIGKILL)
                    self._watchers.remove(watch)

        self._watchers.append(watch)

    def killed(self, seconds=120):
        assert self.process.wait(seconds) == -signal.SIGKILL, self.tail()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """SIGTERM; its exit code."""
        self.process.terminate()
        return self.process.wait(STOP_SECONDS)

    def get(self, path):
        return http("GET", f"http://{self.world.copse}{path}")

    def metrics(self):
        """Samples of /metrics by name and labels, as they stand there."""
        lines = [line for line in self.get("/metrics").splitlines() if not line.startswith("#")]
        return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines}

    def memory_kb(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])

    def threads(self):
        return len(os.listdir(f"/proc/{self.process.pid}/task"))

    def tail(self, count=30):
        said = "" if self.process.poll() is None else self.process.stderr.read()
        return "\n".join(json.dumps(one) for one in self.events[-count:]) + said


def waits_of(overlord_log):
    """By task, in seconds: when an Overlord assigned it first, and when it knew that it runs."""
    when = lambda stamp: datetime.datetime.strptime(stamp, STAMP).timestamp()
    first = {}
    for stamp, task in ASSIGNED.findall(overlord_log):
        first.setdefault(task, when(stamp))
    return {task: (first[task], when(stamp)) for stamp, task in RUNS.findall(overlord_log) if task in first}


def run(title, documentation, suite, make_stage, **world):
    """The cases `suite` in one world (DruidOnKubernetes(**world)); the exit code. `make_stage(world, copse)` has a `serve`."""
    parser = argparse.ArgumentParser(description=documentation.splitlines()[0])
    parser.add_argument("--copse", type=os.path.abspath, default=BUILT)
    parser.add_argument("pattern", nargs="?", default="", help="only cases whose name contains it")
    options = parser.parse_intermixed_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    started = time.monotonic()
    with DruidOnKubernetes(**world) as made:
        stage = make_stage(made, options.copse)
        return cases.run(title, suite, options.pattern, stage, started, lambda: print(stage.serve.tail(20)))


__all__ = ["BUILT", "Serve", "run", "wait_until", "waits_of"]
