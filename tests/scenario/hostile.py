# SPDX-License-Identifier: MIT
"""Peers that keep to no rule, for the scenarios: raw TCP, raw ZMTP, and frames that are wrong."""
import contextlib
import os
import random
import socket
import struct
import sys
import time

from harness import PYTHON_CLIENT, wait_until

sys.path.insert(0, str(PYTHON_CLIENT))
import oyez_wire as wire  # noqa: E402  the path stands above
import zmq  # noqa: E402

RANDOM = random.Random(20261120)
GREETING = b"\xff" + 8 * b"\0" + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + 32 * b"\0"


def port_of(endpoint):
    return int(endpoint.rsplit(":", 1)[1])


def send_to_port(port, data):
    """Connects, sends, reads whatever comes until the other side has had time to hang up."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as peer:
        peer.settimeout(0.05)
        peer.sendall(data)
        peer.recv(4096)


def zmtp_frame(body, flags=0):
    if len(body) < 256:
        return bytes((flags, len(body))) + body
    return bytes((flags | 2,)) + struct.pack(">Q", len(body)) + body


def zmtp_ready(socket_type):
    return zmtp_frame(b"\x05READY\x0bSocket-Type" + struct.pack(">I", len(socket_type))
                      + socket_type, flags=4)


class RawDealer:
    """A DEALER of one file descriptor, so that many fit into a process. It speaks ZMTP 2.0, which
    knows no heartbeats: these alone take libzmq 4.3.4 a whole core at 14,000 connections. The
    broker cuts it off after 10 seconds, its handshake limit."""

    DEALER = 5

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 30)
        self.received = b""
        self.socket.sendall(GREETING[:10] + bytes((1, self.DEALER)) + zmtp_frame(b""))
        self.read_exactly(12)
        self.read_frame()

    def send(self, body):
        self.socket.sendall(zmtp_frame(body))

    def read_exactly(self, size):
        while len(self.received) < size:
            data = self.socket.recv(65536)
            if not data:
                raise ConnectionError("the broker hung up")
            self.received += data
        taken, self.received = self.received[:size], self.received[size:]
        return taken

    def read_frame(self):
        flags, size = self.read_exactly(2)
        if flags & 2:
            size = struct.unpack(">Q", bytes((size,)) + self.read_exactly(7))[0]
        return self.read_exactly(size)

    receive = read_frame

    def close(self):
        self.socket.close()


class Peer:
    """A client that said hello properly and may then do anything."""

    def __init__(self, endpoint, client_id=None):
        self.context = zmq.Context()
        self.session = wire.Session(self.context, endpoint, "hostile")
        self.session.client_id = client_id or self.session.client_id
        self.answers = []  # (kind, body), all that came

        def welcomed():
            self.turn()
            return self.session.welcome
        wait_until(welcomed, "a welcome for the hostile peer")
        ingress, egress = wire.reach(endpoint, self.session.welcome)
        self.ingress = wire.open_socket(self.context, zmq.XPUB, 512, XPUB_NODROP=1, IMMEDIATE=1)
        self.ingress.connect(ingress)
        self.egress = wire.open_socket(self.context, zmq.XSUB, wire.FRAME_SIZE_MAX, SNDHWM=0,
                                       RCVHWM=10)
        self.egress.connect(egress)
        wait_until(lambda: self.ingress.poll(10), "the broker's subscription")
        self.ingress.recv()

    @property
    def client_id(self):
        return self.session.client_id

    def turn(self):
        self.session.tick(1)
        self.answers += self.session.read()

    def send(self, frame, **options):
        """A frame on ingress, however long it takes."""
        while True:
            try:
                return self.ingress.send(frame, zmq.DONTWAIT, **options)
            except zmq.Again:
                self.turn()
                time.sleep(0.001)

    def ask(self, **body):
        self.session.send(**body)

    def of_kind(self, kind):
        self.turn()
        return [body for found, body in self.answers if found == kind]

    def close(self):
        self.session.close()
        self.ingress.close(0)
        self.egress.close(0)
        self.context.term()


def random_bytes(largest):
    return RANDOM.randbytes(RANDOM.randrange(1, largest))


def an_event(event_type="plan.created"):
    return wire.event_from_json({"event_type": event_type})[1]


def wrong_frames(own_id):
    """Counter -> frames that it must count. `own_id` has said hello and emitted nothing."""
    event = an_event()
    other_id = os.urandom(16)

    def frame(event_type="plan.created", emitter_id=own_id, seq=1, flags=0, events=(event,)):
        return wire.write_frame(event_type, emitter_id, seq, flags, events)

    good = frame()
    body = good.index(b"\0") + 1

    def patched(offset, data):
        return good[:body + offset] + data + good[body + offset + len(data):]

    return {
        "no_nul": [b"plan.created", b"x" * 300 + good, b"\xff" * 1000],
        "bad_type": [b"plan created" + good[body - 1:], b"caf\xc3\xa9" + good[body - 1:],
                     good[body - 1:], b"x" * 200 + b"/" + good[body - 1:]][:3],
        "bad_stamp": [good[:body + 20], patched(0, b"\x11"), patched(46, b"\x40"),
                      b"plan.created\0" + random_bytes(3000), b"plan.created\0"],
        "bad_emitter": [good[:body + 60], patched(50, b"\x3a\x0f"), good[:body + 50]],
        "repeated": [good + b"\x11" + struct.pack("<Q", 7), good + b"\x3a\x10" + other_id,
                     good + b"\x09" + 8 * b"\xff"],
        "unknown_field": [good + b"\x4a\x01x", good + b"\x50\x01"],
        "truncated": [good[:-1], good + b"\x42", good + b"\x42\x81\x80\x80\x80\x01",
                      good + b"\x42\x80\x00"],
        "too_many": [frame(events=[b""] * 4097)],
        "forged_stamp": [patched(1, b"\x01"), patched(10, b"\x09"), patched(19, b"\x01"),
                         patched(28, b"\x01")],
        "reserved_type": [frame("oyez.heartbeat"), frame("oyez.beacon.0123456789abcdef"),
                          frame("oyez.sync"), frame("oyez.gap")],
        "no_events": [frame(events=())],
        "no_hello": [frame(emitter_id=other_id), frame("oyez.sync", other_id, 9, 0, ())],
        "bad_number": [frame(seq=0), frame(seq=2**64 - 1, events=[event] * 3)],
    }
