"""Druid on Kubernetes, all of it real but the node: Overlord, ZooKeeper, API server, controllers, peons in pods.

    with DruidOnKubernetes() as world:
        # copse serve --properties world.properties …, then:
        task = world.overlord.api.submit(ingestion.index("a", "wiki", ingestion.local(world.inputs)))
        assert world.overlord.api.wait(task)["statusCode"] == "SUCCESS"
        assert world.ledger().twice() == []

Members:

| is | what |
|---|---|
| `site` | the Installation (tests/real/druid): `folder`, `segments`, `task_logs` |
| `zookeeper`, `overlord` | its programs; the Overlord has no worker but those that announce themselves |
| `cluster` | the Cluster (tests/real): `kubectl(…)`, `kubeconfig(user)`, `kill_server`, `start_server` |
| `node` | the ProcessNode (kubelet.py): `starts`, `ends`, `images`, `cordon`, `crash`, `log` |
| `namespace` | where Jobs go |
| `properties`, `policy`, `templates` | what copse is given: runtime.properties, a policy, name to path of the pod templates |
| `settings` | the properties as a dict; `write_properties` after a change |
| `inputs` | a folder with two files of rows (`ingestion.rows(DAYS)`), seen by pods |

Pod templates, and the tasks that the policy gives them: `base` (all others), `small` (noop, kill), `shuffle` (partial_*), and
by the tag `pod` of the task's context (`ingestion.noop("a", **tagged("not_there"))`): `not_there`, whose image cannot be
pulled, and `tiny`, which has too little memory.
"""

import contextlib
import json
import pathlib
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[1:1] = [str(HERE), str(HERE.parent), str(HERE.parent / "druid"), str(HERE.parents[1] / "conformance")]

import cases  # noqa: E402,F401
import ingestion  # noqa: E402
import rights  # noqa: E402
from cluster import Cluster  # noqa: E402
from druid import HOST, Installation, Overlord, Refused, ZooKeeper, free_ports, http, wait_until  # noqa: E402,F401
from kubelet import ProcessNode  # noqa: E402
from ledger import AUDIT_POLICY, Ledger  # noqa: E402
from peon_image import DRUID, NOT_THERE, druid_image, peon_template, write_templates  # noqa: E402

DAYS = 2  # of rows in `inputs`; as many files, each with rows of all days
SHUFFLE = ["partial_dimension_cardinality", "partial_dimension_distribution", "partial_index_generate",
           "partial_range_index_generate", "partial_index_generic_merge"]
TINY_MEMORY = "32Mi"  # a JVM has more before its first line

TEMPLATES = {"base": peon_template(), "small": peon_template(name="small"), "shuffle": peon_template(name="shuffle"),
             "not_there": peon_template(NOT_THERE), "tiny": peon_template(resources={"limits": {"memory": TINY_MEMORY}})}
POLICY = {"type": "default", "podTemplateSelectStrategy": {"type": "selectorBased", "selectors": [
    *({"selectionKey": name, "context.tags": {"pod": [name]}} for name in ("not_there", "tiny")),
    {"selectionKey": "shuffle", "type": SHUFFLE},
    {"selectionKey": "small", "type": ["noop", "kill"]}]}}


def tagged(template):
    """The context of a task that is to have a pod template by its name."""
    return {"tags": {"pod": template}}


