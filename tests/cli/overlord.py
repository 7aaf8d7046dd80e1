"""An Overlord's API, as far as a program that reads it can tell: the tasks of a folder, all of them complete but one, and a worker configuration."""
import http.server
import json
import threading
import urllib.parse

GONE = "noop_gone"  # in the list, and away when it is asked for


class Server:
    def __init__(self, answer):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                url = urllib.parse.urlsplit(self.path)
                status, headers, body = answer(urllib.parse.unquote(url.path), dict(urllib.parse.parse_qsl(url.query)), self.path)
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()


# As an operator may have left it: compaction goes to copse already, all else anywhere.
WORKER_CONFIG = {"type": "default", "autoScaler": None, "selectStrategy": {
    "type": "fillCapacityWithCategorySpec", "workerCategorySpec": {"strong": False, "categoryMap": {
        "compact": {"defaultCategory": "copse", "categoryAffinity": {"wiki": "mm-large"}},
        "kill": {"defaultCategory": "mm-small", "categoryAffinity": {}}}}}}


class Overlord(Server):
    def __init__(self, folder):
        self.tasks = {task["id"]: task for task in (json.loads(path.read_text()) for path in sorted(folder.glob("*.json")))}
        self.running = next(iter(self.tasks))
        super().__init__(self.answer)

    def answer(self, path, query, _):
        if path == "/druid/indexer/v1/tasks":
            state = query.get("state")
            if state not in (None, "pending", "waiting", "running", "complete"):
                return 400, {}, b"Invalid task state"
            complete = [*(task for task in self.tasks if task != self.running), GONE][:int(query.get("max", 1 << 30))]
            listed = {None: [self.running, *complete], "running": [self.running], "complete": complete}.get(state, [])
            return 200, {}, json.dumps([{"id": task, "statusCode": "RUNNING" if task == self.running else "SUCCESS",
                                         "duration": -1 if task == self.running else 1800000}
                                        for task in listed]).encode()
        if path == "/druid/indexer/v1/worker":
            return 200, {}, json.dumps(WORKER_CONFIG).encode()
        task = self.tasks.get(path.removeprefix("/druid/indexer/v1/task/"))
        if task is None:
            return 404, {}, b"{}"
        return 200, {}, json.dumps({"task": task["id"], "payload": task}).encode()


class Follower(Server):
    """Sends everything to the leader, as an Overlord does that does not lead."""

    def __init__(self, leader):
        super().__init__(lambda _path, _query, whole: (307, {"Location": leader.url + whole}, b""))
