"""What people and scripts do with kubectl, in the order in which they do it."""

import json

from case import case, conditions
from objects import job, pod
from shell import Shell

ENDED = ("Complete(", "Failed(")


def file(*documents):
    return "\n".join(json.dumps(one) for one in documents)


def running(t, name, script="log hello\nlog world\nrun for-ever"):
    """Creates a Job and waits until its pod runs and the Job knows; the pod's name."""
    t.quietly("POST", t.jobs(), job(name, script, labels={"druid.k8s.peons": "true"}))
    event = t.until(t.pods(watch="true", timeoutSeconds=30, labelSelector=f"job-name={name}"),
                    lambda event: event["object"]["status"].get("phase") == "Running", f"the pod of {name} runs")
    t.until(t.jobs(watch="true", timeoutSeconds=30, fieldSelector=f"metadata.name={name}"),
            lambda event: event["object"]["status"].get("ready"), "the Job knows")
    return event["object"]["metadata"]["name"]


def ended(t, name, script="log hello\nrun 1s"):
    t.quietly("POST", t.jobs(), job(name, script, labels={"druid.k8s.peons": "true"}))
    t.until(t.jobs(watch="true", timeoutSeconds=30, fieldSelector=f"metadata.name={name}"),
            lambda event: any(one.startswith(ENDED) for one in conditions(event["object"])), f"{name} ends")


@case("get: columns, wide, by label, by name, as JSON; what is not there")
def kubectl_get(t):
    kubectl = Shell(t)
    kubectl("get jobs")
    running(t, "a")
    ended(t, "b")
    ended(t, "c", "run 1s\nexit 3")
    kubectl("get jobs,pods -l druid.k8s.peons=true")
    kubectl("get jobs -o wide")
    kubectl("get pods -o wide")
    kubectl("get job a -o name")
    kubectl("get pods -o jsonpath={range.items[*]}{.status.phase},{end}")
    kubectl("get jobs --field-selector status.successful=1 --no-headers")
    kubectl("get jobs -o custom-columns=NAME:.metadata.name,OK:.status.succeeded")
    kubectl("get pods --show-labels --field-selector status.phase=Running")
    kubectl("get all")
    kubectl("get job none")
    kubectl("get things")
    kubectl("get pods --field-selector spec.hostname=x")
    kubectl("get jobs a none --ignore-not-found -o name")


@case("get -w follows a Job to its end")
def kubectl_watch(t):
    kubectl = Shell(t)
    t.quietly("POST", t.jobs(), job("a", "schedule 3s\npull 1s\nrun 3s"))
    t.until(t.jobs(watch="true", timeoutSeconds=30), lambda event: event["object"].get("status", {}).get("active"), "it is active")
    kubectl("get jobs -w --output-watch-events", until=lambda line: "Complete" in line)


@case("describe a Job with its events, and a pod")
def kubectl_describe(t):
    kubectl = Shell(t)
    ended(t, "a")
    kubectl("describe job a")
    ended(t, "b", "run 1s\nexit 137 OOMKilled")
    shown = {"on": True}

    def before_events(line):
        shown["on"] = shown["on"] and not line.startswith("Events:")
        return shown["on"] and not line.startswith(("Node:", "Service Account:", "Annotations:", "    Image ID:", "    Container ID:"))

    kubectl("describe pod -l job-name=b", only=before_events)
    kubectl("describe job none")


@case("logs: of a Job, of a pod, its tail, followed; and why there is none")
def kubectl_logs(t):
    kubectl = Shell(t)
    t.quietly("POST", t.jobs(), job("a", "log one\nlog two\nrun 3s\nlog three"))
    t.until(t.pods(watch="true", timeoutSeconds=30), lambda event: event["object"]["status"].get("phase") == "Running", "it runs")
    kubectl("logs job/a -f")
    kubectl("logs job/a --tail=1")
    kubectl("logs -l job-name=a")
    kubectl("logs job/a -c other")
    kubectl("logs job/none")
    t.quietly("POST", t.pods(), pod("waiting", "waiting CreateContainerConfigError secret \"s\" not found"))
    t.until(t.pods(watch="true", timeoutSeconds=30, fieldSelector="metadata.name=waiting"),
            lambda event: "CreateContainerConfigError" in str(event["object"]["status"]), "it waits")
    kubectl("logs waiting")


