# SPDX-License-Identifier: MIT
"""273 real webhook deliveries go through emit and tail, and arrive with equal details."""
import collections
import json

from harness import SHARED, Scenario, equal, skip, wait_until

DATA = SHARED / "data" / "github-webhooks.jsonl"
if not DATA.exists():
    skip(f"{DATA} is not here")


def canonical(event, event_type):
    fields = [event.get(name) for name in ("source", "correlation_id", "actor_id", "details")]
    return json.dumps([event_type, *fields], sort_keys=True)


with Scenario() as s:
    s.start_broker()
    tail = s.start_tail("github.*")
    s.oyez("emit", "--from", DATA)
    with open(DATA, encoding="utf-8") as file:
        sent = [json.loads(line) for line in file]
    wait_until(lambda: tail.line_count() >= len(sent), f"the tail has {len(sent)} events")
    received = tail.events()
    equal(len(received), 273, "events")
    equal([canonical(e, e["event_type"]) for e in received],
          [canonical(e, e["type"]) for e in sent], "webhooks")
    equal(len(collections.Counter(e["event_type"] for e in received)), 163, "event types")
