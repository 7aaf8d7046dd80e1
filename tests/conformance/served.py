"""The server that a suite talks to, from the options of its command line."""

import contextlib
import ctypes
import pathlib
import signal
import subprocess

from client import Client
from node import Node

START_SECONDS = 30


@contextlib.contextmanager
def served(options):
    """The text of a kubeconfig for the server of `options` (--real, --server, --kubeconfig); it ends with the block."""
    if options.kubeconfig:
        yield pathlib.Path(options.kubeconfig).read_text()
    elif options.server:
        with program(options.server) as path:
            yield pathlib.Path(path).read_text()
    else:
        from cluster import Cluster
        with Cluster() as cluster:
            text = pathlib.Path(cluster.kubeconfig("admin")).read_text()
            Node(Client(text), cluster.folder)
            yield text


@contextlib.contextmanager
def program(path):
    """Starts the server `path`, which prints one line: the path of its kubeconfig. It ends with this process."""
    die = lambda: ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # 1: PR_SET_PDEATHSIG
    with subprocess.Popen([path], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, preexec_fn=die) as child:
        try:
            yield child.stdout.readline().strip()
        finally:
            child.terminate()
            try:
                child.wait(START_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