class DruidOnKubernetes:
    """`with DruidOnKubernetes() as world:`; everything ends with the block. Use from the main thread.

    `overlord`, `peon`: properties over those that it has from here. `max_pods`: of the node. `tick_ms`: ZooKeeper's.
    """

    def __init__(self, overlord=None, peon=None, max_pods=30, tick_ms=2000):
        self._overlord_properties, self._peon_properties, self._max_pods = overlord, peon, max_pods
        self._tick_ms = tick_ms
        self.namespace = rights.NAMESPACE
        self._stack = contextlib.ExitStack()

    def __enter__(self):
        with self._stack:
            self._start()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *_):
        self._stack.close()

    def _start(self):
        self.site = site = self._stack.enter_context(Installation())
        self.zookeeper = ZooKeeper(site, tick_ms=self._tick_ms).start()
        self.overlord = Overlord(site, properties=self._overlord_properties).launch()
        (site.folder / "audit.yaml").write_text(AUDIT_POLICY)
        self.cluster = self._stack.enter_context(Cluster(["--audit-policy-file", str(site.folder / "audit.yaml")]))
        image = druid_image(site, properties=self._peon_properties)
        self.node = ProcessNode(self.cluster.kubeconfig("admin"), {DRUID: image}, site.folder / "node", max_pods=self._max_pods)
        self._stack.enter_context(self.node)
        self._write_files()
        self.overlord.await_ready()

    def _write_files(self):
        folder = self.site.folder
        self.inputs = folder / "inputs"
        self.inputs.mkdir()
        lines = ingestion.rows(DAYS).splitlines()
        for day in range(DAYS):
            (self.inputs / f"day-{day}.json").write_text("\n".join(lines[day::DAYS]) + "\n")
        self.templates = write_templates(folder / "templates", TEMPLATES)
        self.policy = folder / "policy.json"
        self.policy.write_text(json.dumps(POLICY, indent=1))
        self.properties = folder / "runtime.properties"
        self.copse = f"{HOST}:{free_ports(1)}"  # as the Overlord will name copse's worker
        self.settings = {
            "druid.zk.service.host": self.zookeeper.address,
            "druid.zk.paths.base": "/druid",
            "druid.indexer.runner.type": "k8s",
            "druid.indexer.runner.namespace": self.namespace,
            "druid.indexer.runner.maxTaskDuration": "PT1H",
            "druid.indexer.runner.capacity": self._max_pods,
            "druid.indexer.runner.k8s.adapter.type": "customTemplateAdapter",
            **{f"druid.indexer.runner.k8s.podTemplate.{name}": path for name, path in self.templates.items()},
            "druid.indexer.logs.type": "file",
            "druid.indexer.logs.directory": self.site.task_logs,
            "copse.cluster": f"kubeconfig:{self.cluster.kubeconfig('runner')}",
            "copse.druid.version": "33.0.0",
            "copse.host": HOST,
            "copse.port": self.copse.partition(":")[2],
            "copse.policy": self.policy,
            "copse.state": folder / "copse.state",
        }
        self.write_properties()

    # For suites.

    def write_properties(self, more=None):
        """Writes `settings`, with `more` over them, into `properties`."""
        self.settings.update(more or {})
        self.properties.write_text("".join(f"{key}={value}\n" for key, value in self.settings.items()))

    def ledger(self):
        """What has happened to Jobs and pods so far."""
        return Ledger(self.cluster.audit())

    def jobs(self):
        """The Jobs that exist now, as kubectl has them."""
        return json.loads(self.cluster.kubectl("get", "jobs", "-n", self.namespace, "-o", "json"))["items"]

    def pods(self):
        return json.loads(self.cluster.kubectl("get", "pods", "-n", self.namespace, "-o", "json"))["items"]

    def pod_of(self, task):
        """The pod of a task, which must have exactly one now."""
        (pod,) = [pod for pod in self.pods() if pod["metadata"]["annotations"].get("task.id") == task]
        return pod

    def status_file(self, task):
        """What the peon of a task has left in the task-log store, or None: nothing yet, or it is being written."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            return json.loads((self.site.task_logs / f"{task}.status.json").read_text())
        return None

    def segments(self, source):
        """The files of a data source in deep storage."""
        return sorted(path for path in (self.site.segments / source).glob("**/*") if path.is_file())

    def used_segments(self, source):
        """Ids of the segments of a data source that count, by the Coordinator; it looks every few seconds."""
        try:
            return json.loads(http("GET", f"{self.overlord.url}/druid/coordinator/v1/metadata/datasources/{source}/segments"))
        except Refused as refused:
            if refused.code == 404:
                return []
            raise

    def mark_unused(self, source):
        """Makes all segments of a data source unused, so that a kill task deletes them."""
        http("DELETE", f"{self.overlord.url}/druid/coordinator/v1/datasources/{source}")
