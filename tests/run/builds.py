"""Builds the trees one after the other, and puts each suite into a queue as soon as it can run."""

import os
import signal
import subprocess
import threading
import time

from suites import ROOT, TREES, suites_of, targets_of


class Builds:
    """One build at a time, on a thread of its own; the suites of a built tree run while the next one builds.

    `ready` gets (tree, suite's name, Suite), with None for the Suite where the build failed (said on the screen), and
    None when nothing more will come. `beside` gets those that only compute, for minutes, once nothing builds any more:
    suites against real servers have deadlines, and wait most of the time.
    """

    def __init__(self, options, screen, ready, beside):
        self.options, self.screen, self.ready, self.beside = options, screen, ready, beside
        self.long = []
        self.child = None
        self.stopped = False

    def start(self):
        threading.Thread(target=self._build_all, daemon=True).start()

    def stop(self):
        """Ends the build that is under way, with its compilers."""
        self.stopped = True
        if self.child and self.child.poll() is None:
            os.killpg(self.child.pid, signal.SIGTERM)

    def _build_all(self):
        try:
            for tree in TREES:
                self._build_tree(tree)
        except Exception as error:  # WHY: the thread that runs suites must not wait for ever
            self.screen.line(f"test: {error!r}")
            self.ready.put(("", "build", None))
        finally:
            for suite in self.long:
                self.beside.put((suite.tree, suite.name, suite))
            self.beside.put(None)
            self.ready.put(None)

    def _build_tree(self, tree):
        started = time.monotonic()
        # WHY in two steps: which suites there are is known once the tree is configured.
        if self._run([f"{ROOT}/.ci/build", tree, "build.ninja"], tree) is None:
            self.ready.put((tree, "build", None))
            return
        suites = suites_of(tree, self.options.pattern, self.options.real)
        everything = tree == "plain" and not self.options.pattern
        targets = [] if everything else targets_of(suites)
        if (everything or targets) and self._run([f"{ROOT}/.ci/build", tree, *targets], tree) is None:
            self.ready.put((tree, "build", None))
            return
        if everything or targets:
            self.screen.built(tree, time.monotonic() - started)
        self.long += [suite for suite in suites if suite.long]
        for suite in suites:
            if not suite.real and not suite.long:
                self.ready.put((tree, suite.name, suite))
        self._offer_real([suite for suite in suites if suite.real])

    def _offer_real(self, suites):
        """Builds the real servers, if any of `suites` needs them, and tells each suite where they are."""
        if not suites:
            return
        servers = self._run([f"{ROOT}/tests/real/build"], "real servers")
        if servers is None:
            self.ready.put(("plain", "real servers", None))
            return
        for suite in suites:
            suite.environment["COPSE_REAL_SERVERS"] = servers
            self.ready.put((suite.tree, suite.name, suite))

    def _run(self, command, what):
        """The last line that `command` prints, or None when it failed: its complaint is then on the screen."""
        self.child = subprocess.Popen(command, env={**os.environ, "PROGRESS": "lines"}, text=True, errors="replace",
                                      stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                      start_new_session=True)
        if self.stopped:
            self.stop()
        complaint = []
        reader = threading.Thread(target=lambda: complaint.extend(self.child.stderr), daemon=True)
        reader.start()
        last = ""
        for line in self.child.stdout:
            last = line.strip()
            self.screen.building(f"{what} {last}")
        self.child.wait()
        reader.join()
        self.screen.building("")
        if self.child.returncode != 0:
            self.screen.line(f"build of {what} failed:\n" + "".join(complaint).rstrip())
            return None
        return last
