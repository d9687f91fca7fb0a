# SPDX-License-Identifier: MIT
"""Broker and recorder are killed with events that were seen live and not recorded: subscribers are
told which, and what their emitter sends again is recorded, and comes to nobody twice."""
import json
import signal
import subprocess

from counted import counted, number_of
from harness import Scenario, equal, free_port, wait_until
from record import start_recorder


def write(emit, numbers, event_type="tool.invoked"):
    for number in numbers:
        emit.stdin.write(json.dumps(counted(number, event_type)).encode() + b"\n")
    emit.stdin.flush()


def numbers(tail):
    return [number_of(e) for e in tail.events()]


def restart(s, endpoint, data, processes):
    for process in processes:
        process.kill()
    broker = s.start_broker(endpoint, "--recorder", "wait")
    return broker, start_recorder(s, data)


with Scenario() as s:
    data = s.directory / "data"
    endpoint = f"tcp://127.0.0.1:{free_port()}"
    broker = s.start_broker(endpoint, "--recorder", "wait")
    recorder = start_recorder(s, data)
    tail = s.start_tail("tool.*")
    exact = s.start_tail("--only-recorded", "tool.*")
    emit = s.start_oyez("emit", "--from", "-", "--timeout", "60000", stdin=subprocess.PIPE)
    write(emit, range(100))
    wait_until(lambda: len(numbers(exact)) == 100, "a hundred are recorded")
    recorder.send_signal(signal.SIGSTOP)
    write(emit, range(100, 150))
    wait_until(lambda: len(numbers(tail)) == 150, "fifty more are seen live")
    equal(len(numbers(exact)), 100, "who wants the record alone sees none of them")
    epoch = tail.events()[0]["epoch"]
    broker, recorder = restart(s, endpoint, data, (recorder, broker))

    wait_until(lambda: len(numbers(exact)) == 150, "the fifty are recorded after all")
    write(emit, range(150, 160))
    emit.stdin.close()
    emit.ends_with(0)
    wait_until(lambda: len(numbers(tail)) >= 160, "ten more come")
    wait_until(lambda: len(numbers(exact)) >= 160, "and are recorded")
    equal(numbers(tail), list(range(160)), "each once, in order")
    equal(numbers(exact), list(range(160)), "the record, once and in order")
    wait_until(lambda: f"what was seen behind {epoch}:100, up to {epoch}:150, is not recorded"
               in tail.stderr(), "the tail is told what it saw for nothing")
    equal("is not recorded" in exact.stderr(), False, "the other has seen nothing for nothing")
    # From a place in the epoch before, through its end.
    cursor = [e["cursor"] for e in exact.events()]
    later = s.start_tail("--from", cursor[90], "--only-recorded", "tool.*")
    wait_until(lambda: later.line_count() >= 70, "the same from a cursor on")
    equal([e["cursor"] for e in later.events()], cursor[90:], "the same from a cursor on")
