"""What is around the objects: discovery, health, logs, and paths that lead nowhere."""

import base64

from case import case
from objects import job, pod


def resources(t, path):
    reply = t.quietly("GET", path)
    t.say(f"\n> GET {path}", f"< {reply.status}")
    for one in sorted(reply.body["resources"], key=lambda one: one["name"]):
        if one["name"].split("/")[0] in ("jobs", "pods", "namespaces", "nodes", "events", "configmaps") and \
                one["name"] in ("jobs", "jobs/status", "pods", "pods/status", "pods/log", "namespaces", "nodes", "events", "configmaps"):
            t.say(f"  {one['name']}: {one['kind']}, {'' if one['namespaced'] else 'not '}namespaced, "
                  f"{','.join(one.get('shortNames', ())) or 'no short name'}, {','.join(one.get('categories', ())) or 'no category'}")


@case("discovery: versions, groups, and the resources that copse and kubectl need")
def serving_discovery(t):
    t.get("/api", show=("kind", "versions"))
    groups = t.quietly("GET", "/apis")
    t.say("\n> GET /apis", f"< {groups.status} {groups.body['kind']}")
    t.show([group for group in groups.body["groups"] if group["name"] == "batch"])
    resources(t, "/api/v1")
    resources(t, "/apis/batch/v1")
    t.get("/apis/batch/v9")
    t.get("/version", show=("major", "minor", "gitVersion"))


@case("aggregated discovery says the same in one answer")
def serving_aggregated_discovery(t):
    accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"
    for path, group in (("/api", ""), ("/apis", "batch")):
        reply = t.quietly("GET", path, headers={"Accept": accept})
        t.say(f"\n> GET {path}  (aggregated)", f"< {reply.status} {reply.field('kind')} {reply.field('apiVersion')}")
        for item in reply.body["items"]:
            if item["metadata"].get("name", "") != group:
                continue
            for version in item["versions"]:
                for one in sorted(version["resources"], key=lambda one: one["resource"]):
                    if one["resource"] in ("jobs", "pods", "namespaces", "nodes", "events", "configmaps"):
                        t.say(f"  {version['version']} {one['resource']}: {one['responseKind']['kind']}, {one['scope']}, "
                              f"{one.get('singularResource')}, {','.join(one.get('shortNames', ())) or 'no short name'}")


@case("the server says that it lives and is ready")
def serving_health(t):
    for path in ("/healthz", "/livez", "/readyz"):
        t.get(path, show="all")


@case("paths, objects and methods that are not there")
def serving_nothing(t):
    t.get(t.jobs("none"))
    t.get(t.pods("none"))
    t.get(f"/apis/batch/v1/namespaces/{t.ns}/cronjobbs")
    t.get("/apis/none.example.com/v1/things")
    t.get("/nothing/here")
    t.get(t.jobs("a", "/nothing"))
    t.request("PATCH", t.jobs())
    t.request("POST", f"/api/v1/namespaces/{t.ns}", {})


def log(t, name, **parameters):
    return t.get(t.pods(name, "/log", **parameters), show="all")


@case("the log of a pod: all of it, its tail, followed to its end")
def serving_logs(t):
    t.quietly("POST", t.jobs(), job("a", "log one\nlog two\nrun 2s\nlog three\nrun 2s\nlog four\nexit 0"))
    event = t.until(t.pods(watch="true", timeoutSeconds=30), lambda event: event["object"]["status"].get("phase") == "Running", "it runs")
    name = event["object"]["metadata"]["name"]
    log(t, name, follow="true")
    log(t, name, container="main")
    log(t, name, tailLines=2)
    log(t, name, tailLines=0)
    log(t, name, tailLines=-1)
    log(t, name, container="other")
    stamped = t.quietly("GET", t.pods(name, "/log", timestamps="true"))
    t.say("\n> GET the log with times")
    t.say(*(f"  | {t.symbols.text(line)}" for line in stamped.text.splitlines()))


@case("a pod without a log says why: not placed, not started, not there")
def serving_no_logs(t):
    t.quietly("POST", t.pods(), pod("unplaced"))
    t.quietly("POST", t.pods(), pod("starting", "pull 1h"))
    t.until(t.pods(watch="true", timeoutSeconds=30, fieldSelector="metadata.name=starting"),
            lambda event: event["object"]["status"].get("containerStatuses"), "it is starting")
    log(t, "unplaced")
    log(t, "starting")
    t.quietly("POST", t.pods(), pod("imageless", "pull fails"))
    t.until(t.pods(watch="true", timeoutSeconds=30, fieldSelector="metadata.name=imageless"),
            lambda event: "ImagePullBackOff" in str(event["object"]["status"]), "it backs off")
    log(t, "imageless")
    log(t, "none")
    two = [{"name": "main", "image": "i"}, {"name": "side", "image": "i"}]
    t.quietly("POST", t.pods(), pod("two", containers=two))
    log(t, "two")


@case("a ConfigMap keeps its data, up to 1 MiB of bytes, however they are written; above that it is refused")
def serving_config_maps(t):
    wanted = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": {"a": "1"}, "binaryData": {"b": "AAE="}}
    t.post(t.maps(), wanted, show=("data", "binaryData", "immutable"))
    t.post(t.maps(), {**wanted, "metadata": {"name": "large"}, "data": {"a": "x" * (1024 * 1024 + 1)}})
    for size in (1024 * 1024, 1024 * 1024 + 1):
        packed = base64.b64encode(bytes(size)).decode()
        t.post(t.maps(), {**wanted, "metadata": {"name": f"binary-{size}"}, "data": {}, "binaryData": {"b": packed}},
               show=("metadata.name",))


@case("may I? A SelfSubjectAccessReview answers")
def serving_access_reviews(t):
    t.post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
        "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {"group": "batch", "resource": "jobs", "verb": "create", "namespace": t.ns}}},
        show=("kind", "status.allowed"))
