"""The life of one pod on the node: bound, admitted, its volumes made, its containers run, its end told, removed."""

import shutil
import threading
import time

import pod_spec
import pod_status
from api_server import Stopped
from container import PATH, Container, Mount, StartFailure
from log_server import Refusal
from pod_object import PodObject
from pod_status import terminated, waiting

# A kubelet's times, but for what is retried: it waits up to two minutes, which no suite would.
FIRST_PULL_BACK_OFF, LONGEST_PULL_BACK_OFF = 10, 300
PULL_FAILURE_SHOWN = 1
VOLUME_RETRY, CONFIGURATION_RETRY = 0.5, 1.0
MEMORY_LOOK = 0.25  # how often the memory of a container with a limit is looked at
ROOM_LOOK = 0.5     # how often a pod looks for room

# The kubelet's, for what a container waits for; of other reasons it gives the reason.
WORDS = {"ErrImagePull": "image can't be pulled", "ImagePullBackOff": "trying and failing to pull image"}

ENDED = ("Succeeded", "Failed")
LOST = "The container could not be located when the pod was terminated"


class ToGo(Exception):
    """The pod is to go before a container has run."""


class PodLife(threading.Thread):
    """A thread a pod. `see` and `forget` tell it what happens to the pod's object; all else it does itself."""

    def __init__(self, node, api, pod):
        super().__init__(daemon=True, name=f"pod {pod['metadata']['name']}")
        self.node, self.api, self.pod = node, api, pod
        metadata = pod["metadata"]
        self.uid, self.key = metadata["uid"], (metadata["namespace"], metadata["name"])
        self.object = PodObject(api, node.name, pod)
        self.folder = node.folder / "pods" / self.uid
        self.facts = None
        self.containers = {}  # name to Container, once started
        self._news = threading.Condition()
        self._deadline = None  # when what runs is killed, once the pod is to go
        self._gone = False
        self._see(pod)

    # What is told.

    def see(self, pod):
        with self._news:
            self.pod = pod
            self._see(pod)
            self._news.notify_all()

    def _see(self, pod):
        if pod["metadata"].get("deletionTimestamp"):
            deadline = time.monotonic() + pod["metadata"].get("deletionGracePeriodSeconds", 0)
            self._deadline = deadline if self._deadline is None else min(self._deadline, deadline)

    def forget(self):
        """The object is no more: what runs ends at once."""
        with self._news:
            self._gone, self._deadline = True, 0
            self._news.notify_all()

    def wake(self):
        with self._news:
            self._news.notify_all()

    def log(self, container):
        """The log of a container; Refusal with the kubelet's words when there is none."""
        if container in self.containers:
            return self.containers[container].log
        state = self.facts and {**self.facts.init_states, **self.facts.states}.get(container)
        if not state:
            raise Refusal(400, f"container {container} is not valid for pod {self.key[1]}")
        reason = state.get("waiting", {}).get("reason", "ContainerStatusUnknown")
        raise Refusal(400, f'container "{container}" in pod "{self.key[1]}" is waiting to start: {WORDS.get(reason, reason)}')

    # Its life.

    def run(self):
        try:
            self._live()
            self._remove()
        except Stopped:
            pass
        finally:
            for container in self.containers.values():
                container.kill()
                container.wait()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _live(self):
        status = self.pod.get("status", {})
        if status.get("phase") in ENDED:
            return
        try:
            if not self.pod["spec"].get("nodeName"):
                self._schedule()
            self._admit()
            # It ran when the node was lost with all its processes.
            if any("waiting" not in one["state"] for one in status.get("containerStatuses", [])):
                raise ToGo()
            self._work()
        except ToGo:
            if self.facts:
                self._never_ran()
        finally:
            self.node.finished(self)

    def _schedule(self):
        """Binds it to the node as soon as there is room."""
        told = None
        while obstacle := self.node.obstacle(self):
            if obstacle != told:
                told = obstacle
                message = f"0/1 nodes are available: 1 {obstacle}."
                self.object.tell({"conditions": [pod_status.unschedulable(message, time.time())]})
                self.object.event("FailedScheduling", message, warning=True, source="default-scheduler")
            self._pause(ROOM_LOOK)
        self.object.bind()
        self.object.event("Scheduled", f"Successfully assigned {'/'.join(self.key)} to {self.node.name}",
                          source="default-scheduler")

    def _admit(self):
        spec = self.pod["spec"]
        inits = spec.get("initContainers", [])
        first = "PodInitializing" if inits else "ContainerCreating"
        states = lambda containers: {one["name"]: waiting(first) for one in containers}
        self.facts = pod_status.Facts(self.node.address, self.node.new_address(), time.time(), states(spec["containers"]),
                                      states(inits))
        if len(spec["containers"]) != 1:
            self.facts.states = {}
            self.facts.phase, self.facts.reason = "Failed", "UnexpectedAdmissionError"
            self.facts.message = "Pod was rejected: this node runs one container a pod"
            self._tell_facts()
            raise ToGo()

    def _work(self):
        facts, spec = self.facts, self.pod["spec"]
        self._tell_facts()
        self._make_volumes()
        facts.has_address = True
        for container in spec.get("initContainers", []):
            if not self._run(container, facts.init_states):
                facts.phase, facts.ended_at = "Failed", time.time()
                return self._tell_facts()
        (main,) = spec["containers"]
        succeeded = self._run(main, facts.states, self._is_ready, lambda *how: self.node.ended(self, *how))
        facts.phase, facts.ended_at = "Succeeded" if succeeded else "Failed", time.time()
        self._tell_facts()

    def _is_ready(self):
        self.facts.phase, self.facts.ready_since = "Running", time.time()
        self.node.started(self)

    def _never_ran(self):
        """It is to go, and no container runs: what the kubelet tells of containers that it does not find."""
        facts = self.facts
        if facts.phase not in ENDED:
            for container in self.pod["spec"]["containers"]:
                facts.states[container["name"]] = terminated(137, "ContainerStatusUnknown", LOST, None, None, "")
            facts.phase, facts.ended_at = "Failed", time.time()
            self._tell_facts()

    def _remove(self):
        """Waits until the pod is to go, and removes its object."""
        while self._deadline is None:
            try:
                self._pause(3600)
            except ToGo:
                break
        if not self._gone:
            self.object.remove()

    # Its parts.

    def _make_volumes(self):
        told = None
        while True:
            try:
                self._volumes = pod_spec.volumes(self.pod, self.folder / "volumes", self.object.configmap)
                return
            except (pod_spec.Missing, pod_spec.Unsupported) as missing:
                if str(missing) != told:
                    told = str(missing)
                    self.object.event("FailedMount", told, warning=True)
            self._pause(VOLUME_RETRY)

    def _pull(self, container, states):
        """The image, when the node has it."""
        name, back_off, pulled = container["image"], FIRST_PULL_BACK_OFF, False
        while name not in self.node.images:
            if container.get("imagePullPolicy") == "Never":
                self._wait_for(container, states, "ErrImageNeverPull",
                               f'Container image "{name}" is not present with pull policy of Never', back_off)
                continue
            self.object.event("Pulling", f'Pulling image "{name}"', container)
            pulled = True
            why = f'failed to pull and unpack image "{name}": failed to resolve reference "{name}": {name}: not found'
            self.object.event("Failed", f'Failed to pull image "{name}": {why}', container, warning=True)
            self._wait_for(container, states, "ErrImagePull", why, PULL_FAILURE_SHOWN)
            self.object.event("BackOff", f'Back-off pulling image "{name}"', container)
            self._wait_for(container, states, "ImagePullBackOff", f'Back-off pulling image "{name}": ErrImagePull: {why}',
                           back_off)
            back_off = min(2 * back_off, LONGEST_PULL_BACK_OFF)
        self.object.event("Pulled", f'Successfully pulled image "{name}"' if pulled
                    else f'Container image "{name}" already present on machine', container)
        return self.node.images[name]

    def _wait_for(self, container, states, reason, message, seconds):
        """Tells that the container waits, and waits."""
        state = waiting(reason, message)
        if states[container["name"]] != state:
            states[container["name"]] = state
            self.object.event("Failed", f"Error: {reason}", container, warning=True)
            self._tell_facts()
        self._pause(seconds)

    def _configure(self, container, image, states):
        """Environment, command line and mounts, once all that they need exists."""
        given = {"PATH": PATH, "HOME": "/root", "HOSTNAME": self.key[1], **image.environment}
        addresses = {"status.podIP": self.facts.pod_ip, "status.podIPs": self.facts.pod_ip, "status.hostIP": self.node.address,
                     "status.hostIPs": self.node.address}
        while True:
            try:
                values = pod_spec.environment(self.pod, container, given, addresses, self.object.configmap)
                words = pod_spec.words(container, image.entrypoint, values)
                if not words:
                    raise pod_spec.Missing("no command specified")
                return values, words, [Mount(*pair) for pair in pod_spec.mounts(container, self._volumes, values)]
            except (pod_spec.Missing, pod_spec.Unsupported) as missing:
                self._wait_for(container, states, "CreateContainerConfigError", str(missing), CONFIGURATION_RETRY)

    def _run(self, container, states, started=lambda: None, ended=lambda *_: None):
        """Runs a container to its end; whether that was good. Its states are told as they come.

        Calls `started()`, and `ended(exit code, reason)`.
        """
        name = container["name"]
        image = self._pull(container, states)
        values, words, mounts = self._configure(container, image, states)
        identity = pod_status.container_id(self.pod, name)
        self.object.event("Created", f"Created container: {name}", container)
        try:
            process = Container(self.folder / "containers" / name, image, words, values, mounts, container.get("workingDir"),
                                container.get("terminationMessagePath", "/dev/termination-log"))
        except StartFailure as failure:
            message = f"failed to create containerd task: failed to create shim task: {failure}"
            self.object.event("Failed", f"Error: {message}", container, warning=True)
            states[name] = terminated(128, "StartError", message, 0, time.time(), identity)
            return False
        process.on_end = self.wake
        self.containers[name] = process
        self.object.event("Started", f"Started container {name}", container)
        states[name] = pod_status.running(process.started_at)
        started()
        self._tell_facts()
        reason = self._await_end(process, pod_spec.memory_limit(container))
        reason = reason or ("Completed" if process.exit_code == 0 else "Error")
        ended(process.exit_code, reason)
        states[name] = terminated(process.exit_code, reason, self._message(container, process), process.started_at,
                                  process.ended_at, identity)
        return process.exit_code == 0

    def _await_end(self, process, memory):
        """Waits for the end of a container, which it brings about when the pod is to go; why it ended, if that is known."""
        asked, reason = False, None
        while not process.ended():
            with self._news:
                deadline = self._deadline
                if deadline is None and not process.ended() and not self.api.stopped():
                    self._news.wait(MEMORY_LOOK if memory else None)
            if self.api.stopped() or (deadline is not None and time.monotonic() >= deadline):
                process.kill()
                process.wait()
            elif deadline is not None:
                if not asked:
                    asked = True
                    process.terminate()
                    self.object.event("Killing", f"Stopping container {self.pod['spec']['containers'][0]['name']}")
                with self._news:
                    if not process.ended() and self._deadline == deadline:
                        self._news.wait(max(0, deadline - time.monotonic()))
            elif memory and process.memory() > memory:
                reason = "OOMKilled"
                process.kill()
                process.wait()
        return reason

    def _message(self, container, process):
        message = process.termination_message()
        if not message and process.exit_code and container.get("terminationMessagePolicy") == "FallbackToLogsOnError":
            message = process.log.tail(80, 2048)
        return message

    # What it tells.

    def _pause(self, seconds):
        """Waits so long; ToGo as soon as the pod is to go."""
        until = time.monotonic() + seconds
        with self._news:
            while self._deadline is None:
                if self.api.stopped():
                    raise Stopped()
                left = until - time.monotonic()
                if left <= 0:
                    return
                self._news.wait(left)
            raise ToGo()

    def _tell_facts(self):
        self.object.tell(pod_status.document(self.pod, self.facts))
