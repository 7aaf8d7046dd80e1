"""A real Druid for suites: programs that start, answer, stop, are killed and start again.

    with Installation() as site:
        ZooKeeper(site).start()
        overlord = Overlord(site).start()
        MiddleManager(site).start()
        task = overlord.api.submit({"type": "noop", …})
        assert overlord.api.wait(task)["statusCode"] == "SUCCESS"

Every program takes `properties`, which are put over the ones it has from here. README.md says more.
"""

import collections
import json
import pathlib
import socket
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from installation import Installation  # noqa: E402
from java import FLAGS, Program, ProgramFailure, free_ports, wait_until  # noqa: E402,F401
from overlord_client import OverlordClient, Refused, http  # noqa: E402,F401

HOST = "127.0.0.1"

# Heaps in MB, each with room to spare for what the suites do.
ZOOKEEPER_HEAP, DERBY_HEAP, OVERLORD_ALONE_HEAP, OVERLORD_HEAP, MIDDLE_MANAGER_HEAP, PEON_HEAP = 128, 200, 400, 700, 200, 256

PEON_PORTS = 20  # of a middle manager, one a task


def common_properties(site, zookeeper):
    """What all of Druid's programs are told: where ZooKeeper, segments and task logs are."""
    return {
        "druid.host": HOST,
        "druid.bindOnHost": "true",
        "druid.extensions.loadList": "[]",
        "druid.extensions.directory": site.folder / "extensions",
        "druid.zk.service.host": zookeeper.address,
        "druid.zk.paths.base": "/druid",
        "druid.storage.type": "local",
        "druid.storage.storageDirectory": site.segments,
        "druid.indexer.logs.type": "file",
        "druid.indexer.logs.directory": site.task_logs,
        "druid.server.http.numThreads": 20,
    }


class ZooKeeper(Program):
    """ZooKeeper's server. `tick_ms`: sessions last from 2 to 20 ticks, whatever a client asks for."""

    def __init__(self, site, name="zookeeper", tick_ms=2000):
        self.port = free_ports(1)
        self.address = f"{HOST}:{self.port}"
        folder = site.configuration(name, {})
        (folder / "zoo.cfg").write_text(f"clientPort={self.port}\nclientPortAddress={HOST}\ndataDir={site.folder}/{name}\n"
                                        f"tickTime={tick_ms}\nmaxClientCnxns=0\nadmin.enableServer=false\n"
                                        "4lw.commands.whitelist=srvr\n")
        super().__init__(site, name, site.java([folder], ZOOKEEPER_HEAP, "org.apache.zookeeper.server.ZooKeeperServerMain",
                                               folder / "zoo.cfg"))
        site.zookeeper = self

    def ready(self):
        with socket.create_connection((HOST, self.port), timeout=5) as connection:
            connection.sendall(b"srvr")
            return b"Mode: standalone" in connection.makefile("rb").read()


class Derby(Program):
    """The database server that Overlords of their own need; `Overlord` brings its own."""

    def __init__(self, site, name="derby"):
        self.port = free_ports(1)
        super().__init__(site, name, site.java([], DERBY_HEAP, f"-Dderby.system.home={site.folder}",
                                               f"-Dderby.stream.error.file={site.folder}/derby-errors.log",
                                               "org.apache.derby.drda.NetworkServerControl", "start", "-p", self.port, "-h",
                                               HOST, "-noSecurityManager"))

    def ready(self):
        with socket.create_connection((HOST, self.port), timeout=5):
            return True


class Server(Program):
    """One of Druid's own servers: a main command, a port, properties."""

    def __init__(self, site, name, command, heap_mb, properties):
        self.port = free_ports(1)
        self.host = f"{HOST}:{self.port}"  # as Druid names it
        self.url = f"http://{self.host}"
        self.properties = {**common_properties(site, site.zookeeper), "druid.plaintextPort": self.port, **properties}
        folder = site.configuration(name, self.properties)
        super().__init__(site, name, site.java([folder], heap_mb, "org.apache.druid.cli.Main", "server", command))

    def ready(self):
        return http("GET", f"{self.url}/status/health") == "true"


