# SPDX-License-Identifier: MIT
"""The same caller's event id from a second process and after a restart, and the same emitter number
sent again: recorded once, and the receipt says duplicate. Another content under the id is told."""
import sys

from counted import counted_details, number_of
from harness import PYTHON_CLIENT, SLOW, Scenario, equal, free_port, wait_until
from record import CONFLICT, EVENTS, REPEATS, flags, query, receipt, records, start_server, verify

sys.path.insert(0, str(PYTHON_CLIENT))
import oyez_wire as wire  # noqa: E402  the path stands above
import zmq  # noqa: E402

EVENT_ID = "019a0000-1111-7222-8333-444444444444"


def emit_with_id(s, number):
    return receipt(s.emit("tool.invoked", counted_details(number), "--event-id", EVENT_ID,
                          "--level", "recorded", "--json"))


class Emitter:
    """An emitter whose every frame is ours to choose."""

    def __init__(self, endpoint, client_id, floor):
        self.context = zmq.Context()
        self.session = wire.Session(self.context, endpoint, "emitter of 53")
        self.session.client_id = client_id
        self.floor = floor
        self.receipted = 0
        self.wait_for(lambda: self.session.welcome, "a welcome")
        ingress, _ = wire.reach(endpoint, self.session.welcome)
        self.socket = self.context.socket(zmq.XPUB)
        self.socket.setsockopt(zmq.LINGER, 2000)
        self.socket.connect(ingress)
        equal(self.socket.poll(int(20000 * SLOW)), zmq.POLLIN, "the broker's subscription")

    def turn(self):
        self.session.tick(self.floor)
        for kind, body in self.session.read():
            if kind == "receipt":
                self.receipted = max(self.receipted, body.durable_through)
        return True

    def wait_for(self, condition, what):
        wait_until(lambda: self.turn() and condition(), what)

    def send(self, frame, number):
        self.socket.send(frame)
        self.wait_for(lambda: self.receipted >= number, f"the receipt of number {number}")

    def close(self):
        self.session.close()
        self.context.destroy(linger=500)


def caller_gives_the_id(s, data, listen):
    server = start_server(s, data, listen)
    first = emit_with_id(s, 1)
    equal((first["duplicate"], first["index"]), (False, 1), "the first, behind its catalog")
    again = emit_with_id(s, 1)
    equal((again["duplicate"], again["index"]), (True, 1), "the same from a second process")
    equal(server.stop(), 0, "exit status of the server")

    start_server(s, data, listen)
    after = emit_with_id(s, 1)
    equal((after["duplicate"], after["index"]), (True, 1), "the same after a restart")
    equal([number_of(e) for e in query(s, "--where", f"event_id={EVENT_ID}")], [1],
          "recorded once")
    other = emit_with_id(s, 2)
    equal(other["duplicate"], False, "another content is no duplicate")
    kept = [r for r in records(data) if r.kind in EVENTS and flags(r) & CONFLICT]
    equal(len(kept), 1, "it is kept, and flagged")
    found = s.oyez("get", EVENT_ID, "--json").events()
    equal([number_of(e) for e in found], [1], "the id stands for the first")


def emitter_repeats_itself(s, data, listen):
    """In another epoch the broker cannot know what the emitter sent before."""
    client_id = wire.new_uuid()
    event_type, event, _ = wire.event_from_json({"event_type": "session.created", "details": {}})
    frame = wire.write_frame(event_type, client_id, 1, 0, [event])
    emitter = Emitter(s.endpoint, client_id, 1)
    emitter.send(frame, 1)
    before = len([r for r in records(data) if r.kind in REPEATS])
    s.broker.kill()  # its receipt might have been lost on the way
    emitter.close()

    start_server(s, data, listen)
    emitter = Emitter(s.endpoint, client_id, 1)
    emitter.send(wire.mark_resent(frame), 1)
    emitter.close()
    equal(len(query(s, "session.created")), 1, "the same number again: recorded once")
    equal(len([r for r in records(data) if r.kind in REPEATS]), before + 1, "and once as a repeat")


with Scenario() as s:
    data = s.directory / "data"
    listen = f"tcp://127.0.0.1:{free_port()}"
    caller_gives_the_id(s, data, listen)
    emitter_repeats_itself(s, data, listen)
    verdict = verify(s, data)
    equal("2 events, 3 repeats" in verdict.stdout() or "3 events, 3 repeats" in verdict.stdout(),
          True, verdict.stdout())
