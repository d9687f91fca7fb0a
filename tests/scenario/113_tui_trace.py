# SPDX-License-Identifier: MIT
"""`t` in `oyez tui` shows a workflow as the tree of causes that `oyez trace` prints, with durations and
failures, folded and unfolded, and it grows while it is looked at."""
import re

from harness import Scenario, equal
from record import start_server
from terminal import Terminal

WORKFLOW = "order-77"
TOOL = {"tool": "t"}
PLAN = ["--plan-id", "p-1", "--phase", "strategize", "--state", "queued"]


def emit(s, event_type, details, cause=None):
    arguments = ["--correlation-id", WORKFLOW, "--level", "recorded", *PLAN]
    if cause:
        arguments += ["--causation-id", cause]
    return s.emit(event_type, details, *arguments).stdout().split()[0]


def types(lines):
    return re.findall(r"[a-z]+\.[a-z_]+", "\n".join(line for line in lines if line.startswith("+")))


with Scenario() as s:
    start_server(s, s.directory / "data")
    plan = emit(s, "plan.created", {"goal": "g"})
    first = emit(s, "tool.invoked", TOOL, plan)
    emit(s, "tool.errored", {**TOOL, "error_message": "it broke"}, first)
    emit(s, "plan.state_changed", {"from_state": "queued", "to_state": "processing"}, plan)
    s.emit("plan.created", {"goal": "another"}, "--level", "recorded", *PLAN)
    for columns, rows in ((80, 24), (200, 60)):
        with Terminal(s, columns=columns, rows=rows) as t:
            t.wait_for("tool.errored")
            t.keys("/")
            t.type("it broke")
            t.keys("Enter")
            t.wait_for("paused")
            t.wait_gone("searching")
            t.keys("t")
            traced = s.oyez("trace", WORKFLOW, "--json").events()
            equal(types(t.wait_for(f"{len(traced)} events, 1 failed")),
                  [line["event"]["event_type"] for line in traced], "the tree")
            t.wait_for("│  └─ ✗ tool.errored")
            t.wait_for(re.compile(r"plan\.created \([0-9.]+ m?s\)"))
            emit(s, "decision.created", {"decision_id": "d-1", "choice": "wait"}, plan)
            t.wait_for("decision.created")  # live
            t.keys("Down", "Space")
            t.wait_for("▸ 1 more")
            equal("tool.errored" in "\n".join(t.screen()), False, "what is folded")
            t.keys("Space")
            t.wait_for("tool.errored")
            t.keys("-")
            t.wait_for(re.compile(r"plan.created ▸ \d more"))
            t.keys("+")
            t.wait_for("tool.errored")
            t.keys("Down", "Down", "Enter")  # the one that failed
            t.wait_for("causation_id")
            t.keys("NPage")
            t.wait_for("error_message      it broke")
            t.keys("t")
            t.wait_for("1 failed")
            t.keys("Escape", "Escape", "Escape")
            t.wait_for("belongs to")
            t.quit()
