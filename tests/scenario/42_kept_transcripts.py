# SPDX-License-Identifier: MIT
"""What clients of every released version sent, sent again byte for byte: a broker takes the event of an
emitter, and gives a subscriber what it asked for."""
from harness import ROOT, Scenario, equal, free_port, wait_until
from transcript import Replay

KEPT = sorted((ROOT / "tests" / "golden").glob("wire-*.*.*"))
EGRESS = 2

equal(len(KEPT) > 0, True, "there are transcripts")
for version in KEPT:
    with Scenario() as s:
        port = free_port()
        s.start_broker(f"tcp://127.0.0.1:{port}")
        tail = s.start_tail("session.*")
        emitter = Replay(port, version / "emit.jsonl")
        emitter.send()
        wait_until(lambda: tail.line_count() == 1, f"the event of {version.name} arrives")
        event = tail.events()[0]
        equal((event["event_type"], event["actor_name"], event["position"]),
              ("session.created", "kept", 1), "the event")
        emitter.close()

        subscriber = Replay(port, version / "tail.jsonl")
        subscriber.send()
        s.emit("session.created", {}, "--actor-name", "heard")
        subscriber.read_until(lambda: b"heard" in subscriber.received.get(EGRESS, b""))
        subscriber.close()
