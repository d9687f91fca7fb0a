# SPDX-License-Identifier: MIT
"""Subscriptions that begin in the record while events go on: no gap and nothing twice where record
and live meet; and those that show nothing but the record show exactly it."""
from counted import counted
from harness import QUICK, Scenario, equal, wait_until
from record import start_server

BEFORE = 2000 if QUICK else 20000
AFTER = 2000 if QUICK else 20000
RATE = 1000 if QUICK else 8000


def lines(first, last):
    return (counted(n, "tool.invoked" if n % 7 else "tool.retried") for n in range(first, last))


def cursors(process):
    return [e["cursor"] for e in process.events()]


with Scenario() as s:
    start_server(s, s.directory / "data")
    s.oyez("emit", "--from", s.write_jsonl("before.jsonl", lines(0, BEFORE)), "--level", "recorded",
           "--timeout", "60000")
    emit = s.start_oyez("emit", "--from", s.write_jsonl("after.jsonl", lines(BEFORE, BEFORE + AFTER)),
                        "--rate", str(RATE), "--timeout", "60000")
    tails = [((arguments, pattern), s.start_tail(*arguments, *pattern))
             for arguments in (("--from", "first"), ("--from", "first", "--only-recorded"))
             for pattern in ((), ("tool.retried",))]
    live = s.start_tail("--only-recorded")
    equal(emit.is_running(), True, "the load goes on while they begin")
    emit.ends_with(0, 120)
    for (arguments, pattern), tail in tails:
        recorded = s.oyez("query", "--json", *pattern)
        wait_until(lambda t=tail, r=recorded: t.line_count() >= r.line_count(),
                   f"{arguments} {pattern} has all", 60)
        equal(cursors(tail) == cursors(recorded), True, f"{arguments} {pattern}: as the record")
        equal(len(tail.stderr().splitlines()), 1, f"{arguments} {pattern}: {tail.stderr()}")
    everything = cursors(s.oyez("query", "--json"))
    wait_until(lambda: cursors(live)[-1:] == everything[-1:], "who began live has the last")
    found = cursors(live)
    equal(found == everything[-len(found):], True, "only what is recorded, from the beginning on")
    indexes = [e["index"] for e in tails[2][1].events()]
    equal(indexes == sorted(set(indexes)), True, "their places in the journal grow")
