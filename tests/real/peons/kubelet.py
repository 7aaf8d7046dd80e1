"""A node for a real cluster that runs each pod's container as a local process: scheduler and kubelet in one.

    node = ProcessNode(cluster.kubeconfig("admin"), {"druid:33": image}, folder)
    with node:
        …                # pods of all namespaces run
        node.crash()     # the machine is lost: processes and their memory are gone, nothing is told to anybody
        node.start()     # it comes back, and tells of the pods that it has lost

`images`: name to Image (container.py); it may be changed at any time, and a name that is not there cannot be pulled.
`folder`: for what pods have on disk; it should be in memory. `max_pods`: more have to wait, unschedulable.
README.md says what is like a kubelet and what is not.
"""

import collections
import json
import pathlib
import sys
import threading
import time

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[1:1] = [str(HERE), str(HERE.parents[1] / "conformance")]

import container  # noqa: E402
from api_server import ApiServer  # noqa: E402
from log_server import LogServer, Refusal, certificate  # noqa: E402
from pod_life import ENDED, PodLife  # noqa: E402

PORT = 10250  # a kubelet's
FIRST_NETWORK, LAST_NETWORK = 1, 254
PODS_A_NETWORK = 250

End = collections.namedtuple("End", "at namespace pod uid task exit_code reason")
Start = collections.namedtuple("Start", "at namespace pod uid job task address")


class NodeFailure(Exception):
    """The node cannot run here."""


