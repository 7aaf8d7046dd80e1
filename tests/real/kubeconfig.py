"""Writes kubeconfig files, as JSON (which is YAML as well)."""

import base64
import json


def kubeconfig(server, trusted, user, namespace="default"):
    """A kubeconfig of one context for `server`, whose certificate `trusted` (PEM) vouches for.

    `user` is {"token": text} or {"certificate": PEM, "key": PEM}.
    """
    encoded = lambda pem: base64.b64encode(pem).decode()
    if "token" not in user:
        user = {"client-certificate-data": encoded(user["certificate"]), "client-key-data": encoded(user["key"])}
    return json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": "test",
        "clusters": [{"name": "test", "cluster": {"server": server, "certificate-authority-data": encoded(trusted)}}],
        "users": [{"name": "test", "user": user}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test", "namespace": namespace}}],
    }, indent=1) + "\n"
