"""What the node makes of pods and logs, without a cluster: environment, command lines, volumes, windows of a log."""

import base64
import json
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[1:1] = [str(HERE), str(HERE.parents[1] / "conformance")]

import pod_spec  # noqa: E402
from container_log import ContainerLog, parse_timestamp, timestamp  # noqa: E402
from ledger import Ledger  # noqa: E402

POD = {"metadata": {"name": "p", "namespace": "n", "uid": "u", "annotations": {"task": "t'x"}, "labels": {}},
       "spec": {"nodeName": "here"}}
MAPS = {"m": {"data": {"a": "1", "b": "2"}, "binaryData": {"c": base64.b64encode(b"\xff").decode()}}}


def expanded(text):
    return pod_spec.expand(text, {"A": "1", "B_C": "$(A)"})


def environment(*entries):
    return pod_spec.environment(POD, {"env": list(entries)}, {"PATH": "/bin"}, {"status.podIP": "127.1.1.1"}, MAPS.get)


def refused(kind, function, *arguments):
    try:
        function(*arguments)
    except kind as error:
        return str(error)


def volume(source):
    """The files that a ConfigMap volume has, by path."""
    with tempfile.TemporaryDirectory() as folder:
        pod = {**POD, "spec": {"volumes": [{"name": "v", "configMap": source}]}}
        made = pod_spec.volumes(pod, pathlib.Path(folder), MAPS.get)
        files = [file for file in made["v"].rglob("*") if file.is_file()]
        return {str(file.relative_to(made["v"])): file.read_bytes() for file in files}


def log(*writes, closed=True):
    made = ContainerLog()
    for data in writes:
        made.write(data)
    if closed:
        made.close()
    return made


def read(made, **wishes):
    return b"".join(made.read(**wishes))


def times(made):
    return [line.split(b" ")[0] for line in read(made, timestamps=True).splitlines()]


def event(verb, resource, code, made):
    """A line of an audit log."""
    return json.dumps({"stage": "ResponseComplete", "verb": verb, "objectRef": {"resource": resource, "name": "j"},
                       "user": {"username": "x"}, "requestReceivedTimestamp": "t", "responseStatus": {"code": code},
                       "responseObject": made})


def made(name, task):
    return {"metadata": {"name": name, "uid": name, "annotations": {"task.id": task},
                         "ownerReferences": [{"kind": "Job", "name": "j"}]}}


LONG = b"x" * 40_000
LEDGER = Ledger("\n".join([event("create", "jobs", 201, made("j", "t")), event("create", "jobs", 409, {}),
                           event("create", "pods", 201, made("p1", "t")), event("create", "pods", 201, made("p2", "t")),
                           event("delete", "jobs", 200, {}), '{"objectRef": {"cut']))

