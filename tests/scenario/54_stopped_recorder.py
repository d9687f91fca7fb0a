# SPDX-License-Identifier: MIT
"""A recorder that stands still: for 3 seconds nothing is missing; beyond hold_max the bus goes on
and the gap records name exactly what is missing; with hold_max 0 intake waits and nothing is."""
import json
import signal
import subprocess
import time

from counted import FAST, counted, number_of
from harness import QUICK, Scenario, equal, wait_until
from record import (EVENTS, gaps_among, query, records, start_broker_and_recorder, start_recorder,
                    verify)

PADDING = "x" * 250_000
COUNT = 480  # events of that size: 120 MB, and the broker's ring holds 64 MiB


def write_many(s):
    """Large events, numbered in the order of their positions: there is no other emitter."""
    return s.write_jsonl("many.jsonl", (counted(n, FAST, p=PADDING) for n in range(COUNT)))


def start_emitter(s, path):
    return s.start_oyez("emit", "--from", path, "--timeout", "120000")


def recorded_numbers(s, data):
    """{number: position} of the large events; their text is not kept."""
    path = s.oyez("query", "--json", FAST, "--dir", data).out
    with open(path, encoding="utf-8") as file:
        events = (json.loads(line) for line in file)
        return {number_of(e): e["position"] for e in events}


def for_three_seconds():
    with Scenario() as s:
        data = s.directory / "data"
        _, recorder = start_broker_and_recorder(s, data)
        emit = s.start_oyez("emit", "--from", "-", "--level", "recorded", "--timeout", "60000",
                            stdin=subprocess.PIPE)

        def write(numbers):
            for number in numbers:
                line = json.dumps(counted(number))
                emit.stdin.write(line.encode() + b"\n")
            emit.stdin.flush()

        total = 2000 if QUICK else 30000
        write(range(total // 3))
        recorder.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        write(range(total // 3, 2 * total // 3))
        # The time itself is what is tried here.
        time.sleep(max(0, 3 - (time.monotonic() - began)))
        recorder.send_signal(signal.SIGCONT)
        write(range(2 * total // 3, total))
        emit.stdin.close()
        emit.ends_with(0, 60)
        equal([number_of(e) for e in query(s)], list(range(total)), "recorded events")
        equal("gap" in verify(s, data).stdout(), False, "gaps")


def for_longer_than_hold_max():
    with Scenario() as s:
        data = s.directory / "data"
        _, recorder = start_broker_and_recorder(s, data, "--hold-max", "1")
        s.emit("session.created", {}, "--level", "recorded")
        recorder.send_signal(signal.SIGSTOP)
        start_emitter(s, write_many(s)).ends_with(0, 120)
        equal(s.counters()["hold_overruns"] >= 1, True, "the bus went on without the recorder")
        wait_until(lambda: s.counters()["events"] > COUNT, "all of it is stamped")
        if QUICK:
            recorder.kill()
            start_recorder(s, data)
        else:
            # As long as its connection lives, what it has not read waits in the broker's queue.
            wait_until(lambda: s.counters()["egress_large_bytes"] == 0,
                       "the connection that does not answer is cut", 90)
            recorder.send_signal(signal.SIGCONT)
        s.emit("session.created", {}, "--level", "recorded", "--timeout", "60000")
        check_the_gaps(s, data)


def check_the_gaps(s, data):
    verdict = verify(s, data).stdout()
    read = records(data)
    in_gaps = [p for first, last in gaps_among(read) for p in range(first, last + 1)]
    recorded = recorded_numbers(s, data)
    # The first event has position 1, so event n of the load has n + 2.
    equal({n: p for n, p in recorded.items() if p != n + 2}, {}, "places of the recorded events")
    missing = sorted(set(range(COUNT)) - set(recorded))
    equal(in_gaps, [n + 2 for n in missing], "positions in gaps, and events that are missing")
    equal(len(missing) > 0, True, "the ring overwrote what nobody had read")
    equal(f"{len(missing)} missing position" in verdict, True, verdict)
    equal(len([r for r in read if r.kind in EVENTS]) + len(missing), COUNT + 2,
          "every position has a record or lies in a gap")
    print(f"{len(missing)} of {COUNT} events are missing, in {len(gaps_among(read))} gaps")


def with_hold_max_0():
    with Scenario() as s:
        data = s.directory / "data"
        _, recorder = start_broker_and_recorder(s, data, "--hold-max", "0")
        s.emit("session.created", {}, "--level", "recorded")
        recorder.send_signal(signal.SIGSTOP)
        emit = start_emitter(s, write_many(s))
        wait_until(lambda: s.counters()["holds"] >= 1, "intake waits for the recorder", 180)
        # Longer than the other scenario's hold_max: it goes on waiting.
        time.sleep(3)
        equal(emit.is_running(), True, "the emitter waits too")
        equal(s.counters()["hold_overruns"], 0, "holds that were given up")
        recorder.send_signal(signal.SIGCONT)
        emit.ends_with(0, 120)
        s.emit("session.created", {}, "--level", "recorded", "--timeout", "60000")
        equal(sorted(recorded_numbers(s, data)), list(range(COUNT)), "recorded events")
        equal("gap" in verify(s, data).stdout(), False, "gaps")


for_three_seconds()
for_longer_than_hold_max()
with_hold_max_0()
