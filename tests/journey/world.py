"""The cluster that the cases run against: a real one, or the sandbox, with the same users."""

import base64
import contextlib
import pathlib
import re
import tempfile

import rights
from client import Client
from kubeconfig import kubeconfig
from served import program


class World:
    """The sandbox. `users`: name to the path of a kubeconfig; `files`: the task-log store's folder."""

    def __init__(self, copse, folder, users):
        self.copse, self.users = str(copse), users
        self.folder = folder
        self.files = folder / "logs"
        self.client = Client(pathlib.Path(users["admin"]).read_text())
        self.url = f"https://{self.client.host}:{self.client.port}"

    def prepare(self, namespace):
        """Makes a namespace in which the users have their rights."""
        self.create("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})

    def create(self, path, document):
        reply = self.client.request("POST", path, document)
        if reply.status != 201:
            raise RuntimeError(f"POST {path}: {reply.status} {reply.text}")


class RealWorld(World):
    """A real cluster: users have what rights.py grants, and there is a ledger of requests."""

    def __init__(self, copse, folder, cluster):
        super().__init__(copse, folder, {user: cluster.kubeconfig(user) for user in ("admin", "runner", "certificate", "reader")})
        self.cluster = cluster

    def prepare(self, namespace):
        super().prepare(namespace)
        for document in rights.grants(namespace):
            self.create(f"/apis/{document['apiVersion']}/namespaces/{namespace}/{document['kind'].lower()}s", document)

    def grant(self, namespace, *but):
        """Replaces the rights of `runner` and `certificate` there by those without the verbs `but`."""
        role = rights.grant(namespace, "copse", [], verbs=lambda verb: verb not in but)[0]
        path = f"/apis/{role['apiVersion']}/namespaces/{namespace}/roles/copse"
        if self.client.request("PUT", path, role).status != 200:
            raise RuntimeError(f"PUT {path}")

    def audit(self):
        return self.cluster.audit()


@contextlib.contextmanager
def world(options):
    """The World of the options --real or --server; it ends with the block."""
    with tempfile.TemporaryDirectory(prefix="copse-journey-") as name:
        folder = pathlib.Path(name)
        (folder / "logs").mkdir()
        if options.real:
            from cluster import Cluster
            with Cluster() as cluster:
                cluster.add_node(options.node, folder / "logs")
                yield RealWorld(options.copse, folder, cluster)
        else:
            words = ["--tls", "--files", folder / "logs", "--certificate", folder / "certificate", "--user", "admin=admin",
                     "--user", f"{rights.USER}=runner", "--reader", f"{rights.READER}=reader"]
            with program(options.server, *words) as text:
                yield World(options.copse, folder, sandbox_users(folder, text))


def sandbox_users(folder, admin):
    """Kubeconfig files of the sandbox's users, from its administrator's."""
    entry = lambda key: re.search(rf"{key}: (\S+)", admin).group(1)
    trusted = base64.b64decode(entry("certificate-authority-data"))
    users = {"certificate": str(folder / "certificate")}
    for token in ("admin", "runner", "reader"):
        path = folder / token
        path.write_text(kubeconfig(entry("server"), trusted, {"token": token}))
        users[token] = str(path)
    return users
