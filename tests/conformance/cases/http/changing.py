"""PUT and PATCH: versions, what may change, the kinds of patch, status and finalizers."""

from case import case, conditions
from objects import pod, resting_job


def settled_job(t, name, **more):
    """A suspended Job after the Job controller has said so: nothing changes it any more but the case."""
    t.quietly("POST", t.jobs(), resting_job(name, **more))
    t.until(t.jobs(watch="true", timeoutSeconds=30, fieldSelector=f"metadata.name={name}"),
            lambda event: "Suspended" in "".join(conditions(event["object"])), "the controller suspends it")
    return t.quietly("GET", t.jobs(name)).body


SHOWN = ("metadata.labels", "metadata.generation")


@case("PUT replaces; a stale resourceVersion or another uid conflicts; without a version the last write wins")
def changing_by_put(t):
    first = settled_job(t, "a")
    changed = {**first, "metadata": {**first["metadata"], "labels": {"x": "1"}}}
    second = t.put(t.jobs("a"), changed, show=SHOWN)
    t.holds("the resourceVersion is new", second.field("metadata.resourceVersion") != first["metadata"]["resourceVersion"])
    t.put(t.jobs("a"), changed)
    unconditional = {**changed, "metadata": {**changed["metadata"], "labels": {"x": "2"}}}
    del unconditional["metadata"]["resourceVersion"]
    t.put(t.jobs("a"), unconditional, show=SHOWN)
    other = {**unconditional, "metadata": {**unconditional["metadata"], "uid": "00000000-0000-0000-0000-000000000000"}}
    t.put(t.jobs("a"), other)
    t.put(t.jobs("b"), resting_job("b"))
    t.put(t.jobs("a"), resting_job("b"))


@case("a write that changes nothing gives no new version")
def changing_nothing(t):
    first = settled_job(t, "a")
    same = t.patch(t.jobs("a"), "merge", {"spec": {"suspend": True}}, show=SHOWN)
    t.holds("the resourceVersion is the same", same.field("metadata.resourceVersion") == first["metadata"]["resourceVersion"])


@case("template, selector and completions of a Job cannot change; parallelism and labels can; generation counts specs")
def changing_immutable(t):
    first = settled_job(t, "a")

    def changed(**spec):
        return {**first, "spec": {**first["spec"], **spec}}

    template = {**first["spec"]["template"], "spec": {**first["spec"]["template"]["spec"], "hostname": "x"}}
    t.put(t.jobs("a"), changed(completions=2))
    t.put(t.jobs("a"), changed(template=template))
    t.patch(t.jobs("a"), "merge", {"spec": {"parallelism": 2}}, show=SHOWN)
    t.patch(t.jobs("a"), "merge", {"metadata": {"labels": {"x": "1"}}}, show=SHOWN)


@case("a merge patch sets, replaces and removes with null")
def changing_by_merge_patch(t):
    settled_job(t, "a", labels={"x": "1", "y": "2"})
    t.patch(t.jobs("a"), "merge", {"metadata": {"labels": {"x": None, "y": "3", "z": "4"}}}, show=SHOWN)
    t.patch(t.jobs("a"), "merge", {"metadata": {"resourceVersion": "1", "labels": {"x": "5"}}})
    t.patch(t.jobs("a"), "merge", {"metadata": {"name": "b"}})
    t.patch(t.jobs("b"), "merge", {"metadata": {"labels": {"x": "1"}}})
    t.patch(t.jobs("a"), "merge", "{")
    t.patch(t.jobs("a"), "application/json", {"metadata": {"labels": {"x": "1"}}})


