#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Emits domain events on the durable lane and ends when all are safe: stamped by the broker, or
recorded where the broker expects a recorder.

    emitter.py [--endpoint E] [--timeout S] TYPE [DETAILS] [--field NAME=VALUE ...]
    emitter.py [--endpoint E] [--timeout S]             one JSON object a line from stdin

Exit: 0 all accepted, 2 usage or a bad line (nothing after it is read), 3 unreachable or timed
out, 4 refused. What it needs: see oyez_wire.py.
"""
import argparse
import collections
import json
import os
import sys
import time

import zmq

import oyez_wire as wire

WINDOW_EVENTS = 1000  # unaccepted events it holds before it stops reading more


class Emitter:
    def __init__(self, endpoint):
        self.context = zmq.Context()
        self.session = wire.Session(self.context, endpoint, "emitter.py")
        self.ingress, self.ingress_endpoint = None, None
        self.subscribed = False  # the broker's subscription is here: what is sent arrives
        self.window = collections.OrderedDict()  # number -> frame, until safe
        self.accepted = 0  # the broker has stamped everything up to this number
        self.accept_is_enough = True  # False: there is a recorder, and its receipt counts
        self.next_number = 1  # gives out
        self.next_to_send = 1
        self.highest_sent = 0
        self.refused = []  # what the broker said of them
        self.refused_numbers = set()
        self.quiet_since = time.monotonic()
        self.sync_after = wire.SYNC_S
        self.ask_now = False

    @property
    def floor(self):
        return next(iter(self.window), self.next_number)

    def emit(self, fields):
        event_type, event, id_given = wire.event_from_json(fields)
        flags = wire.LOOK_UP if id_given else 0
        self.keep(event_type, flags, event)

    def keep(self, event_type, flags, event):
        self.window[self.next_number] = wire.write_frame(
            event_type, self.session.client_id, self.next_number, flags, [event])
        self.next_number += 1

    def connect_ingress(self, welcome):
        endpoint, _ = wire.reach(self.session.endpoint, welcome)
        if endpoint == self.ingress_endpoint:
            return  # it reconnects by itself
        if self.ingress is not None:
            self.ingress.close(0)
        self.ingress_endpoint = endpoint
        self.ingress = wire.open_socket(self.context, zmq.XPUB, 512, XPUB_NODROP=1, IMMEDIATE=1)
        self.ingress.connect(endpoint)
        self.subscribed = False

    def accept(self, through):
        if through > self.accepted:
            self.accepted, self.sync_after = through, wire.SYNC_S
        self.quiet_since = time.monotonic()
        if self.accept_is_enough:
            self.release(through)

    def release(self, through):
        while self.window and self.floor <= through:
            self.window.popitem(last=False)

    def take_receipt(self, receipt):
        """What was lost before the recorder goes out again under new numbers, with its ids."""
        for lost in receipt.lost:
            for number in range(max(lost.first, self.floor), lost.last + 1):
                frame = self.window.pop(number, None)
                if frame is not None and number not in self.refused_numbers:
                    batch = wire.read_frame(frame)
                    self.keep(batch.event_type, batch.flags | wire.RESENT, batch.events[0])
        self.release(receipt.durable_through)

    def handle(self, kind, body):
        if kind == "welcome":
            if not self.floor <= body.durable_expected <= self.next_number:
                raise wire.Refused("the broker expects a number this program never gave out")
            self.accept_is_enough = not body.recorder_expected
            self.accepted = 0  # in this epoch so far
            self.accept(body.durable_expected - 1)
            self.next_to_send = body.durable_expected
            self.connect_ingress(body)
        elif kind == "accept_mark":
            self.accept(body.durable_through)
        elif kind == "receipt":
            self.take_receipt(body)
        elif kind == "nack":
            if body.expected < self.floor:
                self.session.say_hello_again()
            elif body.expected <= self.next_number:
                self.next_to_send = body.expected
        elif kind == "refusal":
            if not body.event_type:
                raise wire.Refused(body.text)
            self.refused.append(body.text)
            self.refused_numbers.update(range(body.emitter_seq, body.emitter_seq + body.count))

    def read(self):
        for kind, body in self.session.read():
            self.handle(kind, body)
        while self.ingress is not None and self.ingress.poll(0):
            self.subscribed = self.ingress.recv()[:1] == b"\x01"
            self.ask_now = self.subscribed  # what was on the way may be lost
            self.sync_after = wire.SYNC_S

    def send(self):
        """Sends what waits, then asks with a sync batch when nothing was heard for a while."""
        if not self.session.welcome or not self.subscribed:
            return
        try:
            while self.next_to_send in self.window:
                frame = self.window[self.next_to_send]
                if self.next_to_send <= self.highest_sent:
                    frame = wire.mark_resent(frame)
                self.ingress.send(frame, zmq.DONTWAIT)
                self.highest_sent = max(self.highest_sent, self.next_to_send)
                self.next_to_send += 1
                self.quiet_since = time.monotonic()
            silent = time.monotonic() - self.quiet_since > self.sync_after
            if self.accepted + 1 < self.next_number and (silent or self.ask_now):
                self.ingress.send(wire.write_frame("oyez.sync", self.session.client_id,
                                                   self.next_to_send, 0, []), zmq.DONTWAIT)
                self.quiet_since = time.monotonic()
                if silent:
                    self.sync_after = min(2 * self.sync_after, wire.SYNC_S_MAX)
            self.ask_now = False
        except zmq.Again:
            pass  # the queue is full: back-pressure, the next turn goes on

    def turn(self, wait_ms, also=None):
        """One turn of the loop. Returns whether `also`, a file descriptor, can be read."""
        self.session.tick(self.floor)
        self.send()
        poller = zmq.Poller()
        for source in (self.session.socket, self.ingress, also):
            if source is not None:
                poller.register(source, zmq.POLLIN)
        ready = dict(poller.poll(self.session.wait_ms(wait_ms)))
        self.read()
        return also in ready

    def close(self):
        self.session.close()
        if self.ingress is not None:
            self.ingress.close(0)
        self.context.term()


def lines_of_stdin(emitter, deadline):
    """Lines as they come. While it waits, and while the window is full, the bus goes on."""
    rest, more = b"", True
    while more:
        full = len(emitter.window) >= WINDOW_EVENTS
        if full:
            deadline.check(emitter)
        if not emitter.turn(50, also=None if full else sys.stdin.fileno()):
            continue
        data = os.read(sys.stdin.fileno(), 65536)
        more = bool(data)
        *lines, rest = (rest + data).split(b"\n")
        if len(rest) > 2 * wire.FRAME_SIZE_MAX:
            raise ValueError("a line too long for an event")
        yield from lines
    yield rest


class Deadline:
    """Ends the program when nothing became safe for so long."""

    def __init__(self, seconds):
        self.seconds, self.floor, self.at = seconds, 0, 0.0

    def check(self, emitter):
        if emitter.floor != self.floor:
            self.floor, self.at = emitter.floor, time.monotonic() + self.seconds
        elif time.monotonic() > self.at:
            where = "no broker answers at" if not emitter.session.welcome else "not safe with"
            raise TimeoutError(f"{where} {emitter.session.endpoint} within {self.seconds:g} s")


def run(arguments):
    emitter = Emitter(arguments.endpoint)
    try:
        if arguments.type:
            given = dict(field.split("=", 1) for field in arguments.field)
            emitter.emit({"event_type": arguments.type,
                          "details": json.loads(arguments.details), **given})
        else:
            for line in lines_of_stdin(emitter, Deadline(arguments.timeout)):
                if line.strip():
                    emitter.emit(json.loads(line))
        deadline = Deadline(arguments.timeout)
        while emitter.window:
            emitter.turn(50)
            deadline.check(emitter)
        if emitter.refused:
            raise wire.Refused("; ".join(emitter.refused))
        return 0
    finally:
        emitter.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--endpoint",
                        default=os.environ.get("OYEZ_ENDPOINT", wire.DEFAULT_ENDPOINT))
    parser.add_argument("--timeout", type=float, default=5.0, help="seconds without progress")
    parser.add_argument("--field", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("type", nargs="?")
    parser.add_argument("details", nargs="?", default="{}")
    try:
        return run(parser.parse_args())
    except (ValueError, TypeError) as error:
        print(f"emitter.py: {error}", file=sys.stderr)
        return 2
    except TimeoutError as error:
        print(f"emitter.py: {error}", file=sys.stderr)
        return 3
    except (wire.Refused, wire.Malformed) as error:
        print(f"emitter.py: {error}", file=sys.stderr)
        return 4


if __name__ == "__main__":
    sys.exit(main())
