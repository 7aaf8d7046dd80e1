#!/usr/bin/env python3
"""A real cluster without nodes for the suites: etcd, kube-apiserver and kube-controller-manager on free loopback ports.

    cluster.py [COMMAND…]    starts it, runs COMMAND with COPSE_KUBECONFIG_* in its environment, stops it;
                             without COMMAND it stays up until Ctrl-C and prints its environment

`COPSE_REAL_SERVERS` names the folder of the programs (default: what ./build prints). Whatever happens the servers end
with this process, even when it is killed. All state is in one temporary folder, in memory where /dev/shm exists.
Pods need a node: `add_node`, or for a COMMAND the path of sandbox_node in `COPSE_SANDBOX_NODE`.
"""

import base64
import contextlib
import ctypes
import json
import os
import pathlib
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

sys.dont_write_bytecode = True

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import rights  # noqa: E402
from certificates import ClientAuthority  # noqa: E402
from kubeconfig import kubeconfig  # noqa: E402

READY_SECONDS = 120  # on an idle machine it takes 5
POLL_SECONDS = 0.05
FOLDER_PREFIX = "copse-cluster-"

CONTROLLERS = ("job-controller", "garbage-collector-controller", "namespace-controller", "pod-garbage-collector-controller",
               "ttl-after-finished-controller")

AUDIT_POLICY = """apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules: [{level: Metadata}]
"""


class ClusterFailure(Exception):
    """A server did not start; the text ends with the last lines of its log."""


