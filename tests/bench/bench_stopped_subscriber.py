#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a subscriber that is stopped costs the others: their throughput without it and with it, in
turn (A B A B), in one run. It must be 0.9 of it at least; and the stopped one has everything in the
end. The argument is the number of events in each turn.

    ninja -C BUILD bench_delivery oyez-broker oyez-recorder
    OYEZ_BIN=BUILD/bin tests/bench/bench_stopped_subscriber.py
"""
import pathlib
import signal
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "scenario"))
from harness import BIN, Scenario, equal, wait_until
from record import start_broker_and_recorder

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 1_200_000  # fewer fit a queue
OTHERS = 4
TURNS = "ABABABAB"


def steps(process):
    """[(events, seconds)] as far as it has told."""
    lines = (line.split() for line in process.stdout().split("\n")[:-1])
    return [(int(line[0]), float(line[1])) for line in lines if line[0].isdigit()]


def listen(s, count):
    listener = s.start("listener", BIN / "bench_delivery", "listen", "live", str(count))
    wait_until(lambda: "listening" in listener.stdout(), "it listens")
    return listener


def throughput(listener, turn):
    """Events a second, from the first that the turn tells of to its last."""
    told = [(n, t) for n, t in steps(listener) if turn * COUNT < n <= (turn + 1) * COUNT]
    return (told[-1][0] - told[0][0]) / (told[-1][1] - told[0][1])


with Scenario() as s:
    start_broker_and_recorder(s, s.directory / "data")
    others = [listen(s, COUNT * len(TURNS)) for _ in range(OTHERS)]
    found = {"A": [], "B": []}
    for turn, kind in enumerate(TURNS):
        stopped = listen(s, COUNT) if kind == "B" else None
        if stopped:
            stopped.send_signal(signal.SIGSTOP)
        emit = s.start("emitter", BIN / "bench_delivery", "emit", str(COUNT), "0")
        emit.ends_with(0, 300)
        for other in others:
            wait_until(lambda o=other: steps(o)[-1:] and steps(o)[-1][0] == (turn + 1) * COUNT,
                       "the others have all", 300)
        rate = sum(throughput(other, turn) for other in others) / OTHERS
        found[kind].append(rate)
        print(f"{kind} {rate:9.0f} events/s for each of {OTHERS}", flush=True)
        if stopped:
            stopped.send_signal(signal.SIGCONT)
            stopped.ends_with(0, 300)
            words = stopped.stdout().split("\n")[-2].split()
            equal(words[:4], ["jumps", "0", "gaps", "0"], "what the stopped one has")
            print(f"  the stopped one has all, in order; read from the record: {words[5]}")
            equal(int(words[5]) > 0, True, "it was stopped beyond its queue")
    ratio = statistics.median(found["B"]) / statistics.median(found["A"])
    pairs = " ".join(f"{b / a:.2f}" for a, b in zip(found["A"], found["B"]))
    print(f"ratio of medians {ratio:.3f} (turn by turn: {pairs}); wanted: 0.9")
    equal(ratio >= 0.9, True, "others' throughput beside a stopped subscriber")
