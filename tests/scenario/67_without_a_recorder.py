# SPDX-License-Identifier: MIT
"""Without a recorder: each loss on the way is told with its type and exactly its numbers, and who
waits for `recorded` is told that there is nobody to record."""
import re
import time

from counted import counted_details, number_of
from dropping_proxy import Way
from harness import SLOW, Scenario, equal, free_port, wait_until

TOLD = re.compile(r"(\S+): (\d+) events? .*\(numbers? (\d+)(?:[^\d]+(\d+))?")


def told(tail):
    """[(type, number)]; a heartbeat may come in the middle of a range and divide it."""
    found = (TOLD.search(line) for line in tail.stderr().splitlines())
    return [(m[1], n) for m in found if m for n in range(int(m[3]), int(m[4] or m[3]) + 1)]


def emit_run(s, event_type, numbers):
    for n in numbers:
        s.emit(event_type, counted_details(n, event_type))


with Scenario() as s:
    s.start_broker(f"tcp://127.0.0.1:{free_port()}")
    with Way(s.endpoint) as way:
        tail = s.start_tail("tool.*", "--endpoint", way.endpoint)
        emit_run(s, "tool.invoked", range(2))
        wait_until(lambda: way.egress.passed["oyez.heartbeat"] >= 2, "two heartbeats")
        # In the middle: found by the event behind it.
        way.egress.drop("tool.invoked", 2)
        emit_run(s, "tool.invoked", range(2, 5))
        wait_until(lambda: len(told(tail)) == 2, "the loss in the middle is told")
        equal(told(tail), [("tool.invoked", 3), ("tool.invoked", 4)], "what is told of the middle")
        # The last before silence: found by a heartbeat.
        way.egress.drop("tool.retried")
        emit_run(s, "tool.retried", [0])
        wait_until(lambda: len(told(tail)) == 3, "the last event's loss is told")
        equal(told(tail)[2:], [("tool.retried", 1)], "what is told of the last")
        # And when that heartbeat is lost as well.
        way.egress.drop("tool.retried")
        way.egress.drop("oyez.heartbeat")
        emit_run(s, "tool.retried", [1])
        wait_until(lambda: len(told(tail)) == 4, "it is told without its heartbeat too")
        equal(told(tail)[3:], [("tool.retried", 2)], "what is told without the heartbeat")
        equal([number_of(e) for e in tail.events()], [0, 1, 4], "events that came")
        tail.stop()
    began = time.monotonic()
    late = s.oyez("emit", "tool.invoked", '{"tool": "x"}', "--level", "recorded", "--timeout", "2000",
                  expect=4)
    equal(time.monotonic() - began < 2 * SLOW, True, "it is told within its timeout")
    equal("recorder" in late.stderr(), True, f"what is said: {late.stderr()}")
