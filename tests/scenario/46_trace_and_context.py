# SPDX-License-Identifier: MIT
"""A workflow over several processes: what they emit inherits the context of their environment, and
`oyez trace` shows who caused what, from the server and from the directory."""

import json

from harness import Scenario, equal
from record import receipt, start_server

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
CONTEXT = {"correlation_id": "W1", "run_id": "R1", "thread_id": "T1", "tags": {"env": "test"}}


def emit(s, event_type, cause=None, **options):
    arguments = ["--causation-id", cause] if cause else []
    return receipt(s.oyez("emit", event_type, "{}", *arguments, "--level", "recorded", "--json",
                          **options))["event_id"]


def nodes(process):
    return [json.loads(line) for line in process.lines()]


with Scenario() as s:
    data = s.directory / "data"
    server = start_server(s, data)
    inside = {"environment": {"OYEZ_CONTEXT": json.dumps(CONTEXT), "TRACEPARENT": TRACE}}
    first = emit(s, "github.issues.opened", **inside)
    called = emit(s, "github.check.started", first, **inside)
    failed = emit(s, "github.check.failed", called, **inside)
    last = emit(s, "github.issues.closed", first, **inside)
    emit(s, "github.issues.opened", first)

    tree = nodes(s.oyez("trace", "W1", "--json"))
    equal([(n["event"]["event_id"], n["depth"], n["failed"]) for n in tree],
          [(first, 0, False), (called, 1, False), (failed, 2, True), (last, 1, False)],
          "the tree of the workflow")
    for node in tree:
        event = node["event"]
        equal({name: event[name] for name in CONTEXT}, CONTEXT, "what an event inherits")
        equal(event["traceparent"], TRACE, "its trace")
    shown = s.oyez("trace", "W1").stdout().splitlines()
    equal(len(shown), 5, shown)
    equal(["└─ ✗ github.check.failed" in line for line in shown],
          [False, False, False, True, False], shown)

    missing = s.oyez("trace", "W2", expect=1)
    equal("no recorded event" in missing.stderr(), True, missing.stderr())
    refused = s.oyez("emit", "github.issues.opened", expect=4,
                     environment={"OYEZ_CONTEXT": '{"plan": "P"}'})
    equal("OYEZ_CONTEXT: plan: unknown field" in refused.stderr(), True, refused.stderr())

    server.stop()
    equal(nodes(s.oyez("trace", "W1", "--json", "--dir", data)), tree, "the tree without a server")
