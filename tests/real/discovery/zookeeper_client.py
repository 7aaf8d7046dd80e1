"""A client of ZooKeeper's wire protocol (ZooKeeper 3.4 and later), as far as the suite reads and meddles with it.

One connection is one session; requests are answered in order. It sends no heartbeats: what is kept open longer than the
session (30 s) is gone.
"""

import collections
import contextlib
import socket
import struct

CREATE, DELETE, EXISTS, GET_DATA, GET_ACL, GET_CHILDREN, AUTH, CLOSE = 1, 2, 3, 4, 6, 8, 100, -11
AUTH_XID = -4
NO_NODE, NODE_EXISTS, NO_AUTH = -101, -110, -102
EPHEMERAL = 1
SESSION_MS = 30_000

Znode = collections.namedtuple("Znode", "owner created data")
Acl = collections.namedtuple("Acl", "permissions scheme id")
OPEN = [Acl(31, "world", "anyone")]


class ZooKeeperError(Exception):
    def __init__(self, what, code):
        super().__init__(f"{what}: {code}")
        self.code = code


class _Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, layout):
        values = struct.unpack_from(">" + layout, self.data, self.at)
        self.at += struct.calcsize(">" + layout)
        return values if len(values) > 1 else values[0]

    def buffer(self):
        length = max(self.take("i"), 0)
        self.at += length
        return self.data[self.at - length:self.at]

    def text(self):
        return self.buffer().decode()


def _buffer(data):
    data = data.encode() if isinstance(data, str) else data
    return struct.pack(">i", len(data)) + data


class ZooKeeperClient:
    """`with ZooKeeperClient(address) as client:`; `user` as `name:password` speaks with that digest."""

    def __init__(self, address, user=None):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=10)
        self.xid = 0
        self._send(struct.pack(">iqiq", 0, 0, SESSION_MS, 0) + _buffer(bytes(16)))
        self.session = _Reader(self._receive()).take("iiq")[2]
        if user:
            self._send(struct.pack(">iii", AUTH_XID, AUTH, 0) + _buffer("digest") + _buffer(user))
            self._receive()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self._ask("close", CLOSE, b"")
        self.socket.close()

    def create(self, path, data=b"", flags=0):
        """A node open to all; its parents exist."""
        acl = struct.pack(">i", len(OPEN)) + b"".join(
            struct.pack(">i", entry.permissions) + _buffer(entry.scheme) + _buffer(entry.id) for entry in OPEN)
        self._ask(path, CREATE, _buffer(path) + _buffer(data) + acl + struct.pack(">i", flags))

    def create_all(self, path):
        """`path` and its parents, where they are missing."""
        for end in [at for at, letter in enumerate(path) if letter == "/" and at] + [len(path)]:
            with contextlib.suppress(ZooKeeperError):
                self.create(path[:end])

    def delete(self, path):
        self._ask(path, DELETE, _buffer(path) + struct.pack(">i", -1))

    def get(self, path):
        """The Znode, or None."""
        try:
            answer = self._ask(path, GET_DATA, _buffer(path) + b"\0")
        except ZooKeeperError as error:
            if error.code == NO_NODE:
                return None
            raise
        data = answer.buffer()
        created, _, _, _, _, _, _, owner = answer.take("qqqqiiiq")
        return Znode(owner, created, data)

    def children(self, path):
        answer = self._ask(path, GET_CHILDREN, _buffer(path) + b"\0")
        return [answer.text() for _ in range(answer.take("i"))]

    def acl(self, path):
        answer = self._ask(path, GET_ACL, _buffer(path))
        return [Acl(answer.take("i"), answer.text(), answer.text()) for _ in range(answer.take("i"))]

    def _ask(self, what, kind, payload):
        self.xid += 1
        self._send(struct.pack(">ii", self.xid, kind) + payload)
        answer = _Reader(self._receive())
        xid, _, error = answer.take("iqi")
        assert xid == self.xid, f"answer {xid} to request {self.xid}"
        if error:
            raise ZooKeeperError(what, error)
        return answer

    def _send(self, payload):
        self.socket.sendall(struct.pack(">i", len(payload)) + payload)

    def _receive(self):
        return self._exactly(struct.unpack(">i", self._exactly(4))[0])

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            if not (part := self.socket.recv(count - len(data))):
                raise ConnectionError("ZooKeeper has closed the connection")
            data += part
        return data
