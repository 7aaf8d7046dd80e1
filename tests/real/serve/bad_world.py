"""The stage of `bad_input`: copse behind a proxy of the API server that misbehaves on demand, its state on a small disk.

`in_own_mounts()` first: what a suite mounts ends with it.
"""

import collections
import contextlib
import json
import os
import subprocess
import sys
import time
import types

sys.dont_write_bytecode = True

import scripted
from druid_on_kubernetes import HOST, free_ports
from faulty_proxy import Answer, FaultyProxy, certificate
from kubeconfig import kubeconfig
from serve import Serve

OWN_MOUNTS = "COPSE_TEST_OWN_MOUNTS"  # set: this process has a mount namespace of its own
LOAD, BEFORE = 18, 6  # tasks of an outage, and those of them that are under way when it begins
OUTAGE_SECONDS = 5
SAID_SECONDS = 30
ENDS_SECONDS = 90
REFUSED_SECONDS = 30
# Refused requests in one second: each task asks at once, with a credential that is refused once more; and the watches.
BUSIEST_SECOND = 2 * LOAD + 6
DISK_KB = 256


def in_own_mounts():
    """Starts this program again with a mount namespace of its own, unless it has one."""
    if OWN_MOUNTS not in os.environ:
        as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
        os.execvpe("unshare", ["unshare", "--mount", *as_root, "--", sys.executable, *sys.argv], {**os.environ, OWN_MOUNTS: "1"})


def mount_disk(folder, options):
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True, capture_output=True)
    return folder


def says(text, *words):
    missing = [word for word in words if str(word) not in text]
    assert not missing, f"{missing} not in: {text}"


def status(code, reason, message):
    """An answer as an API server gives it."""
    return Answer(code, json.dumps({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": code,
                                    "reason": reason, "message": message}), {"Content-Type": "application/json"})


class Stage:
    def __init__(self, world, copse):
        self.world, self.copse, self.api, self.folder = world, copse, world.overlord.api, world.site.folder
        scripted.install(world)
        real = world.cluster
        papers = certificate(self.folder)
        self.real_cluster = f"https://{HOST}:{real.port}", real.folder / "serving/apiserver.crt"
        self.cluster = FaultyProxy(*self.real_cluster, papers).start()
        self.disk = mount_disk(self.folder / "disk", f"size={DISK_KB}k")
        self.state = self.disk / "state"
        world.write_properties({"copse.cluster": self.kubeconfig("proxy", self.cluster.url, papers[0]),
                                "copse.state": self.state})
        self.serve = Serve(copse, world).start()
        self.api.wait_for_worker(world.copse)

    def kubeconfig(self, name, server, trusted, token=None):
        """The property that has copse go to `server`, as the user `runner` or with another token."""
        path = self.folder / f"{name}.kubeconfig"
        path.write_text(kubeconfig(server, trusted.read_bytes(), {"token": token or self.world.cluster.tokens["runner"]}))
        return f"kubeconfig:{path}"

    @contextlib.contextmanager
    def role(self, change):
        """copse's Role has other rules while the block runs: what `change(rules)` gives."""
        kubectl = self.world.cluster.kubectl
        whole = json.loads(kubectl("get", "role", "-n", self.world.namespace, "copse", "-o", "json"))
        del whole["metadata"]["resourceVersion"]
        replace = lambda rules: kubectl("replace", "-f", "-", text_input=json.dumps({**whole, "rules": rules}))
        replace(change(json.loads(json.dumps(whole["rules"]))))
        try:
            yield
        finally:
            replace(whole["rules"])

    # Tasks.

    def submit(self, ids):
        scripted.submit(self.world, ids)

    def end_as_scripted(self, ids):
        """Each ends as its id says, having run once, with its whole log in the store."""
        wrong = scripted.unexpected(scripted.wait(self.world, ids, ENDS_SECONDS))
        assert not wrong, wrong
        scripted.check_logs(self.world, ids)
        self.started(ids, times=1)
        assert self.world.ledger().twice() == []

    def started(self, ids, times):
        starts = collections.Counter(start.task for start in self.world.node.starts)
        assert all(starts[one] == times for one in ids), {one: starts[one] for one in ids if starts[one] != times}

    def run_some(self, name):
        ids = scripted.ids(name, 2)
        self.submit(ids)
        self.end_as_scripted(ids)

    # What copse says.

    @contextlib.contextmanager
    def listening(self):
        """Gives a function that waits until `serve` has said, since the block began, `event` with these words in a field."""
        began = len(self.serve.events)

        def heard(event, *words, count=1, seconds=SAID_SECONDS):
            lines = lambda: [one for one in self.serve.events[began:] if one["event"] == event
                             and all(any(str(word) in str(value) for value in one.values()) for word in words)]
            self.serve.wait(lambda: len(lines()) >= count, seconds, f"{event} with {words}")
            return lines()[-1]

        yield heard

    # Troubles of the cluster.

    def outage(self, name, begin, end, *words, grows=True):
        """Tasks come before and while the cluster is as `begin()` leaves it, until `end()`. All end as scripted; copse says
        `words` in one line, and asks a bounded number of times a second; with `grows` ever less often."""
        # WHY anew: watches that have failed within the last two minutes wait longer for their next try.
        assert self.serve.stop() == 0
        self.serve.start()
        self.api.wait_for_worker(self.world.copse)
        ids = scripted.ids(name, LOAD)
        with self.listening() as heard:
            self.submit(ids[:BEFORE])
            heard("task created", count=BEFORE // 2)
            since = time.monotonic()
            begin()
            try:
                self.submit(ids[BEFORE:])
                heard("task decided", count=LOAD)
                all_there = time.monotonic()
                heard("trouble", *words)
                time.sleep(OUTAGE_SECONDS)  # WHY a sleep: what comes in that time is counted
                asked, over = self.cluster.refused_since(since), time.monotonic()
            finally:
                end()
        middle = (all_there + over) / 2
        earlier, later = (sum(first <= at < last for at in asked) for first, last in ((all_there, middle), (middle, over)))
        assert not grows or later <= earlier, (earlier, later)
        busiest = max((sum(first <= at < first + 1 for at in asked) for first in asked), default=0)
        assert busiest <= BUSIEST_SECOND, busiest
        self.end_as_scripted(ids)

    def struck(self, name, fault, *words):
        """The same with a fault of the proxy."""
        self.outage(name, lambda: self.cluster.fail(fault), self.cluster.heal, self.cluster.url, *words)

    # Other copses, with `settings` (`_` for a dot; None: not set) over the world's.

    @contextlib.contextmanager
    def another(self, name, **settings):
        """It runs while the block does; nothing is waited for."""
        serve = Serve(self.copse, self._own(name, settings)).start(announced=False)
        try:
            yield serve
        finally:
            serve.kill()

    def refused(self, name, **settings):
        """It does not get far: its exit code and all that it has said."""
        words = [self.copse, "serve", "--properties", self._own(name, settings).properties]
        done = subprocess.run(words, text=True, capture_output=True, timeout=REFUSED_SECONDS, cwd=self.folder)
        return done.returncode, done.stdout + done.stderr

    def _own(self, name, settings):
        port = free_ports(1)
        own = {"copse.port": port, "copse.state": self.folder / f"{name}.state",
               **{key.replace("_", "."): value for key, value in settings.items()}}
        properties = self.folder / f"{name}.properties"
        properties.write_text("".join(f"{key}={value}\n" for key, value in {**self.world.settings, **own}.items()
                                      if value is not None))
        return types.SimpleNamespace(properties=properties, copse=f"{HOST}:{port}", site=self.world.site)
