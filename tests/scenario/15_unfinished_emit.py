# SPDX-License-Identifier: MIT
"""What the summary of a file says when the recorder falls silent: how many are surely recorded."""
import json
import signal

from harness import QUICK, Scenario, equal, wait_until
from record import query, start_broker_and_recorder

COUNT = 5000 if QUICK else 40000

with Scenario() as s:
    _, recorder = start_broker_and_recorder(s, s.directory / "data")
    whole = s.write_jsonl("whole.jsonl", ({"event_type": "session.created"} for _ in range(50)))
    for level, key in (("sent", "accepted"), ("recorded", "recorded")):
        told = json.loads(s.oyez("emit", "--from", whole, "--level", level, "--json").stdout())
        equal((told["emitted"], told[key], told["complete"]), (50, 50, True), f"level {level}")

    lines = s.write_jsonl("lines.jsonl", ({"event_type": "session.created"} for _ in range(COUNT)))
    for form in ((), ("--json",)):
        before = len(query(s))
        emit = s.start_oyez("emit", "--from", lines, "--level", "recorded", "--timeout", "1500",
                            "--rate", str(COUNT), *form)
        wait_until(lambda n=before: s.counters()["events"] > n + 100, "some are in")
        recorder.send_signal(signal.SIGSTOP)
        emit.ends_with(3)
        recorder.send_signal(signal.SIGCONT)
        if form:
            told = json.loads(emit.stdout())
            reached, emitted = told["recorded"], told["emitted"]
            equal(told["complete"], False, "complete")
        else:
            words = emit.stdout().split()
            equal(" ".join(words[3:]),
                  "events recorded; for the rest the outcome is unknown", emit.stdout())
            reached, emitted = int(words[0]), int(words[2])
        equal(0 <= reached < emitted <= COUNT, True, f"{reached} of {emitted}")
        equal(reached <= len(query(s)) - before, True, "what is told is recorded")