class Overlord(Server):
    """Coordinator and Overlord in one process, with the Derby server; or, with `derby`, an Overlord alone.

    `api` are the calls to it (overlord_client.py). One that brings its Derby is ready when it leads, one beside others when
    it answers; `api.leads()` tells.
    """

    def __init__(self, site, name="overlord", derby=None, properties=None):
        derby_port = derby.port if derby else free_ports(1)
        indexing = {
            "druid.metadata.storage.type": "derby",
            "druid.metadata.storage.connector.connectURI": f"jdbc:derby://{HOST}:{derby_port}/{site.folder}/metadata;create=true",
            "druid.metadata.storage.connector.host": HOST,
            "druid.metadata.storage.connector.port": derby_port,
            "druid.indexer.runner.type": "httpRemote",
            "druid.indexer.storage.type": "metadata",
            "druid.indexer.queue.startDelay": "PT1S",
            "druid.manager.segments.pollDuration": "PT5S",
        }
        if derby:
            role, command, heap = {"druid.service": "druid/overlord"}, "overlord", OVERLORD_ALONE_HEAP
        else:
            role, command, heap = {
                "druid.service": "druid/coordinator",
                "druid.coordinator.asOverlord.enabled": "true",
                "druid.coordinator.asOverlord.overlordService": "druid/overlord",
                "druid.coordinator.startDelay": "PT5S",
                "druid.coordinator.period": "PT5S",
            }, "coordinator", OVERLORD_HEAP
        self.beside_others = derby is not None
        super().__init__(site, name, command, heap, {**indexing, **role, **(properties or {})})
        self.api = OverlordClient(self.url)

    def ready(self):
        return super().ready() and (self.beside_others or self.api.leads())


def two_overlords(site, properties=None):
    """Starts Derby's server and two Overlords; (derby, the one that leads, the one that waits)."""
    derby = Derby(site).start()
    first = Overlord(site, "overlord-1", derby, properties).start()
    wait_until(first.api.leads, 60, "the lead of the first Overlord")
    return derby, first, Overlord(site, "overlord-2", derby, properties).start()


class MiddleManager(Server):
    """Druid's own worker, which forks a peon a task. Ready when it answers: `overlord.api.wait_for_worker(it.host)`."""

    def __init__(self, site, name="middle_manager", capacity=2, category=None, properties=None):
        peon_flags = [*FLAGS, f"-Xmx{PEON_HEAP}m", f"-Djava.io.tmpdir={site.folder}/tmp"]
        super().__init__(site, name, "middleManager", MIDDLE_MANAGER_HEAP, {
            "druid.service": "druid/middleManager",
            "druid.worker.capacity": capacity,
            **({"druid.worker.category": category} if category else {}),
            "druid.worker.baseTaskDirs": json.dumps([f"{site.folder}/{name}.tasks"]),
            "druid.indexer.runner.startPort": free_ports(PEON_PORTS),
            "druid.indexer.runner.javaCommand": site.druid / "java",
            "druid.indexer.runner.javaOptsArray": json.dumps(peon_flags),
            **{f"druid.indexer.fork.property.{key}": value for key, value in task_properties().items()},
            **(properties or {}),
        })


def task_properties():
    """What every peon is told: small buffers, and no wait for a Coordinator's lookups."""
    return {
        "druid.lookup.enableLookupSyncOnStartup": "false",
        "druid.processing.buffer.sizeBytes": "10MiB",
        "druid.processing.numThreads": 1,
        "druid.processing.numMergeBuffers": 2,
        "druid.server.http.numThreads": 10,
    }


def peon_configuration(site, properties=None):
    """Writes how a peon in a pod is configured; the folder, which goes first on its class path."""
    return site.configuration("peon", {
        **common_properties(site, site.zookeeper),
        "druid.service": "druid/peon",
        # WHY: any other type takes the end of standard input for the end of the parent. No extension is needed for it.
        "druid.indexer.runner.type": "k8s",
        "druid.indexer.task.encapsulatedTask": "true",
        "druid.processing.intermediaryData.storage.type": "deepstore",
        **task_properties(),
        **(properties or {}),
    })


PeonCommand = collections.namedtuple("PeonCommand", "words properties")


def peon_command(site, task_dir, host, port, properties=None):
    """How a peon is started as in a pod: the words of its command line, and the path of its runtime.properties.

    The task is in `task_dir`/task.json; the peon binds `host` (any of 127.0.0.0/8) and leaves status.json and report.json
    in `task_dir`/attempt/1 and in `site.task_logs`. It exits with 0 when its task failed.
    """
    folder = peon_configuration(site, properties)
    words = site.java([folder], PEON_HEAP, f"-Ddruid.host={host}", f"-Ddruid.plaintextPort={port}",
                      f"-Ddruid.indexer.task.baseTaskDir={pathlib.Path(task_dir).parent}",
                      "org.apache.druid.cli.Main", "internal", "peon", task_dir, 1)
    return PeonCommand(words, folder / "runtime.properties")
