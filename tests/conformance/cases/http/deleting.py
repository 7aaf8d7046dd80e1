"""DELETE: of Jobs with their pods, of pods with their grace, of many at once."""

from case import case, distinct
from objects import SCRIPT, job, pod, resting_job

FOR_EVER = "run for-ever"
BACKGROUND = {"propagationPolicy": "Background"}


def running_job(t, name, script=FOR_EVER):
    """A Job whose pod runs; the pod's name."""
    t.quietly("POST", t.jobs(), job(name, script))
    event = t.until(t.pods(watch="true", timeoutSeconds=30, labelSelector=f"job-name={name}"),
                    lambda event: event["object"]["status"].get("phase") == "Running", f"the pod of {name} runs")
    return event["object"]["metadata"]["name"]


@case("without a policy a Job goes and its pod stays, an orphan")
def deleting_orphans(t):
    name = running_job(t, "a")
    t.delete(t.jobs("a"), show=("kind", "metadata.finalizers", "metadata.deletionTimestamp"))
    t.until_gone(t.jobs, "a")
    t.get(t.jobs("a"))
    t.get(t.pods(name), show=("metadata.ownerReferences", "metadata.deletionTimestamp", "status.phase"))


@case("Background: the Job is gone at once, its pod follows; a second DELETE finds nothing")
def deleting_in_background(t):
    name = running_job(t, "a")
    t.delete(t.jobs("a"), BACKGROUND, show=("kind", "status", "details.name", "details.group", "details.kind"))
    t.get(t.jobs("a"))
    t.until_gone(t.pods, name)
    t.get(t.pods(name))
    t.delete(t.jobs("a"), BACKGROUND)


@case("Foreground: the Job stays with a finalizer, and its name taken, until its pod is gone")
def deleting_in_foreground(t):
    name = running_job(t, "a", FOR_EVER + "\nterm 1s")
    start = t.quietly("GET", t.jobs()).field("metadata.resourceVersion")
    t.delete(t.jobs("a", propagationPolicy="Foreground"), show=("kind", "metadata.finalizers", "metadata.deletionGracePeriodSeconds"))
    t.post(t.jobs(), resting_job("a"))
    t.until(t.jobs(watch="true", timeoutSeconds=30, resourceVersion=start), lambda event: event["type"] == "DELETED", "the Job goes")
    t.get(t.pods(name))
    t.get(t.jobs("a"))


@case("preconditions: another uid or version conflicts and deletes nothing")
def deleting_with_preconditions(t):
    created = t.quietly("POST", t.jobs(), resting_job("a"))
    t.delete(t.jobs("a"), {**BACKGROUND, "preconditions": {"uid": "00000000-0000-0000-0000-000000000000"}})
    t.delete(t.jobs("a"), {**BACKGROUND, "preconditions": {"resourceVersion": "1"}})
    t.delete(t.jobs("a"), {**BACKGROUND, "preconditions": {"uid": created.field("metadata.uid")}}, show=("kind", "status"))


@case("a DELETE that is no request is refused and deletes nothing; with dryRun it answers and deletes nothing")
def deleting_badly(t):
    t.quietly("POST", t.jobs(), resting_job("a"))
    t.delete(t.jobs("a"), {"propagationPolicy": "Sideways"})
    t.delete(t.jobs("a"), {"propagationPolicy": "Background", "orphanDependents": True})
    t.delete(t.jobs("a"), "{", headers={"Content-Type": "application/json"})
    t.delete(t.jobs("a", dryRun="All", propagationPolicy="Background"), show=("kind", "status"))
    t.get(t.jobs("a"), show=("metadata.name", "metadata.deletionTimestamp"))
    t.delete(t.jobs("none"))


@case("a pod that no node has is gone at once")
def deleting_unbound_pod(t):
    t.quietly("POST", t.pods(), pod("p"))
    t.delete(t.pods("p"), show=("kind", "metadata.deletionGracePeriodSeconds", "metadata.deletionTimestamp"))
    t.get(t.pods("p"))


