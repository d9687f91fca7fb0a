#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What questions cost the recorder: events recorded a second, emitted as fast as it goes, without
questions and with them, in turn, in one run. With 200 questions a second it must be 0.9 at least; a
client that asks one behind the other is told of too. On few processors the asker takes its share as
well: what the server itself uses an event is told beside. Prints JSON. The argument is the number of events
in each turn.

    ninja -C BUILD bench_query_client oyez-cli
    OYEZ_BIN=BUILD/bin tests/bench/bench_query_while_recording.py
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "scenario"))
from harness import BIN, Scenario
from record import start_server

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
RATE = 200  # questions a second
TURNS = ("none", "some", "none", "many") * 3
AIM = 0.9


def emit(s, first):
    """Events recorded a second."""
    emitter = s.start("emitter", BIN / "bench_query_client", "emit", first, COUNT)
    emitter.ends_with(0, 600)
    return COUNT / float(emitter.stdout())


def cpu_of(process):
    """Seconds that it has used so far, of all its threads."""
    words = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def take_turn(s, kind, first):
    """Events recorded a second, and what the asker told."""
    if kind == "none":
        return emit(s, first), None
    asker = s.start("asker", BIN / "bench_query_client", "ask", first,
                    RATE if kind == "some" else 0, stdin=subprocess.PIPE)
    rate = emit(s, first)
    asker.stdin.close()
    asker.ends_with(0, 60)
    questions, events, median, late = asker.stdout().split()
    return rate, {"questions_a_second": round(int(questions) * rate / COUNT),
                  "events_an_answer": round(int(events) / int(questions), 1),
                  "p50_us": float(median), "p99_us": float(late)}


def summary(rates):
    return {"median": round(statistics.median(rates)), "least": round(min(rates)),
            "most": round(max(rates))}


with Scenario() as s:
    server = start_server(s, s.directory / "data")
    emit(s, 1)  # there has to be something to ask for
    recorded, asked = {kind: [] for kind in TURNS}, {"some": [], "many": []}
    used = {kind: [] for kind in TURNS}
    for turn, kind in enumerate(TURNS, 1):
        before = cpu_of(server)
        rate, told = take_turn(s, kind, turn * COUNT + 1)
        used[kind].append((cpu_of(server) - before) / COUNT * 1e6)
        recorded[kind].append(rate)
        if told:
            asked[kind].append(told)
    without = statistics.median(recorded["none"])
    ratios = {kind: round(statistics.median(recorded[kind]) / without, 3) for kind in asked}
    print(json.dumps({
        "machine": f"{os.cpu_count()} processors", "load": round(os.getloadavg()[0], 1),
        "events_a_turn": COUNT, "level": "recorded",
        "recorded_a_second": {kind: summary(rates) for kind, rates in recorded.items()},
        "server_cpu_us_an_event": {kind: round(statistics.median(times), 2)
                                   for kind, times in used.items()},
        "asked": asked, "ratios": ratios, "aim": AIM}, indent=2))
sys.exit(0 if ratios["some"] >= AIM else 1)
