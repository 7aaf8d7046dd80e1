#!/usr/bin/env python3
"""The program overlord_sandbox as suites in other languages use it: program_test.py PROGRAM."""

import base64
import json
import subprocess
import sys
import urllib.error
import urllib.request

KEY = "Basic " + base64.b64encode(b"druid:pass:word").decode()
NOBODY = "127.0.0.1:1"
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Overlord:
    def __init__(self, *words):
        self.process = subprocess.Popen([sys.argv[1], *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        word, self.port = self.process.stdout.readline().split()
        assert word == "ready", word

    def ask(self, method, path, body=None, key=KEY):
        """Status and document of the answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, {"Authorization": key}, method=method)
        try:
            with OPENER.open(request, timeout=30) as answer:
                text = answer.read()
                return answer.status, json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            with error:
                return error.code, None

    def end(self):
        """Ends its standard input; the exit code."""
        self.process.stdin.close()
        return self.process.wait(timeout=30)


def main():
    overlord = Overlord("--auth", "druid:pass:word", "--capacity", "3", "--category", "blue", "--worker", NOBODY, "--threads", "2",
                        "--version", "32.0.1")
    assert overlord.ask("GET", "/status")[1]["version"] == "32.0.1"
    assert overlord.ask("GET", "/druid/indexer/v1/tasks", key="")[0] == 401
    (worker,) = overlord.ask("GET", "/druid/indexer/v1/workers")[1]
    assert (worker["worker"]["host"], worker["worker"]["capacity"], worker["worker"]["category"]) == (NOBODY, 3, "blue"), worker
    assert overlord.ask("POST", "/druid/indexer/v1/task", {"type": "noop", "id": "a"}) == (200, {"task": "a"})
    assert overlord.ask("GET", "/druid/indexer/v1/task/a/status")[1]["status"]["statusCode"] == "RUNNING"
    assert overlord.ask("POST", "/sandbox/workers/127.0.0.1:2?capacity=7")[0] == 200
    assert overlord.ask("GET", "/druid/indexer/v1/totalWorkerCapacity")[1]["currentClusterCapacity"] == 10
    assert overlord.ask("POST", "/sandbox/restart")[0] == 200
    assert overlord.ask("GET", "/druid/indexer/v1/tasks")[0] == 503, "it waits for its workers"
    for host in (NOBODY, "127.0.0.1:2"):
        assert overlord.ask("DELETE", f"/sandbox/workers/{host}")[0] == 200
    assert [task["id"] for task in overlord.ask("GET", "/druid/indexer/v1/tasks")[1]] == ["a"]
    assert overlord.ask("POST", "/sandbox/follow")[0] == 200
    assert overlord.ask("GET", "/druid/indexer/v1/tasks")[0] == 503, "nobody leads"
    assert overlord.ask("POST", "/sandbox/lead")[0] == 200
    assert overlord.ask("POST", "/sandbox/misbehave?assignTwice=true&answerAfter=1")[0] == 200
    assert overlord.ask("GET", "/druid/indexer/v1/tasks")[0] == 200
    assert overlord.ask("POST", "/sandbox/nothing")[0] == 404
    status, facts = overlord.ask("GET", "/sandbox/facts")
    assert status == 200 and facts["violations"] == [] and facts["failures"], facts
    taken = subprocess.run([sys.argv[1], "--port", overlord.port], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    assert taken.returncode == 1 and overlord.port in taken.stderr, taken
    assert overlord.end() == 0
    print("1 passed, 0 failed")


main()
