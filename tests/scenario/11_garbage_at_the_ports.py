# SPDX-License-Identifier: MIT
"""Garbage at each port is counted; the broker keeps its bounds; clients at work notice nothing."""
import json
import subprocess
import threading
import time

from counted import counted, counted_details, number_of
from harness import QUICK, SANITIZED, Scenario, equal, wait_until
from hostile import (GREETING, RANDOM, Peer, an_event, port_of, random_bytes, send_to_port, wire,
                     wrong_frames, zmtp_frame, zmtp_ready)

MANY = 70000 if QUICK else 100000  # above the 65,536 that the tables hold
RESIDENT_MAX = 256 * 1024 * 1024


class AtWork:
    """An emitter and a tail that go on all the while, with a type that is in use."""

    def __init__(self, scenario):
        self.tail = scenario.start_tail("deal.*")
        self.emit = scenario.start_oyez("emit", "--from", "-", "--timeout", "120000",
                                        stdin=subprocess.PIPE)
        self.sent = 0
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def work(self):
        while not self.ending.wait(0.01):
            line = json.dumps(counted(self.sent, "deal.updated"))
            self.emit.stdin.write(line.encode() + b"\n")
            self.emit.stdin.flush()
            self.sent += 1

    def end(self):
        self.ending.set()
        self.thread.join()
        self.emit.stdin.close()
        self.emit.ends_with(0, 60)
        wait_until(lambda: self.tail.line_count() >= self.sent, "the tail has what was emitted", 60)
        found = [number_of(e) for e in self.tail.events()]
        equal(found, list(range(self.sent)), "events of the clients at work")
        equal("lost" in self.tail.stderr(), False, "losses told by the tail")


def grown(scenario, before):
    after = scenario.counters()
    return {name: value - before.get(name, 0) for name, value in after.items()}


def send_raw_bytes(ports):
    for port in ports:
        for _ in range(20):
            send_to_port(port, random_bytes(65536))
            send_to_port(port, GREETING[:RANDOM.randrange(1, 64)])
            send_to_port(port, GREETING + random_bytes(4096))
            send_to_port(port, GREETING + zmtp_ready(b"PUB") + random_bytes(4096))
            send_to_port(port, GREETING + zmtp_ready(b"SUB") + zmtp_frame(b"", 1) * 100)


def send_control_garbage(scenario, endpoint):
    peer, before = Peer(endpoint), scenario.counters()
    control = peer.session.socket
    for size in (0, 1, 17, 1000, 65000):
        control.send(RANDOM.randbytes(size))
    control.send_multipart([b"two", b"frames"])
    hello = wire.control_pb2.Hello(client_id=b"short", name="n" * 1000)
    peer.ask(hello=hello)
    other = wire.control_pb2.Hello(client_id=RANDOM.randbytes(16), durable_floor=1, fast_floor=1)
    peer.ask(hello=other)
    foreign = wire.control_pb2.ToBroker(protocol_version=77)
    foreign.hello.CopyFrom(other)
    control.send(foreign.SerializeToString())

    def counted():
        now = grown(scenario, before)
        return (now["bad_control"] >= 6 and now["refused_in_use"] >= 1
                and now["wrong_version"] >= 1)
    wait_until(counted, "garbage on control is counted")
    peer.close()


def send_wrong_frames(scenario, endpoint):
    peer, before = Peer(endpoint), scenario.counters()
    frames = wrong_frames(peer.client_id)
    for wrong in frames.values():
        for frame in wrong:
            peer.send(frame)
    peer.ingress.send_multipart([b"plan.created\0", b"and more"])
    for _ in range(200):
        peer.send(random_bytes(2000))

    wait_until(lambda: grown(scenario, before)["multipart"] == 1, "all frames are counted")
    now = grown(scenario, before)
    for name, wrong in frames.items():
        least = len(wrong)
        if now[name] < least:
            raise AssertionError(f"{name}: {now[name]} counted of {least}")
    equal(peer.of_kind("accept_mark"), [], "nothing of it was accepted")
    peer.close()


def send_wrong_numbers(scenario, endpoint):
    """Batches that are well formed, with numbers that are not their turn."""
    peer, before = Peer(endpoint), scenario.counters()
    event = an_event()

    def send(seq, count, flags=0):
        peer.send(wire.write_frame("plan.created", peer.client_id, seq, flags, [event] * count))

    send(1, 3)  # taken
    send(1, 3)  # duplicate
    send(2, 5)  # half overlap
    send(9, 1)  # out of order
    send(1, 1, wire.FAST)
    send(5, 1, wire.FAST)  # three are lost
    wait_until(lambda: peer.of_kind("nack"), "the jump gets its NACK")
    equal(peer.of_kind("nack")[0].expected, 4, "the number that is asked for")
    now = grown(scenario, before)
    for name, least in (("duplicate", 1), ("half_overlap", 1), ("out_of_order", 1),
                        ("fast_lost", 3), ("nacks", 1)):
        if now[name] < least:
            raise AssertionError(f"{name}: {now[name]} counted of {least}")
    peer.close()


