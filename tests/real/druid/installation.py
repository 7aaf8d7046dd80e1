"""The scratch folder of one Druid: configuration, state and logs of its programs, and the end of them all."""

import os
import pathlib
import shutil
import tempfile

from java import druid_folder, java_command

FOLDER_PREFIX = "copse-druid-"

LOG4J2 = """<?xml version="1.0" encoding="UTF-8"?>
<Configuration status="WARN">
  <Appenders>
    <Console name="Console" target="SYSTEM_OUT">
      <PatternLayout pattern="%d{ISO8601} %p [%t] %c{1} - %m%n"/>
    </Console>
  </Appenders>
  <Loggers>
    <Root level="info"><AppenderRef ref="Console"/></Root>
  </Loggers>
</Configuration>
"""


def sweep(folder):
    """Removes what installations left whose process was killed: the folder's name tells whose it was."""
    for left in pathlib.Path(folder or tempfile.gettempdir()).glob(f"{FOLDER_PREFIX}*"):
        owner = left.name.removeprefix(FOLDER_PREFIX).split("-")[0]
        if not os.path.exists(f"/proc/{owner}"):
            shutil.rmtree(left, ignore_errors=True)


class Installation:
    """`with Installation() as site:` is a folder for programs, all of which are killed at its end.

    `segments`, `task_logs`: where deep storage (type local) and task logs (type file) are. The folder is in memory where
    /dev/shm exists. COPSE_SCRATCH=DIR puts it there, COPSE_KEEP_SCRATCH=1 keeps it and says where it is.
    """

    def __init__(self):
        self.druid = druid_folder()
        self.programs = []
        self.folder = None

    def __enter__(self):
        shm = os.environ.get("COPSE_SCRATCH") or ("/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
        sweep(shm)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{FOLDER_PREFIX}{os.getpid()}-", dir=shm))
        for name in ("extensions", "segments", "task_logs", "tmp"):
            (self.folder / name).mkdir()
        self.segments, self.task_logs = self.folder / "segments", self.folder / "task_logs"
        return self

    def __exit__(self, *_):
        for program in reversed(self.programs):
            program.kill()
        self.programs.clear()
        if os.environ.get("COPSE_KEEP_SCRATCH") == "1":
            print(f"kept: {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def configuration(self, name, properties):
        """Writes runtime.properties and log4j2.xml; their folder, which goes first on the class path."""
        folder = self.folder / f"{name}.conf"
        folder.mkdir(exist_ok=True)
        (folder / "log4j2.xml").write_text(LOG4J2)
        (folder / "runtime.properties").write_text("".join(f"{key}={value}\n" for key, value in properties.items()))
        return folder

    def java(self, classpath, heap_mb, *words):
        """The command line of a program of this installation."""
        return java_command(self.druid, classpath, heap_mb, f"-Djava.io.tmpdir={self.folder}/tmp", *words)
