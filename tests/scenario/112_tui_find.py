# SPDX-License-Identifier: MIT
"""Searching and filtering in `oyez tui`: as it is typed, on the screen and far back in the record; by
pattern, field and tag, with completion, under names that the next run knows."""
import re

from counted import counted_details
from harness import Scenario, equal
from record import start_server
from terminal import Terminal

COUNT = 3000  # more than the view begins with


def event(n):
    if n % 100 == 7:
        return {"event_type": "plan.created", "plan_id": f"p-{n}",
                "phase": "strategize", "state": "queued", "tags": {"env": "the prod"},
                "details": {"goal": f"Goal {n}"}}
    return {"event_type": "tool.invoked", "plan_id": f"t-{n}",
            "details": counted_details(n, note="needle-far-back" if n == 42 else "hay")}


def plans(t):
    return re.findall(r"plan ([pt]-\d+)", "\n".join(t.rows_of_list()))


def selected(t):
    """The row that is shown reversed, without its colours."""
    for line in t.coloured().split("\n")[5:]:
        # The row has another background than its neighbours from its first column on.
        if re.match(r"(\x1b\[[0-9;]*m)*\x1b\[([0-9]+;)*7(;[0-9]+)*m", line):
            return re.sub(r"\x1b\[[0-9;]*m", "", line).rstrip()
    return ""


with Scenario() as s:
    start_server(s, s.directory / "data")
    path = s.write_jsonl("events.jsonl", [event(n) for n in range(COUNT)])
    s.oyez("emit", "--from", path, "--level", "recorded")
    with Terminal(s) as t:
        t.wait_for(f"plan t-{COUNT - 1}")
        t.keys("/")
        t.type("GOAL 2907")  # any case; on the way each letter searches
        t.wait(lambda lines: "p-2907" in selected(t), "the one that is near")
        t.keys("C-u")
        t.type("needle-far-back")
        t.wait(lambda lines: "t-42" in selected(t), "the one far back", 60)
        t.keys("Enter")
        t.keys("?")
        t.wait_for("Everywhere")
        t.keys("/")
        t.type("filters that")
        t.keys("Enter")
        t.wait_for("filters that have names")
        t.keys("Escape")
        t.wait_for("belongs to")
        t.keys("/")
        t.type("there is no such thing")
        t.wait_for("not found in", 60)
        t.keys("Escape", "End")
        t.wait_for("● live")

        t.keys("f")
        t.type("plan.cr")
        t.keys("Tab")
        t.wait_for("filter: plan.created")
        t.type(" ta")
        t.keys("Tab")
        t.wait_for("filter: plan.created tag.")
        t.type("env=\"the prod\"")
        t.keys("Enter")
        t.wait_for("p-2907")
        expected = [f"p-{n}" for n in range(7, COUNT, 100)][-18:]
        t.wait(lambda lines: plans(t) == expected, "what matches, from memory and record")
        s.emit("tool.invoked", counted_details(1), "--plan-id", "t-9999")
        s.emit("plan.created", {"goal": "late"}, "--plan-id", "p-9999", "--phase", "strategize",
               "--state", "queued", "--tag", "env=the prod")
        t.wait_for("p-9999")
        t.wait_for(re.compile(r"the prod\" \(1\)"))
        equal("t-9999" in "\n".join(t.screen()), False, "what does not match is shown")

        t.keys("S")
        t.type("prod-plans")
        t.keys("Enter")
        t.wait_for("kept")
        t.keys("c")
        t.wait_for("t-9999")
        t.keys("f")
        t.type("colour=red")
        t.keys("Enter")
        t.wait_for("unknown field")
        t.quit()
    with Terminal(s) as t:  # another run
        t.wait_for("p-9999")
        t.keys("F")
        t.wait_for("prod-plans")
        t.keys("Enter")
        t.wait_for("p-2907")
        t.wait_gone("t-9999")
        t.keys("F")
        t.wait_for("prod-plans")
        t.keys("d")
        t.wait_gone("prod-plans")
        t.keys("q")
        t.quit()
    with Terminal(s, "--filter", "plan_id=t-42") as t:
        t.wait_for("plan t-42", 60)
        equal(plans(t), ["t-42"], "a filter on the command line")
        t.quit()
