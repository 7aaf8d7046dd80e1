"""What a pod's document asks for, as a kubelet reads it: environment, command line, volumes. No API call, no process."""

import base64
import os
import re

# `$$`, `$(NAME)`; anything else after a dollar stays as it is.
REFERENCE = re.compile(r"\$(?:\$|\(([^)]*)\))")
UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}
SUBSCRIPT = re.compile(r"metadata\.(labels|annotations)\['(.*)'\]", re.S)


class Unsupported(Exception):
    """Something that a kubelet can do and this node cannot."""


class Missing(Exception):
    """An object that the pod needs does not exist yet, or not the key in it; the text is a kubelet's."""


def expand(text, values):
    """`text` with `$(NAME)` replaced by values[NAME]; unknown names stay, `$$` is a dollar."""
    def one(match):
        if match.group(1) is None:
            return "$"
        return values.get(match.group(1), match.group(0))
    return REFERENCE.sub(one, text)


def field(pod, path, addresses):
    """The downward API's value of a fieldPath. `addresses`: status.podIP and the like."""
    metadata = pod["metadata"]
    if subscript := SUBSCRIPT.fullmatch(path):
        return metadata.get(subscript.group(1), {}).get(subscript.group(2), "")
    known = {"metadata.name": metadata["name"], "metadata.namespace": metadata["namespace"], "metadata.uid": metadata["uid"],
             "spec.nodeName": pod["spec"].get("nodeName", ""),
             "spec.serviceAccountName": pod["spec"].get("serviceAccountName", ""), **addresses}
    if path not in known:
        raise Unsupported(f"fieldPath {path}")
    return known[path]


def environment(pod, container, given, addresses, configmap):
    """The container's environment, in order: `given` by its image, then its own. `configmap(name)`: its document or None."""
    values = dict(given)
    if container.get("envFrom"):
        raise Unsupported("envFrom")
    for entry in container.get("env", []):
        source = entry.get("valueFrom", {})
        if "fieldRef" in source:
            values[entry["name"]] = field(pod, source["fieldRef"]["fieldPath"], addresses)
        elif "configMapKeyRef" in source:
            value = _key(source["configMapKeyRef"], pod, configmap)
            if value is not None:
                values[entry["name"]] = value
        elif source:
            raise Unsupported(f"valueFrom {', '.join(source)}")
        else:
            values[entry["name"]] = expand(entry.get("value", ""), values)
    return values


def _key(reference, pod, configmap):
    document = configmap(reference["name"])
    value = (document or {}).get("data", {}).get(reference["key"])
    if value is None and not reference.get("optional"):
        if document is None:
            raise Missing(f'configmap "{reference["name"]}" not found')
        raise Missing(f"couldn't find key {reference['key']} in ConfigMap {pod['metadata']['namespace']}/{reference['name']}")
    return value


def words(container, entrypoint, values):
    """The command line: `command` in place of the image's entrypoint, then `args`."""
    command = [expand(word, values) for word in container.get("command", [])] or list(entrypoint)
    return command + [expand(word, values) for word in container.get("args", [])]


def volumes(pod, folder, configmap):
    """Makes the pod's volumes in `folder`; name to path. Missing when a ConfigMap is, Unsupported for kinds unknown here."""
    made = {}
    for volume in pod["spec"].get("volumes", []):
        path = folder / volume["name"]
        if "emptyDir" in volume:
            path.mkdir(parents=True, exist_ok=True)
        elif "configMap" in volume:
            _write_configmap(volume["configMap"], path, configmap)
        elif "hostPath" in volume:
            path = path.__class__(volume["hostPath"]["path"])
            if not path.exists():
                raise Missing(f"hostPath {path} does not exist")
        else:
            raise Unsupported(f'MountVolume.SetUp failed for volume "{volume["name"]}" : this node has no '
                              f"{', '.join(kind for kind in volume if kind != 'name')}")
        made[volume["name"]] = path
    return made


def _write_configmap(source, path, configmap):
    document, optional = configmap(source["name"]), source.get("optional")
    if document is None and not optional:
        raise Missing(f'MountVolume.SetUp failed for volume "{path.name}" : configmap "{source["name"]}" not found')
    document = document or {}
    data = {key: text.encode() for key, text in document.get("data", {}).items()}
    data.update({key: base64.b64decode(text) for key, text in document.get("binaryData", {}).items()})
    items = source.get("items") or [{"key": key, "path": key} for key in data]
    for item in items:
        if item["key"] in data:
            file = path / item["path"]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data[item["key"]])
            file.chmod(item.get("mode", source.get("defaultMode", 0o644)))
        elif not optional:
            raise Missing(f'MountVolume.SetUp failed for volume "{path.name}" : configmap references non-existent config key: '
                          f"{item['key']}")
    path.mkdir(parents=True, exist_ok=True)


def mounts(container, made, values):
    """(path of the machine, path in the container) of each volumeMount."""
    found = []
    for mount in container.get("volumeMounts", []):
        source = made[mount["name"]]
        below = mount.get("subPath") or expand(mount.get("subPathExpr", ""), values)
        if below:
            source = source / os.path.normpath("/" + below)[1:]
            if not source.exists():
                source.mkdir(parents=True)
        found.append((source, mount["mountPath"]))
    return found


def memory_limit(container):
    """resources.limits.memory in bytes, or None."""
    text = container.get("resources", {}).get("limits", {}).get("memory")
    if text is None:
        return None
    digits = text.rstrip("".join(UNITS))
    return int(float(digits) * UNITS[text[len(digits):]])
