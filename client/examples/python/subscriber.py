#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Prints the domain events that match, one JSON object a line, as `oyez tail --json` does.

    subscriber.py [--endpoint E] [--timeout S] [--count N] [PATTERN ...]

PATTERN is an event type (plan.created), a prefix with a star at its end (plan.*) or * (the
default). Losses and restarts of the broker are told on stderr. Exit: 0 after --count events or
an interrupt, 2 usage, 3 no broker within the timeout, 4 refused. What it needs: see oyez_wire.py.
"""
import argparse
import json
import os
import sys
import time

import zmq

import oyez_wire as wire


def say(text):
    print(f"subscriber.py: {text}", file=sys.stderr, flush=True)


def topic_of(pattern):
    """The ZeroMQ subscription of a pattern."""
    if pattern.endswith("*"):
        prefix = pattern[:-1]
        if prefix == "" or wire.TYPE_NAME.fullmatch(prefix.encode()):
            return prefix.encode()
    elif wire.TYPE_NAME.fullmatch(pattern.encode()):
        return pattern.encode() + b"\0"
    raise ValueError(f"{pattern}: an event type, a prefix with * at its end, or *")


class Subscriber:
    def __init__(self, endpoint, patterns):
        self.context = zmq.Context()
        self.session = wire.Session(self.context, endpoint, "subscriber.py")
        self.topics = [topic_of(p) for p in patterns]
        self.egress, self.egress_endpoint = None, None
        self.nonce = None  # topic of the beacon that is waited for
        self.listening = False
        self.epoch = 0
        self.heads = {}  # event type -> last type sequence
        self.heads_known = False  # a type without a head begins at 1
        self.heartbeat = None  # number of the last one

    def connect(self, endpoint):
        if endpoint == self.egress_endpoint:
            return
        if self.egress is not None:
            self.egress.close(0)
        self.egress = wire.open_socket(self.context, zmq.SUB, wire.FRAME_SIZE_MAX, SNDHWM=0,
                                       RCVHWM=10000)  # room for a burst
        self.egress_endpoint = endpoint
        self.egress.connect(endpoint)
        for topic in [*self.topics, b"oyez.heartbeat\0"]:
            self.egress.setsockopt(zmq.SUBSCRIBE, topic)
        self.ask_for_beacon()

    def ask_for_beacon(self):
        """Subscribed last on the same socket: its answer proves the subscriptions before it."""
        self.drop_nonce()
        self.nonce = b"oyez.beacon." + os.urandom(8).hex().encode() + b"\0"
        self.egress.setsockopt(zmq.SUBSCRIBE, self.nonce)

    def drop_nonce(self):
        if self.nonce:
            self.egress.setsockopt(zmq.UNSUBSCRIBE, self.nonce)
            self.nonce = None

    def is_ours(self, event_type):
        name = event_type.encode() + b"\0"
        return not event_type.startswith("oyez.") and any(name.startswith(t) for t in self.topics)

    def note_head(self, event_type, head):
        """Everything of the type up to `head` came before this on the same connection."""
        last = self.heads.get(event_type, 0 if self.heads_known else None)
        if last is not None and head > last and self.is_ours(event_type):
            say(f"lost {event_type} {last + 1} to {head}")
        self.heads[event_type] = max(head, last or 0)

    def read_server_event(self, batch):
        event = wire.event_pb2.Event.FromString(batch.events[0])
        if batch.event_type == "oyez.heartbeat":
            told = wire.control_pb2.Heartbeat.FromString(event.details)
            complete = told.heads_complete and self.heartbeat in (None, batch.type_seq - 1)
            self.heartbeat = batch.type_seq
            if self.listening and not complete and not self.nonce:
                self.ask_for_beacon()
        elif self.nonce and batch.event_type.encode() + b"\0" == self.nonce:
            told = wire.control_pb2.Beacon.FromString(event.details)
            self.drop_nonce()
        else:
            return
        for head in told.heads:
            self.note_head(head.event_type, head.type_seq)
        if batch.event_type != "oyez.heartbeat":
            self.heads_known = self.heads_known or told.heads_complete
            if not self.listening:
                self.listening = True
                say(f"listening on {self.session.endpoint}")

    def follow_epoch(self, epoch):
        """False for what an older epoch left behind."""
        if epoch > self.epoch:
            if self.epoch:
                say(f"the broker restarted: epoch {epoch}; events after the last one may be lost")
                # It was subscribed before this epoch's first event, so each type begins at 1.
                self.heads, self.heads_known, self.heartbeat = {}, True, 0
            self.epoch = epoch
        return epoch == self.epoch

    def read(self):
        """The matching events that are there."""
        for kind, body in self.session.read():
            if kind == "welcome":
                self.connect(wire.reach(self.session.endpoint, body)[1])
            elif kind == "refusal":
                raise wire.Refused(body.text)
        while self.egress is not None and self.egress.poll(0):
            try:
                frame = self.egress.recv()
                if frame.startswith(b"replay."):  # shown by name alone; not in this example
                    continue
                batch = wire.read_frame(frame)
                if not self.follow_epoch(batch.epoch):
                    continue
                if batch.event_type.startswith("oyez."):
                    self.read_server_event(batch)
                    continue
                events = [wire.event_to_json(batch, i) for i in range(len(batch.events))]
            except Exception as error:  # whatever a peer sent: tell, drop, go on
                say(f"malformed: {error}")
                continue
            if batch.type_seq > 1:
                self.note_head(batch.event_type, batch.type_seq - 1)
            self.heads[batch.event_type] = batch.type_seq + len(events) - 1
            yield from events

    def turn(self, wait_ms):
        """One turn of the loop. Returns the matching events that came."""
        self.session.tick(1)
        poller = zmq.Poller()
        for socket in filter(None, (self.session.socket, self.egress)):
            poller.register(socket, zmq.POLLIN)
        poller.poll(self.session.wait_ms(wait_ms))
        return list(self.read())

    def run(self, count, timeout):
        give_up = time.monotonic() + timeout
        while True:
            for event in self.turn(100):
                print(json.dumps(event, ensure_ascii=False, separators=(",", ":")), flush=True)
                count -= 1
                if count == 0:
                    return 0
            if not self.listening and time.monotonic() > give_up:
                say(f"no broker answers at {self.session.endpoint} within {timeout:g} s")
                return 3

    def close(self):
        self.session.close()
        if self.egress is not None:
            self.egress.close(0)
        self.context.term()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--endpoint",
                        default=os.environ.get("OYEZ_ENDPOINT", wire.DEFAULT_ENDPOINT))
    parser.add_argument("--timeout", type=float, default=5.0, help="seconds to find the broker")
    parser.add_argument("--count", type=int, default=0, help="end after so many; 0 = never")
    parser.add_argument("patterns", nargs="*", default=["*"], metavar="PATTERN")
    arguments = parser.parse_args()
    try:
        subscriber = Subscriber(arguments.endpoint, arguments.patterns)
    except ValueError as error:
        say(error)
        return 2
    try:
        return subscriber.run(arguments.count, arguments.timeout)
    except KeyboardInterrupt:
        return 0
    except (wire.Refused, wire.Malformed) as error:
        say(error)
        return 4
    finally:
        subscriber.close()


if __name__ == "__main__":
    sys.exit(main())