@case("delete: a Job with its pod, by label, in the foreground, what is not there")
def kubectl_delete(t):
    kubectl = Shell(t)
    name = running(t, "a")
    kubectl("delete job a")
    t.until_gone(t.pods, name)
    kubectl("get jobs,pods")
    running(t, "b")
    kubectl("delete job b --cascade=foreground")
    kubectl("get jobs,pods")
    name = running(t, "c")
    kubectl("delete jobs -l druid.k8s.peons=true --wait=false")
    t.until_gone(t.pods, name)
    kubectl("delete job c")
    kubectl("delete job c --ignore-not-found")
    t.quietly("POST", t.pods(), pod("p", "run for-ever\nterm 1s"))
    t.until(t.pods(watch="true", timeoutSeconds=30), lambda event: event["object"]["status"].get("phase") == "Running", "it runs")
    kubectl("delete pod p --grace-period=5")
    kubectl("delete job d --dry-run=server")


@case("wait: for a condition, for a deletion, in vain")
def kubectl_wait(t):
    kubectl = Shell(t)
    t.quietly("POST", t.jobs(), job("a", "run 2s"))
    kubectl("wait --for=condition=complete job/a --timeout=30s")
    kubectl("wait --for=condition=complete job/a --timeout=30s")
    kubectl("wait --for=condition=failed job/a --timeout=1s")
    kubectl("wait --for=jsonpath={.status.succeeded}=1 job/a --timeout=30s")
    t.quietly("DELETE", t.jobs("a", propagationPolicy="Background"))
    kubectl("wait --for=delete job/a --timeout=30s")
    kubectl("wait --for=condition=complete job/none --timeout=1s")


@case("create: from a file, twice, wrongly; dry run; a Job in one line")
def kubectl_create(t):
    kubectl = Shell(t)
    kubectl("create -f -", file(job("a", suspend=True), pod("p")))
    kubectl("create -f -", file(job("a", suspend=True)))
    kubectl("create -f -", file(job("b", suspend=True, backofLimit=1)))
    kubectl("create -f - --validate=warn", file(job("b", suspend=True, backofLimit=1)))
    kubectl("create -f - --validate=false", file(job("c", suspend=True, backofLimit=1)))
    kubectl("create -f -", file(job("d", suspend=True, backoffLimit=-1)))
    kubectl("create -f - --dry-run=server -o name", file(job("e", suspend=True)))
    kubectl("create -f -", file({"apiVersion": "batch/v7", "kind": "Job", "metadata": {"name": "f"}}))
    kubectl("create job g --image=druid:33 -o jsonpath={.spec.template.spec.containers[0]}")
    kubectl("create configmap m --from-literal=a=b")
    kubectl("get jobs,configmaps -o name")


@case("apply: creates, configures, leaves unchanged; what may not change says so")
def kubectl_apply(t):
    kubectl = Shell(t)
    kubectl("apply -f -", file(job("a", suspend=True)))
    t.until(t.jobs(watch="true", timeoutSeconds=30), lambda event: conditions(event["object"]), "it is suspended")
    kubectl("apply -f -", file(job("a", suspend=True)))
    kubectl("apply -f -", file(job("a", suspend=True, labels={"x": "1"}, parallelism=2)))
    kubectl("get job a -o jsonpath={.spec.parallelism},{.metadata.labels.x}")
    kubectl("apply -f -", file(job("a", suspend=True)))
    kubectl("get job a -o jsonpath={.spec.parallelism},{.metadata.labels.x}")
    kubectl("apply -f -", file(job("a", suspend=True, completions=3)))
    kubectl("apply -f - --dry-run=server", file(job("b", suspend=True)))


@case("label, annotate, patch, scale of the small things")
def kubectl_change(t):
    kubectl = Shell(t)
    t.quietly("POST", t.jobs(), job("a", suspend=True))
    t.until(t.jobs(watch="true", timeoutSeconds=30), lambda event: conditions(event["object"]), "it is suspended")
    kubectl("label job a x=1")
    kubectl("label job a x=2")
    kubectl("label job a x=2 --overwrite")
    kubectl("label job a x-")
    kubectl("annotate job a note=n")
    kubectl('patch job a -p {"spec":{"parallelism":2}}')
    kubectl('patch job a --type=merge -p {"spec":{"completions":2}}')
    kubectl('patch job a --type=json -p [{"op":"replace","path":"/spec/suspend","value":false}]')
    kubectl("get job a -o jsonpath={.spec.parallelism},{.spec.suspend},{.metadata.annotations.note}")


@case("who am I talking to, and what may I do")
def kubectl_about(t):
    kubectl = Shell(t)
    kubectl("version")
    kubectl("auth can-i create jobs")
    kubectl("api-versions", only=lambda line: line in ("v1", "batch/v1"))
    kubectl("api-resources --api-group=batch --no-headers", only=lambda line: line.startswith("jobs"))
    kubectl("get --raw /readyz")
    kubectl("events --for job/none")
