# SPDX-License-Identifier: MIT
"""A replay is seen by who asks for it by name and by nobody else, in order, with the details as they
were; the record stays as it is; it ends in good order when it is interrupted."""
import json
import signal

from harness import Scenario, equal, wait_until
from record import query, records, start_server

RUN = "Run_-123"


def emit_history(s):
    lines = [{"event_type": "github.push" if n % 3 else "github.pull.opened", "details": {"n": n},
              "tags": {"k": str(n)}} for n in range(1, 301)]
    s.oyez("emit", "--from", s.write_jsonl("history.jsonl", lines), "--level", "recorded")


def replay(s, *arguments, **options):
    process = s.oyez("replay", "--json", *arguments, **options)
    return json.loads(process.stdout())


def seen_by_name_alone(s, data):
    before = len(records(data))
    everything = s.start_tail()
    replayed = s.start_tail("replay.*")
    one_type = s.start_tail(f"replay.{RUN}.github.pull.opened")
    summary = replay(s, "--run", RUN, "--speed", "max")
    wait_until(lambda: replayed.line_count() >= 300, "the replay is seen")
    s.emit("github.push", {"n": 999}, "--level", "recorded")
    wait_until(lambda: everything.line_count() >= 1, "what is live is seen")
    history = query(s)[:300]
    found = replayed.events()
    equal([e["details"] for e in found], [e["details"] for e in history], "in order, as they were")
    equal([e["event_type"] for e in found],
          [f"replay.{RUN}.{e['event_type']}" for e in history], "under the replay's name")
    equal([e["event_id"] for e in found], [e["event_id"] for e in history], "with their ids")
    equal([e["tags"] for e in found],
          [dict(e["tags"], **{"replay.cursor": e["cursor"]}) for e in history],
          "and where they stand in the record")
    equal([e for e in found if "epoch" in e or "position" in e or "index" in e], [],
          "without a place in the order")
    equal([e["details"]["n"] for e in everything.events()], [999], "* does not show it")
    equal([e["details"]["n"] for e in one_type.events()], list(range(3, 301, 3)), "one type of it")
    equal(len(records(data)), before + 1, "the record has nothing of it")
    equal((summary["run"], summary["events"], summary["complete"], summary["first"],
           summary["last"]),
          (RUN, 300, True, history[0]["cursor"], history[-1]["cursor"]), "the summary")
    equal(s.counters()["replayed"], 300, "the broker has counted it")


def chosen(s):
    seen = s.start_tail("replay.*")
    summary = replay(s, "github.pull.*", "--where", "details.n=30", "--since", "1h", "--speed", "1000")
    equal(summary["events"], 1, "one event is chosen")
    wait_until(lambda: seen.line_count() == 1, "it is seen")
    equal(seen.events()[0]["details"], {"n": 30}, "it")
    equal(len(summary["run"]), 8, "a run of its own choice")
    nothing = replay(s, "plan.errored", "--speed", "max")
    equal((nothing["events"], nothing["first"], nothing["complete"]), (0, None, True), "nothing")


def interrupted(s):
    """The last event is younger than the others by more than a second; at a tenth of the speed it is
    not due for a long time."""
    first = query(s, "--limit", "1")[0]
    equal(query(s, "--reverse", "--limit", "1")[0]["broker_time"] > first["broker_time"], True,
          "time has passed")
    slow = s.start_oyez("replay", "--json", "--speed", "0.1")
    wait_until(lambda: "replaying as" in slow.stderr(), "it has begun")
    slow.send_signal(signal.SIGINT)
    slow.ends_with(-signal.SIGINT)
    summary = json.loads(slow.stdout())
    equal((summary["complete"], summary["events"] < 301), (False, True), "it says how far it came")


def refused(s):
    for arguments in (("--speed", "0"), ("--speed", "fast"), ("--speed", "2000"),
                      ("--run", "short"), ("--run", "has.dots"), ("--since", "tomorrow")):
        s.oyez("replay", *arguments, expect=2)
    s.oyez("emit", f"replay.{RUN}.github.push", "{}", expect=4)


with Scenario() as s:
    data = s.directory / "data"
    start_server(s, data)
    emit_history(s)
    seen_by_name_alone(s, data)
    chosen(s)
    interrupted(s)
    refused(s)
    s.oyez("verify", data)