def states_until_gone(t, name, start):
    """What a watch of the pod shows until it is gone: phase, whether it is to go, its exit code."""
    seen = []
    for event in t.client.watch(t.pods(watch="true", timeoutSeconds=40, fieldSelector=f"metadata.name={name}", resourceVersion=start)):
        status = event["object"]["status"]
        state = (status.get("containerStatuses") or [{"state": {}}])[0]["state"].get("terminated") or {}
        seen.append(f"  {event['type']:8} {status.get('phase')}"
                    + (f", to go within {event['object']['metadata']['deletionGracePeriodSeconds']} s"
                       if event["object"]["metadata"].get("deletionTimestamp") else "")
                    + (f", exit code {state['exitCode']}" if state else ""))
        if event["type"] == "DELETED":
            break
    t.say("\n> WATCH the pod", *distinct(seen))


@case("a pod that runs is asked to go, ends with 143, and is then removed by its node")
def deleting_running_pod(t):
    t.quietly("POST", t.pods(), pod("p", FOR_EVER + "\nterm 1s"))
    t.until(t.pods(watch="true", timeoutSeconds=30), lambda event: event["object"]["status"].get("phase") == "Running", "it runs")
    start = t.quietly("GET", t.pods()).field("metadata.resourceVersion")
    t.delete(t.pods("p"), show=("kind", "metadata.deletionGracePeriodSeconds"))
    states_until_gone(t, "p", start)


@case("a grace period that ends before the pod does kills it: exit code 137")
def deleting_stubborn_pod(t):
    t.quietly("POST", t.pods(), pod("p", FOR_EVER + "\nterm 1h", terminationGracePeriodSeconds=2))
    t.until(t.pods(watch="true", timeoutSeconds=30), lambda event: event["object"]["status"].get("phase") == "Running", "it runs")
    start = t.quietly("GET", t.pods()).field("metadata.resourceVersion")
    t.delete(t.pods("p"), show=("kind", "metadata.deletionGracePeriodSeconds"))
    states_until_gone(t, "p", start)


@case("grace 0 removes a running pod at once")
def deleting_without_grace(t):
    t.quietly("POST", t.pods(), pod("p", FOR_EVER))
    t.until(t.pods(watch="true", timeoutSeconds=30), lambda event: event["object"]["status"].get("phase") == "Running", "it runs")
    t.delete(t.pods("p"), {"gracePeriodSeconds": 0}, show=("kind", "metadata.deletionGracePeriodSeconds"))
    t.get(t.pods("p"))


@case("DELETE of a collection takes what the selector matches and answers with it")
def deleting_many(t):
    for name, owner in (("a", "1"), ("b", "1"), ("c", "2")):
        t.quietly("POST", t.jobs(), resting_job(name, labels={"owner": owner}))
    reply = t.delete(t.jobs(labelSelector="owner=1"), BACKGROUND, show=("kind",))
    t.say("  " + " ".join(item["metadata"]["name"] for item in reply.body.get("items", [])))
    left = t.quietly("GET", t.jobs())
    t.say("  left: " + " ".join(item["metadata"]["name"] for item in left.body["items"]))


@case("what belongs to an owner that is gone is collected, whatever its kind")
def deleting_dependents(t):
    owner = t.quietly("POST", t.jobs(), resting_job("a"))
    owned = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"task.json": "{}"}, "metadata": {"name": "payload", "ownerReferences": [
        {"apiVersion": "batch/v1", "kind": "Job", "name": "a", "uid": owner.field("metadata.uid")}]}}
    t.post(t.maps(), owned, show=("data", "metadata.ownerReferences"))
    t.delete(t.jobs("a"), BACKGROUND, show=("kind",))
    t.until_gone(t.maps, "payload")
    t.get(t.maps("payload"))


@case("a pod of a Job without a node keeps the Job's finalizer until the Job is gone, and then goes as well")
def deleting_pending_job(t):
    asked = job("a")
    asked["spec"]["template"]["metadata"]["annotations"] = {SCRIPT: "unschedulable"}
    t.quietly("POST", t.jobs(), asked)
    event = t.until(t.pods(watch="true", timeoutSeconds=30), lambda event: event["object"]["status"].get("conditions"), "it cannot be placed")
    t.show({"finalizers": event["object"]["metadata"]["finalizers"], "conditions": [
        {key: one[key] for key in ("type", "status", "reason", "message")} for one in event["object"]["status"]["conditions"]]})
    name = event["object"]["metadata"]["name"]
    t.delete(t.jobs("a"), BACKGROUND, show=("kind", "status"))
    t.until_gone(t.pods, name)
    t.get(t.pods(name))
