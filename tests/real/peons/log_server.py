"""The part of a kubelet that serves logs: HTTPS GET /containerLogs/NAMESPACE/POD/CONTAINER, which the API server asks."""

import http.server
import select
import socket
import ssl
import subprocess
import threading
import time
import urllib.parse

from container_log import NANOSECONDS, parse_timestamp


class Refusal(Exception):
    """There is no log: an HTTP status, and the kubelet's words."""

    def __init__(self, status, text):
        super().__init__(text)
        self.status, self.text = status, text


def certificate(folder):
    """A key and a certificate for it in `folder`; the API server does not check it."""
    file = folder / "node.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=node", "-days", "2",
                    "-keyout", file, "-out", folder / "node.crt"], check=True, stdin=subprocess.DEVNULL, capture_output=True)
    with open(file, "ab") as both:
        both.write((folder / "node.crt").read_bytes())
    return file


class LogServer(http.server.ThreadingHTTPServer):
    """Listens on `address`. `find(namespace, pod, container)` gives a ContainerLog or raises Refusal."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address, pem, find):
        self.find = find
        super().__init__(address, _Request)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        # WHY: else one client that never says a word would keep all others out.
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # a client that went away

    def close(self):
        self.shutdown()
        self.server_close()


class _Request(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        parts = [urllib.parse.unquote(part) for part in url.path.split("/")[1:]]
        query = dict(urllib.parse.parse_qsl(url.query))
        try:
            if len(parts) != 4 or parts[0] != "containerLogs":
                raise Refusal(404, "404 page not found")
            wishes = _wishes(query)
            log = self.server.find(*parts[1:])
            if query.get("previous") == "true":
                raise Refusal(400, f'previous terminated container "{parts[3]}" in pod "{parts[2]}" not found')
        except Refusal as refusal:
            return self._answer(refusal.status, refusal.text.encode())
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        for data in log.read(goes_on=self._is_listened_to, **wishes):
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")

    def _answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        self.wfile.write(body)

    def _is_listened_to(self):
        readable, _, _ = select.select([self.connection], [], [], 0)
        if not readable:
            return True
        try:
            self.connection.settimeout(0.1)
            return self.connection.recv(1) != b""
        except (TimeoutError, ssl.SSLWantReadError, socket.timeout):
            return True
        except OSError:
            return False
        finally:
            self.connection.settimeout(None)


def _wishes(query):
    """What ContainerLog.read is called with."""
    try:
        number = lambda key: int(query[key]) if key in query else None
        since = parse_timestamp(query["sinceTime"]) if "sinceTime" in query else None
        if "sinceSeconds" in query:
            since = time.time_ns() - int(query["sinceSeconds"]) * NANOSECONDS
        return {"follow": query.get("follow") == "true", "timestamps": query.get("timestamps") == "true",
                "tail_lines": number("tailLines"), "limit_bytes": number("limitBytes"), "since_ns": since}
    except ValueError as error:
        raise Refusal(400, f"invalid query: {error}") from None
