# SPDX-License-Identifier: MIT
"""A TCP proxy that can cut what goes through it, with whatever is on the way."""
import contextlib
import socket
import threading


class Proxy:
    """Forwards a port of its own to another. cut() ends its connections when data comes next."""

    def __init__(self, port, target):
        self.target = target
        self.lock = threading.Lock()
        self.connections = []
        self.cuts = 0
        self.bytes_lost = 0
        self.listener = socket.create_server(("127.0.0.1", port), backlog=64)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:  # of a peer that is gone again, or our own end
                if self.listener.fileno() < 0:
                    return
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                near.close()
                continue
            connection = Connection(near, far)
            with self.lock:
                self.connections.append(connection)
            for way in ((near, far), (far, near)):
                threading.Thread(target=self.forward, args=(connection, *way), daemon=True).start()

    def forward(self, connection, source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(16384):
                if connection.is_doomed and source is connection.near:
                    self.cuts += 1
                    self.bytes_lost += len(data)
                    break
                sink.sendall(data)
        connection.close()

    def cut(self):
        with self.lock:
            for connection in self.connections:
                connection.is_doomed = True
            self.connections.clear()

    def close(self):
        self.listener.close()
        with self.lock:
            for connection in self.connections:
                connection.close()


class Connection:
    def __init__(self, near, far):
        self.near, self.far = near, far
        self.is_doomed = False

    def close(self):
        for end in (self.near, self.far):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
