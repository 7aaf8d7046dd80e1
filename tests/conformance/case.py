"""What a case is written with: requests that leave a transcript. See README.md."""

import json
import threading

from client import PATCHES, field, query
from transcript import Symbols, rendered, selected

CASES = {}  # name of the expected file: (what is true, function, why only of a real server or "")


def case(sentence, only_real=""):
    """Registers a function `group_name(t)` as the case `group-name`; `sentence` is what it shows.

    `only_real`: why the sandbox is not meant to do this; the case is then counted as skipped there.
    """
    def register(function):
        CASES[function.__name__.replace("_", "-")] = (sentence, function, only_real)
        return function
    return register


class Case:
    """One case: a namespace of its own and the transcript of what happened there."""

    def __init__(self, client, name, sentence):
        self.client = client
        self.ns = f"ns-of-{name}"
        self.symbols = Symbols(self.ns)
        self.lines = [f"# {sentence}"]
        client.request("POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.ns}})

    @property
    def transcript(self):
        return "\n".join(self.lines) + "\n"

    # Paths.

    def jobs(self, name="", rest="", **parameters):
        return f"/apis/batch/v1/namespaces/{self.ns}/jobs" + (f"/{name}" if name else "") + rest + query(**parameters)

    def pods(self, name="", rest="", **parameters):
        return f"/api/v1/namespaces/{self.ns}/pods" + (f"/{name}" if name else "") + rest + query(**parameters)

    def maps(self, name="", rest="", **parameters):
        return f"/api/v1/namespaces/{self.ns}/configmaps" + (f"/{name}" if name else "") + rest + query(**parameters)

    # Requests. `show`: dotted paths of the answer that go into the transcript, "all", or () for its status alone.
    # A refusal is always shown whole.

    def request(self, method, path, body=None, show=(), headers=None):
        reply = self.client.request(method, path, body, headers)
        self.say(f"\n> {method} {self.symbols.text(path)}" + (f"  ({headers_shown(headers)})" if headers else ""))
        self.answer(reply, show)
        return reply

    def answer(self, reply, show=()):
        """Puts a reply into the transcript."""
        self.say(f"< {reply.status}")
        for warning in reply.headers.get_all("Warning") or ():
            self.say(f"  Warning: {self.symbols.text(warning)}")
        body = reply.body
        if isinstance(body, dict) and body.get("kind") == "Status" and body.get("status") == "Failure":
            self.refusal(body)
        elif body is None and show:
            self.say(*(f"  | {self.symbols.text(line)}" for line in reply.text.splitlines()))
        elif show == "all":
            self.show(body)
        elif show:
            self.show(selected(body, show))

    def refusal(self, body):
        details = body.get("details") or {}
        self.say(f"  {body.get('reason', 'no reason')} {body.get('code')}: {self.symbols.message(body.get('message', ''))}")
        about = {key: value for key, value in details.items() if key not in ("causes", "uid")}
        if about:
            self.say("  about " + " ".join(f"{key}={self.symbols.text(str(value))}" for key, value in sorted(about.items())))
        for cause in details.get("causes") or ():
            self.say(f"  cause {cause.get('reason', 'no reason')} at {cause.get('field', 'no field')}: "
                     f"{self.symbols.message(cause.get('message', ''))}")

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, body, **options):
        return self.request("POST", path, body, **options)

    def put(self, path, body, **options):
        return self.request("PUT", path, body, **options)

    def delete(self, path, body=None, **options):
        return self.request("DELETE", path, body, **options)

    def patch(self, path, kind, body, **options):
        """`kind` is json, merge, strategic, or a media type."""
        text = body if isinstance(body, str) else json.dumps(body)
        media = PATCHES.get(kind, kind)
        self.say(f"\n> PATCH {self.symbols.text(path)}  ({media}) {self.symbols.text(text)}")
        show = options.pop("show", ())
        reply = self.client.request("PATCH", path, text, {"Content-Type": media, **options})
        self.answer(reply, show)
        return reply

    def quietly(self, method, path, body=None, headers=None):
        """A request that leaves nothing in the transcript."""
        return self.client.request(method, path, body, headers)

    # The transcript.

    def say(self, *lines):
        self.lines.extend(lines)

    def show(self, value):
        self.say(*rendered(self.symbols.value(value), "  "))

    def holds(self, statement, truth):
        """Something that is true of values which the transcript does not show."""
        self.say(f"  {statement}: {'yes' if truth else 'NO'}")

    # Watches.

    def watch(self, path, show=("metadata.name",), until=None, headers=None, title=None):
        """Follows a watch until the server ends it or `until(event)`; each event is a line or a block. Returns them."""
        self.say(f"\n> WATCH {self.symbols.text(title or path)}")
        events = []
        for event in self.client.watch(path, headers):
            repeated = event["type"] == "BOOKMARK" and events and events[-1]["type"] == "BOOKMARK"
            events.append(event)
            if not repeated:
                self.event(event, show)
            if until and until(event):
                break
        else:
            self.say("  (the server ends it)")
        return events

    def event(self, event, show):
        """One event; a bookmark or an error shows what it carries."""
        document = event["object"]
        if event["type"] == "HTTP":
            self.answer(document)
        elif event["type"] == "ERROR":
            self.say("  ERROR")
            self.refusal(document)
        elif event["type"] == "BOOKMARK":
            self.say("  BOOKMARK")
            self.show({key: value for key, value in document.items() if key in ("kind", "apiVersion", "metadata")})
        else:
            values = self.symbols.value(selected(document, show))
            self.say(f"  {event['type']:8} " + "  ".join(json.dumps(value, ensure_ascii=False) if not isinstance(value, str)
                                                        else value for value in values.values()))

    def until(self, path, done, what):
        """Waits (by a watch on the named object's collection `path`) until `done(event)`; fails when it ends before."""
        for event in self.client.watch(path):
            if done(event):
                return event
        self.holds(what, False)
        return None

    def until_gone(self, collection, name):
        """Waits until the object is gone."""
        listed = self.quietly("GET", collection(fieldSelector=f"metadata.name={name}"))
        if listed.field("items"):
            self.until(collection(watch="true", timeoutSeconds=30, fieldSelector=f"metadata.name={name}",
                                  resourceVersion=listed.field("metadata.resourceVersion")),
                       lambda event: event["type"] == "DELETED", f"{name} goes away")


def headers_shown(headers):
    return ", ".join(f"{key}: {value}" for key, value in headers.items())


class Follower(threading.Thread):
    """Gathers the events of a watch in the background until `enough(event)` or the server ends it."""

    def __init__(self, client, path, enough):
        super().__init__(daemon=True)
        self.client, self.path, self.enough = client, path, enough
        self.events = []
        self.start()

    def run(self):
        for event in self.client.watch(self.path):
            self.events.append(event)
            if self.enough(event):
                return


def distinct(states):
    """`states` without repetitions of the one before."""
    return [state for index, state in enumerate(states) if index == 0 or states[index - 1] != state]


def conditions(document):
    """The conditions that are true, in their order, with their reasons."""
    return [condition["type"] + (f"({condition['reason']})" if condition.get("reason") else "")
            for condition in field(document, "status.conditions", []) if condition["status"] == "True"]
