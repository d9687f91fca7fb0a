#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A subscriber that begins with the first of many recorded events while others arrive: no gap, nothing
twice where record and live meet, and its memory within the limit that client.h states. Arguments:
recorded before (1,000,000), arriving a second (20,000), for so many seconds (30).

    ninja -C BUILD bench_delivery oyez-broker oyez-recorder
    OYEZ_BIN=BUILD/bin tests/bench/bench_catch_up.py
"""
import bisect
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "scenario"))
from harness import BIN, Scenario, equal, wait_until
from record import start_broker_and_recorder

BEFORE = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
RATE = int(sys.argv[2]) if len(sys.argv) > 2 else 20_000
AFTER = RATE * (int(sys.argv[3]) if len(sys.argv) > 3 else 30)
LIMIT_MIB = 31  # of one subscription: client.h


def steps(process):
    lines = (line.split() for line in process.stdout().split("\n")[:-1])
    return [(int(line[0]), float(line[1])) for line in lines if line[0].isdigit()]


def last_words(process):
    words = process.stdout().split("\n")[-2].split()
    return dict(zip(words[::2], map(int, words[1::2])))


def joined_after(emitted, seen):
    """Seconds until the subscriber was less than 5,000 events behind, and stayed there."""
    times = [t for _, t in emitted]
    late = [t for n, t in seen
            if n < BEFORE + emitted[max(0, bisect.bisect(times, t) - 1)][0] - 5000]
    return (late[-1] if late else seen[0][1]) - emitted[0][1]


with Scenario() as s:
    start_broker_and_recorder(s, s.directory / "data")
    began = time.monotonic()
    s.start("load", BIN / "bench_delivery", "emit", str(BEFORE), "0").ends_with(0, 600)
    print(f"{BEFORE} recorded in {time.monotonic() - began:.1f} s", flush=True)
    emit = s.start("emitter", BIN / "bench_delivery", "emit", str(AFTER), str(RATE))
    wait_until(lambda: steps(emit), "events arrive")
    caught = s.start("listener", BIN / "bench_delivery", "listen", "first", str(BEFORE + AFTER))
    emit.ends_with(0, 300)
    caught.ends_with(0, 300)
    arrived, seen, words = steps(emit), steps(caught), last_words(caught)
    idle = s.start("idle", BIN / "bench_delivery", "listen", "live", "0")
    idle.ends_with(0)
    used = (words["peak_kib"] - last_words(idle)["peak_kib"]) / 1024
    pace = (arrived[-1][0] - arrived[0][0]) / (arrived[-1][1] - arrived[0][1])
    print(f"{AFTER} arrived at {pace:.0f} a second; live after {joined_after(arrived, seen):.1f} s; "
          f"{words['refilled']} from the record; memory {words['peak_kib'] / 1024:.1f} MiB, of which "
          f"the subscription {used:.1f}, limit {LIMIT_MIB}")
    equal((words["jumps"], words["gaps"]), (0, 0), "places where a position is missing or comes twice")
    equal(used <= LIMIT_MIB, True, "memory of the subscription")
