# SPDX-License-Identifier: MIT
"""`oyez tail --from` under load: what is recorded, then what is live, without a gap and nothing
twice, from the first, the last N, a cursor and a time."""

from harness import QUICK, Scenario, equal, wait_until
from record import query, start_server

BEFORE = 300 if QUICK else 3000  # events before any tail
AFTER = 700 if QUICK else 7000   # and besides
RATE = 500 if QUICK else 2000    # a second


def lines(first, last):
    return ({"event_type": "plan.created" if n % 10 else "plan.applied",
             "details": {"n": n, "third": n % 3 == 0}} for n in range(first, last))


def numbers(tail):
    return [e["details"]["n"] for e in tail.events()]


def without_a_server(s):
    broker = s.start_broker()
    refused = s.oyez("tail", "--from", "first", "--count", "1", expect=4)
    equal("no recorder" in refused.stderr(), True, refused.stderr())
    s.oyez("tail", "--from", "soon", expect=2)
    s.oyez("tail", "--from", "last:0", expect=2)
    equal(broker.stop(), 0, "exit status of the broker")


with Scenario() as s:
    without_a_server(s)

with Scenario() as s:
    data = s.directory / "data"
    start_server(s, data)
    s.oyez("emit", "--from", s.write_jsonl("before.jsonl", lines(0, BEFORE)), "--level", "recorded")
    recorded = query(s)
    middle = recorded[BEFORE // 2]
    total = BEFORE + AFTER
    emit = s.start_oyez("emit", "--from", s.write_jsonl("after.jsonl", lines(BEFORE, total)),
                        "--rate", str(RATE), "--timeout", "60000")

    every = range(total)
    applied = [n for n in every if n % 10 == 0]
    third = [n for n in every if n % 3 == 0]
    started = []
    for arguments, expected in (
            (("--from", "first"), list(every)),
            (("--from", "first", "plan.applied"), applied),
            (("--from", "first", "--where", "details.third=true"), third),
            (("--from", middle["cursor"]), [n for n in every if n >= middle["details"]["n"]]),
            (("--from", middle["broker_time"]), [n for n in every if n >= middle["details"]["n"]]),
            (("--from", "1h"), list(every)),
            (("--from", "last:100"), None),
            (("--from", "last:5", "plan.applied"), None)):
        tail = s.start_tail(*arguments)
        equal(emit.is_running(), True, "the load goes on while tails begin")
        started.append((arguments, expected, tail))
        wait_until(lambda t=tail: t.line_count() > 0, f"tail {arguments} shows something")
    emit.ends_with(0, 60)

    for arguments, expected, tail in started:
        step = 10 if "plan.applied" in arguments else 1
        last = expected[-1] if expected else total - step
        wait_until(lambda t=tail, n=last: n in numbers(t)[-1:], f"tail {arguments} ends with {last}")
        found = numbers(tail)
        if expected is None:
            least = 5 if step == 10 else 100
            equal(found, list(range(found[0], total, step)), f"tail {arguments}: a run to the end")
            equal(len(found) >= least, True, f"tail {arguments}: {len(found)} events")
            equal(found[0] >= BEFORE - least * step, True, f"tail {arguments} begins late enough")
        else:
            equal(found, expected, f"tail {arguments}")
        equal(tail.stderr(), f"listening on {s.endpoint}\n", f"messages of tail {arguments}")

    # A tail that has seen enough in the record ends without going live.
    few = s.oyez("tail", "--from", "first", "--count", "7", "--json")
    equal(numbers(few), list(range(7)), "the first seven")
