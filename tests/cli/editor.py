"""An editor, as far as a language server can tell: it has one file open."""
import json
import subprocess


class Editor:
    def __init__(self, program, path):
        self.uri, self.number, self.told = path.as_uri(), 0, None
        self.server = subprocess.Popen([program, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def send(self, header=b"Content-Length: ", **message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.server.stdin.write(header + b"%d\r\n\r\n" % len(body) + body)
        self.server.stdin.flush()

    def receive(self):
        length = 0
        while (line := self.server.stdout.readline().strip()):
            length = int(line.split(b":")[1])
        return json.loads(self.server.stdout.read(length))

    def ask(self, method, **params):
        self.number += 1
        self.send(id=self.number, method=method, params=params)
        answer = self.receive()
        assert answer.get("id") == self.number, answer
        return answer.get("result", answer.get("error"))

    def about(self, method, line, character, **params):
        return self.ask(f"textDocument/{method}", textDocument={"uri": self.uri},
                        position={"line": line, "character": character}, **params)

    def initialize(self):
        capabilities = self.ask("initialize", processId=None, rootUri=None, capabilities={})["capabilities"]
        self.send(method="initialized", params={})
        return capabilities

    def end(self):
        """The exit code, once it was shut down."""
        self.ask("shutdown")
        self.send(method="exit")
        return self.server.wait(10)

    def type(self, text):
        """Opens the text, or replaces it; the diagnostics that follow."""
        if self.told is None:
            item = {"uri": self.uri, "languageId": "copse", "version": 1, "text": text}
            self.send(method="textDocument/didOpen", params={"textDocument": item})
        else:
            self.change({"text": text})
        return self.diagnostics()

    def change(self, *changes):
        """Each is a text, or a range and what stands there then."""
        self.send(method="textDocument/didChange",
                  params={"textDocument": {"uri": self.uri, "version": 1}, "contentChanges": changes})

    def diagnostics(self):
        """What is told next, as (code, line, from, to)."""
        self.told = self.receive()["params"]["diagnostics"]
        return [(one["code"], one["range"]["start"]["line"], one["range"]["start"]["character"], one["range"]["end"]["character"])
                for one in self.told]
