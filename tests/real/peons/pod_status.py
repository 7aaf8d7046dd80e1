"""The status of a pod as a kubelet writes it, from a few facts. Documents only: no call, no clock."""

import dataclasses
import datetime

MESSAGE_BYTES = 4096  # of a termination message


def time_text(seconds):
    """Seconds since 1970 as the API has them."""
    return f"{datetime.datetime.fromtimestamp(int(seconds), datetime.timezone.utc):%Y-%m-%dT%H:%M:%SZ}"


def waiting(reason, message=""):
    return {"waiting": {"reason": reason, **({"message": message} if message else {})}}


def running(since):
    return {"running": {"startedAt": time_text(since)}}


def terminated(exit_code, reason, message, since, until, container_id):
    return {"terminated": {"exitCode": exit_code, "reason": reason,
                           **({"message": message[:MESSAGE_BYTES]} if message else {}),
                           "startedAt": time_text(since) if since else None,
                           "finishedAt": time_text(until) if until else None, "containerID": container_id}}


@dataclasses.dataclass
class Facts:
    """What is known of a pod; whoever keeps it changes it, `document` tells it."""

    host_ip: str
    pod_ip: str
    admitted_at: float
    states: dict  # of containers by name: what waiting, running, terminated give
    init_states: dict
    phase: str = "Pending"
    reason: str = ""   # of the pod
    message: str = ""
    ready_since: float | None = None
    ended_at: float | None = None
    has_address: bool = False


def document(pod, facts):
    """The `status` of `pod`."""
    status = {"phase": facts.phase, "conditions": _conditions(pod, facts), "hostIP": facts.host_ip,
              "hostIPs": [{"ip": facts.host_ip}], "startTime": time_text(facts.admitted_at),
              "qosClass": pod.get("status", {}).get("qosClass", "BestEffort"),
              **({"reason": facts.reason} if facts.reason else {}), **({"message": facts.message} if facts.message else {})}
    if facts.has_address:
        status.update(podIP=facts.pod_ip, podIPs=[{"ip": facts.pod_ip}])
    for key, states, containers in (("initContainerStatuses", facts.init_states, pod["spec"].get("initContainers", [])),
                                    ("containerStatuses", facts.states, pod["spec"]["containers"])):
        if states:
            status[key] = [_container(pod, one, states[one["name"]], key.startswith("init")) for one in containers]
    return status


def unschedulable(message, at):
    """The condition of a pod for which there is no room."""
    return condition("PodScheduled", False, at, {"reason": "Unschedulable", "message": message})


def condition(kind, is_true, at, more):
    return {"type": kind, "status": "True" if is_true else "False", "lastProbeTime": None, "lastTransitionTime": time_text(at),
            **more}


def container_id(pod, name):
    return f"process://{pod['metadata']['uid']}/{name}"


def _container(pod, container, state, is_init):
    is_running, was_started = "running" in state, "waiting" not in state
    is_ready = state.get("terminated", {}).get("exitCode") == 0 if is_init else is_running
    return {"name": container["name"], "state": state, "lastState": {}, "ready": is_ready,
            "restartCount": 0, "image": container["image"], "imageID": container["image"] if was_started else "",
            **({"containerID": container_id(pod, container["name"])} if was_started else {}), "started": is_running}


def _conditions(pod, facts):
    names = " ".join(container["name"] for container in pod["spec"]["containers"])
    since = facts.ended_at or facts.ready_since or facts.admitted_at
    initialized = all("terminated" in state for state in facts.init_states.values()) or facts.ready_since is not None
    is_ready = facts.phase == "Running" and facts.ready_since is not None
    if is_ready:
        why = {}
    elif facts.phase == "Succeeded":
        why = {"reason": "PodCompleted"}
    elif facts.phase == "Failed":
        why = {"reason": "PodFailed"}
    else:
        why = {"reason": "ContainersNotReady", "message": f"containers with unready status: [{names}]"}

    incomplete = " ".join(name for name, state in facts.init_states.items() if "terminated" not in state)
    uninitialized = {"reason": "ContainersNotInitialized", "message": f"containers with incomplete status: [{incomplete}]"}
    scheduled = next((one for one in pod.get("status", {}).get("conditions", []) if one["type"] == "PodScheduled"), None)
    return [condition("PodReadyToStartContainers", facts.has_address and not facts.ended_at, since, {}),
            condition("Initialized", initialized, facts.admitted_at, {} if initialized else uninitialized),
            condition("Ready", is_ready, since, why), condition("ContainersReady", is_ready, since, why),
            scheduled or condition("PodScheduled", True, facts.admitted_at, {})]
