"""GET of collections: selectors, pages, versions, tables."""

from case import case
from objects import pod, resting_job

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
METADATA = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json"


def five_pods(t):
    labels = {"a": {"x": "1", "y": "1"}, "b": {"x": "1"}, "c": {"x": "2"}, "d": {"y": "2"}, "e": {}}
    for name, own in labels.items():
        t.quietly("POST", t.pods(), pod(name, labels=own))


def names(t, path, title=None):
    reply = t.quietly("GET", path)
    t.say(f"\n> GET {t.symbols.text(title or path)}")
    if reply.status != 200:
        t.answer(reply)
    else:
        t.say("  " + " ".join(item["metadata"]["name"] for item in reply.body["items"]))
    return reply


@case("a list is ordered by name, tells its version, and its items tell no kind")
def listing_order(t):
    for name in ("b", "a", "c"):
        t.quietly("POST", t.pods(), pod(name))
    reply = t.get(t.pods(), show=("kind", "apiVersion", "metadata", "items.0.kind", "items.0.metadata.name", "items.2.metadata.name"))
    t.holds("the list is not older than its items", all(
        int(item["metadata"]["resourceVersion"]) <= int(reply.field("metadata.resourceVersion")) for item in reply.body["items"]))
    t.get("/apis/batch/v1/namespaces/nowhere/jobs", show=("kind", "items"))


@case("label selectors: equality, sets, presence, and all of them at once")
def listing_by_label(t):
    five_pods(t)
    for selector in ("x=1", "x==1", "x!=1", "x", "!x", "x in (1,2)", "x notin (1)", "x in (1),y", "x=1,!y", "x=", "", "x>0"):
        names(t, t.pods(labelSelector=selector), f"pods?labelSelector={selector}")
    for selector in ("x in 1", "x=1,", "x=a b", "=1", "x=(1)"):
        names(t, t.pods(labelSelector=selector), f"pods?labelSelector={selector}")


@case("field selectors: names everywhere, phase and node of pods, success of Jobs; anything else is refused")
def listing_by_field(t):
    five_pods(t)
    t.quietly("PATCH", t.pods("b", "/status"), {"status": {"phase": "Running"}}, {"Content-Type": "application/merge-patch+json"})
    t.quietly("POST", t.jobs(), resting_job("j"))
    for selector in ("metadata.name=a", "metadata.name!=a", f"metadata.namespace={t.ns}", "status.phase=Running",
                     "status.phase!=Running", "spec.nodeName=", "spec.restartPolicy=Never", "status.phase=Running,metadata.name=a",
                     "spec.hostname=x", "metadata.uid=1", "metadata.name"):
        names(t, t.pods(fieldSelector=selector), f"pods?fieldSelector={selector}")
    for selector in ("status.successful=0", "status.successful=1", "metadata.name=j", "status.active=0"):
        names(t, t.jobs(fieldSelector=selector), f"jobs?fieldSelector={selector}")


@case("pages: limit, continue, what remains; one state of the world over all pages")
def listing_in_pages(t):
    five_pods(t)
    first = t.get(t.pods(limit=2), show=("metadata",))
    t.quietly("POST", t.pods(), pod("aa"))
    token = first.field("metadata.continue")
    second = t.client.request("GET", t.pods(limit=2, **{"continue": token}))
    t.say("\n> GET the second page, after pod aa was made")
    t.answer(second, ("metadata", "items.0.metadata.name", "items.1.metadata.name"))
    t.holds("it has the version of the first", second.field("metadata.resourceVersion") == first.field("metadata.resourceVersion"))
    last = t.client.request("GET", t.pods(limit=2, **{"continue": second.field("metadata.continue")}))
    t.say("\n> GET the last page")
    t.answer(last, ("metadata", "items.0.metadata.name", "items.1.metadata.name"))
    t.get(t.pods(limit=1, labelSelector="x=1"), show=("metadata", "items.0.metadata.name"))
    t.get(t.pods(limit=2, **{"continue": "nonsense"}))
    t.get(t.pods(limit="many"))


