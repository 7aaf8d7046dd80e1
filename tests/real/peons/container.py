"""Containers as local processes: an image is a folder, a container is one process in namespaces of its own.

What is real: the container's file system is its own and goes with it (a tmpfs on which the machine's programs, the image's
files, the volumes and the termination log are mounted); its process is number 1 of its process namespace, so a program that
does not care about SIGTERM does not get it, and whatever it forked ends with it. What is not: network (addresses of
127.0.0.0/8 tell pods apart), limits of memory and processor, users (it runs as whoever runs the node).

Linux lets root do this, and with user namespaces everybody; `refusal()` says when not.
"""

import dataclasses
import os
import pathlib
import shlex
import signal
import subprocess
import threading
import time

from container_log import ContainerLog

# Of the machine, where they exist: programs and their configuration.
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/sys")
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
POLL_SECONDS = 0.01

# WHY setpriv: the process must end when the thread that started it does, and a preexec_fn may not be used with threads.
# WHY a namespace of users in front of it: entering one would forget that.
ENTER = (*(() if os.geteuid() == 0 else ("/usr/bin/unshare", "--user", "--map-root-user", "--")),
         "/usr/bin/setpriv", "--pdeathsig", "KILL", "--", "/usr/bin/unshare", "--mount", "--pid", "--fork", "--kill-child")


@dataclasses.dataclass(frozen=True)
class Image:
    """What containers of an image find.

    `root`: a folder whose content is copied to `/`. `folders`: folders of the machine that are seen, and written, under
    their own paths. `environment`, `entrypoint`: as in an image's configuration.
    """

    root: pathlib.Path | None = None
    folders: tuple = ()
    environment: dict = dataclasses.field(default_factory=dict)
    entrypoint: tuple = ()


@dataclasses.dataclass(frozen=True)
class Mount:
    """`source`, a file or folder of the machine, seen at `target` in the container."""

    source: pathlib.Path
    target: str


class StartFailure(Exception):
    """The container could not be started; the text says why."""


def refusal():
    """Why this machine cannot run containers so, or None."""
    try:
        done = subprocess.run([*ENTER, "/bin/true"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    except OSError as error:
        return str(error)
    return f"no namespaces for containers here: {done.stderr.strip()}" if done.returncode else None


class Container:
    """A started container. Start it on a thread that lives as long as it: it is killed when that thread ends.

    `folder` is for what it leaves; `termination_path`: where it may leave a message.
    """

    def __init__(self, folder, image, words, environment, mounts=(), working_dir=None, termination_path="/dev/termination-log"):
        self.log = ContainerLog()
        self.exit_code = None  # once it has ended
        self._folder = folder
        self._ended = threading.Event()
        self.on_end = lambda: None
        folder.mkdir(parents=True)
        (folder / "termination").touch()
        mounts = [*(Mount(pathlib.Path(one), str(one)) for one in image.folders),
                  *sorted(mounts, key=lambda mount: mount.target.count("/")),
                  Mount(folder / "termination", termination_path)]
        (folder / "start").write_text(_start_script(folder, image, words, environment, mounts, working_dir))
        self._process = subprocess.Popen([*ENTER, "/bin/bash", folder / "start"], stdin=subprocess.DEVNULL,
                                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True, cwd=folder,
                                         env={"PATH": PATH})
        threading.Thread(target=self._read, daemon=True).start()
        while not (folder / "started").exists():
            if self._ended.wait(POLL_SECONDS) and not (folder / "started").exists():
                raise StartFailure((folder / "setup.log").read_text(errors="replace").strip() or "it ended at once")
        self.started_at = time.time()

    def _read(self):
        with self._process.stdout as pipe:
            while data := os.read(pipe.fileno(), 65536):
                self.log.write(data)
        code = self._process.wait()
        self.exit_code = code if code >= 0 else 128 - code
        self.ended_at = time.time()
        self.log.close()
        self._ended.set()
        self.on_end()

    def ended(self):
        return self._ended.is_set()

    def wait(self, seconds=None):
        """Waits for its end; whether it came."""
        return self._ended.wait(seconds)

    def terminate(self):
        """SIGTERM to its first process."""
        for pid in self.processes()[:1]:
            try:
                os.kill(pid, signal.SIGTERM)
            except ProcessLookupError:
                pass

    def kill(self):
        """SIGKILL to all its processes."""
        self._process.kill()

    def processes(self):
        """Its process as the machine numbers it: a list of one, or of none when it has ended."""
        pid = self._process.pid
        try:
            return [int(word) for word in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        except OSError:
            return []

    def memory(self):
        """Bytes that its first process has resident."""
        try:
            pages = [int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self.processes()]
        except (OSError, IndexError):
            return 0
        return sum(pages) * os.sysconf("SC_PAGE_SIZE")

    def termination_message(self):
        """What it left at its termination path."""
        return (self._folder / "termination").read_text(errors="replace")


def _start_script(folder, image, words, environment, mounts, working_dir):
    """The script, run in the new namespaces, that builds the root and becomes the container's program."""
    quoted = lambda *parts: shlex.quote("".join(map(str, parts)))
    root = folder / "root"
    lines = ["set -eu", f"exec 3>&1 >{quoted(folder, '/setup.log')} 2>&1", f"mkdir {quoted(root)}",
             f"mount -t tmpfs -o mode=755 container {quoted(root)}", f"cd {quoted(root)}",
             "mkdir -p proc tmp dev/shm", "chmod 1777 tmp dev/shm", "mount -t proc proc proc || mount --rbind /proc proc",
             "ln -s /proc/self/fd dev/fd"]
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        lines.append(f"ln -s /proc/self/fd/{number} dev/{name}")
    for device in (f"dev/{name}" for name in DEVICES if os.path.exists(f"/dev/{name}")):
        lines.append(f"touch {device}; mount --bind /{device} {device}")
    for path in SYSTEM:
        if os.path.islink(path):
            lines.append(f"ln -s {quoted(os.readlink(path))} {path[1:]}")
        elif os.path.isdir(path):
            lines.append(f"mkdir {path[1:]}; mount --rbind {path} {path[1:]}")
    if image.root:
        lines.append(f"cp -R --preserve=mode,links {quoted(os.path.abspath(image.root))}/. .")
    for mount in mounts:
        target = "." + os.path.normpath("/" + mount.target)
        place = (f"mkdir -p {quoted(target)}" if mount.source.is_dir()
                 else f"mkdir -p {quoted(os.path.dirname(target))}; touch {quoted(target)}")
        lines.append(f"{place}; mount --rbind {quoted(mount.source)} {quoted(target)}")
    directory = os.path.normpath("/" + (working_dir or ""))
    lines.append(f"mkdir -p {quoted('.', directory)}")
    inside = ["/usr/sbin/chroot", root, "/usr/bin/env", "-i", "-C", directory,
              *(f"{name}={value}" for name, value in environment.items())]
    found = shlex.join(map(str, [*inside, "/bin/sh", "-c", 'command -v -- "$1" >/dev/null', "sh", words[0]]))
    missing = quoted("exec: ", words[0], ": executable file not found")
    lines += [f"{found} || {{ echo {missing}; exit 1; }}", f"touch {quoted(folder, '/started')}", "exec >&3 2>&1 3>&-",
              f"exec {shlex.join(map(str, [*inside, *words]))}"]
    return "\n".join(lines) + "\n"
