# SPDX-License-Identifier: MIT
"""The reader in Python, written from docs/journal.md alone, finds the events that `oyez query`
shows, with equal stamps, headers and details, over epochs, repeats and conflicts."""
import sys

from counted import FAST, counted
from harness import PYTHON_CLIENT, SHARED, Scenario, equal, free_port
from record import EPOCH_END, EVENTS, REPEATS, cursor, journal, query, records, start_server, verify

sys.path.insert(0, str(PYTHON_CLIENT))
import oyez_wire as wire  # noqa: E402  the path stands above

EVENT_ID = "019a0000-1111-7222-8333-444444444444"
WEBHOOKS = SHARED / "data" / "github-webhooks.jsonl"


def record_some(s, first):
    lines = ({**counted(n, ("tool.invoked", FAST)[n % 2], text="\u2028 \"ä\" \U0001f600",
                        nested={"list": [1, 2.5, None, True]}),
              "actor_name": "Zoë", "tags": {"n": str(n)}}
             for n in range(first, first + 500))
    s.oyez("emit", "--from", s.write_jsonl(f"some-{first}.jsonl", lines), "--level", "recorded")
    for details in ({}, {}, {"locale": "de"}):
        s.emit("session.created", details, "--event-id", EVENT_ID, "--level", "recorded")
    if WEBHOOKS.exists():
        s.oyez("emit", "--from", WEBHOOKS, "--level", "recorded")


def as_query_tells_it(record):
    """The same object that oyez prints, from the bytes of the journal."""
    _salt, _signature, *rest = record.parts()
    header = record.kept() if record.kind == 1 else rest[0]
    event = wire.event_pb2.Event(header=header, details=rest[-1], details_format=record.format)
    epoch, position = cursor(record)
    batch = wire.Batch("", epoch, position, journal.u64(record.bytes, 75),
                       journal.u64(record.bytes, 42), journal.u64(record.bytes, 67),
                       record.bytes[66] & 1, record.bytes[50:66],
                       [event.SerializeToString(deterministic=True)])
    return dict(wire.event_to_json(batch, 0), index=record.index)


with Scenario() as s:
    data = s.directory / "data"
    listen = f"tcp://127.0.0.1:{free_port()}"
    # The recovery after a kill begins another segment.
    server = start_server(s, data, listen)
    record_some(s, 0)
    server.kill()
    server = start_server(s, data, listen)
    record_some(s, 500)
    server.stop()
    server = start_server(s, data, listen)
    record_some(s, 1000)
    shown = query(s)
    read = records(data)
    equal([r.index for r in read], list(range(len(read))), "indexes")
    equal([as_query_tells_it(r) for r in read if r.kind in EVENTS], shown, "events")
    equal(query(s, "--dir", data), shown, "events of the directory")
    kinds = {r.kind for r in read}
    equal({EPOCH_END, REPEATS[0]} <= kinds, True, f"epochs end, events come again: {kinds}")
    verify(s, data)
