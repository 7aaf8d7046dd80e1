"""Watches: where they begin, what they show, how they end."""

import json

from case import case
from objects import pod

LABELLED = ("metadata.name", "metadata.labels")


def version(t):
    return t.quietly("GET", t.pods()).field("metadata.resourceVersion")


def label(t, name, labels):
    t.quietly("PATCH", t.pods(name), {"metadata": {"labels": labels}}, {"Content-Type": "application/merge-patch+json"})


def delete(t, name):
    t.quietly("DELETE", t.pods(name))


@case("a watch from a version shows each change after it, in order; a deletion has a new version of its own")
def watching_from_a_version(t):
    t.quietly("POST", t.pods(), pod("before"))
    start = version(t)
    t.quietly("POST", t.pods(), pod("a"))
    label(t, "a", {"x": "1"})
    t.quietly("POST", t.pods(), pod("b"))
    delete(t, "a")
    events = t.watch(t.pods(watch="true", resourceVersion=start), LABELLED, title="pods from a version",
                     until=lambda event: event["type"] == "DELETED")
    versions = [int(event["object"]["metadata"]["resourceVersion"]) for event in events]
    t.holds("versions rise strictly", versions == sorted(set(versions)))
    t.holds("objects tell their kind", all(event["object"].get("kind") == "Pod" for event in events))


@case("a watch without a version, and one from 0, begin with what exists as ADDED")
def watching_from_the_beginning(t):
    for name in ("a", "b"):
        t.quietly("POST", t.pods(), pod(name))
    for start in (None, "0"):
        seen = []
        t.watch(t.pods(watch="true", resourceVersion=start), until=lambda event: seen.append(event) or len(seen) == 2)


@case("a selector turns changes into ADDED and DELETED as objects come into and leave its sight")
def watching_by_label(t):
    for name, labels in (("in", {"x": "1"}), ("out", {})):
        t.quietly("POST", t.pods(), pod(name, labels=labels))
    start = version(t)
    label(t, "out", {"x": "1"})
    label(t, "in", {"y": "1"})
    label(t, "in", {"x": "2"})
    label(t, "in", {"y": "2"})
    delete(t, "in")
    delete(t, "out")
    t.watch(t.pods(watch="true", resourceVersion=start, labelSelector="x=1"), LABELLED, title="pods labelled x=1",
            until=lambda event: event["type"] == "DELETED" and event["object"]["metadata"]["name"] == "out")


@case("a watch of one name sees only that")
def watching_one_name(t):
    start = version(t)
    for name in ("a", "b"):
        t.quietly("POST", t.pods(), pod(name))
    for name in ("b", "a"):
        delete(t, name)
    t.watch(t.pods(watch="true", resourceVersion=start, fieldSelector="metadata.name=a"), title="pod a",
            until=lambda event: event["type"] == "DELETED")


@case("timeoutSeconds ends a watch without an error; a bookmark comes shortly before, if asked for")
def watching_until_a_timeout(t):
    start = version(t)
    t.quietly("POST", t.pods(), pod("a"))
    t.watch(t.pods(watch="true", resourceVersion=start, timeoutSeconds=1), title="pods for 1 s")
    events = t.watch(t.pods(watch="true", resourceVersion=start, timeoutSeconds=4, allowWatchBookmarks="true"),
                     title="pods for 4 s, with bookmarks")
    versions = [int(event["object"]["metadata"]["resourceVersion"]) for event in events]
    t.holds("the bookmark is not older than the event", versions[0] <= versions[-1])


@case("a watch from a version that is forgotten is one ERROR event of 410, with HTTP status 200")
def watching_from_the_forgotten(t):
    t.quietly("POST", t.pods(), pod("a"))
    t.watch(t.pods(watch="true", resourceVersion="1", timeoutSeconds=5), title="pods from version 1")


@case("a watch from a version that is not yet, or none")
def watching_from_nowhere(t):
    t.watch(t.pods(watch="true", resourceVersion="abc"))
    t.watch(t.pods(watch="true", resourceVersionMatch="NotOlderThan"))
    t.watch(t.pods(watch="true", sendInitialEvents="true"))
    t.watch(t.pods(watch="true", labelSelector="x in 1"))
    t.watch(t.pods(watch="true", fieldSelector="spec.hostname=x"))


@case("sendInitialEvents: what exists, a bookmark that says so, then changes on the same stream")
def watching_from_a_streamed_list(t):
    for name in ("a", "b"):
        t.quietly("POST", t.pods(), pod(name))
    seen = []

    def until(event):
        seen.append(event)
        if event["type"] == "BOOKMARK":
            label(t, "a", {"x": "1"})
        return event["type"] == "MODIFIED"

    t.watch(t.pods(watch="true", sendInitialEvents="true", resourceVersionMatch="NotOlderThan", allowWatchBookmarks="true",
                   timeoutSeconds=20), LABELLED, title="pods with initial events", until=until)


@case("a watch as Tables: columns in the first event only, one row each")
def watching_as_table(t):
    start = version(t)
    t.quietly("POST", t.pods(), pod("a"))
    label(t, "a", {"x": "1"})
    delete(t, "a")
    t.say("\n> WATCH pods as Tables")
    for event in t.client.watch(t.pods(watch="true", resourceVersion=start),
                                {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"}):
        table = event["object"]
        cells = table["rows"][0]["cells"][:3]
        t.say(f"  {event['type']:8} {table['kind']} with {len(table['columnDefinitions'] or [])} columns: {json.dumps(cells)}, "
              f"about a {table['rows'][0]['object']['kind']}")
        if event["type"] == "DELETED":
            break


@case("all namespaces at once; and a namespace that does not exist is empty, not an error")
def watching_everywhere(t):
    start = version(t)
    t.quietly("POST", t.pods(), pod("a", labels={"only": t.ns}))
    t.watch(f"/api/v1/pods?watch=true&resourceVersion={start}&labelSelector=only%3D{t.ns}", ("metadata.namespace", "metadata.name"),
            title="pods of all namespaces", until=lambda event: True)
    t.watch("/api/v1/namespaces/nowhere/pods?watch=true&timeoutSeconds=1")
