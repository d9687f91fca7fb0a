# SPDX-License-Identifier: MIT
"""Time in `oyez tui`: jumps to times and cursors, steps by minutes and hours, a time line of events and
errors that leads to where it is clicked, and the past played again at a chosen speed, in the view alone."""
import re

from counted import counted_details
from harness import Scenario, equal
from record import query, start_server
from terminal import Terminal

def emit_some(s, first, count, event_type="tool.invoked"):
    for n in range(first, first + count):
        details = counted_details(n) if event_type == "tool.invoked" else \
            {"tool": "t", "error_message": "broke"}
        s.emit(event_type, details, "--plan-id", f"n-{n}", "--level", "recorded")


def plans(t):
    return re.findall(r"plan (n-\d+)", "\n".join(t.rows_of_list()))


def open_at(t, cursor):
    """Opens what is selected: the event of this cursor, also where a jump to it is under way."""
    t.keys("Enter")
    t.wait_for(f"cursor             {cursor}")
    t.keys("q")
    t.wait_for("belongs to")


with Scenario() as s:
    start_server(s, s.directory / "data")
    emit_some(s, 0, 3)
    emit_some(s, 3, 2, "tool.errored")
    emit_some(s, 5, 3)
    events = query(s)
    with Terminal(s, columns=200, rows=60) as t:
        t.wait_for("plan n-7")
        cursor = events[4]["cursor"]
        t.keys("g")
        t.type(cursor)
        t.keys("Enter")
        t.wait_for("paused")
        open_at(t, cursor)
        t.keys("g")
        t.wait_for("go to (")
        t.type("nonsense")
        t.keys("Enter")
        t.wait_for("is no place")

        t.keys("g")
        t.type(events[2]["broker_time"])
        t.keys("Enter")
        open_at(t, events[2]["cursor"])
        t.keys("Enter")
        t.wait_for(f"cursor             {events[2]['cursor']}")
        t.keys("Right")
        t.wait_for(f"cursor             {events[3]['cursor']}")
        t.keys("Left")
        t.wait_for(f"cursor             {events[2]['cursor']}")
        t.keys("q")
        for key, position in (("[", 1), ("]", 8), ("{", 1), ("}", 8), ("Home", 1)):
            t.keys(key)
            open_at(t, events[position - 1]["cursor"])

        # The time line knows events and errors, of any span.
        t.wait(lambda lines: re.search("[▁▂▃▄▅▆▇█]", lines[2]) and
               re.search("[▁▂▃▄▅▆▇█]", lines[3]), "events and errors")
        for name in ("1 hour", "6 hours", "1 day"):
            t.keys("z")
            t.wait(lambda lines, n=name: lines[2].startswith(n), name)
            t.wait(lambda lines: re.search("[▁▂▃▄▅▆▇█]", lines[2] + lines[3]), "events", 60)
        t.keys("Z", "Z", "Z")
        t.wait(lambda lines: lines[2].startswith("5 min"), "shorter")

        # Played again: as long as it took, or faster; nothing is emitted by it.
        t.keys("Home")
        t.wait_for("plan n-7")
        t.keys("-", "-", "-")
        t.wait_for("x0.1")
        t.keys("p")
        t.wait(lambda lines: "▶" in lines[0] and "x0.1" in lines[0] and 0 < len(plans(t)) < 8,
               "a part of the past")
        t.keys("+", "+", "+", "+")
        t.wait_for("played to the end")
        equal(plans(t), [f"n-{n}" for n in range(8)], "what was played")
        equal(len(query(s)), 8, "events of the record")
        t.keys("End")
        t.wait_for("● live")
        t.quit()
