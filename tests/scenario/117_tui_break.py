# SPDX-License-Identifier: MIT
"""The server is killed and started again while `oyez tui` watches: it shows the break, comes back by
itself, and its list has every event once. The one that it was looking at stays where it was."""
import re

from counted import counted_details
from harness import Scenario, equal
from record import query, start_server
from terminal import Terminal


def emit_some(s, first, count):
    path = s.write_jsonl(f"events-{first}.jsonl", [
        {"event_type": "tool.invoked", "plan_id": f"n-{n}", "details": counted_details(n)}
        for n in range(first, first + count)])
    s.oyez("emit", "--from", path, "--level", "recorded")


def plans(t):
    return re.findall(r"plan (n-\d+)", "\n".join(t.rows_of_list()))


with Scenario() as s:
    data = s.directory / "data"
    server = start_server(s, data)
    endpoint = s.endpoint
    emit_some(s, 0, 20)
    with Terminal(s, columns=200, rows=60) as t:
        t.wait_for("plan n-19")
        emit_some(s, 20, 10)
        t.wait_for("plan n-29")
        t.wait_for("10 events")

        server.kill()
        t.wait_for("server gone")
        t.wait_for("the server is gone")
        t.keys("Up")  # what is there can be looked at meanwhile
        t.wait_for("plan n-28")
        t.keys("End")
        s.broker = None
        server = start_server(s, data, endpoint)
        t.wait_for(re.compile(r"^ oyez +● live", re.M), 60)
        t.wait_for("the server is back")
        emit_some(s, 30, 10)
        t.wait_for("plan n-39", 60)
        equal(plans(t), [f"n-{n}" for n in range(40)], "the list after the break")
        t.wait_for("20 events")

        # Paused while it happens: the place is kept.
        t.keys("Up", "Up")
        t.wait_for("paused")
        before = t.rows_of_list()
        server.kill()
        t.wait_for("server gone")
        s.broker = None
        server = start_server(s, data, endpoint)
        t.wait(lambda lines: "gone" not in lines[0], "it is back", 60)
        emit_some(s, 40, 2)
        t.wait_for(re.compile(r"paused, [1-9]"), 60)
        equal(t.rows_of_list(), before, "the place")
        t.keys("End")
        t.wait_for("plan n-41")
        shown = plans(t)
        equal(len(shown), len(set(shown)), "each once")
        equal(shown[-2:], ["n-40", "n-41"], "the newest")
        recorded = [e["plan_id"] for e in query(s)]
        equal(len(recorded), 42, "recorded events")
        t.quit()
