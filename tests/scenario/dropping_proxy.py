# SPDX-License-Identifier: MIT
"""A proxy before a broker's three ports that can drop what the broker publishes, by its topic."""
import collections
import contextlib
import struct

from harness import free_port
from proxy import Proxy

GREETING = 64  # bytes of ZMTP 3.x before the first frame
LONG, COMMAND = 2, 4  # flags of a frame


class Reader:
    def __init__(self, source):
        self.file = source.makefile("rb")

    def exactly(self, size):
        data = self.file.read(size)
        if len(data) < size:
            raise OSError("the connection is over")
        return data

    def frame(self):
        """Flags, the bytes as they came, and the body."""
        flags = self.exactly(1)
        size = self.exactly(8 if flags[0] & LONG else 1)
        length = struct.unpack(">Q", size)[0] if flags[0] & LONG else size[0]
        body = self.exactly(length)
        return flags[0], flags + size + body, body


class DroppingProxy(Proxy):
    def __init__(self, port, target):
        self.dropped = []  # topics
        self.passed = collections.Counter()  # topics
        self.unwanted = []
        super().__init__(port, target)

    def drop(self, topic, count=1):
        """The next so many events of exactly this topic do not come through."""
        self.unwanted += [topic.encode() + b"\0"] * count

    def forward(self, connection, source, sink):
        if source is connection.near:
            super().forward(connection, source, sink)
            return
        with contextlib.suppress(OSError):
            left = GREETING
            while left > 0:  # as it comes: each side waits for the other's first bytes
                data = source.recv(left)
                if not data:
                    raise OSError("the connection is over")
                sink.sendall(data)
                left -= len(data)
            reader = Reader(source)
            while True:
                flags, data, body = reader.frame()
                topic = body[:body.find(b"\0") + 1]
                if not flags & COMMAND and topic in self.unwanted:
                    self.unwanted.remove(topic)
                    self.dropped.append(topic[:-1].decode())
                else:
                    sink.sendall(data)
                    self.passed[topic[:-1].decode(errors="replace")] += 1
        connection.close()


class Way:
    """The three ports of a broker once more, with what it publishes in our hands."""

    def __init__(self, endpoint):
        port = int(endpoint.rsplit(":", 1)[1])
        near = free_port()
        self.endpoint = f"tcp://127.0.0.1:{near}"
        self.proxies = [Proxy(near, port), Proxy(near + 1, port + 1)]
        self.egress = DroppingProxy(near + 2, port + 2)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for proxy in (*self.proxies, self.egress):
            proxy.close()
