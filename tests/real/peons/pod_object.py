"""A pod's object on the API server: what a kubelet, and here the scheduler too, writes about it."""

import itertools
import json
import time
import urllib.parse

import pod_status

EVENT_NUMBERS = itertools.count(time.time_ns())


class PodObject:
    """Every write names the pod's uid: that it is gone, or another one of its name there, is no matter."""

    def __init__(self, api, node, pod):
        metadata = pod["metadata"]
        self._api, self._node = api, node
        self._namespace, self._name, self._uid = metadata["namespace"], metadata["name"], metadata["uid"]
        self._space = f"/api/v1/namespaces/{urllib.parse.quote(self._namespace)}"
        self._path = f"{self._space}/pods/{urllib.parse.quote(self._name)}"

    def bind(self):
        self._api.ask("POST", f"{self._path}/binding", {
            "apiVersion": "v1", "kind": "Binding", "metadata": {"name": self._name, "uid": self._uid},
            "target": {"apiVersion": "v1", "kind": "Node", "name": self._node}})

    def tell(self, status):
        """Writes these members of the status."""
        self._api.ask("PATCH", f"{self._path}/status", json.dumps({"metadata": {"uid": self._uid}, "status": status}), "merge")

    def remove(self):
        self._api.ask("DELETE", self._path, {"apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0,
                                             "preconditions": {"uid": self._uid}})

    def configmap(self, name):
        """The document of a ConfigMap in the pod's namespace, or None."""
        reply = self._api.ask("GET", f"{self._space}/configmaps/{urllib.parse.quote(name)}")
        return reply.body if reply.status == 200 else None

    def event(self, reason, message, container=None, warning=False, source="kubelet"):
        """An Event about the pod, or about one of its containers (a container's document)."""
        now = pod_status.time_text(time.time())
        field = {"fieldPath": f"spec.containers{{{container['name']}}}"} if container else {}
        host = self._node if source == "kubelet" else ""
        self._api.ask("POST", f"{self._space}/events", {
            "apiVersion": "v1", "kind": "Event",
            "metadata": {"name": f"{self._name}.{next(EVENT_NUMBERS):x}", "namespace": self._namespace},
            "involvedObject": {"apiVersion": "v1", "kind": "Pod", "name": self._name, "namespace": self._namespace,
                               "uid": self._uid, **field},
            "type": "Warning" if warning else "Normal", "reason": reason, "message": message, "count": 1,
            "firstTimestamp": now, "lastTimestamp": now, "reportingComponent": source, "reportingInstance": host,
            "source": {"component": source, **({"host": host} if host else {})}})
