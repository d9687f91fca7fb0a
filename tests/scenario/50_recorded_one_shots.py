# SPDX-License-Identifier: MIT
"""A thousand one-shot emitters that wait for `recorded`, eight at a time: the journal has exactly
their events, each once, and verifies while it is written and after."""
import concurrent.futures
import json
import subprocess

from counted import counted_details, number_of
from harness import BIN, QUICK, Scenario, equal
from record import query, start_server, verify

COUNT = 200 if QUICK else 1000

with Scenario() as s:
    data = s.directory / "data"
    server = start_server(s, data)

    def emit_one(number):
        done = subprocess.run([BIN / "oyez", "emit", "tool.invoked",
                               json.dumps(counted_details(number)), "--level", "recorded", "--json", "--timeout", "60000"],
                              env=s.environment, capture_output=True, timeout=120, check=False)
        equal((done.returncode, done.stderr), (0, b""), "exit status and messages")
        return json.loads(done.stdout)

    with concurrent.futures.ThreadPoolExecutor(8) as eight:
        working = eight.map(emit_one, range(COUNT))
        for _ in range(5):
            during = verify(s, data)
            equal("being written" in during.stderr(), True, "verify knows that it is written")
        receipts = list(working)
    equal({r["level"] for r in receipts}, {"recorded"}, "levels")
    # Their catalog stands before the first of them.
    equal(sorted(r["index"] for r in receipts), list(range(1, COUNT + 1)), "indexes")

    verify(s, data)
    events = query(s)
    equal(sorted(number_of(e) for e in events), list(range(COUNT)), "recorded events")
    equal([e["index"] for e in events], list(range(1, COUNT + 1)), "indexes in cursor order")
    equal({e["event_id"]: e["cursor"] for e in events},
          {r["event_id"]: r["cursor"] for r in receipts}, "what the receipts said")
    equal(query(s, "--dir", data), events, "the directory gives the same answer")
    equal([(g["key"], g["count"]) for g in s.oyez("stats", "--json").events()],
          [("tool.invoked", COUNT)], "stats")

    equal(server.stop(), 0, "exit status of the server")
    after = verify(s, data)
    equal(after.stderr(), "", "a journal that was closed cleanly")
    equal(f"{COUNT} events, 1 act of the journal; {COUNT + 1} records" in after.stdout(), True, after.stdout())
