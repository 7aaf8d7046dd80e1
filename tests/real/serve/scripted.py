"""Tasks whose pods follow a script (image/script.sh) instead of a peon: dozens of them run where a peon or two would.

    scripted.install(world)                   # an image, a pod template, and a policy that gives it to these tasks
    ids = scripted.ids("round-1", 50)
    scripted.submit(world, ids)
    ends = scripted.wait(world, ids, 60)      # id to (status, errorMsg)
    assert scripted.unexpected(ends) == {}
    scripted.check_logs(world, ids)

An id is ROUND-KIND-NUMBER: `good` ends with SUCCESS, `bad` with FAILED in its status file, `mute` with exit code 1 and no
status. The number decides how long it takes (1 to SECONDS_LIMIT seconds).
"""

import concurrent.futures
import json
import pathlib
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[1:1] = [str(HERE.parent / "peons")]

import ingestion  # noqa: E402
from container import Image  # noqa: E402
from druid_on_kubernetes import POLICY, Refused, tagged, wait_until  # noqa: E402
from peon_image import peon_template, write_templates  # noqa: E402

IMAGE = TEMPLATE = "scripted"
SECONDS_LIMIT, LINES_A_SECOND = 2, 40
SUBMITTERS = 6
KINDS = ("good", "good", "good", "bad", "mute")
NO_STATUS = "no_status: the task left no status; "
ENDS = {"good": ("SUCCESS", None), "bad": ("FAILED", "as the script says"),
        "mute": ("FAILED", NO_STATUS + "its container ended with exit code 1 (Error)")}
# When the cluster was away at that moment, only its Job may be left of a container's end.
BY_JOB_ALONE = ("FAILED", NO_STATUS + "the Job failed (BackoffLimitExceeded)")


def install(world):
    """From here on tasks with the tag `pod: scripted` follow the script."""
    environment = {"TASK_LOGS": str(world.site.task_logs), "SECONDS_LIMIT": str(SECONDS_LIMIT),
                   "LINES_A_SECOND": str(LINES_A_SECOND)}
    world.node.images[IMAGE] = Image(root=HERE / "image", folders=(world.site.task_logs,), environment=environment)
    world.templates.update(write_templates(world.site.folder / "templates", {
        TEMPLATE: peon_template(IMAGE, command=["/script.sh"])}))
    strategy = POLICY["podTemplateSelectStrategy"]
    own = {"selectionKey": TEMPLATE, "context.tags": {"pod": [TEMPLATE]}}
    world.policy.write_text(json.dumps({**POLICY, "podTemplateSelectStrategy": {
        **strategy, "selectors": [own, *strategy["selectors"]]}}, indent=1))
    world.write_properties({f"druid.indexer.runner.k8s.podTemplate.{TEMPLATE}": world.templates[TEMPLATE]})


def ids(name, count):
    return [f"{name}-{KINDS[number % len(KINDS)]}-{number}" for number in range(count)]


def task(task_id):
    return ingestion.noop(task_id, **tagged(TEMPLATE))


def submit(world, task_ids):
    with concurrent.futures.ThreadPoolExecutor(SUBMITTERS) as pool:
        list(pool.map(lambda one: world.overlord.api.submit(task(one)), task_ids))


def wait(world, task_ids, seconds):
    """Waits for the ends of all; what the Overlord says of each: (status, errorMsg)."""
    left = set(task_ids)

    def all_ended():
        try:
            known = world.overlord.api.post("taskStatus", sorted(left))
        except (Refused, OSError):  # it is being restarted, or does not lead
            return False
        left.difference_update(one for one, status in known.items() if status["status"] in ("SUCCESS", "FAILED"))
        return not left

    try:
        wait_until(all_ended, seconds, f"the ends of {len(task_ids)} tasks")
    except TimeoutError as late:
        raise TimeoutError(f"{late}; left are {sorted(left)}") from None
    known = world.overlord.api.post("taskStatus", list(task_ids))
    return {one: (known[one]["status"], known[one]["errorMsg"]) for one in task_ids}


def unexpected(ends, cluster_was_away=False):
    """Of the ends that `wait` found those that the script does not explain."""
    def is_fine(kind, end):
        return end == ENDS[kind] or (cluster_was_away and kind == "mute" and end == BY_JOB_ALONE)
    return {one: end for one, end in ends.items() if not is_fine(one.split("-")[-2], end)}


def log_of(task_id):
    """What the script prints for a task."""
    kind, number = task_id.split("-")[-2:]
    lines = [f"{task_id} second {second} line {line}" for second in range(int(number) % SECONDS_LIMIT + 1)
             for line in range(LINES_A_SECOND)]
    last = f"{task_id} leaves no status" if kind == "mute" else f"{task_id} ends"
    return "\n".join([f"{task_id} begins", *lines, last]) + "\n"


def check_logs(world, task_ids):
    """The stored log of each is what it has printed, each line once."""
    wrong = {}
    for one in task_ids:
        path = world.site.task_logs / f"{one}.log"
        stored, printed = path.read_text().splitlines() if path.exists() else [], log_of(one).splitlines()
        if stored != printed:
            wrong[one] = f"{len(stored)} lines instead of {len(printed)}, the last is {stored[-1:]}"
    assert not wrong, wrong
