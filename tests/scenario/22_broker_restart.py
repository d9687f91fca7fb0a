# SPDX-License-Identifier: MIT
"""The broker is killed and starts again: emitters and tails go on, unaccepted events arrive."""
import array
import fcntl
import json
import signal
import subprocess
import termios

from counted import counted, number_of
from harness import Scenario, equal, free_port, wait_until


def write(emit, numbers):
    for number in numbers:
        line = json.dumps(counted(number))
        emit.stdin.write(line.encode() + b"\n")
    emit.stdin.flush()


def unread_bytes(pipe):
    waiting = array.array("i", [0])
    fcntl.ioctl(pipe, termios.FIONREAD, waiting)
    return waiting[0]


def numbers_of(tail):
    """What came first, in order. An event whose accept mark died with the broker may come again:
    in the second epoch, with the same id."""
    first = {}
    for event in tail.events():
        if event["event_type"] != "tool.invoked":
            continue
        before = first.setdefault(event["event_id"], event)
        equal(before is event or before["epoch"] < event["epoch"], True, f"a repeat: {event}")
    return [number_of(event) for event in first.values()]


def go_through_a_restart(s, start_emitter):
    endpoint = f"tcp://127.0.0.1:{free_port()}"
    first = s.start_broker(endpoint)
    tail = s.start_tail("tool.*")
    emit = start_emitter()
    write(emit, range(100))
    wait_until(lambda: len(numbers_of(tail)) == 100, "the first hundred")

    s.counters()  # a broker that answers this has sent the accept marks before
    # What the emitter hands to a broker that stands still is accepted by nobody.
    first.send_signal(signal.SIGSTOP)
    write(emit, range(100, 200))
    wait_until(lambda: unread_bytes(emit.stdin) == 0, "the emitter has read its input")
    emit.send_signal(signal.SIGSTOP)
    first.kill()
    s.start_broker(endpoint)

    # The tail must be back before the emitter is: nobody keeps events for it.
    def tail_is_back():
        s.emit("tool.completed", {"tool": "probe"})
        return any(e["event_type"] == "tool.completed" for e in tail.events())

    wait_until(tail_is_back, "the tail hears the second broker")
    emit.send_signal(signal.SIGCONT)
    wait_until(lambda: len(numbers_of(tail)) >= 200, "the unaccepted hundred")
    write(emit, range(200, 300))
    emit.stdin.close()
    emit.ends_with(0)
    wait_until(lambda: len(numbers_of(tail)) >= 300, "the last hundred")
    equal(numbers_of(tail), list(range(300)), "events, in order, each once")
    epochs = [e["epoch"] for e in tail.events() if e["event_type"] == "tool.invoked"]
    equal(len(set(epochs)), 2, "epochs")
    equal(epochs, sorted(epochs), "epochs grow")
    equal("epoch" in tail.stderr() or "restart" in tail.stderr(), True,
          f"the tail tells of the restart: {tail.stderr()!r}")


with Scenario() as in_c:
    go_through_a_restart(in_c, lambda: in_c.start_oyez(
        "emit", "--from", "-", "--timeout", "60000", stdin=subprocess.PIPE))
with Scenario() as in_python:
    go_through_a_restart(in_python, lambda: in_python.start_python(
        "emitter.py", "--timeout", "60", stdin=subprocess.PIPE))