@case("a JSON patch tests, adds, replaces and removes, all or nothing")
def changing_by_json_patch(t):
    settled_job(t, "a", labels={"x": "1"})
    t.patch(t.jobs("a"), "json", [{"op": "test", "path": "/metadata/labels/x", "value": "1"},
                                  {"op": "replace", "path": "/metadata/labels/x", "value": "2"},
                                  {"op": "add", "path": "/metadata/labels/a~1b", "value": "3"}], show=SHOWN)
    t.patch(t.jobs("a"), "json", [{"op": "remove", "path": "/metadata/labels/x"},
                                  {"op": "test", "path": "/metadata/labels/a~1b", "value": "wrong"}])
    t.patch(t.jobs("a"), "json", [{"op": "remove", "path": "/metadata/labels/none"}])
    # Of what is not there null is the value.
    new = [{"op": "test", "path": "/metadata/labels/new", "value": None},
           {"op": "add", "path": "/metadata/labels/new", "value": "4"}]
    t.patch(t.jobs("a"), "json", new, show=SHOWN)
    t.patch(t.jobs("a"), "json", new)
    t.patch(t.jobs("a"), "json", [{"op": "test", "path": "/metadata/none/new", "value": None}])
    t.patch(t.jobs("a"), "json", {"op": "remove"})
    t.get(t.jobs("a"), show=SHOWN)


@case("a strategic merge patch merges containers by their name")
def changing_by_strategic_patch(t):
    two = [{"name": "main", "image": "druid:33"}, {"name": "side", "image": "sidecar:1"}]
    t.quietly("POST", t.pods(), pod("p", containers=two))
    shown = ("spec.containers.0.image", "spec.containers.1.image", "metadata.labels")
    t.patch(t.pods("p"), "strategic", {"spec": {"containers": [{"name": "side", "image": "sidecar:2"}]},
                                       "metadata": {"labels": {"x": "1"}}}, show=shown)
    t.patch(t.pods("p"), "strategic", {"spec": {"containers": [{"name": "main", "command": ["x"]}]}})
    t.patch(t.pods("p"), "strategic", {"metadata": {"labels": {"x": None}}}, show=shown)


@case("/status changes the status alone, and everything else leaves the status alone")
def changing_status(t):
    t.quietly("POST", t.pods(), pod("p"))
    shown = ("metadata.labels", "metadata.generation", "status.phase", "status.message")
    t.patch(t.pods("p", "/status"), "merge", {"metadata": {"labels": {"x": "1"}}, "status": {"phase": "Running", "message": "m"}},
            show=shown)
    t.patch(t.pods("p"), "merge", {"metadata": {"labels": {"y": "1"}}, "status": {"phase": "Failed"}}, show=shown)
    t.get(t.pods("p", "/status"), show=shown)


@case("conditions of a status merge by their type")
def changing_conditions(t):
    t.quietly("POST", t.pods(), pod("p"))
    for status in ("True", "False"):
        t.patch(t.pods("p", "/status"), "strategic", {"status": {"conditions": [{"type": "Ready", "status": status}]}})
    reply = t.patch(t.pods("p", "/status"), "strategic", {"status": {"conditions": [{"type": "Initialized", "status": "True"}]}})
    t.holds("both are there", {one["type"]: one["status"] for one in reply.field("status.conditions")} ==
            {"Ready": "False", "Initialized": "True"})


@case("an object with a finalizer waits for it, may not get another one, and goes when the last is taken off")
def changing_finalizers(t):
    held = pod("p")
    held["metadata"]["finalizers"] = ["copse.test/a", "copse.test/b"]
    t.post(t.pods(), held)
    shown = ("kind", "metadata.finalizers", "metadata.deletionTimestamp", "metadata.deletionGracePeriodSeconds")
    t.delete(t.pods("p"), show=shown)
    t.patch(t.pods("p"), "merge", {"metadata": {"finalizers": ["copse.test/a", "copse.test/b", "copse.test/c"]}})
    t.patch(t.pods("p"), "merge", {"metadata": {"finalizers": ["copse.test/b"]}}, show=shown)
    t.delete(t.pods("p"), show=shown)
    t.patch(t.pods("p"), "merge", {"metadata": {"finalizers": []}}, show=("kind", "metadata.name", "metadata.finalizers"))
    t.get(t.pods("p"))
