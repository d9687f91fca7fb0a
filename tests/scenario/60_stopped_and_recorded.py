# SPDX-License-Identifier: MIT
"""A subscriber that was stopped far beyond its queue has everything in the end: once, in order."""
import signal

from counted import counted, number_of
from harness import QUICK, Scenario, equal, wait_until
from record import start_server

COUNT = 5000 if QUICK else 60000
PADDING = "x" * 300  # so that a stopped subscriber's queue and socket buffers do fill


def events(first, count):
    for number in range(first, first + count):
        yield counted(number, "tool.invoked" if number % 3 else "tool.retried", padding=PADDING)


def numbers(tail):
    return [number_of(e) for e in tail.events()]


with Scenario() as s:
    start_server(s, s.directory / "data")
    tails = [(s.start_tail(), range(COUNT + 1)),
             (s.start_tail("tool.*"), range(COUNT + 1)),
             (s.start_tail("tool.retried"), [n for n in range(COUNT + 1) if n % 3 == 0]),
             (s.start_tail("--only-recorded"), range(COUNT + 1))]
    awake = s.start_tail()
    for tail, _ in tails:
        tail.send_signal(signal.SIGSTOP)
    s.oyez("emit", "--from", s.write_jsonl("many.jsonl", events(0, COUNT)), "--timeout", "60000")
    wait_until(lambda: awake.line_count() >= COUNT, "the other subscriber has everything", 60)
    for tail, _ in tails:
        tail.send_signal(signal.SIGCONT)
    last = COUNT - COUNT % 3
    s.oyez("emit", "--from", s.write_jsonl("last.jsonl", events(COUNT, 1)))
    for tail, expected in tails:
        wait_until(lambda t=tail, e=expected: t.line_count() >= len(e),
                   f"{tail.name} has everything", 60)
        equal(numbers(tail) == list(expected), True, f"events of {tail.name}, once and in order")
        equal([line for line in tail.stderr().splitlines() if "lost" in line or "drop" in line], [],
              f"losses told by {tail.name}")
    equal(numbers(awake)[:COUNT], list(range(COUNT)), "events of the one that was awake")
