# SPDX-License-Identifier: MIT
"""The worked example of docs/wire.md is what its tables say, and a broker takes it."""
import re

from harness import ROOT, Scenario, equal, wait_until
from hostile import Peer, wire

CLIENT_ID = "01a1f81f-4fa0-7123-8456-789abcdef012"


def dump_in_the_specification():
    text = (ROOT / "docs" / "wire.md").read_text(encoding="utf-8")
    dump = re.search(r"```hex\n(.*?)```", text, re.S)[1]
    frame = b""
    for line in dump.strip().split("\n"):
        offset, *data = line.split()
        equal(int(offset, 16), len(frame), "offset of a line")
        frame += bytes.fromhex("".join(data))
    return frame


def written_by_the_client():
    event_type, event, _ = wire.event_from_json({
        "event_type": "plan.created", "event_id": "01a1f81f-5388-7abc-8def-0123456789ab",
        "occurred_at": "2026-11-20T08:42:45Z", "plan_id": "P1", "phase": "strategize",
        "state": "queued", "details": {"goal": "ship"}})
    return wire.write_frame(event_type, wire.uuid_from_text(CLIENT_ID), 1, 0, [event])


frame = dump_in_the_specification()
equal(frame, written_by_the_client(), "the dump and what the client writes")
with Scenario() as s:
    s.start_broker()
    tail = s.start_tail("plan.created")
    peer = Peer(s.endpoint, wire.uuid_from_text(CLIENT_ID))
    peer.send(frame)
    wait_until(lambda: tail.line_count() == 1, "the example arrives")
    peer.close()
    event = tail.events()[0]
    equal(event["details"], {"goal": "ship"}, "details")
    equal((event["plan_id"], event["position"]), ("P1", 1), "plan and position")
