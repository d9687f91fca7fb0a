# SPDX-License-Identifier: MIT
"""One-shot emitters that wait for `recorded`, 16 at a time, while broker and recorder are processes of
their own: each is recorded once. The argument is their number; by default it is small."""
import concurrent.futures
import json
import subprocess
import sys

from harness import BIN, QUICK, Scenario, equal
from record import EVENTS, check_each_once, query, records, start_broker_and_recorder, verify

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 100 if QUICK else 500

with Scenario() as s:
    data = s.directory / "data"
    start_broker_and_recorder(s, data)

    def emit_one(number):
        done = subprocess.run([BIN / "oyez", "emit", "tool.invoked",
                               json.dumps({"tool": str(number)}),
                               "--level", "recorded", "--json", "--timeout", "60000"],
                              env=s.environment, capture_output=True, timeout=120, check=False)
        equal((done.returncode, done.stderr), (0, b""), "exit status and messages")
        return json.loads(done.stdout)

    with concurrent.futures.ThreadPoolExecutor(16) as sixteen:
        receipts = list(sixteen.map(emit_one, range(COUNT)))
    equal({r["level"] for r in receipts}, {"recorded"}, "levels")
    equal(len([r for r in records(data) if r.kind in EVENTS]), COUNT, "events in the journal")
    check_each_once(query(s), [r["event_id"] for r in receipts], "the journal")
    verify(s, data)
    print(f"{COUNT} one-shot emitters, {COUNT} events in the journal")