# What is true; what it gives; what it must give.
CASES = [
    ("a reference is replaced", lambda: expanded("x$(A)y$(A)"), "x1y1"),
    ("what it stands for is not looked at again", lambda: expanded("$(B_C)"), "$(A)"),
    ("an unknown or broken reference stays", lambda: expanded("$(NO) $(A $A $"), "$(NO) $(A $A $"),
    ("two dollars are one", lambda: expanded("$$(A) $$$(A) $$$$"), "$(A) $1 $$"),
    ("variables see those before them, and of the same name the last counts",
     lambda: environment({"name": "X", "value": "$(Y)"}, {"name": "Y", "value": "y"}, {"name": "Z", "value": "$(Y)$(PATH)"}),
     {"PATH": "/bin", "X": "$(Y)", "Y": "y", "Z": "y/bin"}),
    ("an annotation may hold anything", lambda: pod_spec.field(POD, "metadata.annotations['task']", {}), "t'x"),
    ("an annotation that is not there is empty", lambda: pod_spec.field(POD, "metadata.annotations['no']", {}), ""),
    ("an address comes from the node",
     lambda: environment({"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}})["IP"], "127.1.1.1"),
    ("an unknown field is refused", lambda: refused(pod_spec.Unsupported, pod_spec.field, POD, "spec.x", {}),
     "fieldPath spec.x"),
    ("a key of a ConfigMap is read",
     lambda: environment({"name": "A", "valueFrom": {"configMapKeyRef": {"name": "m", "key": "a"}}})["A"], "1"),
    ("a key that is not there may be optional",
     lambda: environment({"name": "A", "valueFrom": {"configMapKeyRef": {"name": "m", "key": "z", "optional": True}}}),
     {"PATH": "/bin"}),
    ("command replaces the image's entrypoint, args follow",
     lambda: [pod_spec.words(one, ["/e"], {}) for one in ({"args": ["a"]}, {"command": ["c"], "args": ["a"]}, {})],
     [["/e", "a"], ["c", "a"], ["/e"]]),
    ("a ConfigMap's keys are files", lambda: volume({"name": "m"}), {"a": b"1", "b": b"2", "c": b"\xff"}),
    ("items choose and move them", lambda: volume({"name": "m", "items": [{"key": "b", "path": "x/y"}]}), {"x/y": b"2"}),
    ("a ConfigMap that is not there is missing", lambda: refused(pod_spec.Missing, volume, {"name": "no"}),
     'MountVolume.SetUp failed for volume "v" : configmap "no" not found'),
    ("unless it is optional", lambda: volume({"name": "no", "optional": True}), {}),
    ("lines come whole, the last one with a newline", lambda: read(log(b"a", b"b\nc")), b"ab\nc\n"),
    ("a line under way is not shown", lambda: read(log(b"a\nb", closed=False)), b"a\n"),
    ("the last lines", lambda: read(log(b"a\nb\nc\n"), tail_lines=2), b"b\nc\n"),
    ("the last lines of a short log are all", lambda: read(log(b"a\n"), tail_lines=5), b"a\n"),
    ("no last lines are none", lambda: read(log(b"a\n"), tail_lines=0), b""),
    ("so many bytes", lambda: read(log(b"ab\ncd\n"), limit_bytes=4), b"ab\nc"),
    ("times count for the bytes", lambda: len(read(log(b"ab\n"), limit_bytes=20, timestamps=True)), 20),
    ("a very long line is one line", lambda: read(log(b"a\n" + LONG + b"\nb\n"), tail_lines=2), LONG + b"\nb\n"),
    ("and has its time once", lambda: len(read(log(LONG + b"\n"), timestamps=True)), 40_000 + 32),
    ("one that comes in parts too", lambda: read(log(LONG, LONG + b"\n")), LONG + LONG + b"\n"),
    ("lines older than a time are left out", lambda: read(log(b"a\n"), since_ns=2**62), b""),
    ("lines of that time are not",
     lambda: read((one := log(b"a\n")), since_ns=parse_timestamp(times(one)[0].decode())), b"a\n"),
    ("following ends with the log", lambda: read(log(b"a\n"), follow=True), b"a\n"),
    ("following ends when nobody listens",
     lambda: read(log(b"a\n", closed=False), follow=True, goes_on=lambda: False), b"a\n"),
    ("a time has nine digits", lambda: timestamp(1_795_712_400_000_000_001), "2026-11-26T17:00:00.000000001Z"),
    ("times are read with any digits",
     lambda: [parse_timestamp(f"2026-11-26T17:00:00{more}Z") % 10**9 for more in ("", ".5", ".000000001")],
     [0, 500_000_000, 1]),
    ("limits of memory",
     lambda: [pod_spec.memory_limit({"resources": {"limits": {"memory": text}}}) for text in ("64Mi", "1.5G", "10")],
     [64 * 2**20, 1_500_000_000, 10]),
    ("without one there is none", lambda: pod_spec.memory_limit({}), None),
    ("the ledger counts what was made", lambda: (len(LEDGER.jobs), len(LEDGER.pods), len(LEDGER.deleted)), (1, 2, 1)),
    ("and finds a task that ran twice", lambda: (LEDGER.twice(), LEDGER.left()), (["t"], [])),
]


def main():
    failed = 0
    for name, given, wanted in CASES:
        if (found := given()) != wanted:
            failed += 1
            print(f"wrong: {name}: {found!r}, not {wanted!r}")
    print(f"{len(CASES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
