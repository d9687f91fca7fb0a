# SPDX-License-Identifier: MIT
"""A stopped subscriber neither slows nor loses anything for another, and is told its losses."""
import signal

from counted import counted, counted_details, number_of
from harness import QUICK, Scenario, equal, told_lost, wait_until

COUNT = 5000 if QUICK else 40000
PADDING = "x" * 300  # so that a stopped subscriber's queue and socket buffers do fill


def events(first, count):
    for number in range(first, first + count):
        yield counted(number, padding=PADDING)


def numbers(tail):
    return [number_of(e) for e in tail.events()]


with Scenario() as s:
    s.start_broker()
    awake, asleep = s.start_tail("tool.*"), s.start_tail("tool.*")
    asleep.send_signal(signal.SIGSTOP)
    s.oyez("emit", "--rate", "10000", "--from", s.write_jsonl("many.jsonl", events(0, COUNT)))
    wait_until(lambda: awake.line_count() >= COUNT, "the other subscriber has everything")
    equal(numbers(awake), list(range(COUNT)), "events of the other subscriber")

    asleep.send_signal(signal.SIGCONT)

    def is_back():
        s.emit("tool.retried", counted_details(COUNT, "tool.retried"))
        return any(n == COUNT for n in numbers(asleep))

    wait_until(is_back, "the stopped subscriber hears events again")
    seen = [n for n in numbers(asleep) if n < COUNT]
    equal(seen, sorted(set(seen)), "its events come in order, each once")
    missing = COUNT - len(seen)
    wait_until(lambda: told_lost(asleep, "tool.invoked") >= missing, f"{missing} losses are told")
    equal(told_lost(asleep, "tool.invoked"), missing, "losses told")
    print(f"the stopped subscriber lost {missing} of {COUNT}")
