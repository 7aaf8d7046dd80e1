"""POST: defaults, refusals, and the ways to create without creating."""

import json

from case import case
from objects import SCRIPT, job, pod, resting_job


@case("a Job gets its defaults, its selector and both spellings of its labels; GET gives the same object")
def creating_job_defaults(t):
    created = t.post(t.jobs(), resting_job("a"), show="all")
    read = t.get(t.jobs("a"))
    t.holds("GET gives the same metadata and spec", all(
        created.body["spec"][key] == read.body["spec"][key] for key in created.body["spec"])
        and created.field("metadata.uid") == read.field("metadata.uid"))


@case("what copse asks of a Job is kept as it was sent")
def creating_copse_job(t):
    asked = resting_job("task-0123456789abcdef", labels={"druid.k8s.peons": "true", "copse/owner": "0123", "copse/task": "ab"},
                        activeDeadlineSeconds=14400, ttlSecondsAfterFinished=172800, podReplacementPolicy="Failed",
                        pod={"terminationGracePeriodSeconds": 1, "nodeSelector": {"pool": "big"}})
    asked["metadata"]["annotations"] = {"copse/decision": '{"rule":"r"}', "task.id": "index_é"}
    t.post(t.jobs(), asked, show=(
        "metadata.labels", "metadata.annotations", "spec.activeDeadlineSeconds", "spec.ttlSecondsAfterFinished",
        "spec.podReplacementPolicy", "spec.backoffLimit", "spec.template.spec.terminationGracePeriodSeconds",
        "spec.template.spec.nodeSelector"))


@case("a pod gets its defaults")
def creating_pod_defaults(t):
    t.post(t.pods(), pod("p", labels={"a": "b"}), show="all")


@case("environment, ports, probes and volumes get their defaults too")
def creating_nested_defaults(t):
    rich = resting_job("a", pod={
        "containers": [{
            "name": "main", "image": "druid:latest", "command": ["sh"], "ports": [{"name": "http", "containerPort": 8100}],
            "env": [{"name": "TASK_ID", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}, {"name": "EMPTY"}],
            "resources": {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "500m", "memory": "1Gi"}},
            "readinessProbe": {"httpGet": {"path": "/status/health", "port": "http"}},
            "volumeMounts": [{"name": "config", "mountPath": "/opt/config"}, {"name": "scratch", "mountPath": "/tmp"}]}],
        "initContainers": [{"name": "init", "image": "busybox:1.36"}],
        "volumes": [{"name": "config", "configMap": {"name": "druid"}}, {"name": "scratch", "emptyDir": {}},
                    {"name": "secret", "secret": {"secretName": "s"}}]})
    t.post(t.jobs(), rich, show=("spec.template.spec.containers", "spec.template.spec.initContainers",
                                 "spec.template.spec.volumes"))


def refused(t, what, asked, path=None):
    t.say(f"\n# {what}")
    t.post(path or t.jobs(), asked)


@case("wrong names, labels and annotations are refused with every cause")
def creating_invalid_metadata(t):
    refused(t, "64 characters", resting_job("a" * 64))
    refused(t, "upper case", resting_job("Task"))
    refused(t, "no name", {"apiVersion": "batch/v1", "kind": "Job", "metadata": {}, "spec": resting_job("a")["spec"]})
    refused(t, "a label's value", resting_job("a", labels={"druid.task.id": "index_2024-01-01T00:00:00.000Z"}))
    refused(t, "a label's value of 64 characters", resting_job("a", labels={"x": "a" * 64}))
    refused(t, "a label's key", resting_job("a", labels={"a/b/c": "x"}))
    annotated = resting_job("a")
    annotated["metadata"]["annotations"] = {"payload": "x" * (256 * 1024)}
    refused(t, "annotations of more than 256 KiB", annotated)


@case("a wrong Job is refused with every cause")
def creating_invalid_job(t):
    refused(t, "no container", resting_job("a", pod={"containers": []}))
    refused(t, "a restart policy of services", resting_job("a", pod={"restartPolicy": "Always"}))
    refused(t, "negative numbers", resting_job("a", backoffLimit=-1, activeDeadlineSeconds=-1, ttlSecondsAfterFinished=-1))
    refused(t, "a container without name and image", resting_job("a", pod={"containers": [{}]}))
    refused(t, "two containers of one name", resting_job("a", pod={"containers": [{"name": "m", "image": "i"}] * 2}))
    without_template = resting_job("a")
    del without_template["spec"]["template"]
    refused(t, "no template", without_template)


