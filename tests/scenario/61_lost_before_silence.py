# SPDX-License-Identifier: MIT
"""The last event before silence is lost on the way, and then the heartbeat that tells of it too:
a subscriber finds it within two heartbeats, and has it from the record."""
import time

from counted import counted, counted_details, number_of
from dropping_proxy import Way
from harness import SLOW, Scenario, equal, free_port, wait_until
from record import start_server

HEARTBEAT_S = 1.0


def numbers(tail):
    return [number_of(e) for e in tail.events()]


def lose(s, way, tail, number, topics):
    """Emits one event that does not come through; how long the tail takes to have it."""
    before = len(way.egress.dropped)
    for topic in topics:
        way.egress.drop(topic)
    s.emit("tool.invoked", counted_details(number))
    began = time.monotonic()
    wait_until(lambda: way.egress.dropped[before:] == topics, f"{topics} are dropped")
    equal(number in numbers(tail), False, "it did not come by itself")
    wait_until(lambda: number in numbers(tail), "the lost event comes")
    return time.monotonic() - began


with Scenario() as s:
    start_server(s, s.directory / "data", f"tcp://127.0.0.1:{free_port()}")
    with Way(s.endpoint) as way:
        tail = s.start_tail("tool.*", "--endpoint", way.endpoint)
        s.emit("tool.invoked", counted_details(0))
        wait_until(lambda: numbers(tail) == [0], "the first event")
        # At its first heartbeat a subscriber asks for all heads: what is lost before that is found
        # without the heads of a heartbeat.
        wait_until(lambda: way.egress.passed["oyez.heartbeat"] >= 2, "two heartbeats")
        took = lose(s, way, tail, 1, ["tool.invoked"])
        equal(took < 2 * HEARTBEAT_S * SLOW, True, f"it took {took:.2f} s")
        # Without the heartbeat that names it, the next one shows that one is missing, and is
        # answered with a question for all heads.
        took = lose(s, way, tail, 2, ["tool.invoked", "oyez.heartbeat"])
        equal(took < 3 * HEARTBEAT_S * SLOW, True, f"without its heartbeat it took {took:.2f} s")
        # In the middle of a run: those behind it wait for it.
        way.egress.drop("tool.invoked", 3)
        s.oyez("emit", "--from", s.write_jsonl("run.jsonl", (
            counted(n) for n in range(3, 400))))
        wait_until(lambda: tail.line_count() >= 400, "the run comes")
        equal(numbers(tail), list(range(400)), "all in order, each once")
        equal(tail.stderr().splitlines()[1:], [], "nothing to tell")
        tail.stop()
