"""A small client of a Kubernetes API server: requests with JSON bodies, and watches. Knows no resource."""

import base64
import http.client
import json
import re
import ssl
import tempfile
import urllib.parse

JSON = "application/json"
PATCHES = {"json": "application/json-patch+json", "merge": "application/merge-patch+json",
           "strategic": "application/strategic-merge-patch+json"}
DEADLINE_SECONDS = 60  # of a request; a watch is as long as its timeoutSeconds, and this


class Reply:
    """What came back: `status`, `headers`, `text`, and `body`, the JSON in it (None where it is none)."""

    def __init__(self, status, headers, text):
        self.status, self.headers, self.text = status, headers, text
        try:
            self.body = json.loads(text)
        except ValueError:
            self.body = None

    def field(self, path, default=None):
        """The value at a dotted path of the body."""
        return field(self.body, path, default)


def field(document, path, default=None):
    """The value at a dotted `path` of a JSON document; a number is an index."""
    for word in path.split("."):
        if isinstance(document, list) and word.isdigit() and int(word) < len(document):
            document = document[int(word)]
        elif isinstance(document, dict) and word in document:
            document = document[word]
        else:
            return default
    return document


class Client:
    """One user of one server. Any number of threads may use it: each request has its own connection."""

    def __init__(self, kubeconfig_text):
        def entry(name):
            found = re.search(rf'"?{name}"?\s*:\s*"?([^"\s,}}]+)', kubeconfig_text)
            return found.group(1) if found else None

        self.kubeconfig = kubeconfig_text
        url = urllib.parse.urlsplit(entry("server"))
        self.host, self.port, self.prefix = url.hostname, url.port, url.path.rstrip("/")
        self.token = entry("token")
        self.context = None
        if url.scheme == "https":
            trusted = entry("certificate-authority-data")
            self.context = ssl.create_default_context(cadata=base64.b64decode(trusted).decode() if trusted else None)
            certificate, key = entry("client-certificate-data"), entry("client-key-data")
            if certificate and key:
                with tempfile.NamedTemporaryFile() as file:  # WHY: ssl reads a key from a file only
                    file.write(base64.b64decode(certificate) + base64.b64decode(key))
                    file.flush()
                    self.context.load_cert_chain(file.name)

    def open(self, method, path, body=None, headers=None, deadline=DEADLINE_SECONDS):
        """Sends a request; the response, whose body is still to be read."""
        if self.context:
            connection = http.client.HTTPSConnection(self.host, self.port, timeout=deadline, context=self.context)
        else:
            connection = http.client.HTTPConnection(self.host, self.port, timeout=deadline)
        sent = {"Accept": JSON, "Connection": "close", **(headers or {})}
        if self.token:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            sent.setdefault("Content-Type", JSON)
        try:
            connection.request(method, self.prefix + path, body=body, headers=sent)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the server refuses a large body before it has read it: the answer is there all the same
        return connection.getresponse()

    def request(self, method, path, body=None, headers=None):
        with self.open(method, path, body, headers) as response:
            return Reply(response.status, response.headers, response.read().decode(errors="replace"))

    def watch(self, path, headers=None):
        """Yields the events of a watch until the server ends it. A refusal is one event of type `HTTP` with a Reply."""
        with self.open("GET", path, headers=headers) as response:
            if response.status != 200:
                yield {"type": "HTTP", "object": Reply(response.status, response.headers, response.read().decode())}
                return
            for line in response:
                if line.strip():
                    yield json.loads(line)


def query(**parameters):
    """`?a=b&c=d`, without those that are None."""
    given = {name: value for name, value in parameters.items() if value is not None}
    return "?" + urllib.parse.urlencode(given) if given else ""
