"""The announcer as a process (announcer.cpp): what it is told, and the news that it tells."""

import queue
import signal
import subprocess
import threading
import time

from java import die_with_parent

PATIENCE_SECONDS = 60  # for news; on an idle machine they take milliseconds to seconds


class Announcer:
    """`with Announcer(program, *words) as announcer:`; its end is the end of its input."""

    def __init__(self, program, *words):
        self.process = subprocess.Popen([program, *map(str, words)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        bufsize=1, preexec_fn=die_with_parent)
        self.told, self.lines = [], queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.send_signal(signal.SIGCONT)
        self.kill()

    def announce(self, host, port=8091, capacity=5):
        self._say(f"announce {host} {port} {capacity}")
        return self

    def withdraw(self):
        self._say("withdraw")

    def cycle(self):
        self._say("cycle")

    def hear(self, beginning, seconds=PATIENCE_SECONDS):
        """The next line that begins so; those before it are kept in `told`."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                line = self.lines.get(timeout=max(0, deadline - time.monotonic()))
            except queue.Empty:
                raise TimeoutError(f"`{beginning}` was not told within {seconds} s; told: {self.told}") from None
            self.told.append(line)
            if line.startswith(beginning):
                return line

    def has_told(self, beginning):
        """Whether a line that begins so was told before what was heard last."""
        return any(line.startswith(beginning) for line in self.told)

    def end(self, seconds=10):
        """Ends it in order; how long that took, in seconds."""
        began = time.monotonic()
        self.process.stdin.close()
        assert self.process.wait(seconds) == 0, f"it ended with {self.process.returncode}"
        return time.monotonic() - began

    def send_signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def _say(self, command):
        self.process.stdin.write(command + "\n")

    def _listen(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
