"""What a case is written with: tasks to run, the program, and looks into the cluster; all of it leaves a transcript."""

import base64
import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess

from case import Case, Follower, conditions
from certificates import ClientAuthority
from client import PATCHES, field
from objects import SCRIPT
from transcript import Symbols

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIMIT_SECONDS = 90  # of a run of the program; it takes a few
WAIT_SECONDS = 40   # for something to happen in the cluster

PROPERTIES = {
    "druid.indexer.runner.type": "k8s",
    "druid.indexer.runner.k8s.adapter.type": "customTemplateAdapter",
    "druid.indexer.logs.type": "file",
}

READY = "run 600ms"  # a pod that is over soon

DURATION = re.compile(r"\b(after|within) \d+ m?s\b")
ENDS = ("Complete", "Failed")


def status(task, state="SUCCESS", message=None):
    """Druid's TaskStatus document of `task`, as its peon writes it."""
    return json.dumps({"id": task, "status": state, "duration": -1, "errorMsg": message,
                       "location": {"host": None, "port": -1, "tlsPort": -1}})


class Journey(Case):
    """One case: a namespace and a folder of its own, with policy, templates, properties and tasks."""

    def __init__(self, world, name, sentence):
        self.world, self.name, self.client = world, name, world.client
        self.ns = f"ns-of-{name}"
        self.symbols = Symbols(self.ns)
        self.lines = [f"# {sentence}"]
        self.folder = world.folder / "cases" / name
        (self.folder / "templates").mkdir(parents=True)
        self.template("base", "run 1s")
        self.selectors, self.tasks = [], []
        self.properties = {**PROPERTIES, "druid.indexer.runner.namespace": self.ns,
                           "druid.indexer.logs.directory": str(world.files / name)}
        self.unordered = False  # the program's messages come in an order by chance
        self.blurred = []  # (pattern, what stands for it) in the program's output
        self.policy = None  # a text or a document, instead of the one that gives each task its own template
        world.prepare(self.ns)

    # What is run.

    def template(self, name, *script):
        """A pod template whose pods play `script`."""
        template = {"apiVersion": "v1", "kind": "PodTemplate", "template": {
            "metadata": {"annotations": {SCRIPT: "\n".join(script)}},
            "spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": "druid:33", "command": ["/peon.sh"]}]}}}
        (self.folder / "templates" / f"{name}.json").write_text(json.dumps(template))

    def leaves(self, task, state="SUCCESS", message=None):
        """The statement of a script that puts the task's status into the task-log store."""
        return f"file {self.name}/{task}.status.json {status(task, state, message)}"

    def task(self, name, *script, **context):
        """A task `name` whose pod plays `script`; `context`: more of its context."""
        document = {"type": "noop", "id": name, "groupId": name, "dataSource": "none", "runTime": 1000,
                    "context": {"tags": {"plays": name}, **context}}
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps(document))
        self.tasks.append(str(path))
        self.template(name, *script)
        self.selectors.append({"selectionKey": name, "context.tags": {"plays": [name]}})

    def demo_tasks(self):
        """Adds the demo's tasks that Kubernetes is meant to run; (id, type) of each."""
        found = []
        for path in sorted((ROOT / "rules/demo/tasks").glob("*.json")):
            document = json.loads(path.read_text())
            self.tasks.append(str(path))
            found.append((document["id"], document["type"]))
        return found

    def old_status(self, name):
        """Puts a status into the task-log store that is older than any Job of this case."""
        path = self.world.files / self.name / f"{name}.status.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(status(name))
        os.utime(path, (0, 0))

    # Whose kubeconfig.

    def changed(self, user, key, value):
        """Path of a kubeconfig that is `user`'s, but for the member `key` of its cluster or user; None: without it."""
        document = json.loads(pathlib.Path(self.world.users[user]).read_text())
        for part in (document["clusters"][0]["cluster"], document["users"][0]["user"]):
            if key in part and value is None:
                del part[key]
            elif key in part:
                part[key] = value
        path = self.folder / "kubeconfig"
        path.write_text(json.dumps(document))
        return str(path)

    def other_authority(self):
        """An authority, as kubeconfig has it, that vouches for nobody here."""
        return base64.b64encode(ClientAuthority(self.folder).certificate.read_bytes()).decode()

    def strange_certificate(self):
        """Path of a kubeconfig with a client certificate that nobody here vouches for."""
        document = json.loads(pathlib.Path(self.world.users["runner"]).read_text())
        pair = ClientAuthority(self.folder).client("copse-runner")
        document["users"][0]["user"] = {f"client-{part}-data": base64.b64encode(pem).decode() for part, pem in pair.items()}
        path = self.folder / "kubeconfig"
        path.write_text(json.dumps(document))
        return str(path)

    def job_name(self, task):
        """The name of the task's Job, by the program itself."""
        return subprocess.run([self.world.copse, "name", task], text=True, check=True, stdout=subprocess.PIPE).stdout.strip()

    # The program.

    def start(self, *flags, user="runner", shown="", properties=None):
        """Starts `copse run` for all tasks. `user`: whose kubeconfig, or the path of one, which is `shown` as."""
        policy = self.folder / "policy.json"
        policy.write_text(self.policy if isinstance(self.policy, str) else json.dumps(self.policy or {
            "type": "default", "podTemplateSelectStrategy": {"type": "selectorBased", "selectors": self.selectors}}))
        file = self.folder / "runtime.properties"
        file.write_text("".join(f"{key}={value}\n" for key, value in {**self.properties, **(properties or {})}.items()))
        words = ["run", str(policy), *self.tasks, "--properties", str(file), "--templates", str(self.folder / "templates"),
                 "--cluster", f"kubeconfig:{self.world.users.get(user, user)}",
                 *(() if "--format" in flags else ("--format", "json")), *flags]
        environment = {**os.environ, "HOME": str(self.folder), "NO_COLOR": "1", "LC_ALL": "C.UTF-8"}
        return Run(self, [self.world.copse, *words], environment,
                   " ".join(["copse run POLICY TASK…", "--cluster", f"kubeconfig:{shown or user}", *flags]))

    def run(self, *flags, **options):
        """Runs it to its end."""
        return self.start(*flags, **options).finish()

    def normal(self, text):
        """Output of the program without what differs by chance."""
        text = DURATION.sub(r"\1 <time>", text.replace(self.world.url, "https://<server>"))
        text = text.replace(f"{self.world.client.host}:{self.world.client.port}", "<server>")
        text = self.symbols.text(text.replace(str(self.world.folder), "<folder>"))
        for pattern, stand_in in self.blurred:
            text = pattern.sub(stand_in, text)
        return text

    def blur(self, pattern, stand_in):
        """From now on `stand_in` is shown for what matches `pattern` in the program's output: it is by chance."""
        self.blurred.append((re.compile(pattern), stand_in))

    # The cluster.

    def wait(self, collection, true, what):
        """Waits until `true(objects)` of all objects of a collection (a method such as `self.pods`); these objects."""
        listed = self.quietly("GET", collection())
        objects = {one["metadata"]["uid"]: one for one in listed.field("items", [])}
        if not true(list(objects.values())):
            version = listed.field("metadata.resourceVersion")
            for event in self.client.watch(collection(watch="true", resourceVersion=version, timeoutSeconds=WAIT_SECONDS)):
                if event["type"] == "DELETED":
                    objects.pop(event["object"]["metadata"]["uid"], None)
                else:
                    objects[event["object"]["metadata"]["uid"]] = event["object"]
                if true(list(objects.values())):
                    break
            else:
                self.holds(what, False)
        return list(objects.values())

    def wait_running(self, count=1):
        """Waits until so many pods run, and there is no other; them."""
        return self.wait(self.pods, lambda pods: [phase(pod) for pod in pods] == ["Running"] * count, f"{count} pods run")

    def wait_ended(self, count=1):
        """Waits until so many Jobs have ended; all Jobs."""
        return self.wait(self.jobs, lambda jobs: sum(is_over(job) for job in jobs) >= count, f"{count} Jobs end")

    def left(self, gone=True):
        """Puts into the transcript what the cluster has of Jobs, pods and ConfigMaps; `gone`: once all pods are."""
        if gone:
            self.wait(self.pods, lambda pods: not pods, "all pods go away")
        found = [f"  job {one['metadata']['name']}: {' '.join(conditions(one)) or 'active'}" for one in self.listed(self.jobs)]
        found += [f"  pod {one['metadata']['name']}: {phase(one)}" for one in self.listed(self.pods)]
        found += [f"  configmap {one['metadata']['name']}" for one in self.listed(self.maps)]
        self.say("", "left in the cluster:" + ("" if found else " nothing"), *sorted(map(self.symbols.text, found)))

    def merge(self, path, document):
        """A merge patch that leaves nothing in the transcript."""
        return self.quietly("PATCH", path, json.dumps(document), {"Content-Type": PATCHES["merge"]})

    def listed(self, collection):
        return self.quietly("GET", collection()).field("items", [])

    @contextlib.contextmanager
    def elsewhere(self, namespace):
        """Looks into another namespace."""
        self.ns, usual = namespace, self.ns
        try:
            yield
        finally:
            self.ns = usual

    def ledger(self):
        """Notes every pod from now on; see Ledger."""
        return Ledger(self)


