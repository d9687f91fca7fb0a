# SPDX-License-Identifier: MIT
"""A client that has seen a later epoch makes the broker roll over; nobody loses anything."""
import json
import subprocess
import time

from counted import counted, number_of
from harness import Scenario, equal, wait_until
from hostile import Peer, wire

DAY_US = 86400 * 10**6


def tell_epoch(endpoint, epoch):
    """Says hello with an epoch that this peer claims to have heard of; the epoch it is told."""
    peer = Peer(endpoint)
    peer.ask(goodbye=wire.control_pb2.Goodbye())
    peer.session.say_hello_again()
    peer.session.highest_epoch = epoch

    def welcomed():
        peer.turn()
        return peer.session.welcome
    told = wait_until(welcomed, "a welcome").epoch
    peer.close()
    return told


def write(emit, numbers):
    for number in numbers:
        line = json.dumps(counted(number))
        emit.stdin.write(line.encode() + b"\n")
    emit.stdin.flush()


with Scenario() as s:
    s.start_broker()
    tail = s.start_tail("tool.*")
    emit = s.start_oyez("emit", "--from", "-", "--timeout", "60000", stdin=subprocess.PIPE)
    write(emit, range(100))
    wait_until(lambda: tail.line_count() == 100, "the first hundred")
    first_epoch = tail.events()[0]["epoch"]

    now_us = time.time_ns() // 1000
    equal(tell_epoch(s.endpoint, now_us + 2 * DAY_US), first_epoch, "epoch after an impossible one")
    equal(s.counters()["bad_epoch"] >= 1, True, "the impossible epoch is counted")
    equal(s.counters()["rollovers"], 0, "rollovers")

    later = now_us + DAY_US // 2
    write(emit, range(100, 200))
    equal(tell_epoch(s.endpoint, later), later + 1, "epoch after a later one")
    equal(s.counters()["rollovers"], 1, "rollovers")
    write(emit, range(200, 300))
    emit.stdin.close()
    emit.ends_with(0)
    wait_until(lambda: tail.line_count() >= 300, "all three hundred")
    events = tail.events()
    numbers = [number_of(e) for e in events]
    equal(numbers, list(range(300)), "events in order, each once")
    equal({e["epoch"] for e in events}, {first_epoch, later + 1}, "epochs")
    equal(events[-1]["epoch"], later + 1, "epoch of the last event")
