"""What a run of the suites shows: one row a suite, and on a terminal a last line that says what is under way."""

import os
import sys
import threading
import time

# In a log, a long build says that it lives this often.
PATIENCE_SECONDS = 60


class Screen:
    """Used by the thread that builds and by those that run suites."""

    def __init__(self):
        self.lock = threading.Lock()
        self.terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        self.doing = {}
        self.told = time.monotonic()
        self.started = time.monotonic()

    def building(self, what):
        self.under_way("building", what)

    def built(self, tree, seconds):
        self.line(f"{tree:8} {'(built)':24} {'':>7} {'':>6} {seconds:8.1f} s")

    def row(self, tree, name, outcome):
        failed = f"{outcome.failed} FAILED" if outcome.failed else ""
        skipped = f"  {outcome.skipped} skipped" if outcome.skipped else ""
        if outcome.output:
            self.line(f"----- {tree} {name}\n{outcome.output}\n-----")
        self.line(f"{tree:8} {name:24} {outcome.passed:7} {failed:>9} {outcome.seconds:5.1f} s{skipped}")

    def line(self, text):
        """Prints `text` for good, above the line of progress."""
        with self.lock:
            if self.terminal:
                sys.stdout.write("\r\033[K")
            sys.stdout.write(text + "\n")
            self.told = time.monotonic()
            self._draw()

    def close(self):
        with self.lock:
            self.doing = {}
            self._draw()
            if self.terminal:
                sys.stdout.write("\r\033[K")
            sys.stdout.flush()

    def under_way(self, kind, what):
        with self.lock:
            self.doing[kind] = what
            if not self.terminal and what and time.monotonic() - self.told > PATIENCE_SECONDS:
                sys.stdout.write(f"… {kind} {what}\n")
                self.told = time.monotonic()
            self._draw()

    def _draw(self):
        if self.terminal:
            parts = [f"{kind} {what}" for kind, what in self.doing.items() if what]
            text = f"{time.monotonic() - self.started:.0f} s: " + ", ".join(parts) if parts else ""
            width = max(os.get_terminal_size(sys.stdout.fileno()).columns - 1, 20)
            sys.stdout.write("\r\033[K" + text[:width])
        sys.stdout.flush()
