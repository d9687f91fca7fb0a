# SPDX-License-Identifier: MIT
"""A thousand one-shot emitters, four at a time: a tail shows exactly their events, each once."""
import collections
import concurrent.futures
import json
import subprocess

from counted import counted_details, number_of
from harness import BIN, QUICK, Scenario, equal, wait_until

COUNT = 60 if QUICK else 1000

with Scenario() as s:
    s.start_broker()
    tail = s.start_tail("tool.*")

    def emit_one(number):
        done = subprocess.run([BIN / "oyez", "emit", "tool.invoked",
                               json.dumps(counted_details(number))], env=s.environment, capture_output=True, timeout=120)
        return done.returncode, done.stderr

    with concurrent.futures.ThreadPoolExecutor(4) as four:
        results = collections.Counter(four.map(emit_one, range(COUNT)))
    equal(results, collections.Counter({(0, b""): COUNT}), "exit status and messages")
    # What comes after the last of them would come before this one.
    s.emit("tool.retried", counted_details("last", "tool.retried"))
    wait_until(lambda: b'"last"' in tail.out.read_bytes(), "the tail has the last event")
    events = tail.events()
    equal(number_of(events.pop()), "last", "last event")
    equal(sorted(number_of(e) for e in events), list(range(COUNT)), "events of the tail")
    equal(len({e["event_id"] for e in events}), COUNT, "different event ids")
    positions = [e["position"] for e in events]
    equal(positions, list(range(1, COUNT + 1)), "positions")
