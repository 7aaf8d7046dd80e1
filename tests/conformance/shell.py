"""kubectl for cases: what it prints, with what differs by chance replaced."""

import os
import pathlib
import re
import subprocess
import tempfile

AGE = re.compile(r"(?<![\w.-])(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?![\w.-])")
LONG_TIME = re.compile(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}")
LIMIT_SECONDS = 90


def kubectl_program():
    """kubectl as the real servers' build makes it."""
    folder = os.environ.get("COPSE_REAL_SERVERS")
    if not folder:
        from cluster import programs_folder
        folder = programs_folder()
    return str(pathlib.Path(folder) / "kubectl")


class Shell:
    """Runs kubectl in the namespace of a case and puts its output into the transcript."""

    def __init__(self, t):
        self.t = t
        self.folder = tempfile.TemporaryDirectory(prefix="copse-kubectl-")
        self.kubeconfig = pathlib.Path(self.folder.name) / "kubeconfig"
        self.kubeconfig.write_text(t.client.kubeconfig)

    def __call__(self, command, text_input=None, only=None, until=None):
        """Runs `kubectl COMMAND` (words without quotes). `only(line)`: which lines are shown; `until(line)`: ends it there."""
        words = [kubectl_program(), "--kubeconfig", str(self.kubeconfig), "--namespace", self.t.ns, *command.split()]
        environment = {**os.environ, "HOME": self.folder.name, "KUBECACHEDIR": self.folder.name}
        child = subprocess.Popen(words, text=True, env=environment, stdin=subprocess.PIPE if text_input else subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if until:
            lines = []
            for line in child.stdout:
                lines.append(line.rstrip("\n"))
                if until(line):
                    break
            child.terminate()
            child.wait()
        else:
            output, _ = child.communicate(text_input, timeout=LIMIT_SECONDS)
            lines = output.splitlines()
        self.t.say(f"\n$ kubectl {command}" + ("  (and a file)" if text_input else ""))
        shown = [self.normal(line) for line in lines if only is None or only(line)]
        self.t.say(*(line for index, line in enumerate(shown) if not until or index == 0 or shown[index - 1] != line))
        if not until and child.returncode:
            self.t.say(f"  exit code {child.returncode}")
        return lines

    def normal(self, line):
        """One line: columns two spaces apart, ages and times and names by chance replaced."""
        line = LONG_TIME.sub("<time>", self.t.symbols.text(line))
        line = AGE.sub(lambda match: "<age>" if match.group() else "", line)
        # WHY at most 8: describe indents a continued value to the longest key of the object.
        indent = min(len(line) - len(line.lstrip()), 8)
        return ("  " + " " * indent + re.sub(r"\s{2,}", "  ", line.strip())).rstrip()

