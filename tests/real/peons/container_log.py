"""What a container has printed, line by line with its time, as the kubelet keeps and serves it."""

import datetime
import threading
import time

LONGEST_PIECE = 16 * 1024  # longer lines are kept in pieces, as container runtimes do
NANOSECONDS = 1_000_000_000


def timestamp(moment_ns):
    """Nanoseconds since 1970 as the kubelet writes them in front of a line: always nine digits, UTC."""
    whole = datetime.datetime.fromtimestamp(moment_ns // NANOSECONDS, datetime.timezone.utc)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{moment_ns % NANOSECONDS:09d}Z"


def parse_timestamp(text):
    """The reverse, of any RFC 3339 time in UTC; ValueError when it is none."""
    whole, _, fraction = text.removesuffix("Z").partition(".")
    seconds = datetime.datetime.fromisoformat(whole).replace(tzinfo=datetime.timezone.utc).timestamp()
    return int(seconds) * NANOSECONDS + int((fraction or "0")[:9].ljust(9, "0"))


class ContainerLog:
    """Written by one thread (`write`, `close`), read by any number of others (`read`)."""

    def __init__(self):
        self._changed = threading.Condition()
        self._lines = []  # (time, bytes, whether a newline follows)
        self._partial = b""
        self._closed = False

    def write(self, data):
        """Keeps the lines that `data` completes; they all have the time of this call."""
        now = time.time_ns()
        with self._changed:
            *whole, rest = (self._partial + data).split(b"\n")
            for line in whole:
                self._keep(now, line, True)
            while len(rest) >= LONGEST_PIECE:
                self._lines.append((now, rest[:LONGEST_PIECE], False))
                rest = rest[LONGEST_PIECE:]
            self._partial = rest
            self._changed.notify_all()

    def _keep(self, now, line, ends):
        while len(line) > LONGEST_PIECE:
            self._lines.append((now, line[:LONGEST_PIECE], False))
            line = line[LONGEST_PIECE:]
        self._lines.append((now, line, ends))

    def close(self):
        """Nothing more will be printed. A last line without its newline gets one."""
        with self._changed:
            if self._partial:
                self._keep(time.time_ns(), self._partial, True)
                self._partial = b""
            self._closed = True
            self._changed.notify_all()

    def text(self):
        """All that has been printed so far."""
        return b"".join(self.read()).decode(errors="replace")

    def tail(self, lines, most_bytes):
        """The end of it: what `FallbackToLogsOnError` puts into the termination message."""
        return b"".join(self.read(tail_lines=lines))[-most_bytes:].decode(errors="replace")

    def read(self, follow=False, timestamps=False, tail_lines=None, limit_bytes=None, since_ns=None, goes_on=lambda: True):
        """Yields bytes of the log, as a kubelet answers `/containerLogs`.

        The last `tail_lines` lines are counted before those older than `since_ns` are left out; times in front of lines
        count for `limit_bytes`. With `follow` until the log is closed; asks `goes_on()` about once a second.
        """
        left = float("inf") if limit_bytes is None else limit_bytes
        at, begins = self._start(tail_lines), True
        while left > 0:
            with self._changed:
                fresh, closed = self._lines[at:], self._closed
                if not fresh and follow and not closed:
                    self._changed.wait(1.0)
                    fresh, closed = self._lines[at:], self._closed
            at += len(fresh)
            out = b""
            for moment, line, ends in fresh:
                shown = since_ns is None or moment >= since_ns
                if shown:
                    out += timestamp(moment).encode() + b" " if timestamps and begins else b""
                    out += line + (b"\n" if ends else b"")
                begins = ends
            if out:
                yield out[:int(min(left, len(out)))]
                left -= len(out)
            if not fresh and (closed or not follow or not goes_on()):
                return

    def _start(self, tail_lines):
        """The index of the first piece of the last `tail_lines` lines."""
        if tail_lines is None:
            return 0
        with self._changed:
            starts = [index for index in range(len(self._lines)) if index == 0 or self._lines[index - 1][2]]
            return starts[-tail_lines] if 0 < tail_lines <= len(starts) else (0 if tail_lines else len(self._lines))
