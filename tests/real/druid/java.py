"""Java programs of the Druid jars as processes that start, tell when they are ready, and end with whoever started them."""

import contextlib
import ctypes
import os
import pathlib
import random
import signal
import socket
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent

READY_SECONDS = 120  # on an idle machine the slowest takes 10
STOP_SECONDS = 60
POLL_SECONDS = 0.1
LOG_LINES_SHOWN, LOG_COLUMNS_SHOWN = 60, 300

# Below the ports that Linux gives to outgoing connections (32768 and up): a port is still free after a restart.
FIRST_PORT, LAST_PORT = 20000, 32000

FLAGS = [
    *(f"--add-opens=java.base/{package}=ALL-UNNAMED"
      for package in ("java.lang", "java.nio", "java.io", "java.util", "sun.nio.ch", "jdk.internal.ref")),
    "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
    "--add-exports=jdk.management/com.sun.management.internal=ALL-UNNAMED",
    "-Duser.timezone=UTC", "-Dfile.encoding=UTF-8", "-Djava.util.logging.manager=org.apache.logging.log4j.jul.LogManager",
    # Small and quick to start: one collector thread, no second compiler, no file in /tmp.
    "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-XX:+ExitOnOutOfMemoryError",
]


class ProgramFailure(Exception):
    """A program did not start, or did not do in time what was waited for; the text ends with the last lines of its log."""


def druid_folder():
    """The folder with Druid's jars and a link to the Java that runs them; fetched if need be."""
    folder = os.environ.get("COPSE_REAL_DRUID")
    if not folder:
        folder = subprocess.run([HERE / "fetch"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                                check=True).stdout.splitlines()[-1]
    return pathlib.Path(folder)


def free_ports(count):
    """The first of `count` ports in a row that were free on all addresses a moment ago."""
    for _ in range(1000):
        first = random.randrange(FIRST_PORT, LAST_PORT - count)
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            for port in range(first, first + count):
                stack.enter_context(socket.create_server(("", port)))
            return first
    raise ProgramFailure(f"no {count} free ports in a row between {FIRST_PORT} and {LAST_PORT}")


def wait_until(condition, seconds, what):
    """Asks `condition` again and again until it gives something true, which is returned; TimeoutError after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not happen within {seconds} s")
        time.sleep(POLL_SECONDS)
    return found


def die_with_parent():
    """In the child before exec: SIGKILL to it as soon as the thread that started it is gone, however that ends."""
    ctypes.CDLL(None, use_errno=True).prctl(1, signal.SIGKILL)  # 1: PR_SET_PDEATHSIG


def java_command(folder, classpath, heap_mb, *words):
    """The command line of Druid's Java: `words` are more flags, the main class and its arguments."""
    jars = ":".join([*map(str, classpath), f"{folder}/jars/*"])
    return [f"{folder}/java", *FLAGS, f"-Xms{min(heap_mb, 64)}m", f"-Xmx{heap_mb}m", "-cp", jars, *map(str, words)]


class Program:
    """One Java program: it may be started, stopped or killed, and started again with the same ports and state.

    Its process leads a group of its own, so that what it forks (peons) ends with it. Start it from the main thread: a
    process ends with the thread that started it. A derived class says in `ready()` whether it answers as it should.
    """

    def __init__(self, site, name, command):
        self.name, self.command, self.folder = name, command, site.folder
        self.log_file = site.folder / f"{name}.log"
        self.process = None
        site.programs.append(self)

    def ready(self):
        """Whether it answers. OSError and ValueError mean no."""
        raise NotImplementedError

    def launch(self):
        """Starts it without waiting for it: several programs start side by side. Returns itself."""
        assert not self.running(), f"{self.name} is running already"
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                                            cwd=self.folder, start_new_session=True, preexec_fn=die_with_parent)
        return self

    def await_ready(self, seconds=READY_SECONDS):
        """Waits until it answers; ProgramFailure with the end of its log if it ends instead or takes longer."""
        deadline = time.monotonic() + seconds
        while True:
            with contextlib.suppress(OSError, ValueError):
                if self.ready():
                    return self
            if self.process.poll() is not None:
                raise ProgramFailure(f"{self.name} ended with {self.process.returncode}:\n{self.log_tail()}")
            if time.monotonic() > deadline:
                raise ProgramFailure(f"{self.name} is not ready after {seconds} s:\n{self.log_tail()}")
            time.sleep(POLL_SECONDS)

    def start(self, seconds=READY_SECONDS):
        """Starts it and waits until it answers. Returns itself."""
        return self.launch().await_ready(seconds)

    def running(self):
        return self.process is not None and self.process.poll() is None

    def terminate(self):
        """Asks it to end (SIGTERM) without waiting for that."""
        self.process.terminate()

    def stop(self, seconds=STOP_SECONDS):
        """Ends it gracefully and waits for that; ProgramFailure (and it is killed) when it takes longer."""
        if not self.running():
            return
        self.terminate()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise ProgramFailure(f"{self.name} did not end within {seconds} s of SIGTERM:\n{self.log_tail()}") from None
        finally:
            self.kill()

    def kill(self):
        """Ends it with all that it forked at once (SIGKILL), as if its machine were gone."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def memory_mb(self):
        """What it has resident now, without what it forked."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) // 1024

    def log_text(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def log_tail(self, lines=LOG_LINES_SHOWN):
        """The end of the log without the frames of stack traces, which would hide the causes."""
        told = [line[:LOG_COLUMNS_SHOWN] for line in self.log_text().splitlines() if not line.startswith("\tat ")]
        return "\n".join(told[-lines:])