class Ledger:
    """Every pod that ever was in the namespace of a case, by a watch."""

    def __init__(self, t):
        self.t = t
        version = t.quietly("GET", t.pods()).field("metadata.resourceVersion")
        self.follower = Follower(t.client, t.pods(watch="true", resourceVersion=version, timeoutSeconds=2 * LIMIT_SECONDS),
                                 lambda event: event["object"]["metadata"]["name"] == "the-end")

    def close(self):
        """Puts into the transcript how many pods each Job has had."""
        end = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "the-end", "annotations": {SCRIPT: "schedule 1h"}},
               "spec": {"containers": [{"name": "main", "image": "druid:33"}]}}
        self.t.world.create(self.t.pods(), end)
        self.follower.join()
        self.t.quietly("DELETE", self.t.pods("the-end", gracePeriodSeconds=0))
        owners = [field(event["object"], "metadata.ownerReferences.0.name", "none") for event in self.follower.events
                  if event["type"] == "ADDED" and event["object"]["metadata"]["name"] != "the-end"]
        self.t.say("", "pods that ever were:", *(f"  {owners.count(name)} of job {name}" for name in sorted(set(owners))))


class Run:
    """The program at work. Its output goes into the transcript when it has ended."""

    def __init__(self, t, words, environment, command):
        self.t, self.command, self.told = t, command, ""
        self.child = subprocess.Popen(words, text=True, env=environment, cwd=t.folder, stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def interrupt(self, number=signal.SIGINT):
        self.child.send_signal(number)
        self.told += f", then {signal.Signals(number).name}"

    def finish(self):
        """Waits for its end."""
        try:
            output, complaint = self.child.communicate(timeout=LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            self.child.kill()
            output, complaint = self.child.communicate()
            self.told += f", killed after {LIMIT_SECONDS} s"
        t = self.t
        t.say("", f"$ {self.command}{self.told}", f"exit code {self.child.returncode}")
        t.say(*sorted(f"  {t.normal(without_seconds(line))}" for line in output.splitlines()))
        said = [f"  2> {t.normal(line)}" for line in complaint.splitlines()]
        t.say(*(sorted(said) if t.unordered else said))


def without_seconds(line):
    """A line of output; if it is JSON, without the member that differs each time."""
    if not line.startswith("{"):
        return line
    return json.dumps({key: value for key, value in json.loads(line).items() if key != "seconds"})


def phase(pod):
    return field(pod, "status.phase", "none")


def is_over(job):
    return any(one.startswith(ENDS) for one in conditions(job) if not one.startswith("FailureTarget"))
