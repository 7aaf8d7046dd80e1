"""What the API server says has happened: each Job that was created or deleted, and each pod that ever was, from its audit log.

The log must tell bodies of the answers to creations: `AUDIT_POLICY`.
"""

import collections
import json

AUDIT_POLICY = """apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- {level: RequestResponse, verbs: [create], resources: [{group: batch, resources: [jobs]}, {group: "", resources: [pods, configmaps]}]}
- {level: Metadata}
"""

# How each event begins, as the API server writes it.
BEGINNING = '{"kind":"Event","apiVersion":"audit.k8s.io/'

Job = collections.namedtuple("Job", "name uid task template at")
Pod = collections.namedtuple("Pod", "name uid job task at")
Deletion = collections.namedtuple("Deletion", "name user at")


class Ledger:
    """Read from the text of an audit log; only what was answered with success counts.

    `jobs`, `pods`, `config_maps` (names): in order of their creation. `deleted`: deletions of Jobs that somebody asked for.
    """

    def __init__(self, audit):
        self.jobs, self.pods, self.config_maps, self.deleted = [], [], [], []
        for line in audit.split("\n"):
            # WHY the last beginning: a server that was killed leaves half a line, and its successor writes on behind it.
            event = line[max(line.rfind(BEGINNING), 0):]
            # WHY: the last line may still be under way.
            if event.endswith("}") and '"objectRef"' in event:
                self._read(json.loads(event))

    def _read(self, event):
        target, made = event.get("objectRef", {}), event.get("responseObject", {})
        if event["stage"] != "ResponseComplete" or event.get("responseStatus", {}).get("code", 500) >= 300:
            return
        what = (event["verb"], target.get("resource"), target.get("subresource"))
        metadata = made.get("metadata", {})
        notes, at = metadata.get("annotations", {}), event["requestReceivedTimestamp"]
        if what == ("create", "jobs", None):
            self.jobs.append(Job(metadata["name"], metadata["uid"], notes.get("task.id"), notes.get("task.jobTemplate"), at))
        elif what == ("create", "pods", None):
            owners = [owner["name"] for owner in metadata.get("ownerReferences", []) if owner["kind"] == "Job"]
            self.pods.append(Pod(metadata["name"], metadata["uid"], owners[0] if owners else None, notes.get("task.id"), at))
        elif what == ("create", "configmaps", None):
            self.config_maps.append(metadata["name"])
        elif what == ("delete", "jobs", None):
            self.deleted.append(Deletion(target["name"], event["user"]["username"], at))

    def jobs_of(self, task):
        return [job for job in self.jobs if job.task == task]

    def pods_of(self, task):
        return [pod for pod in self.pods if pod.task == task]

    def tasks(self):
        """The tasks that had a Job, each once, in order."""
        return list(dict.fromkeys(job.task for job in self.jobs))

    def twice(self):
        """Tasks that had more than one Job or more than one pod: there must be none."""
        counts = [collections.Counter(one.task for one in kind if one.task) for kind in (self.jobs, self.pods)]
        return sorted({task for count in counts for task, number in count.items() if number > 1})

    def left(self):
        """Names of the Jobs that nobody has deleted."""
        gone = {one.name for one in self.deleted}
        return [job.name for job in self.jobs if job.name not in gone]
