# SPDX-License-Identifier: MIT
"""Python and C understand each other, both ways, and print the same line for the same event."""

from counted import counted, number_of
from harness import QUICK, Scenario, equal, wait_until

COUNT = 400  # well below the 10,000 messages that wait for one subscriber
FULL = {
    "event_id": "01a1f81f-5388-7abc-8def-0123456789ab",
    "occurred_at": "2026-11-20T09:42:45.25+01:00",
    "schema_version": "1.2.3", "correlation_id": "c", "causation_id": "k", "step_id": "s",
    "actor_type": "agent", "actor_id": "a1", "actor_name": "Ada", "plan_id": "P1",
    "root_plan_id": "P0", "phase": "execute", "state": "running", "session_id": "S",
    "project_name": "p", "run_id": "R", "thread_id": "T", "user_id": "U", "aggregate_id": "A",
    "aggregate_type": "plan", "aggregate_version": 0, "source": "test", "app_version": "9",
    "environment": "dev", "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "tags": {"team": "blue", "size.of": "groß"},
    "details": {"tool": "naïve ☃", "attempt": 2,
                "changed": {"number": 1.5, "list": [1, None, True]}}}
DETAILS = {"cursor", "position", "epoch", "broker_time", "index"}


def lines(start):
    return [counted(n) for n in range(start, start + COUNT)]


def start_both(s, *arguments):
    return [s.start_tail(*arguments),
            s.when_listening(s.start_python("subscriber.py", *arguments))]


with Scenario() as s:
    s.start_broker()
    c_tail, python_tail = start_both(s, "tool.*")
    exact = s.when_listening(s.start_python("subscriber.py", "--count", "1", "tool.errored"))

    # Python -> C and Python.
    with open(s.write_jsonl("python.jsonl", lines(0)), "rb") as file:
        s.start_python("emitter.py", stdin=file).ends_with(0)
    for tail in (c_tail, python_tail):
        wait_until(lambda: tail.line_count() == COUNT, f"{tail.name} has what Python emitted")
    s.start_python("emitter.py", "tool.completed", '{"tool":"hammer"}', "--field",
                   "plan_id=P7").ends_with(0)
    # C -> Python and C.
    s.oyez("emit", "--from", s.write_jsonl("c.jsonl", lines(COUNT)))
    # Every header field, from both sides.
    s.oyez("emit", "--from", s.write_jsonl("full.jsonl", [dict(FULL, event_type="tool.retried")]))
    with open(s.write_jsonl("full2.jsonl", [dict(FULL, type="tool.retried")]), "rb") as file:
        s.start_python("emitter.py", stdin=file).ends_with(0)
    s.emit("tool.errored", {"tool": "last", "error_message": "none"})

    exact.ends_with(0)
    equal([e["event_type"] for e in exact.events()], ["tool.errored"], "the exact subscription")
    total = 2 * COUNT + 4
    for tail in (c_tail, python_tail):
        wait_until(lambda: tail.line_count() >= total, f"{tail.name} has all events")
        events = tail.events()
        equal(len(events), total, f"events of {tail.name}")
        equal([number_of(e) for e in events if number_of(e) is not None], list(range(2 * COUNT)),
              f"order in {tail.name}")
        full = [e for e in events if e["event_type"] == "tool.retried"]
        for event in full:
            expected = dict(FULL, event_type="tool.retried",
                            occurred_at="2026-11-20T08:42:45.250000000Z")
            equal({k: v for k, v in event.items() if k not in DETAILS}, expected,
                  f"every header field in {tail.name}")
    equal(python_tail.events(), c_tail.events(), "what the two print")
    equal([list(e) for e in python_tail.events()], [list(e) for e in c_tail.events()],
          "order of the fields")

    # A broker that goes away: the Python emitter says so.
    s.start_python("emitter.py", "--endpoint", "tcp://127.0.0.1:1", "--timeout", "0.5",
                   "session.created").ends_with(3)
    s.start_python("subscriber.py", "--endpoint", "tcp://127.0.0.1:1", "--timeout",
                   "0.5").ends_with(3)
    s.start_python("emitter.py", "session.created", '{"broken":').ends_with(2)
