"""The API server as a kubelet talks to it: requests that are repeated until they are answered, and the watch of pods."""

import http.client
import threading

from client import PATCHES, Client

RETRY_SECONDS = 0.2
WATCH_SECONDS = 45  # below the time limit of a connection on which nothing happens

# WHY AttributeError: http.client forgets its socket when a server goes away between request and answer.
UNREACHABLE = (OSError, http.client.HTTPException, ValueError, AttributeError)


class Stopped(Exception):
    """The node has stopped meanwhile: nothing is written any more."""


class ApiServer:
    """One life of a node: after `stop` every call raises Stopped."""

    def __init__(self, kubeconfig_text):
        self._client = Client(kubeconfig_text)
        self._stopped = threading.Event()

    def stop(self):
        self._stopped.set()

    def stopped(self):
        return self._stopped.is_set()

    def ask(self, method, path, body=None, media=None):
        """The reply, as soon as there is one that is not about the server's own troubles."""
        headers = {"Content-Type": PATCHES[media]} if media else None
        while not self._stopped.is_set():
            try:
                reply = self._client.request(method, path, body, headers)
                if reply.status != 429 and reply.status < 500:
                    return reply
            except UNREACHABLE:
                pass
            self._stopped.wait(RETRY_SECONDS)
        raise Stopped()

    def watch(self, path, listed, seen):
        """Calls `listed(objects)` and then `seen(event)` for what changes, again and again until the node stops."""
        while not self._stopped.is_set():
            try:
                answer = self._client.request("GET", path).body
                listed(answer["items"])
                self._follow(path, answer["metadata"]["resourceVersion"], seen)
            except (*UNREACHABLE, KeyError, TypeError):
                self._stopped.wait(RETRY_SECONDS)
            except Stopped:
                return

    def _follow(self, path, version, seen):
        """Watches until the server has forgotten where we are (or is not there): then all must be listed again."""
        while True:
            for event in self._client.watch(f"{path}?watch=true&resourceVersion={version}&timeoutSeconds={WATCH_SECONDS}"):
                if self._stopped.is_set():
                    raise Stopped()
                if event["type"] not in ("ADDED", "MODIFIED", "DELETED"):
                    return
                version = event["object"]["metadata"]["resourceVersion"]
                seen(event)
