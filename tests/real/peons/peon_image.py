"""Druid's image as the node runs it, and pod templates for it in the form that Druid's customTemplateAdapter reads.

    image = druid_image(site)                      # with site an Installation (tests/real/druid) whose ZooKeeper is made
    ProcessNode(…, images={DRUID: image}, …)
    templates = write_templates(folder, {"base": peon_template()})   # name to path of a YAML file

A pod of the template does what one of apache/druid does: /peon.sh (image/peon.sh) puts the task into TASK_DIR and becomes
a peon, which binds port 8100 of its pod's address, finds the Overlord by ZooKeeper, and leaves status, report and segments
in the site's folders.
"""

import json
import pathlib
import shlex
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[1:1] = [str(HERE), str(HERE.parent / "druid")]

from container import Image  # noqa: E402
from druid import PEON_HEAP, peon_configuration  # noqa: E402

DRUID = "apache/druid:33.0.0"
NOT_THERE = "apache/druid:not-there"
PORT = 8100
TASK_DIR = "/tmp"  # in a pod its own
GRACE_SECONDS = 5  # WHY so short: the kill of a running noop task takes all of it (README.md)


def druid_image(site, heap_mb=PEON_HEAP, properties=None):
    """The image of the site's Druid; `properties` go over those that its peons have (druid.py)."""
    root = site.folder / "druid.image"
    (root / "druid").mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "image" / "peon.sh", root)
    configuration = peon_configuration(site, properties)
    java = root / "druid" / "java"
    # The last -D of a name counts: what a peon has on disk is in its pod.
    words = [*site.java([configuration], heap_mb), f"-Djava.io.tmpdir={TASK_DIR}"]
    java.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
    java.chmod(0o755)
    seen = [site.folder, site.druid, pathlib.Path(words[0]).resolve().parents[1]]
    return Image(root=root, folders=tuple(folder for folder in seen if not str(folder).startswith("/usr/")),
                 entrypoint=("/peon.sh",))


def peon_template(image=DRUID, name="druid-peon", environment=None, volumes=(), mounts=(), **container):
    """A PodTemplate as in Druid's manual, with the pod's own address as druid.host. `container`: more of its fields."""
    values = {"druid_port": str(PORT), "druid_plaintextPort": str(PORT), "druid_bindOnHost": "true",
              "druid_peon_mode": "remote", "druid_service": "druid/peon", "druid_indexer_runner_type": "k8s",
              "druid_indexer_task_encapsulatedTask": "true", **(environment or {})}
    env = [*({"name": key, "value": value} for key, value in values.items()),
           {"name": "druid_host", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}]
    main = {"name": "main", "image": image, "command": ["/peon.sh"], "env": env, "volumeMounts": list(mounts),
            "ports": [{"name": "druid-port", "containerPort": PORT, "protocol": "TCP"}], **container}
    return {"apiVersion": "v1", "kind": "PodTemplate", "template": {
        "metadata": {"labels": {"app.kubernetes.io/name": name}},
        "spec": {"restartPolicy": "Never", "terminationGracePeriodSeconds": GRACE_SECONDS, "containers": [main],
                 "volumes": list(volumes)}}}


def write_templates(folder, templates):
    """Writes each as `folder`/NAME.yaml (JSON is YAML); name to path."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {name: folder / f"{name}.yaml" for name in templates}
    for name, template in templates.items():
        paths[name].write_text(json.dumps(template, indent=1) + "\n")
    return paths
