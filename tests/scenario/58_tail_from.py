# SPDX-License-Identifier: MIT
"""`oyez tail --from` under load: what is recorded, then what is live, without a gap and nothing
twice, from the first, the last N, a cursor and a time."""

import datetime
import time

from counted import counted, counted_details, number_of
from harness import QUICK, SANITIZED, SLOW, Scenario, equal, wait_until
from record import FAILING_DISK, query, start_server

BEFORE = 300 if QUICK else 3000  # events before any tail
AFTER = 700 if QUICK else 7000   # and besides
RATE = int((500 if QUICK else 2000) / SLOW)  # a second


def lines(first, last):
    return (counted(n, "tool.invoked" if n % 10 else "tool.retried", third=n % 3 == 0)
            for n in range(first, last))


def numbers(tail):
    return [number_of(e) for e in tail.events()]


def without_a_server(s):
    broker = s.start_broker()
    refused = s.oyez("tail", "--from", "first", "--count", "1", expect=4)
    equal("no recorder" in refused.stderr(), True, refused.stderr())
    s.oyez("tail", "--from", "soon", expect=2)
    s.oyez("tail", "--from", "last:0", expect=2)
    equal(broker.stop(), 0, "exit status of the broker")


def while_the_recorder_is_behind(s):
    """Events that are stamped, and not recorded yet, when the tail begins: they passed by before it
    listened, so the record must be waited for."""
    slow = s.directory / "slow"
    start_server(s, s.directory / "data",
                 environment={"LD_PRELOAD": str(FAILING_DISK), "OYEZ_FAILING_DISK": str(slow)})
    slow.write_text("slow pwrite")
    s.oyez("emit", "--from", s.write_jsonl("few.jsonl", lines(0, 200)), "--level", "sent",
           "--timeout", "60000")
    tail = s.start_tail("--from", "first")
    s.emit("tool.invoked", counted_details(200))
    wait_until(lambda: tail.line_count() >= 201, "the tail has all")
    equal(numbers(tail), list(range(201)), "a tail while the recorder is behind")


def begins_later(s, epoch, head):
    """From a place that is not there yet: what comes before it is not shown."""
    moment = time.time_ns() + int((1 + 2 * SLOW) * 10**9)
    text = f"{datetime.datetime.utcfromtimestamp(moment // 10**9):%Y-%m-%dT%H:%M:%S}Z"
    by_cursor = s.start_tail("--from", f"{epoch}:{head + 6}")
    by_time = s.start_tail("--from", text)
    for tail, place in ((by_cursor, f"{epoch}:{head + 6}"), (by_time, text[:-1])):
        wait_until(lambda t=tail: "nothing is shown before" in t.stderr(), "a tail says it waits")
        equal(f"the record ends at {epoch}:{head}; nothing is shown before {place}"
              in tail.stderr(), True, tail.stderr())
    next_one = s.start_tail("--from", f"{epoch}:{head + 1}")
    s.oyez("emit", "--from", s.write_jsonl("early.jsonl", lines(head, head + 10)))
    while time.time_ns() < moment:
        time.sleep(0.05)
    s.emit("tool.retried", counted_details(head + 10, "tool.retried"))
    wait_until(lambda: by_cursor.line_count() >= 6 and by_time.line_count() >= 1, "both begin")
    equal(numbers(by_cursor), list(range(head + 5, head + 11)), "from a later cursor")
    equal(numbers(by_time), [head + 10], "from a later time")
    wait_until(lambda: next_one.line_count() >= 11, "from the next event")
    equal("nothing is shown" in next_one.stderr(), False, next_one.stderr())


with Scenario() as s:
    without_a_server(s)

if not SANITIZED and FAILING_DISK.exists():
    with Scenario() as s:
        while_the_recorder_is_behind(s)

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
            (("--from", "first", "tool.retried"), applied),
            (("--from", "first", "--where", "details.arguments.third=true"),
             [n for n in third if n % 10]),
            (("--from", middle["cursor"]), [n for n in every if n >= number_of(middle)]),
            (("--from", middle["broker_time"]), [n for n in every if n >= number_of(middle)]),
            (("--from", "1h"), list(every)),
            (("--from", "last:100"), None),
            (("--from", "last:5", "tool.retried"), None)):
        tail = s.start_tail(*arguments)
        equal(emit.is_running(), True, "the load goes on while tails begin")
        started.append((arguments, expected, tail))
        wait_until(lambda t=tail: t.line_count() > 0, f"tail {arguments} shows something")
    emit.ends_with(0, 60)

    for arguments, expected, tail in started:
        step = 10 if "tool.retried" in arguments else 1
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

    begins_later(s, recorded[0]["epoch"], total)

    # A tail that has seen enough in the record ends without going live.
    few = s.oyez("tail", "--from", "first", "--count", "7", "--json")
    equal(numbers(few), list(range(7)), "the first seven")
    for shown in (s.oyez("tail", "--from", "first", "--count", "2", "--ids"),
                  s.oyez("query", "--limit", "2", "--ids")):
        equal([line.decode().split()[:2] for line in shown.lines()],
              [[e["cursor"], e["event_id"]] for e in recorded[:2]], "cursor and id first")
