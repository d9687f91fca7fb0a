# SPDX-License-Identifier: MIT
"""The example programs of handlers do what their first lines say, with no daemon anywhere."""
import re

from harness import BIN, Scenario, equal

BAR = re.compile(r"\[([#.]{20})\] +(\d+) %")


def run(s, name, *arguments):
    return s.start(name, BIN / f"example-{name}", *arguments).ends_with(0)


def local(s):
    lines = run(s, "local", s.directory / "local-data").stdout().splitlines()
    equal(sorted(lines), ["live: order.created",
                          'read back: {"order_id": "123", "amount": 100}', "recorded at 1"],
          "what a process hears and records by itself")


def handlers(s):
    lines = run(s, "handlers").stdout().splitlines()
    # The alarm is raised on a thread of its own: nobody knows between which lines.
    lines.remove("alarm: eve was denied something")
    equal(lines, ["audit: ActionEvaluatedEvent for ada", "audit: ActionEvaluatedEvent for eve",
                  "emitted, and the audit has seen 2", "counted: 2"],
          "the inline handler has run when emit returns")


def progress_bar(s):
    shown = [(bar.count("#"), int(percent))
             for bar, percent in BAR.findall(run(s, "progress_bar").stdout())]
    equal(shown, [(n, n * 5) for n in range(1, 21)], "the bar after each event")


with Scenario() as scenario:
    scenario.uses_inproc()
    local(scenario)
    handlers(scenario)
    progress_bar(scenario)
