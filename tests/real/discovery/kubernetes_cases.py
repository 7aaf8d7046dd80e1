"""The announcer on pods of a real API server, with the least rights."""

import json
import signal
import subprocess
import threading

import rights
from announcer import Announcer
from cluster import Cluster
from java import die_with_parent, wait_until

CLUSTER = "prod"
ELECTION = f"{CLUSTER}-leaderelection-overlord"
LEADER = "control-plane.alpha.kubernetes.io/leader"
ROLE_LABEL = "druidDiscoveryAnnouncement-middleManager"
SELECTOR = f"druidDiscoveryAnnouncement-cluster-identifier={CLUSTER},{ROLE_LABEL}=true"
DOCUMENT = "druidNodeInfo-middleManager"
MARKED = "{.type} {.object.metadata.name} {.object.metadata.annotations." + DOCUMENT + "}{\"\\n\"}"


class Overlord:
    """What an Overlord's watch tells it: a line for each pod that comes into its selection, changes or leaves it."""

    def __init__(self, stage):
        command = [stage.cluster.programs / "kubectl", "--kubeconfig", stage.cluster.kubeconfig("admin"),
                   "-n", rights.NAMESPACE, "get", "pods", "-l", SELECTOR, "--watch", "--output-watch-events",
                   "-o", f"jsonpath={MARKED}"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent)
        self.lines = []
        threading.Thread(target=lambda: self.lines.extend(iter(self.process.stdout.readline, "")), daemon=True).start()

    def seen(self, pod):
        """Types of the events of `pod`, those that Druid passes over left out."""
        return [line.split()[0] for line in list(self.lines) if line.split()[1] == pod and not line.startswith("MODIFIED")]

    def wait(self, pod, *types):
        wait_until(lambda: self.seen(pod) == list(types), 30, f"{types} of {pod} (seen: {self.lines})")


class Stage:
    """One cluster, which all cases share; each has pods of its own."""

    def __init__(self, program, cluster):
        self.program, self.cluster = program, cluster
        self.overlord = Overlord(self)

    def pod(self, name, **metadata):
        document = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, **metadata},
                    "spec": {"containers": [{"name": "copse", "image": "copse"}]}}
        self.kubectl("create", "-f", "-", text_input=json.dumps(document))

    def metadata(self, name):
        return json.loads(self.kubectl("get", "pod", name, "-o", "json"))["metadata"]

    def kubectl(self, *words, text_input=None):
        return self.cluster.kubectl("-n", rights.NAMESPACE, *words, text_input=text_input)

    def announcer(self, pod, user="announcer"):
        return Announcer(self.program, "pod", self.cluster.kubeconfig(user), rights.NAMESPACE, pod, CLUSTER)

    def elect(self, holder):
        record = json.dumps({"holderIdentity": holder, "leaseDurationSeconds": 60, "leaderTransitions": 0})
        self.kubectl("annotate", "--overwrite", "configmap", ELECTION, f"{LEADER}={record}")


def it_is_announced_and_withdrawn(stage):
    """All labels and the annotation come in one patch and go in one; what else the pod carries stays."""
    stage.pod("plain", labels={"app": "copse"}, annotations={"other": "1"})
    with stage.announcer("plain") as announcer:
        announcer.announce("plain.copse").hear("announced")
        found = stage.metadata("plain")
        assert found["labels"] == {"app": "copse", ROLE_LABEL: "true", "druidDiscoveryAnnouncement-cluster-identifier": CLUSTER,
                                   "druidDiscoveryAnnouncement-id-hash": java_hash("plain.copse:8091")}, found
        assert json.loads(found["annotations"][DOCUMENT])["druidNode"]["host"] == "plain.copse", found
        stage.overlord.wait("plain", "ADDED")
        announcer.withdraw()
        announcer.hear("withdrawn")
        found = stage.metadata("plain")
        assert found["labels"] == {"app": "copse"} and found["annotations"] == {"other": "1"}, found
        stage.overlord.wait("plain", "ADDED", "DELETED")
        assert not announcer.has_told("trouble")


def java_hash(text):
    code = 0
    for letter in text:
        code = (31 * code + ord(letter)) & 0xFFFFFFFF
    return str(abs(code - (1 << 32) if code >> 31 else code))