def programs_folder():
    """The folder with the servers' programs; builds them if need be."""
    folder = os.environ.get("COPSE_REAL_SERVERS")
    if not folder:
        folder = subprocess.run([HERE / "build"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                                check=True).stdout.split("\n")[-2]
    return pathlib.Path(folder)


def free_ports(count):
    """Ports that were free a moment ago; all are held at once so that they differ."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [one.getsockname()[1] for one in sockets]


def die_with_parent():
    """In the child before exec: SIGTERM to it as soon as this process is gone, however that ends."""
    ctypes.CDLL(None, use_errno=True).prctl(1, signal.SIGTERM)  # 1: PR_SET_PDEATHSIG


def sweep(folder):
    """Removes what clusters left whose process was killed: the folder's name tells whose it was."""
    for left in pathlib.Path(folder or tempfile.gettempdir()).glob(f"{FOLDER_PREFIX}*"):
        owner = left.name.removeprefix(FOLDER_PREFIX).split("-")[0]
        if not os.path.exists(f"/proc/{owner}"):
            shutil.rmtree(left, ignore_errors=True)


class Cluster:
    """`with Cluster() as cluster:` is a running cluster. Use from the main thread (the servers die with their starter)."""

    def __init__(self, api_server_flags=()):
        self.api_server_flags = list(api_server_flags)
        self.programs = programs_folder()
        self.folder = None
        self.servers = []  # (name, process), in order of their start
        self.tokens = {user: secrets.token_hex(16) for user in ("admin", "runner", "reader", "announcer")}

    def __enter__(self):
        shm = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        sweep(shm)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{FOLDER_PREFIX}{os.getpid()}-", dir=shm))
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        # WHY SIGKILL: nothing of the cluster is kept, and an API server takes its leave slowly (10 s and more).
        for _, process in reversed(self.servers):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.servers.clear()
        shutil.rmtree(self.folder, ignore_errors=True)

    # What a suite may use.

    def kubeconfig(self, user):
        """Path of a kubeconfig: `admin` (may do all), `runner` (a token, the least rights), `certificate` (the same rights),
        `reader` (a token, of these rights those that change nothing), `announcer` (a token, what discovery needs)."""
        return str(self.folder / f"{user}.kubeconfig")

    def audit(self):
        """The API server's ledger so far: one JSON document a line for each request that was answered."""
        return (self.folder / "audit.log").read_text(errors="replace")

    def environment(self):
        """What a command needs to know of the cluster."""
        return {"COPSE_KUBECONFIG_ADMIN": self.kubeconfig("admin"),
                "COPSE_KUBECONFIG_RUNNER": self.kubeconfig("runner"),
                "COPSE_KUBECONFIG_CERTIFICATE": self.kubeconfig("certificate"),
                "COPSE_AUDIT_LOG": str(self.folder / "audit.log"),
                "COPSE_KUBECTL": str(self.programs / "kubectl"),
                "COPSE_NAMESPACE": rights.NAMESPACE}

    def add_node(self, program, files=None):
        """Starts `program` (tests/real/sandbox_node.cpp) as the cluster's node; `files`: where containers leave theirs."""
        words = [program, "--kubeconfig", self.kubeconfig("admin"), *(("--files", files) if files else ())]
        with open(self.folder / "sandbox_node.log", "wb") as log:
            process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, cwd=self.folder,
                                       start_new_session=True, preexec_fn=die_with_parent)
        self.servers.append(("sandbox_node", process))
        if process.stdout.readline() != b"ready\n":
            raise ClusterFailure(f"{program}:\n{(self.folder / 'sandbox_node.log').read_text()}")

    def kubectl(self, *words, text_input=None):
        """kubectl as the administrator; its output, or ClusterFailure."""
        done = subprocess.run([self.programs / "kubectl", "--kubeconfig", self.kubeconfig("admin"), *words],
                              input=text_input, capture_output=True, text=True)
        if done.returncode != 0:
            raise ClusterFailure(f"kubectl {' '.join(words)}: {done.stderr}")
        return done.stdout

    def kill_server(self, name):
        """Ends one of the servers at once, as a crash does; `start_server` starts it again."""
        process = dict(self.servers)[name]
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def start_server(self, name):
        """Starts a server that was killed, as it was started first; waits until an API server is ready."""
        process = dict(self.servers)[name]
        self.servers.remove((name, process))
        self._spawn(name, *process.args[1:])
        if name == "kube-apiserver":
            self._wait_until_ready((self.folder / "serving/apiserver.crt").read_text())

    # How it starts.

    def _start(self):
        folder, (client, peer, self.port) = self.folder, free_ports(3)
        self._spawn("etcd", "--data-dir", folder / "etcd", "--unsafe-no-fsync", "--log-level=warn",
                    f"--listen-client-urls=http://127.0.0.1:{client}", f"--advertise-client-urls=http://127.0.0.1:{client}",
                    f"--listen-peer-urls=http://127.0.0.1:{peer}", f"--initial-advertise-peer-urls=http://127.0.0.1:{peer}",
                    f"--initial-cluster=default=http://127.0.0.1:{peer}")
        self._age(client)
        (folder / "tokens.csv").write_text(f"{self.tokens['admin']},admin,admin,system:masters\n"
                                           f"{self.tokens['runner']},{rights.USER},{rights.USER}\n"
                                           f"{self.tokens['reader']},{rights.READER},{rights.READER}\n"
                                           f"{self.tokens['announcer']},{rights.ANNOUNCER},{rights.ANNOUNCER}\n")
        (folder / "audit.yaml").write_text(AUDIT_POLICY)
        authority = ClientAuthority(folder)
        authority.key("service-accounts")
        self._spawn("kube-apiserver", f"--etcd-servers=http://127.0.0.1:{client}", "--bind-address=127.0.0.1",
                    f"--secure-port={self.port}", "--cert-dir", folder / "serving", "--token-auth-file", folder / "tokens.csv",
                    "--client-ca-file", authority.certificate, "--service-account-issuer=https://copse.test",
                    "--service-account-key-file", folder / "service-accounts.key",
                    "--service-account-signing-key-file", folder / "service-accounts.key",
                    "--service-cluster-ip-range=10.0.0.0/24", "--authorization-mode=RBAC",
                    "--disable-admission-plugins=ServiceAccount", "--endpoint-reconciler-type=none", "--allow-privileged",
                    # The node's own certificate is not checked for logs: none of the kubelet's flags is given.
                    "--kubelet-preferred-address-types=InternalIP",
                    "--audit-policy-file", folder / "audit.yaml", "--audit-log-path", folder / "audit.log",
                    *self.api_server_flags)
        self._wait_for(folder / "serving/apiserver.crt")
        server, trusted = f"https://127.0.0.1:{self.port}", (folder / "serving/apiserver.crt").read_bytes()
        for user, token in self.tokens.items():
            self._write(f"{user}.kubeconfig", kubeconfig(server, trusted, {"token": token}))
        self._write("certificate.kubeconfig", kubeconfig(server, trusted, authority.client(rights.CERTIFICATE_USER)))
        self._wait_until_ready(trusted.decode())
        self.kubectl("create", "-f", "-", text_input=rights.MANIFEST)
        self._spawn("kube-controller-manager", "--kubeconfig", self.kubeconfig("admin"), f"--controllers={','.join(CONTROLLERS)}",
                    "--leader-elect=false", "--secure-port=0", "--kube-api-qps=5000", "--kube-api-burst=5000",
                    "--concurrent-job-syncs=20")

    def _age(self, port):
        """Gives the store a past that is forgotten already, so that resourceVersion 1 is too old (410) from the start."""
        text = lambda words: base64.b64encode(words.encode()).decode()

        def ask(path, body):
            request = urllib.request.Request(f"http://127.0.0.1:{port}/v3/kv/{path}", json.dumps(body).encode())
            with urllib.request.urlopen(request, timeout=10) as response:
                return json.load(response)

        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                ask("range", {"key": text("past")})
                break
            except OSError:
                self._still_starting(deadline)
        for _ in range(10):
            revision = ask("put", {"key": text("past"), "value": ""})["header"]["revision"]
        ask("compaction", {"revision": revision})

    def _spawn(self, name, *flags):
        with open(self.folder / f"{name}.log", "ab") as log:
            process = subprocess.Popen([self.programs / name, *map(str, flags)], stdin=subprocess.DEVNULL, stdout=log,
                                       stderr=subprocess.STDOUT, cwd=self.folder, start_new_session=True,
                                       preexec_fn=die_with_parent)
        self.servers.append((name, process))

    def _write(self, name, text):
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(text)

    def _wait_for(self, path):
        deadline = time.monotonic() + READY_SECONDS
        while not path.exists() or path.stat().st_size == 0:
            self._still_starting(deadline)

    def _wait_until_ready(self, trusted):
        context = ssl.create_default_context(cadata=trusted)
        request = urllib.request.Request(f"https://127.0.0.1:{self.port}/readyz",
                                         headers={"Authorization": f"Bearer {self.tokens['admin']}"})
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                with urllib.request.urlopen(request, context=context, timeout=10):
                    return
            except (urllib.error.URLError, OSError):
                self._still_starting(deadline)

    def _still_starting(self, deadline):
        """Lets a moment pass; fails when a server has ended, or has had its time."""
        for name, process in self.servers:
            if process.poll() is not None or time.monotonic() > deadline:
                log = (self.folder / f"{name}.log").read_text(errors="replace").splitlines()[-20:]
                how = f"ended with {process.returncode}" if process.returncode is not None else "is not ready"
                raise ClusterFailure(f"{name} {how}:\n" + "\n".join(log))
        time.sleep(POLL_SECONDS)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    started = time.monotonic()
    try:
        with Cluster() as cluster:
            if node := os.environ.get("COPSE_SANDBOX_NODE"):
                cluster.add_node(node)
            if len(sys.argv) > 1:
                return subprocess.run(sys.argv[1:], env={**os.environ, **cluster.environment()}).returncode
            print(f"ready after {time.monotonic() - started:.1f} s; Ctrl-C ends it")
            print(*(f"export {name}={value}" for name, value in cluster.environment().items()), sep="\n", flush=True)
            signal.pause()
    except ClusterFailure as failure:
        print(f"cluster: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
