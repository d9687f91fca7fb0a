# SPDX-License-Identifier: MIT
"""The page of the system in `oyez tui`: server, recorder, checkpoint and key, consumers with their lag,
gaps and emitters; and the proof of an event, checked with the key that was given."""
import re

from counted import counted_details
from harness import Scenario, equal
from record import start_server
from terminal import Terminal

with Scenario() as s:
    start_server(s, s.directory / "data")
    for n in range(5):
        s.emit("tool.invoked", counted_details(n), "--level", "checkpointed")
    s.oyez("tail", "--from", "first", "--count", "2")
    key = s.oyez("key", "show", "--dir", s.directory / "data").stdout().split()[0]
    name = key.split("+")[0]
    for columns, rows in ((80, 24), (200, 60)):
        with Terminal(s, "--key", key, columns=columns, rows=rows) as t:
            t.wait_for("tool.invoked")
            t.keys("s")
            lines = "\n".join(t.wait_for("are signed for"))
            assert re.search(r"recorder +healthy: attached", lines), lines
            assert re.search(r"recorded +5 \(0 behind\)", lines), lines
            assert re.search(rf"by the key +{re.escape(name)}", lines), lines
            t.wait_for("Consumers")
            t.keys("End")
            t.wait_for("duplicates dropped")
            t.keys("q")
            t.keys("Up", "Enter")
            t.wait_for("not asked for: press v", 60)
            t.keys("v")
            t.wait_for("checked: it is one of the")
            t.keys("q")
            t.quit()
    other = s.oyez("key", "new", "--key", s.directory / "other.key").stdout().split()[0]
    with Terminal(s, "--key", other, columns=200) as t:
        t.wait_for("tool.invoked")
        t.keys("Up", "Enter")
        t.wait_for("not asked for: press v", 60)
        t.keys("v")
        t.wait_gone("not asked for")
        equal("checked: it is one" in "\n".join(t.screen()), False, "proven by a wrong key")
        t.keys("q")
        t.quit()
