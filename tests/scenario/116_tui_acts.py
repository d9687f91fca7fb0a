# SPDX-License-Identifier: MIT
"""What `oyez tui` gives away: an event as JSON and as a command line that emits it again, by the
terminal's clipboard; what is shown, as a file of JSON lines that `oyez emit --from` takes."""
import json
import subprocess

from counted import counted_details
from harness import BIN, Scenario, equal, wait_until
from record import query, start_server
from terminal import Terminal


def clipboard(t, contains):
    def look():
        try:
            text = t.tmux("show-buffer")
        except subprocess.CalledProcessError:
            return None
        return text if contains in text else None
    return wait_until(look, f"{contains} is in the clipboard")


with Scenario() as s:
    start_server(s, s.directory / "data")
    for n in range(3):
        s.emit("tool.invoked", counted_details(n, text="it's 5 o'clock"), "--plan-id", f"n {n}",
               "--actor-name", "x'y", "--tag", "a=b c", "--level", "recorded")
    with Terminal(s) as t:
        t.wait_for("n 2")
        t.keys("Up")
        t.wait_for("paused")
        t.keys("y")
        t.wait_for("of JSON")
        copied = json.loads(clipboard(t, '"n 1"'))
        recorded = query(s)[1]
        equal(copied["event_id"], recorded["event_id"], "the copied event")
        equal(copied["details"], recorded["details"], "its details")

        t.keys("Y")
        t.wait_for("as a command line")
        command = clipboard(t, "oyez emit")
        subprocess.run(["sh", "-c", f"{command} --level recorded"], check=True,
                       stdout=subprocess.DEVNULL,
                       env=dict(s.environment, PATH=f"{BIN}:{s.environment['PATH']}"))
        again = query(s)[3]
        for field in ("event_type", "plan_id", "actor_name", "tags", "details"):
            equal(again[field], recorded[field], field)
        equal(again["event_id"] == recorded["event_id"], False, "the id")

        t.keys("End")
        t.wait_for("● live")
        t.keys("f")
        t.type('plan_id="n 1"')
        t.keys("Enter")
        t.wait_gone("plan n 0")
        t.wait(lambda lines: len(t.rows_of_list()) == 2, "two events match")
        t.keys("x", "C-u")
        t.type("view.jsonl")
        t.keys("Enter")
        t.wait_for("2 events are in view.jsonl")
        lines = (s.directory / "view.jsonl").read_text().splitlines()
        equal([json.loads(line)["event_id"] for line in lines],
              [recorded["event_id"], again["event_id"]], "the file")
        t.keys("x", "C-u")
        t.type("view.jsonl")
        t.keys("Enter")
        t.wait_for("File exists")
        t.quit()
