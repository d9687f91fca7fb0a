# SPDX-License-Identifier: MIT
"""What clients of a version sent, byte for byte, over TCP: taken down once, sent again for ever.

A transcript is lines of JSON: which connection (0 control, 1 ingress, 2 egress), how many bytes of the
broker it had seen on it before, and what it sent, in hex."""
import json
import select
import socket
import time

from harness import SLOW

CONNECTIONS = 3


class Taker:
    """Stands between a client and a broker, and takes down what the client sends."""

    def __init__(self, port, broker_port):
        self.lines = []
        self.listeners = [socket.create_server(("127.0.0.1", port + i)) for i in range(CONNECTIONS)]
        self.broker_port = broker_port
        self.peers = {}   # socket -> (its other end, connection, whether it is the client's)
        self.seen = {}    # connection -> bytes of the broker

    def turn(self, seconds):
        ready, _, _ = select.select(self.listeners + list(self.peers), [], [], seconds)
        for item in ready:
            if item in self.listeners:
                self.accept(self.listeners.index(item))
            elif item in self.peers:
                self.pass_on(item)

    def accept(self, connection):
        near, _ = self.listeners[connection].accept()
        far = socket.create_connection(("127.0.0.1", self.broker_port + connection))
        self.peers[near] = (far, connection, True)
        self.peers[far] = (near, connection, False)
        self.seen[connection] = 0

    def pass_on(self, item):
        other, connection, is_client = self.peers[item]
        data = item.recv(65536)
        if not data:
            for end in (item, other):
                self.peers.pop(end, None)
                end.close()
            return
        if is_client:
            self.lines.append({"connection": connection, "seen": self.seen[connection],
                               "sent": data.hex()})
        else:
            self.seen[connection] += len(data)
        other.sendall(data)


def write(path, lines):
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


class Replay:
    """A client that is only its transcript."""

    def __init__(self, port, path):
        self.lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        self.sockets = {}
        self.received = {}
        self.port = port

    def send(self):
        """All of it, each part once the broker has said on its connection what it had said then. (Texts
        of a broker may differ in length; a part that waits for the last of them waits for half.)"""
        for line in self.lines:
            connection = line["connection"]
            if connection not in self.sockets:
                self.sockets[connection] = socket.create_connection(
                    ("127.0.0.1", self.port + connection))
                self.received[connection] = b""
            self.read_until(lambda c=connection, n=line["seen"]: len(self.received[c]) >= n // 2)
            self.sockets[connection].sendall(bytes.fromhex(line["sent"]))

    def read_until(self, condition, seconds=20):
        end = time.monotonic() + seconds * SLOW
        while not condition():
            if time.monotonic() > end:
                sizes = {connection: len(data) for connection, data in self.received.items()}
                raise AssertionError(f"the broker is silent; bytes of it, by connection: {sizes}")
            ready, _, _ = select.select(list(self.sockets.values()), [], [], 0.1)
            for connection, item in self.sockets.items():
                if item in ready:
                    self.received[connection] += item.recv(65536)

    def close(self):
        for item in self.sockets.values():
            item.close()
