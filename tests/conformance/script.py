"""The script of a pod, as far as the suites use it. Its language is copse's sandbox's: runner/sandbox/README.md."""

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def seconds(text):
    number = text.rstrip("msh")
    return float(number) * UNITS[text[len(number):]]


class Script:
    """What a pod does: delays in seconds, its container's actions, and how it ends."""

    def __init__(self, text):
        self.schedule, self.pull, self.term = 0.0, 0.0, 0.0
        self.unschedulable, self.reject, self.evict = "", None, ""
        self.waiting = []  # (seconds before, reason, message): states in which the container waits, the last for
        # ever; IMAGE stands for the image's name
        self.actions = []  # ("log", line) or ("run", seconds; None: for ever)
        self.code, self.reason, self.message, self.term_code = 0, "", "", 143
        for line in text.splitlines():
            word, _, rest = line.strip().partition(" ")
            if word:
                getattr(self, f"read_{word}")(rest.strip())

    def read_schedule(self, rest):
        self.schedule = seconds(rest)

    def read_unschedulable(self, rest):
        self.unschedulable = rest or "0/1 nodes are available: 1 Insufficient cpu."

    def read_pull(self, rest):
        if not rest.startswith("fails"):
            self.pull = seconds(rest)
            return
        fault = f"failed to pull and unpack image IMAGE: {rest[len('fails'):].strip() or 'manifest unknown'}"
        self.waiting = [(0.0, "ErrImagePull", fault), (1.0, "ImagePullBackOff", f"Back-off pulling image IMAGE: ErrImagePull: {fault}")]

    def read_waiting(self, rest):
        reason, _, message = rest.partition(" ")
        self.waiting = [(0.0, reason, message)]

    def read_reject(self, rest):
        reason, _, message = rest.partition(" ")
        self.reject = (reason, message or f"Pod was rejected: {reason}")

    def read_run(self, rest):
        self.actions.append(("run", None if rest == "for-ever" else seconds(rest)))

    def read_log(self, rest):
        self.actions.append(("log", rest))

    def read_exit(self, rest):
        code, _, self.reason = rest.partition(" ")
        self.code = int(code)

    def read_message(self, rest):
        self.message = rest

    def read_evict(self, rest):
        self.evict = rest or "The node was low on resource: memory."

    def read_term(self, rest):
        length, _, code = rest.partition(" ")
        self.term = seconds(length)
        self.term_code = int(code or 143)