def a_bare_pod_is_announced_too(stage):
    """A pod without labels and annotations gets what holds them in the same patch, each time anew."""
    stage.pod("bare")
    with stage.announcer("bare") as announcer:
        for _ in range(2):
            announcer.announce("bare.copse").hear("announced")
            assert stage.metadata("bare")["labels"][ROLE_LABEL] == "true"
            announcer.withdraw()
            announcer.hear("withdrawn")
            assert "labels" not in stage.metadata("bare") and "annotations" not in stage.metadata("bare")


def a_restarted_copse_is_seen_anew(stage):
    """What a killed copse left on the pod is replaced so that an Overlord sees it: leave, then come."""
    stage.pod("restarts")
    with stage.announcer("restarts") as first:
        first.announce("restarts.copse", capacity=5).hear("announced")
        first.kill()
    stage.overlord.wait("restarts", "ADDED")
    with stage.announcer("restarts") as second:
        second.announce("restarts.copse", capacity=6).hear("announced")
        stage.overlord.wait("restarts", "ADDED", "DELETED", "ADDED")
        assert '"capacity":6' in stage.overlord.lines[-1], stage.overlord.lines


def marks_that_are_lost_come_back(stage):
    """Labels that somebody removes are put on again; a worker that the Overlord lacks leaves and comes when it is cycled."""
    stage.pod("meddled"), stage.pod("lacked")
    with stage.announcer("meddled") as meddled, stage.announcer("lacked") as lacked:
        meddled.announce("meddled.copse").hear("announced")
        lacked.announce("lacked.copse").hear("announced")
        stage.kubectl("label", "pod", "meddled", f"{ROLE_LABEL}-")
        meddled.hear("lost")
        meddled.hear("announced")
        stage.overlord.wait("meddled", "ADDED", "DELETED", "ADDED")

        def is_cycled():
            lacked.cycle()  # ignored until the Overlord has had its time
            return stage.overlord.seen("lacked") == ["ADDED", "DELETED", "ADDED"]

        wait_until(is_cycled, 60, "the cycle")
        lacked.hear("announced")
        assert not lacked.has_told("lost")


def the_election_is_followed(stage):
    """No ConfigMap yet is no trouble; then its holder is told, and the next."""
    stage.pod("follows")
    with stage.announcer("follows") as announcer:
        announcer.announce("follows.copse").hear("announced")
        stage.kubectl("create", "configmap", ELECTION)
        stage.elect("http://overlord-0.overlord:8090")
        assert announcer.hear("leader") == "leader http://overlord-0.overlord:8090"
        stage.elect("http://overlord-1.overlord:8090")
        assert announcer.hear("leader") == "leader http://overlord-1.overlord:8090"


def missing_rights_are_told(stage):
    """Whoever may look at the pod and not patch it is told what to grant."""
    stage.pod("forbidden")
    with stage.announcer("forbidden", "reader") as announcer:
        announcer.announce("forbidden.copse")
        assert "grant the permission" in announcer.hear("trouble patching")


def a_server_that_hangs_holds_no_withdrawal(stage):
    """`done` comes after its bound with trouble told; when the server comes to, the marks go."""
    stage.pod("stuck")
    server = next(process for name, process in stage.cluster.servers if name == "kube-apiserver")
    with stage.announcer("stuck") as announcer:
        announcer.announce("stuck.copse").hear("announced")
        server.send_signal(signal.SIGSTOP)
        try:
            announcer.withdraw()
            announcer.hear("trouble the labels of pod")
            announcer.hear("withdrawn", 1)
        finally:
            server.send_signal(signal.SIGCONT)
        wait_until(lambda: "labels" not in stage.metadata("stuck"), 60, "the end of the labels")


CASES = [it_is_announced_and_withdrawn, a_bare_pod_is_announced_too, a_restarted_copse_is_seen_anew,
         marks_that_are_lost_come_back, the_election_is_followed, missing_rights_are_told,
         a_server_that_hangs_holds_no_withdrawal]


def stage(program):
    """The Cluster and what makes its Stage."""
    cluster = Cluster()
    return cluster, lambda: Stage(program, cluster)
