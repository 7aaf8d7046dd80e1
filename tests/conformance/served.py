"""The server that a suite talks to, from the options of its command line."""

import contextlib
import pathlib
import subprocess

STOP_SECONDS = 30


@contextlib.contextmanager
def served(options):
    """The text of a kubeconfig for the server of `options` (--real, --server, --kubeconfig); it ends with the block."""
    if options.kubeconfig:
        yield pathlib.Path(options.kubeconfig).read_text()
    elif options.server:
        with program(options.server) as text:
            yield text
    else:
        from cluster import Cluster
        with Cluster() as cluster:
            cluster.add_node(options.node)
            yield pathlib.Path(cluster.kubeconfig("admin")).read_text()


@contextlib.contextmanager
def program(path, *words):
    """The kubeconfig of the server `path`, started with `words`: it prints that, then a line `ready URL`; it ends when its input does."""
    with subprocess.Popen([path, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        try:
            lines = []
            for line in child.stdout:
                if line.startswith("ready "):
                    break
                lines.append(line)
            yield "".join(lines)
        finally:
            child.stdin.close()
            try:
                child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
            if child.returncode:
                print(f"{path} ended with {child.returncode}")
