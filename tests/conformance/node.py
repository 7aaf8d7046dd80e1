"""A node for the real cluster: scheduler and kubelet for pods that play a script instead of running an image.

The script is the pod's annotation `copse.sandbox/script`, as copse's sandbox reads it (runner/sandbox/README.md); what the
suites need of it is understood here. It writes what a kubelet writes: bindings, `/status`, and the removal of pods that are to
go; and it serves their logs as a kubelet does, so that the log subresource and `kubectl logs` are real.
"""

import datetime
import json
import threading

from client import field
from node_log import LogServer
from objects import SCRIPT
from script import Script

NAME, ADDRESS = "sandbox-1", "127.0.0.1"
CONDITIONS = ("DisruptionTarget", "PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
NEVER_SECONDS = 24 * 3600.0


def now_text():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Node:
    """Plays all pods of the cluster behind `client`, each on a thread of its own, until the process ends."""

    def __init__(self, client, folder):
        self.client = client
        self.plays = {}  # uid: Play
        self.logs = LogServer(folder, self.find_log)
        node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": NAME}}
        client.request("POST", "/api/v1/nodes", node)
        self.merge(f"/api/v1/nodes/{NAME}/status", {"status": {
            "addresses": [{"type": "InternalIP", "address": ADDRESS}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": self.logs.port}},
            "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}]}})
        threading.Thread(target=self.follow, daemon=True).start()

    def merge(self, path, body):
        return self.client.request("PATCH", path, json.dumps(body), {"Content-Type": "application/merge-patch+json"})

    def find_log(self, namespace, name):
        """The Play of a pod by name, the latest if there were several; None for a stranger."""
        found = [play for play in self.plays.values() if (play.namespace, play.name) == (namespace, name)]
        return found[-1] if found else None

    def follow(self):
        """Watches all pods, from what exists, again and again; over once the server is."""
        while True:
            try:
                for event in self.client.watch("/api/v1/pods?watch=true&timeoutSeconds=30"):
                    if event["type"] in ("ADDED", "MODIFIED"):
                        self.see(event["object"])
            except OSError:
                return

    def see(self, pod):
        uid = pod["metadata"]["uid"]
        if uid not in self.plays and "deletionTimestamp" not in pod["metadata"]:
            self.plays[uid] = Play(self, pod)
        if "deletionTimestamp" in pod["metadata"] and uid in self.plays:
            self.plays[uid].stop(field(pod, "metadata.deletionGracePeriodSeconds", 0))


class Play(threading.Thread):
    """The life of one pod."""

    def __init__(self, node, pod):
        super().__init__(daemon=True)
        self.node, self.pod = node, pod
        self.namespace, self.name = pod["metadata"]["namespace"], pod["metadata"]["name"]
        self.path = f"/api/v1/namespaces/{self.namespace}/pods/{self.name}"
        self.script = Script(field(pod, "metadata.annotations", {}).get(SCRIPT, "run 1s"))
        self.stopped, self.grace = threading.Event(), 0
        self.log, self.ended = [], False  # [(time, line)]
        self.printed = threading.Condition()
        self.started_at, self.waiting = None, "ContainerCreating"
        self.conditions = []
        self.start()

    def stop(self, grace):
        self.grace = grace
        self.stopped.set()

    def rest(self, seconds):
        """Lets time pass; False as soon as the pod is to stop."""
        return not self.stopped.wait(seconds)

    def run(self):
        if self.schedule() and self.admit() and self.pull():
            self.run_container()
        self.stopped.wait()
        self.node.client.request("DELETE", self.path, {"gracePeriodSeconds": 0,
                                                       "preconditions": {"uid": self.pod["metadata"]["uid"]}})

    def schedule(self):
        if field(self.pod, "spec.nodeName"):
            return True
        if not self.rest(self.script.schedule):
            return False
        if self.script.unschedulable:
            self.condition("PodScheduled", False, "Unschedulable", self.script.unschedulable)
            self.status(phase="Pending")
            return False
        self.node.client.request("POST", self.path + "/binding", {
            "apiVersion": "v1", "kind": "Binding", "metadata": {"name": self.name},
            "target": {"apiVersion": "v1", "kind": "Node", "name": NAME}})
        self.condition("PodScheduled", True)
        return True

    def admit(self):
        if self.script.reject:
            reason, message = self.script.reject
            self.status(phase="Failed", reason=reason, message=message, startTime=now_text())
            return False
        for name, reason in (("PodReadyToStartContainers", ""), ("Initialized", ""), ("Ready", "ContainersNotReady"),
                             ("ContainersReady", "ContainersNotReady")):
            self.condition(name, name == "Initialized", reason)
        self.status(phase="Pending", hostIP=ADDRESS, hostIPs=[{"ip": ADDRESS}], startTime=now_text(),
                    container={"waiting": {"reason": "ContainerCreating"}})
        return True

    def pull(self):
        if not self.rest(self.script.pull):
            return self.never_started()
        if not self.script.waiting:
            return True
        image = self.pod["spec"]["containers"][0]["image"]
        for pause, reason, message in self.script.waiting:
            if not self.rest(pause):
                return self.never_started()
            self.waiting = reason
            self.status(container={"waiting": {"reason": reason, "message": message.replace("IMAGE", f'"{image}"')}})
        self.stopped.wait()
        return self.never_started()

    def never_started(self):
        self.status(phase="Failed", container={"terminated": {
            "exitCode": 137, "reason": "ContainerStatusUnknown",
            "message": "The container could not be located when the pod was terminated", "startedAt": None, "finishedAt": None}})
        return False

    def run_container(self):
        self.started_at = now_text()
        for name in ("PodReadyToStartContainers", "Ready", "ContainersReady"):
            self.condition(name, True)
        self.status(phase="Running", podIP="10.0.0.1", podIPs=[{"ip": "10.0.0.1"}],
                    container={"running": {"startedAt": self.started_at}})
        for word, value in self.script.actions:
            if word == "log":
                self.print(value)
            elif not self.rest(NEVER_SECONDS if value is None else value):
                break
        if self.stopped.is_set():
            killed = self.script.term > self.grace
            threading.Event().wait(min(self.script.term, self.grace))
            self.end(137 if killed else self.script.term_code, "Error", "")
        elif self.script.evict:
            self.condition("DisruptionTarget", True, "TerminationByKubelet", self.script.evict)
            self.end(137, "Error", "", reason="Evicted", message=self.script.evict)
        else:
            self.end(self.script.code, self.script.reason or ("Completed" if self.script.code == 0 else "Error"),
                     self.script.message)

    def end(self, code, why, words, **pod):
        with self.printed:
            self.ended = True
            self.printed.notify_all()
        completed = code == 0
        for name in ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady"):
            reason = "" if name == "PodReadyToStartContainers" else "PodCompleted" if completed else \
                "" if name == "Initialized" else "PodFailed"
            self.condition(name, name == "Initialized", reason)
        self.status(phase="Succeeded" if completed else "Failed", container={"terminated": {
            "exitCode": code, "reason": why, **({"message": words} if words else {}), "startedAt": self.started_at,
            "finishedAt": now_text()}}, **pod)

    def print(self, line):
        with self.printed:
            self.log.append((datetime.datetime.now(datetime.timezone.utc), line))
            self.printed.notify_all()

    def condition(self, name, true, reason="", message=""):
        self.conditions = [one for one in self.conditions if one["type"] != name]
        self.conditions.append({"type": name, "status": "True" if true else "False", "lastTransitionTime": now_text(),
                                **({"reason": reason} if reason else {}), **({"message": message} if message else {})})
        self.conditions.sort(key=lambda one: CONDITIONS.index(one["type"]))

    def status(self, container=None, **members):
        """Patches the pod's status."""
        if container:
            main = self.pod["spec"]["containers"][0]
            running = "running" in container
            members["containerStatuses"] = [{
                "name": main["name"], "image": main["image"], "imageID": "", "restartCount": 0, "ready": running,
                "started": running, "state": container, "lastState": {}}]
        self.node.merge(self.path + "/status", {"status": {"conditions": self.conditions, **members}})
