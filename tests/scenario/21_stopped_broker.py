# SPDX-License-Identifier: MIT
"""A stopped broker gives its emitters back-pressure, not loss."""
import fcntl
import json
import os
import signal
import subprocess
import time

from counted import counted, number_of
from harness import QUICK, Scenario, equal, told_lost, wait_until

COUNT = 75000 if QUICK else 150000  # more than a window of 65,536 events
F_SETPIPE_SZ = 1031


def write_what_fits(pipe, pending):
    """Writes until the pipe is full; returns what is left."""
    try:
        while pending:
            pending = pending[os.write(pipe, pending[:65536]):]
    except BlockingIOError:
        pass
    return pending


with Scenario() as s:
    broker = s.start_broker()
    tail = s.start_tail("tool.*")
    emit = s.start_oyez("emit", "--from", "-", "--timeout", "120000", stdin=subprocess.PIPE)
    pipe = emit.stdin.fileno()
    os.set_blocking(pipe, False)
    fcntl.fcntl(pipe, F_SETPIPE_SZ, 4096)

    lines = [json.dumps(counted(n)).encode() + b"\n"
             for n in range(COUNT)]
    os.write(pipe, lines[0])
    wait_until(lambda: tail.line_count() == 1, "the first event arrives")
    broker.send_signal(signal.SIGSTOP)

    left = memoryview(b"".join(lines[1:]))
    quiet = 0
    while quiet < 100:  # a second in which the emitter takes nothing
        before = len(left)
        left = write_what_fits(pipe, left)
        quiet = quiet + 1 if len(left) == before else 0
        assert left, "the emitter took everything while the broker stood still"
        time.sleep(0.01)
    assert emit.is_running(), "the emitter ended while the broker stood still"
    equal(tail.line_count(), 1, "events that got through")

    # A one-shot emitter ends at its timeout, and says that the outcome is unknown.
    s.oyez("emit", "session.created", "{}", "--timeout", "500", expect=3)

    broker.send_signal(signal.SIGCONT)

    def takes_the_rest():
        global left
        left = write_what_fits(pipe, left)
        return not left

    wait_until(takes_the_rest, "the emitter takes the rest", 60)
    emit.stdin.close()
    emit.ends_with(0, 60)
    s.emit("tool.completed", {"tool": "counter"})
    wait_until(lambda: b"tool.completed" in tail.out.read_bytes(), "the last event arrives", 60)
    stamped = s.counters()["events"]
    equal(stamped, COUNT + 1, "events that the broker stamped")
    # The whole window comes at once now. A live subscriber that is too slow for that is told.
    found = [number_of(e) for e in tail.events() if e["event_type"] == "tool.invoked"]
    equal(found, sorted(set(found)), "events in order, each once")
    wait_until(lambda: len(found) + told_lost(tail, "tool.invoked") >= COUNT, "the losses are told")
    equal(len(found) + told_lost(tail, "tool.invoked"), COUNT, "events seen and losses told")
