"""What a user asks of an Overlord: the calls of its HTTP API that the suites need."""

import json
import urllib.error
import urllib.parse
import urllib.request

from java import wait_until

REQUEST_SECONDS = 30
MOST_REDIRECTS = 3
FINAL = ("SUCCESS", "FAILED")


class Refused(Exception):
    """The Overlord answered with an error: `code`, and the text of the answer."""

    def __init__(self, what, code, text):
        super().__init__(f"{what}: {code} {text}")
        self.code, self.text = code, text


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None  # WHY: urllib would not repeat a POST; it is done below


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)


def http(method, url, body=None, headers=None):
    """Asks; the body of the answer as text. Redirects, which an Overlord that does not lead gives, are followed."""
    data = None if body is None else json.dumps(body).encode()
    for _ in range(MOST_REDIRECTS):
        request = urllib.request.Request(url, data, {"Content-Type": "application/json", **(headers or {})}, method=method)
        try:
            with _OPENER.open(request, timeout=REQUEST_SECONDS) as response:
                return response.read().decode(errors="replace")
        except urllib.error.HTTPError as error:
            with error:
                text = error.read().decode(errors="replace")
            if error.code not in (302, 307) or "Location" not in error.headers:
                raise Refused(f"{method} {url}", error.code, text) from None
            url = error.headers["Location"]
    raise Refused(f"{method} {url}", 307, f"more than {MOST_REDIRECTS} redirects")


class OverlordClient:
    """Calls against the Overlord at `url` (http://HOST:PORT). All raise Refused, or OSError when nobody answers."""

    def __init__(self, url):
        self.url = url

    def get(self, path):
        return json.loads(http("GET", f"{self.url}/druid/indexer/v1/{path}"))

    def post(self, path, body=None, headers=None):
        text = http("POST", f"{self.url}/druid/indexer/v1/{path}", body, headers)
        return json.loads(text) if text else None

    def leads(self):
        """Whether it is the leader."""
        try:
            return self.get("isLeader")["leader"]
        except Refused as refused:
            if refused.code == 404:
                return False
            raise

    # Tasks.

    def submit(self, task):
        """Hands `task` (a dict) in; its id."""
        return self.post("task", task)["task"]

    def status(self, task_id):
        """`statusCode`, `runnerStatusCode`, `errorMsg`, `duration`, `location` …"""
        return self.get(f"task/{_quoted(task_id)}/status")["status"]

    def wait(self, task_id, seconds=60):
        """Waits for the end of a task; its status then. TimeoutError tells its last status."""
        last = {}

        def ended():
            last.update(self.status(task_id))
            return last["statusCode"] in FINAL

        try:
            wait_until(ended, seconds, f"the end of task {task_id}")
        except TimeoutError as late:
            raise TimeoutError(f"{late}; its status is {last}") from None
        return last

    def wait_running(self, task_id, seconds=60):
        """Waits until a task runs somewhere; its status then, with a `location`. Fails at once when it has ended."""
        def runs():
            status = self.status(task_id)
            if status["statusCode"] in FINAL:
                raise AssertionError(f"task {task_id} has ended: {status}")
            return status if status["runnerStatusCode"] == "RUNNING" and status["location"]["host"] else None

        return wait_until(runs, seconds, f"the start of task {task_id}")

    def kill(self, task_id):
        """Asks for the end of a task; `wait` for it."""
        self.post(f"task/{_quoted(task_id)}/shutdown")

    def log(self, task_id):
        """The task's log so far, as text."""
        return http("GET", f"{self.url}/druid/indexer/v1/task/{_quoted(task_id)}/log")

    def reports(self, task_id):
        """The task's reports, by name."""
        return self.get(f"task/{_quoted(task_id)}/reports")

    def payload(self, task_id):
        """The task as the Overlord keeps it."""
        return self.get(f"task/{_quoted(task_id)}")["payload"]

    def tasks(self, state):
        """Tasks that are `waiting`, `pending`, `running` or `complete`."""
        return self.get(f"tasks?state={state}")

    # Workers.

    def workers(self):
        """The workers that it knows: `worker` (`host`, `capacity`, `version`, `category`), `currCapacityUsed`, `runningTasks` …"""
        return self.get("workers")

    def wait_for_worker(self, host, seconds=60):
        """Waits until it knows a worker `host` (HOST:PORT); what it knows of it."""
        return wait_until(lambda: next((one for one in self.workers() if one["worker"]["host"] == host), None), seconds,
                          f"the announcement of worker {host}")

    def worker_config(self):
        """The worker configuration in force, or None."""
        text = http("GET", f"{self.url}/druid/indexer/v1/worker")
        return json.loads(text) if text else None

    def set_worker_config(self, config, author="tests", comment="tests"):
        """Puts a worker configuration in force, from the next assignment on."""
        self.post("worker", config, {"X-Druid-Author": author, "X-Druid-Comment": comment})

    def worker_config_history(self):
        return self.get("worker/history")


def _quoted(task_id):
    return urllib.parse.quote(task_id, safe="")
