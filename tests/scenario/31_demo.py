# SPDX-License-Identifier: MIT
"""`oyez serve --demo` plays an agent platform: events of all five catalogs, linked by their ids."""
import re

from harness import Scenario, equal

CATALOGS = {"cleveragents", "zakops", "tamma", "tasker", "projectai"}

with Scenario() as s:
    types = {t["event_type"]: t["catalog"]
             for t in s.oyez("catalog", "list", "--json").events()}
    demo = s.start_oyez("serve", "--demo", "--for", "5", "--listen", "tcp://127.0.0.1:*")
    endpoint = s.ready_endpoint(demo)
    tail = s.start_tail("*", "--endpoint", endpoint)
    demo.ends_with(0, 30)
    equal("\x1b" in demo.stdout(), False, "colour in a file")
    words = set(re.findall(r"[A-Za-z0-9._-]+", demo.stdout()))
    equal({types[w] for w in words if w in types}, CATALOGS, "catalogs of the printed events")

    events = tail.events()
    equal(CATALOGS - {types[e["event_type"]] for e in events}, set(), "catalogs a tail missed")
    known = {e["event_id"] for e in events}
    caused = [e for e in events if "causation_id" in e]
    linked = [e for e in caused if e["causation_id"] in known]
    equal(len(caused) > 0, True, "some events have a cause")
    equal(len(linked) * 2 > len(caused), True,
          f"most causes are events that were seen: {len(linked)} of {len(caused)}")
    by_id = {e["event_id"]: e for e in events}
    for event in linked:
        cause = by_id[event["causation_id"]]
        equal(cause["position"] < event["position"], True, f"cause before effect: {event}")
        equal(event.get("correlation_id"), cause.get("correlation_id"), "one correlation a story")
    equal(any("root_plan_id" in e and e["root_plan_id"] != e.get("plan_id") for e in events), True,
          "a sub-plan names its root")