@case("resourceVersion of lists and gets: none, 0, not older than, exactly; what is not yet, and what is none")
def listing_at_versions(t):
    t.quietly("POST", t.pods(), pod("a"))
    then = t.quietly("GET", t.pods()).field("metadata.resourceVersion")
    t.quietly("POST", t.pods(), pod("b"))
    names(t, t.pods(resourceVersion="0"))
    names(t, t.pods(resourceVersion=then), "pods?resourceVersion=THEN")
    names(t, t.pods(resourceVersion=then, resourceVersionMatch="NotOlderThan"), "pods?resourceVersion=THEN&resourceVersionMatch=NotOlderThan")
    names(t, t.pods(resourceVersion=then, resourceVersionMatch="Exact"), "pods?resourceVersion=THEN&resourceVersionMatch=Exact")
    for parameters in ({"resourceVersion": "1", "resourceVersionMatch": "Exact"}, {"resourceVersionMatch": "Exact"},
                       {"resourceVersion": "0", "resourceVersionMatch": "Exact"},
                       {"resourceVersion": "1", "resourceVersionMatch": "Nearly"}, {"resourceVersion": "abc"},
                       {"resourceVersion": "99999999"}, {"sendInitialEvents": "true"}):
        t.get(t.pods(**parameters))
    t.get(t.pods("a", resourceVersion="0"), show=("metadata.name",))
    t.get(t.pods("a", resourceVersion="99999999"))


def table(t, path, **parameters):
    reply = t.quietly("GET", path, headers={"Accept": TABLE})
    t.say(f"\n> GET {t.symbols.text(path)}  (as a Table)")
    t.answer(reply, ("kind", "apiVersion", "metadata"))
    t.say(*(f"  column {column['name']} ({column['type']}, {column['format'] or 'no format'}, priority {column['priority']})"
            for column in reply.body["columnDefinitions"]))
    ages = [index for index, column in enumerate(reply.body["columnDefinitions"]) if column["name"] in ("Age", "Duration")]
    for row in reply.body["rows"]:
        cells = ["<age>" if index in ages and cell not in ("", "<unknown>") else t.symbols.value(cell) for index, cell in enumerate(row["cells"])]
        about = row.get("object")
        t.say(f"  row {cells} {about['kind'] + ' of ' + about['metadata']['name'] if about else 'no object'}")


@case("tables of pods and Jobs, with the columns that kubectl prints")
def listing_as_table(t):
    t.quietly("POST", t.pods(), pod("p"))
    t.quietly("POST", t.jobs(), resting_job("j"))
    t.until(t.jobs(watch="true", timeoutSeconds=30), lambda event: event["object"].get("status", {}).get("conditions"), "suspended")
    table(t, t.pods())
    table(t, t.jobs())
    table(t, t.pods(includeObject="None"))
    table(t, t.pods(labelSelector="none=such"))
    table(t, t.jobs("j"))


@case("a table of a single pod in each phase shows what happened to it")
def listing_pod_phases(t):
    container = {"name": "main", "image": "druid:33", "imageID": "", "restartCount": 0, "lastState": {}}
    states = {
        "running": ("Running", {"ready": True, "started": True, "state": {"running": {"startedAt": "2024-01-01T00:00:00Z"}}}),
        "pulling": ("Pending", {"ready": False, "state": {"waiting": {"reason": "ImagePullBackOff", "message": "m"}}}),
        "done": ("Succeeded", {"ready": False, "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}}),
        "killed": ("Failed", {"ready": False, "state": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}}),
        "failed": ("Failed", {"ready": False, "state": {"terminated": {"exitCode": 3}}}),
    }
    for name, (phase, state) in states.items():
        t.quietly("POST", t.pods(), pod(name))
        t.quietly("PATCH", t.pods(name, "/status"), {"status": {"phase": phase, "containerStatuses": [{**container, **state}]}},
                  {"Content-Type": "application/merge-patch+json"})
    t.quietly("POST", t.pods(), pod("evicted"))
    t.quietly("PATCH", t.pods("evicted", "/status"), {"status": {"phase": "Failed", "reason": "Evicted", "message": "m"}},
              {"Content-Type": "application/merge-patch+json"})
    table(t, t.pods())


@case("lists of metadata alone")
def listing_metadata(t):
    t.quietly("POST", t.pods(), pod("p", labels={"x": "1"}))
    t.get(t.pods(), headers={"Accept": METADATA}, show="all")
