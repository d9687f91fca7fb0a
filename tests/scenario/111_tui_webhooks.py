# SPDX-License-Identifier: MIT
"""GitHub's webhooks in `oyez tui`, of a server and of its journal's directory, at 80x24 and 200x60: the
screens are those of tests/scenario/screens, but for times and ids."""
from harness import SHARED, Scenario, skip
from record import start_server
from terminal import Terminal, compare_screen

DATA = SHARED / "data" / "github-webhooks.jsonl"
if not DATA.exists():
    skip(f"{DATA} is not here")


def look(t, size):
    t.wait_for("paused, 0 new") if "-server" in size else t.wait_for("journal")
    compare_screen(t.still(), f"{size}-list")
    t.keys("Enter")
    t.wait_for("under the checkpoint", 60)
    compare_screen(t.still(), f"{size}-event")
    t.keys("q")
    t.wait_for("belongs to")
    t.keys("/")
    t.type("octocat")
    t.keys("Enter")
    t.wait_for("belongs to")
    t.keys("?")
    t.wait_for("Everywhere")
    compare_screen(t.still(), f"{size}-keys")
    t.keys("q")


with Scenario() as s:
    server = start_server(s, s.directory / "data")
    s.oyez("emit", "--from", DATA, "--level", "checkpointed")
    for columns, rows in ((80, 24), (200, 60)):
        with Terminal(s, columns=columns, rows=rows) as t:
            t.wait_for("github.workflow_run.re")  # the last ones
            t.still()
            t.keys("Space")
            look(t, f"webhooks-server-{columns}x{rows}")
            t.quit()
    server.stop()
    s.broker = None
    for columns, rows in ((80, 24), (200, 60)):
        with Terminal(s, "data", columns=columns, rows=rows) as t:
            t.wait_for("github")
            look(t, f"webhooks-directory-{columns}x{rows}")
            t.quit()