def send_egress_garbage(scenario, endpoint):
    peer, before = Peer(endpoint), scenario.counters()
    for _ in range(500):
        peer.egress.send(random_bytes(200))
        peer.egress.send(b"\x01" + random_bytes(200))
    peer.egress.send(b"\x01oyez.beacon.not-sixteen-hex-digits\0")
    peer.egress.send(b"\x00never subscribed")
    peer.egress.send(b"\x01" + b"z" * 2000)  # above the limit: the connection is cut
    wait_until(lambda: grown(scenario, before)["bad_subscription"] >= 1, "bad subscriptions count")
    peer.close()


def fill_the_type_table(scenario, endpoint):
    """The types in use go on; each new one that the full table refuses is named."""
    peer, before = Peer(endpoint), scenario.counters()
    event = b""
    for number in range(1, MANY + 1):
        peer.send(wire.write_frame(f"random.{number:07}-{RANDOM.getrandbits(32):08x}",
                                   peer.client_id, number, 0, [event]))
        if number % 500 == 0:
            peer.turn()

    def decided():
        marks = peer.of_kind("accept_mark")
        return marks and marks[-1].durable_through >= MANY
    wait_until(decided, "every random type is stamped or refused", 60)
    now = grown(scenario, before)
    refused = peer.of_kind("accept_mark")[-1].refused
    equal(refused, now["refused_types"], "refused events: told and counted")
    if not 0 < MANY - refused <= 65536:
        raise AssertionError(f"{refused} of {MANY} types refused")
    refusals = peer.of_kind("refusal")
    if not refusals or not refusals[0].event_type.startswith("random."):
        raise AssertionError("no refusal names its type")
    equal({r.reason for r in refusals}, {wire.control_pb2.REFUSAL_REASON_TYPES}, "reasons")
    peer.close()


def fill_the_emitter_table(scenario, endpoint):
    """Hellos of ever new ids: the idle entries go, the live ones stay."""
    peer = Peer(endpoint)
    socket = peer.session.socket
    before = scenario.counters()
    goodbye = wire.control_pb2.ToBroker(protocol_version=1, goodbye={}).SerializeToString()
    welcomed = 0

    def read_answers():
        nonlocal welcomed
        while socket.poll(0):
            answer = wire.control_pb2.FromBroker.FromString(socket.recv())
            welcomed += answer.WhichOneof("body") == "welcome"
        return welcomed

    for number in range(1, MANY + 1):
        socket.send(goodbye)
        hello = wire.control_pb2.Hello(client_id=number.to_bytes(16, "big"), durable_floor=1,
                                       fast_floor=1)
        message = wire.control_pb2.ToBroker(protocol_version=1, hello=hello)
        socket.send(message.SerializeToString())
        if number % 100 == 0:
            wait_until(lambda: read_answers() >= number, "welcomes")
    now = grown(scenario, before)
    equal(now["hellos"] >= MANY, True, "hellos are counted")
    equal(scenario.counters()["emitters"] <= 65536, True, "the table keeps its bound")
    equal(now["emitters_evicted"] > 0, True, "idle emitters went")
    peer.close()


with Scenario() as s:
    broker = s.start_broker()
    first_port = port_of(s.endpoint)
    welcome = Peer(s.endpoint)
    ports = [first_port] + [port_of(e) for e in wire.reach(s.endpoint, welcome.session.welcome)]
    welcome.close()
    at_work = AtWork(s)
    wait_until(lambda: at_work.tail.line_count() > 0, "the clients are at work")

    send_raw_bytes(ports)
    for attack in (send_control_garbage, send_wrong_frames, send_wrong_numbers,
                   send_egress_garbage, fill_the_type_table, fill_the_emitter_table):
        started = time.monotonic()
        attack(s, s.endpoint)
        print(f"{attack.__name__}: {time.monotonic() - started:.1f} s, broker "
              f"{broker.resident_bytes() >> 20} MiB")
        assert broker.is_running(), f"the broker did not live through {attack.__name__}"
    at_work.end()
    if not SANITIZED and broker.resident_bytes() > RESIDENT_MAX:
        raise AssertionError(f"the broker holds {broker.resident_bytes() >> 20} MiB")
    s.emit("deal.updated", counted_details("still here", "deal.updated"))
