"""The least rights with which copse runs tasks, and who has them: a user with a token and one with a certificate.

A suite that passes as one of these proves that nothing more is needed; deploy/ grants the same. A third user, with a
token, lacks one of them. What announcing copse on its own pod needs is a Role apart, for it is in the namespace of copse
and the Overlords, which need not be that of the tasks.
"""

import json

NAMESPACE = "druid"
USER = "copse-runner"
CERTIFICATE_USER = "copse-certificate"
READER = "copse-reader"
ANNOUNCER = "copse-announcer"

# (API group, resource, verbs)
RULES = [
    ("batch", "jobs", ["create", "get", "list", "watch", "delete"]),
    ("", "pods", ["get", "list", "watch"]),
    ("", "pods/log", ["get"]),
    ("", "events", ["list", "watch"]),
    ("", "configmaps", ["create", "get"]),
    ("coordination.k8s.io", "leases", ["create", "get", "update"]),
]
WRITING = ("create", "update", "delete")

# `copse.discovery.type=kubernetes`: the own pod is looked at and patched, the Overlords' election is read. Both
# may be narrowed by `resourceNames`: copse-0 of a StatefulSet, CLUSTER-leaderelection-overlord.
DISCOVERY_RULES = [
    ("", "pods", ["get", "patch"]),
    ("", "configmaps", ["get"]),
]


def grant(namespace, role, users, rules=RULES, verbs=lambda verb: True):
    """A Role of `rules`, as far as `verbs(verb)`, and its RoleBinding: two objects to be created."""
    rules = [{"apiGroups": [group], "resources": [resource], "verbs": [verb for verb in allowed if verbs(verb)]}
             for group, resource, allowed in rules]
    api = "rbac.authorization.k8s.io"
    metadata = {"name": role, "namespace": namespace}
    return [{"apiVersion": f"{api}/v1", "kind": "Role", "metadata": metadata, "rules": [rule for rule in rules if rule["verbs"]]},
            {"apiVersion": f"{api}/v1", "kind": "RoleBinding", "metadata": metadata,
             "roleRef": {"apiGroup": api, "kind": "Role", "name": role},
             "subjects": [{"apiGroup": api, "kind": "User", "name": user} for user in users]}]


def grants(namespace):
    """What all users of the suites may do in `namespace`."""
    return [*grant(namespace, "copse", [USER, CERTIFICATE_USER]),
            *grant(namespace, "copse-reader", [READER], verbs=lambda verb: verb not in WRITING),
            *grant(namespace, "copse-discovery", [ANNOUNCER], DISCOVERY_RULES)]


MANIFEST = json.dumps({"apiVersion": "v1", "kind": "List", "items": [
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}, *grants(NAMESPACE)]})
