"""The part of a kubelet that serves logs: HTTPS `/containerLogs/NAMESPACE/POD/CONTAINER`."""

import http.server
import ssl
import subprocess
import threading
import urllib.parse

# The kubelet's words for containers that wait for their image; for other reasons it gives the reason.
WAITING = {"ErrImagePull": "image can't be pulled", "ImagePullBackOff": "trying and failing to pull image"}


class LogServer:
    """Serves on a free loopback port with a certificate of its own. `find(namespace, pod)` gives a Play or None."""

    def __init__(self, folder, find):
        subprocess.run(["openssl", "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-subj", "/CN=sandbox", "-days", "2",
                        "-keyout", "node.key", "-out", "node.crt"], cwd=folder, check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "node.crt", folder / "node.key")
        handler = type("Handler", (LogHandler,), {"find": staticmethod(find)})
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class LogHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        words, asked = url.path.strip("/").split("/"), dict(urllib.parse.parse_qsl(url.query))
        play = self.find(words[1], words[2]) if words[0] == "containerLogs" and len(words) == 4 else None
        if play is None:
            self.refuse(404, "pod does not exist")
            return
        if play.started_at is None:
            why = WAITING.get(play.waiting, play.waiting)
            self.refuse(400, f'container "{words[3]}" in pod "{words[2]}" is waiting to start: {why}')
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        with play.printed:
            sent = len(play.log)
            lines, ended = list(play.log), play.ended
        if "tailLines" in asked:
            lines = lines[-int(asked["tailLines"]):] if int(asked["tailLines"]) else []
        self.send_lines(lines, asked)
        while asked.get("follow") == "true" and not ended:
            with play.printed:
                play.printed.wait_for(lambda: len(play.log) > sent or play.ended)
                lines, ended = play.log[sent:], play.ended
                sent = len(play.log)
            self.send_lines(lines, asked)
        self.wfile.write(b"0\r\n\r\n")

    def refuse(self, status, text):
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def send_lines(self, lines, asked):
        for time, line in lines:
            stamp = time.strftime("%Y-%m-%dT%H:%M:%S.%f000Z ") if asked.get("timestamps") == "true" else ""
            data = f"{stamp}{line}\n".encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def log_message(self, *_):
        pass
