# SPDX-License-Identifier: MIT
"""`oyez tail --from last:N --where …` begins with the last N that fulfil the condition, and goes on live;
where none does, with what comes."""
from counted import counted_details, number_of
from harness import Scenario, equal, wait_until
from record import start_server

COUNT = 40


def numbers(tail):
    return [number_of(e) for e in tail.events()]


with Scenario() as s:
    start_server(s, s.directory / "data")
    lines = ({"event_type": "tool.invoked", "details": counted_details(n), "plan_id": f"P{n % 4}"}
             for n in range(COUNT))
    s.oyez("emit", "--from", s.write_jsonl("some.jsonl", lines), "--level", "recorded")
    three = s.start_oyez("tail", "--json", "--from", "last:3", "--where", "plan_id=P1")
    more = s.start_oyez("tail", "--json", "--from", "last:100", "--where", "plan_id=P1")
    none = s.start_oyez("tail", "--json", "--from", "last:3", "--where", "plan_id=P9")
    old = [n for n in range(COUNT) if n % 4 == 1]
    wait_until(lambda: three.line_count() == 3 and more.line_count() == len(old), "what was before")
    equal((numbers(three), numbers(more)), (old[-3:], old), "the last ones of the plan")
    wait_until(lambda: "listening" in none.stderr(), "the tail of none listens")
    for number, plan in ((100, "P1"), (101, "P9")):
        s.emit("tool.invoked", counted_details(number), "--plan-id", plan)
    wait_until(lambda: three.line_count() == 4 and none.line_count() == 1, "what comes after")
    equal((numbers(three)[-1], numbers(none)), (100, [101]), "live ones")