@case("a value that is no number, text or quantity where one is needed is a bad request")
def creating_ill_typed(t):
    refused(t, "text for a number", resting_job("a", backoffLimit="none"))
    refused(t, "a number for text", resting_job("a", pod={"containers": [
        {"name": "m", "image": "i", "env": [{"name": "PORT", "value": 8100}]}]}))
    refused(t, "a list for an object", resting_job("a", pod={"nodeSelector": []}))


@case("quantities are checked, written in one way, and limits stand in for requests",
      only_real="the sandbox schedules nothing, so quantities are text to it")
def creating_quantities(t):
    t.post(t.jobs(), resting_job("a", pod={"containers": [{"name": "m", "image": "i", "resources": {
        "limits": {"cpu": "1000m", "memory": "1024Mi"}, "requests": {"cpu": 0.5}}}]}),
        show=("spec.template.spec.containers.0.resources",))
    refused(t, "no quantity", resting_job("a", pod={"containers": [
        {"name": "m", "image": "i", "resources": {"limits": {"memory": "lots"}}}]}))
    refused(t, "a request above the limit", resting_job("a", pod={"containers": [
        {"name": "m", "image": "i", "resources": {"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}}]}))


@case("a mount needs a volume of its name", only_real="the sandbox mounts nothing, so it does not look at volumes")
def creating_mounts(t):
    refused(t, "a mount of no volume", resting_job("a", pod={"containers": [
        {"name": "m", "image": "i", "volumeMounts": [{"name": "v", "mountPath": "/v"}]}]}))


@case("a name that exists gives 409, whoever made it")
def creating_existing(t):
    t.post(t.jobs(), resting_job("a"))
    t.post(t.jobs(), resting_job("a", backoffLimit=3))


@case("a name whose object is being deleted gives 409 with words of its own")
def creating_while_terminating(t):
    held = resting_job("a")
    held["metadata"]["finalizers"] = ["copse.test/hold"]
    t.post(t.jobs(), held)
    t.delete(t.jobs("a", propagationPolicy="Background"), show=("kind", "metadata.finalizers"))
    t.post(t.jobs(), resting_job("a"))
    t.patch(t.jobs("a"), "merge", {"metadata": {"finalizers": None}})
    t.get(t.jobs("a"))
    t.post(t.jobs(), resting_job("a"))


@case("generateName gives a name with five more characters")
def creating_generated_name(t):
    asked = resting_job("a")
    asked["metadata"] = {"generateName": "task-"}
    t.post(t.jobs(), asked, show=("metadata.name", "metadata.generateName"))


@case("a namespace that does not exist gives 404")
def creating_in_no_namespace(t):
    t.post("/apis/batch/v1/namespaces/nowhere/jobs", resting_job("a"))


@case("what is no request gets a Status that says why")
def creating_bad_requests(t):
    asked = resting_job("a")
    refused(t, "another namespace in the body", {**asked, "metadata": {"name": "a", "namespace": "other"}})
    refused(t, "another kind in the body", {**asked, "kind": "CronJob"})
    refused(t, "no kind in the body", {key: value for key, value in asked.items() if key != "kind"})
    refused(t, "not JSON", "{")
    refused(t, "nothing", "")
    refused(t, "a list", "[]")
    t.post(t.jobs(), json.dumps(asked), headers={"Content-Type": "text/plain"})
    t.request("POST", t.jobs("a"), asked)
    t.request("PUT", t.jobs(), asked)


@case("Strict refuses unknown and repeated fields, Warn creates and warns, Ignore is silent; Warn is the default")
def creating_with_unknown_fields(t):
    asked = json.dumps(resting_job("a", backofLimit=1)).replace(
        '"restartPolicy": "Never"', '"restartPolicy": "Never", "restartPolicy": "Never", "imagePulPolicy": "x"')
    for validation in ("Strict", "Warn", None, "Ignore"):
        t.post(t.jobs(dryRun="All", fieldValidation=validation), asked, headers={"Content-Type": "application/json"})
    t.post(t.jobs(dryRun="All", fieldValidation="Sometimes"), asked, headers={"Content-Type": "application/json"})


@case("dryRun=All answers as if it had created and creates nothing")
def creating_dry_run(t):
    t.post(t.jobs(dryRun="All"), resting_job("a"), show=("metadata.name", "spec.completions"))
    t.get(t.jobs("a"))
    t.post(t.jobs(dryRun="All"), resting_job("A"))
    t.post(t.jobs(dryRun="Some"), resting_job("a"))


@case("a body above 3 MiB is refused before it is read")
def creating_too_large(t):
    asked = job("a")
    asked["spec"]["template"]["metadata"]["annotations"] = {SCRIPT: "x" * (3 * 1024 * 1024 + 1)}
    t.post(t.jobs(), asked)
