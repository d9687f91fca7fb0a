# SPDX-License-Identifier: MIT
"""Durable events that the broker had stamped and no longer holds when the recorder comes back: their
emitter, which keeps them until their receipt, emits them again, and each is recorded once."""
from counted import FAST, counted, number_of
from harness import Scenario, equal, wait_until
from record import gaps, query, start_broker_and_recorder, start_recorder, verify

COUNT = 100
PADDING = "x" * 250_000
FLOOD = 320  # events of that size: 80 MB, and the broker's ring holds 64 MiB

with Scenario() as s:
    data = s.directory / "data"
    _, recorder = start_broker_and_recorder(s, data, "--hold-max", "1")
    recorder.kill()
    emit = s.start_oyez("emit", "--from",
                        s.write_jsonl("kept.jsonl", (counted(n) for n in range(COUNT))),
                        "--level", "recorded", "--timeout", "120000")
    wait_until(lambda: s.counters()["events"] == COUNT, "they are stamped")
    s.oyez("emit", "--from",
           s.write_jsonl("flood.jsonl", (counted(n, FAST, p=PADDING) for n in range(FLOOD))),
           "--timeout", "120000", seconds=120)
    wait_until(lambda: s.counters()["ring_first_position"] > COUNT, "the ring has lost them")
    equal(emit.is_running(), True, "the emitter waits for the recorder")

    start_recorder(s, data)
    emit.ends_with(0, 60)
    equal(f"{COUNT} events were lost before the recorder and are emitted again" in emit.stderr(),
          True, emit.stderr())
    equal([number_of(e) for e in query(s, "tool.invoked")], list(range(COUNT)),
          "recorded events, in their emitter's order")
    equal(s.counters()["unrecorded"], COUNT, "durable events that were not recorded")
    (first, last), = gaps(data)
    equal((first, last >= COUNT), (1, True), "the gap has the positions that they had")
    verify(s, data)
