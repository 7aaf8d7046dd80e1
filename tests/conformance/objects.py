"""The objects that cases create."""

SCRIPT = "copse.sandbox/script"  # the annotation by which a pod tells its node what to play: runner/sandbox/README.md


def pod_spec(**more):
    return {"restartPolicy": "Never", "containers": [{"name": "main", "image": "druid:33"}], **more}


def job(name, script=None, labels=None, pod=None, **spec):
    """A Job that runs once. `script`: what its pods do; `pod`: members of the pod's spec; `spec`: of the Job's own."""
    metadata = {"labels": {"druid.k8s.peons": "true"}}
    if script:
        metadata["annotations"] = {SCRIPT: script}
    return {"apiVersion": "batch/v1", "kind": "Job",
            "metadata": {"name": name, **({"labels": labels} if labels else {})},
            "spec": {"backoffLimit": 0, **spec, "template": {"metadata": metadata, "spec": pod_spec(**(pod or {}))}}}


def resting_job(name, **more):
    """A Job without pods, so that nothing but the case itself changes it."""
    return job(name, suspend=True, **more)


def pod(name, script="schedule 1h", labels=None, **spec):
    """A pod by itself; unless told otherwise no node ever looks at it."""
    return {"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "annotations": {SCRIPT: script}, **({"labels": labels} if labels else {})},
            "spec": pod_spec(**spec)}
