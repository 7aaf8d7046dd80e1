"""The life of a Job and its pod, from POST to its last condition, as two watches see it.

Pods take their time (seconds, where a real one takes minutes), so that each state is seen by both servers; repetitions of a
state are left out, since how often a state is written is nobody's business.
"""

from case import Follower, case, conditions, distinct, field
from objects import job

LONG = "schedule 1500ms\npull 1500ms\nrun 2500ms\n"
ENDS = ("Complete", "Failed")


def job_state(event):
    status = event["object"].get("status", {})
    counts = [f"{name} {status[name]}" for name in ("active", "ready", "terminating", "succeeded", "failed") if status.get(name)]
    uncounted = [kind for kind, uids in status.get("uncountedTerminatedPods", {}).items() if uids]
    return ", ".join([*counts, *(f"uncounted {kind}" for kind in uncounted), *conditions(event["object"]),
                      *(f"has {name}" for name in ("startTime", "completionTime") if name in status)]) or "nothing yet"


def pod_state(event):
    pod = event["object"]
    status = pod.get("status", {})
    state = (status.get("containerStatuses") or [{"state": {}}])[0]["state"]
    words = [status.get("phase", "no phase")]
    words += ["bound"] if field(pod, "spec.nodeName") else []
    words += ["has an address"] if status.get("podIP") else []
    words += [status["reason"]] if status.get("reason") else []
    for kind, about in state.items():
        words.append(" ".join(str(part) for part in (kind, about.get("reason", ""), about.get("exitCode", ""),
                                                     repr(about["message"]) if about.get("message") else "") if part != ""))
    words += ["is to go"] if field(pod, "metadata.deletionTimestamp") else []
    words += ["counted"] if "batch.kubernetes.io/job-tracking" not in field(pod, "metadata.finalizers", []) else []
    return ", ".join(words)


def life(t, asked, over=None, pod_over=None):
    """POSTs a Job and puts what two watches see into the transcript, until `over(event)` of the Job and `pod_over` of the pod."""
    start = t.quietly("GET", t.jobs()).field("metadata.resourceVersion")
    jobs = Follower(t.client, t.jobs(watch="true", resourceVersion=start, timeoutSeconds=40),
                    over or (lambda event: any(one.startswith(ENDS) and not one.startswith("FailureTarget")
                                               for one in conditions(event["object"]))))
    pods = Follower(t.client, t.pods(watch="true", resourceVersion=start, timeoutSeconds=40),
                    pod_over or (lambda event: "counted" in pod_state(event)))
    t.post(t.jobs(), asked)
    jobs.join()
    pods.join()
    t.say("\n> WATCH jobs", *distinct([f"  {event['type']:8} {job_state(event)}" for event in jobs.events]))
    t.say("\n> WATCH pods", *distinct([f"  {event['type']:8} {pod_state(event)}" for event in pods.events]))
    return jobs.events, pods.events


@case("a Job that succeeds: active, ready, counted, SuccessCriteriaMet, then Complete")
def living_to_success(t):
    life(t, job("a", LONG + "message {\"status\":\"SUCCESS\"}\nexit 0"))
    t.get(t.jobs("a"), show=("status",))
    read = t.quietly("GET", t.pods(labelSelector="job-name=a"))
    t.say("\n> GET pods of a")
    t.show({key: field(read.body["items"][0]["metadata"], key) for key in ("generateName", "labels", "ownerReferences", "annotations")})


@case("a Job whose container fails: FailureTarget, then Failed with the reason; no second pod")
def living_to_failure(t):
    life(t, job("a", LONG + "exit 1"))
    t.get(t.jobs("a"), show=("status",))


@case("a Job whose container is killed for its memory")
def living_to_oom(t):
    life(t, job("a", LONG + "exit 137 OOMKilled"))


@case("a Job past its deadline: its pod is ended, and it is Failed once the pod is")
def living_past_a_deadline(t):
    life(t, job("a", "run for-ever\nterm 1s", activeDeadlineSeconds=3), pod_over=lambda event: event["type"] == "DELETED")
    t.get(t.jobs("a"), show=("status.conditions", "status.failed"))


@case("a Job whose pod mounts a ConfigMap that is not there yet: the pod waits for it, and it goes with the Job")
def living_with_late_config_map(t):
    volume = {"name": "late", "configMap": {"name": "a-payload"}}
    start = t.quietly("GET", t.pods()).field("metadata.resourceVersion")
    t.post(t.jobs(), job("a", "run 1s", pod={"volumes": [volume]}))
    pods = t.pods(watch="true", resourceVersion=start, timeoutSeconds=40)
    t.until(pods, lambda event: "waiting ContainerCreating" in pod_state(event), "its container waits")
    uid = t.quietly("GET", t.jobs("a")).field("metadata.uid")
    owner = {"apiVersion": "batch/v1", "kind": "Job", "name": "a", "uid": uid}
    t.post(t.maps(), {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a-payload", "ownerReferences": [owner]},
                      "immutable": True, "binaryData": {"task.json.gz": "AAE="}}, show=("immutable",))
    t.until(pods, lambda event: "terminated Completed 0" in pod_state(event), "it has run")
    maps = t.maps(watch="true", resourceVersion=start, timeoutSeconds=40, fieldSelector="metadata.name=a-payload")
    t.delete(t.jobs("a", propagationPolicy="Background"), show=("kind",))
    t.until(maps, lambda event: event["type"] == "DELETED", "the ConfigMap is gone")


