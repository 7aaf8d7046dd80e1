"""An HTTP server in front of another one: it passes requests on, until it is told to misbehave.

    proxy = FaultyProxy("http://127.0.0.1:8090").start()
    proxy.fail(Answer(429, "Too many requests", {"Retry-After": "1"}))   # whatever is open breaks, and this is the answer to all
    proxy.fail(reset, only=lambda method, path: method == "POST")        # what is open stays open
    proxy.heal()

Faults: `Answer(…)`, `reset` (the connection breaks), `hang` (nothing comes any more, also of what is open, until `heal`),
or any function of a handler (http.server) whose request has been read. `requests` tells each request that came.
"""

import http.client
import http.server
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import urllib.parse

sys.dont_write_bytecode = True

PIECE = 1 << 16
UPSTREAM_SECONDS = 700  # longer than a watch lasts
HOP_BY_HOP = ("connection", "keep-alive", "transfer-encoding", "content-length", "te", "upgrade", "host")


class Request:
    def __init__(self, method, path, is_refused):
        self.at, self.method, self.path, self.is_refused = time.monotonic(), method, path, is_refused


def certificate(folder, host="127.0.0.1"):
    """Makes a certificate that vouches for itself as `host`: paths of it and of its key."""
    made, key = folder / "proxy.crt", folder / "proxy.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", made, "-days", "2",
                    "-subj", f"/CN={host}", "-addext", f"subjectAltName=IP:{host}"], check=True, capture_output=True)
    return made, key


class Answer:
    """An answer that does not come from behind."""

    def __init__(self, code, text="", headers=None):
        self.code, self.text, self.headers = code, text, headers or {}

    def __call__(self, handler):
        body = self.text.encode()
        handler.send_response(self.code)
        for name, value in {**self.headers, "Content-Length": len(body)}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)


def redirect(origin):
    """As an Overlord that does not lead: 307 to the same path at `origin`."""
    return lambda handler: Answer(307, headers={"Location": origin + handler.path})(handler)


def reset(handler):
    _break(handler.connection)


def hang(handler):
    handler.server.proxy.healed.wait()
    _break(handler.connection)


def _break(connection):
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # WHY not close: the thread that reads from it is to wake up.
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # it is gone already


class FaultyProxy:
    """`upstream`: scheme://host:port, for https with `trusted` (a file). `papers`: certificate and key of its own, for https."""

    def __init__(self, upstream, trusted=None, papers=None, address=("127.0.0.1", 0)):
        self.upstream = urllib.parse.urlsplit(upstream)
        self.context = ssl.create_default_context(cafile=trusted) if trusted else None
        self.requests = []
        self.healed = threading.Event()
        self.connections = set()
        self._lock = threading.Lock()
        self._server = _Server(address, _Handler)
        self._server.proxy, self._server.papers = self, None
        if papers:
            self._server.papers = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._server.papers.load_cert_chain(*papers)
        self.url = f"{'https' if papers else 'http'}://{address[0]}:{self._server.server_address[1]}"
        self.heal()

    def start(self):
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._break_all()

    def fail(self, fault, only=None):
        """From here on `fault` happens to requests for which `only(method, path)`; without `only` to all, now open ones too."""
        with self._lock:
            self.fault, self.only = fault, only
        self.healed.clear()
        if only is None and fault is not hang:
            self._break_all()

    def heal(self):
        with self._lock:
            self.fault, self.only = None, None
        self.healed.set()

    def refused_since(self, moment):
        """When the requests came that were struck by a fault, or refused by whoever is behind."""
        return [one.at for one in self.requests if one.at >= moment and one.is_refused]

    def busiest_second(self):
        """The most requests that came within any one second."""
        times = [one.at for one in self.requests]
        return max((sum(first <= at < first + 1 for at in times) for first in times), default=0)

    def fault_of(self, method, path):
        with self._lock:
            struck = self.fault and (self.only is None or self.only(method, path))
            self.requests.append(Request(method, path, bool(struck)))
            return self.requests[-1], self.fault if struck else None

    def is_hanging(self):
        return self.fault is hang and self.only is None

    def _break_all(self):
        with self._lock:
            broken = list(self.connections)
        for connection in broken:
            _break(connection)


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request, client_address):
        pass  # the client, or `fail`, has closed the connection


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    behind = None

    def setup(self):
        proxy, papers = self.server.proxy, self.server.papers
        with proxy._lock:
            proxy.connections.add(self.request)
        if proxy.fault is reset and proxy.only is None:
            proxy.fault_of("CONNECT", "")
            _break(self.request)
        if papers:
            raw, self.request = self.request, papers.wrap_socket(self.request, server_side=True)
            with proxy._lock:
                proxy.connections.discard(raw)
                proxy.connections.add(self.request)
        super().setup()

    def finish(self):
        with self.server.proxy._lock:
            self.server.proxy.connections.discard(self.request)
        if self.behind:
            self.behind.close()
        super().finish()
        self.request.close()

    def log_message(self, *_):
        pass

    def answer(self):
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.asked, fault = self.server.proxy.fault_of(self.command, self.path)
        (fault or _pass_on)(self)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer


def _pass_on(handler):
    proxy = handler.server.proxy
    headers = {name: value for name, value in handler.headers.items() if name.lower() not in HOP_BY_HOP}
    if handler.body:
        headers["Content-Length"] = str(len(handler.body))
    if handler.behind is None:
        place = (proxy.upstream.hostname, proxy.upstream.port)
        handler.behind = (http.client.HTTPSConnection(*place, timeout=UPSTREAM_SECONDS, context=proxy.context)
                          if proxy.context else http.client.HTTPConnection(*place, timeout=UPSTREAM_SECONDS))
    try:
        handler.behind.request(handler.command, handler.path, handler.body or None, headers)
        came = handler.behind.getresponse()
    except (OSError, http.client.HTTPException):
        return reset(handler)
    handler.asked.is_refused = came.status >= 400
    handler.send_response_only(came.status, came.reason)
    for name, value in came.getheaders():
        if name.lower() not in HOP_BY_HOP:
            handler.send_header(name, value)
    length = "0" if came.status == 204 else came.getheader("Content-Length")
    handler.send_header(*(("Transfer-Encoding", "chunked") if length is None else ("Content-Length", length)))
    handler.end_headers()
    while piece := came.read1(PIECE):
        if proxy.is_hanging():
            return hang(handler)
        handler.wfile.write(piece if length is not None else b"%x\r\n%s\r\n" % (len(piece), piece))
    if length is None:
        handler.wfile.write(b"0\r\n\r\n")
