# SPDX-License-Identifier: MIT
"""273 real webhook deliveries come back from the journal equal as JSON, and byte for byte."""
import json
import subprocess
import sys

from harness import BIN, PYTHON_CLIENT, SHARED, Scenario, equal, free_port, skip
from record import query, start_server, verify

sys.path.insert(0, str(PYTHON_CLIENT))
import oyez_wire as wire  # noqa: E402  the path stands above
import zmq  # noqa: E402

DATA = SHARED / "data" / "github-webhooks.jsonl"
if not DATA.exists():
    skip(f"{DATA} is not here")


def canonical(event, event_type):
    fields = [event.get(name) for name in ("source", "correlation_id", "actor_id", "details")]
    return json.dumps([event_type, *fields], sort_keys=True)


class Listener:
    """Everything that passes on the bus, as bytes."""

    def __init__(self, endpoint):
        host, port = endpoint.rsplit(":", 1)
        self.socket = zmq.Context.instance().socket(zmq.SUB)
        self.socket.setsockopt(zmq.RCVHWM, 0)
        self.socket.setsockopt(zmq.SUBSCRIBE, b"")
        self.socket.connect(f"{host}:{int(port) + 2}")
        # A heartbeat: the subscription has reached the broker.
        equal(self.socket.poll(20000), zmq.POLLIN, "the broker is heard")

    def events(self):
        found = {}
        while self.socket.poll(200):
            batch = wire.read_frame(self.socket.recv())
            if batch.event_type.startswith("github."):
                for i, event in enumerate(batch.events):
                    found[wire.event_to_json(batch, i)["event_id"]] = event
        return found


def get_raw(s, event_id):
    return subprocess.run([BIN / "oyez", "get", event_id, "--raw"], env=s.environment,
                          capture_output=True, timeout=60, check=True).stdout


with Scenario() as s:
    data = s.directory / "data"
    start_server(s, data, f"tcp://127.0.0.1:{free_port()}")
    listener = Listener(s.endpoint)
    s.oyez("emit", "--from", DATA, "--level", "recorded")
    with open(DATA, encoding="utf-8") as file:
        sent = [json.loads(line) for line in file]
    received = query(s, "github.*")
    equal(len(received), 273, "events")
    equal([canonical(e, e["event_type"]) for e in received],
          [canonical(e, e["type"]) for e in sent], "webhooks")
    equal(query(s, "--reverse", "github.*"), received[::-1], "newest first")
    equal(query(s, "github.issues.*", "--limit", "5"),
          [e for e in received if e["event_type"].startswith("github.issues.")][:5], "a pattern")
    some = received[100]
    equal(query(s, "--where", f"correlation_id={some['correlation_id']}"),
          [e for e in received if e.get("correlation_id") == some["correlation_id"]], "a condition")

    emitted = listener.events()
    equal(len(emitted), 273, "events that passed on the bus")
    for event in received[::20]:
        equal(get_raw(s, event["event_id"]), emitted[event["event_id"]], "get --raw")
    one = json.loads(s.oyez("get", some["event_id"], "--json").stdout())
    equal(one, some, "get and query tell the same")
    s.oyez("get", "019a0000-0000-7000-8000-000000000000", expect=1)

    counts = {g["key"]: g["count"] for g in s.oyez("stats", "--json").events()}
    types = [e["event_type"] for e in received]
    equal(counts, {t: types.count(t) for t in types}, "stats of 163 types")
    equal(len(counts), 163, "event types")
    equal([(g["key"], g["count"])
           for g in s.oyez("stats", "--by", "catalog", "--json").events()],
          [("github", 273)], "stats by catalog")
    verify(s, data)