@case("a Job whose pod is deleted under it fails and gets no second pod, with podReplacementPolicy Failed")
def living_without_its_pod(t):
    start = t.quietly("GET", t.pods()).field("metadata.resourceVersion")
    t.quietly("POST", t.jobs(), job("a", "run for-ever\nterm 1s", podReplacementPolicy="Failed"))
    event = t.until(t.pods(watch="true", timeoutSeconds=30, resourceVersion=start),
                    lambda event: event["object"]["status"].get("phase") == "Running", "it runs")
    t.quietly("DELETE", t.pods(event["object"]["metadata"]["name"]))
    t.until(t.jobs(watch="true", timeoutSeconds=30), lambda event: any(one.startswith("Failed(") for one in conditions(event["object"])), "it fails")
    t.get(t.jobs("a"), show=("status.conditions", "status.failed", "status.active"))
    t.until_gone(t.pods, event["object"]["metadata"]["name"])
    t.get(t.pods(), show=("items",))


@case("a Job that is evicted fails with its pod's reason")
def living_to_eviction(t):
    life(t, job("a", LONG + "evict The node was low on resource: memory."))


@case("a Job whose image cannot be pulled waits; its pod says why")
def living_without_image(t):
    life(t, job("a", "pull fails manifest unknown"), over=lambda event: event["object"].get("status", {}).get("active"),
         pod_over=lambda event: "ImagePullBackOff" in pod_state(event))


@case("a Job that the node refuses fails at once")
def living_refused(t):
    life(t, job("a", "schedule 1500ms\nreject OutOfcpu Node didn't have enough resource: cpu"))


@case("a suspended Job has no pod until it is resumed; suspending it again takes the pod away")
def living_suspended(t):
    t.post(t.jobs(), job("a", "run for-ever", suspend=True))
    t.until(t.jobs(watch="true", timeoutSeconds=30), lambda event: conditions(event["object"]), "it is suspended")
    t.get(t.jobs("a"), show=("status",))
    start = t.quietly("GET", t.pods()).field("metadata.resourceVersion")
    t.patch(t.jobs("a"), "merge", {"spec": {"suspend": False}}, show=("spec.suspend",))
    event = t.until(t.pods(watch="true", timeoutSeconds=30, resourceVersion=start),
                    lambda event: event["object"]["status"].get("phase") == "Running", "its pod runs")
    t.until(t.jobs(watch="true", timeoutSeconds=30), lambda event: event["object"]["status"].get("ready"), "the Job knows")
    t.get(t.jobs("a"), show=("status",))
    t.patch(t.jobs("a"), "merge", {"spec": {"suspend": True}}, show=("spec.suspend",))
    t.until_gone(t.pods, event["object"]["metadata"]["name"])


@case("ttlSecondsAfterFinished takes a finished Job and its pod away")
def living_with_ttl(t):
    life(t, job("a", "run 1s", ttlSecondsAfterFinished=1), over=lambda event: event["type"] == "DELETED",
         pod_over=lambda event: event["type"] == "DELETED")


@case("with backoffLimit 1 a failed pod is followed by a second one")
def living_twice(t):
    t.quietly("POST", t.jobs(), job("a", "run 500ms\nexit 1", backoffLimit=1))
    t.until(t.jobs(watch="true", timeoutSeconds=50), lambda event: any(one.startswith("Failed(") for one in conditions(event["object"])), "it fails")
    t.get(t.jobs("a"), show=("status.failed", "status.conditions"))
    listed = t.quietly("GET", t.pods())
    t.holds("there were two pods", len(listed.body["items"]) == 2)


@case("the Job controller tells what it does in events about the Job")
def living_events(t):
    life(t, job("a", "run 1500ms"))
    life(t, job("b", "run 1500ms\nexit 1"), over=lambda event: event["object"]["metadata"]["name"] == "b" and conditions(event["object"])[-1:] and
         conditions(event["object"])[-1].startswith("Failed("), pod_over=lambda event: "terminated" in pod_state(event))
    for name, last in (("a", "Completed"), ("b", "BackoffLimitExceeded")):
        about = f"/api/v1/namespaces/{t.ns}/events?fieldSelector=involvedObject.kind%3DJob,involvedObject.name%3D{name}"
        # An event is written after what it tells of.
        t.until(about + "&watch=true&timeoutSeconds=30", lambda event: event["object"].get("reason") == last, f"{last} is told of {name}")
        listed = t.quietly("GET", about)
        t.say(f"\n> GET events about {name}")
        for event in sorted(listed.body["items"], key=lambda event: int(event["metadata"]["resourceVersion"])):
            t.say(t.symbols.text(f"  {event['type']} {event['reason']}: {event['message']}  ({event['source'].get('component')})"))