class ProcessNode:
    """`with ProcessNode(…) as node:` is a node that takes pods; at its end all their processes are gone.

    `starts`: a Start for each pod whose main container has started, ever (`job`, `task`: the label `job-name` and the
    annotation `task.id`, or None). `ends`: likewise an End, for pods whose objects may be long gone.
    """

    def __init__(self, kubeconfig, images, folder, name="process-node", namespace=None, max_pods=110):
        self.images, self.name, self.max_pods = images, name, max_pods
        self.folder = pathlib.Path(folder)
        self.starts, self.ends = [], []
        self._kubeconfig = kubeconfig
        self._pods_path = f"/api/v1/namespaces/{namespace}/pods" if namespace else "/api/v1/pods"
        self._lock = threading.RLock()
        self._pods = {}     # uid to PodLife
        self._placed = set()  # uids of pods that take room
        self._cordoned = False
        self._addresses = 0
        self._server = None
        self._api = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    # For suites.

    def start(self):
        """Registers the node and takes pods, those that exist too."""
        if refused := container.refusal():
            raise NodeFailure(refused)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._api = api = ApiServer(pathlib.Path(self._kubeconfig).read_text())
        if self._server is None:
            self._server = self._listen()
            self.address = self._server.server_address[0]
        self._register()
        watch = (self._pods_path, lambda pods: self._listed(api, pods), lambda event: self._seen(api, event))
        threading.Thread(target=api.watch, args=watch, daemon=True).start()
        return self

    def crash(self):
        """Loses all processes at once and tells nobody; `start` brings the node back."""
        if self._api is None:
            return
        with self._lock:
            self._api.stop()
            lives = list(self._pods.values())
            self._pods.clear()
            self._placed.clear()
        for life in lives:
            life.wake()
        for life in lives:
            life.join()
        self._api = None

    def stop(self):
        """Ends it and all that runs on it."""
        self.crash()
        if self._server is not None:
            self._server.close()
            self._server = None

    def cordon(self):
        """No pod is bound from now on."""
        self._cordoned = True

    def uncordon(self):
        self._cordoned = False

    def running(self):
        """The pods whose main container runs now: (namespace, name)."""
        with self._lock:
            return [life.key for life in self._pods.values() if life.facts and life.facts.phase == "Running"]

    def log(self, namespace, pod, name="main"):
        """What the container has printed so far, as text; Refusal when there is none."""
        return self._find_log(namespace, pod, name).text()

    # For pods.

    def new_address(self):
        with self._lock:
            number = self._addresses
            self._addresses += 1
        network = self.address.rpartition(".")[0].rpartition(".")[0]
        return f"{network}.{1 + number // PODS_A_NETWORK % PODS_A_NETWORK}.{1 + number % PODS_A_NETWORK}"

    def obstacle(self, life):
        """Why this pod cannot be bound now; when it can, its room is taken."""
        with self._lock:
            if self._cordoned:
                return "node(s) were unschedulable"
            if len(self._placed) >= self.max_pods:
                return "Too many pods"
            self._placed.add(life.uid)
            return None

    def started(self, life):
        metadata = life.pod["metadata"]
        self.starts.append(Start(time.time(), *life.key, life.uid, metadata.get("labels", {}).get("job-name"),
                                 metadata.get("annotations", {}).get("task.id"), life.facts.pod_ip))

    def ended(self, life, exit_code, reason):
        task = life.pod["metadata"].get("annotations", {}).get("task.id")
        self.ends.append(End(time.time(), *life.key, life.uid, task, exit_code, reason))

    def finished(self, life):
        """Its containers have ended: there is room for another one."""
        with self._lock:
            self._placed.discard(life.uid)

    # What happens to objects.

    def _listed(self, api, pods):
        with self._lock:
            if api.stopped():
                return
            known = {pod["metadata"]["uid"] for pod in pods}
            for uid in [uid for uid in self._pods if uid not in known]:
                self._pods.pop(uid).forget()
            for pod in pods:
                self._seen(api, {"type": "MODIFIED", "object": pod})

    def _seen(self, api, event):
        pod = event["object"]
        uid, bound_to = pod["metadata"]["uid"], pod["spec"].get("nodeName")
        with self._lock:
            if api.stopped():
                return
            life = self._pods.get(uid)
            if event["type"] == "DELETED":
                if life:
                    self._pods.pop(uid).forget()
            elif life:
                life.see(pod)
            elif bound_to == self.name or (not bound_to and "deletionTimestamp" not in pod["metadata"]):
                if bound_to and pod.get("status", {}).get("phase") not in ENDED:
                    self._placed.add(uid)
                self._pods[uid] = PodLife(self, api, pod)
                self._pods[uid].start()

    # How it starts.

    def _listen(self):
        """Takes the first network 127.N.0.0/16 that no other node of this machine has."""
        pem = certificate(self.folder)
        for network in range(FIRST_NETWORK, LAST_NETWORK + 1):
            try:
                return LogServer((f"127.{network}.0.1", PORT), pem, self._find_log)
            except OSError as error:
                refused = error
        raise NodeFailure(f"no address of 127.0.0.0/8 has port {PORT} free: {refused}")

    def _register(self):
        path = f"/api/v1/nodes/{self.name}"
        self._api.ask("POST", "/api/v1/nodes", {"apiVersion": "v1", "kind": "Node", "metadata": {"name": self.name}})
        reply = self._api.ask("PATCH", f"{path}/status", '{"status": %s}' % _node_status(self), "merge")
        if reply.status != 200:
            raise NodeFailure(f"the node cannot be registered: {reply.status} {reply.text}")

    def _find_log(self, namespace, pod, name):
        with self._lock:
            life = next((one for one in self._pods.values() if one.key == (namespace, pod)), None)
        if life is None:
            raise Refusal(404, f'pod "{pod}" not found')
        return life.log(name)


def _node_status(node):
    capacity = {"cpu": "1000", "memory": "4Ti", "pods": str(node.max_pods)}
    addresses = [{"type": "InternalIP", "address": node.address}, {"type": "Hostname", "address": node.name}]
    ready = {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "kubelet is posting ready status"}
    return json.dumps({"capacity": capacity, "allocatable": capacity, "addresses": addresses, "conditions": [ready],
                       "daemonEndpoints": {"kubeletEndpoint": {"Port": PORT}}})
