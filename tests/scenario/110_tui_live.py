# SPDX-License-Identifier: MIT
"""`oyez tui` beside the demonstration, narrow and wide: each row is the event of the record at its place,
pausing loses nothing, the end is live again; rates, domains and failures are counted; wheel and clicks
do what they do elsewhere."""
import re

from harness import QUICK, Scenario, equal, wait_until
from record import query, start_server
from terminal import Terminal

BARS = re.compile("[▁▂▃▄▅▆▇█]")
COLUMNS = {80: (24, 10), 200: (31, 16)}  # of type and actor, by the width of the screen


def cut(text, width):
    return text if len(text) <= width else text[:width - 1] + "…"


def beginning_of(event, width):
    """A row's time, type and actor, by the event."""
    of_type, of_actor = COLUMNS[width]
    kind = cut(event["event_type"], of_type - 1)
    actor = cut(event.get("actor_name") or event.get("actor_id") or "", of_actor - 1)
    return f"{event['broker_time'][11:23]} {kind:{of_type}}{actor:{of_actor}}".rstrip()


def check_rows(rows, events, width):
    expected = [beginning_of(e, width) for e in events]
    end = 13 + sum(COLUMNS[width])
    found = [row[:end].rstrip() for row in rows]
    at = next((i for i, e in enumerate(expected) if e == found[0]), None)
    assert at is not None, f"no event has this row: {rows[0]}"
    equal(found, expected[at:at + len(found)], f"rows in {width} columns")


def counts(line):
    return {name: int(n.replace(",", "")) for name, n in re.findall(r"([a-z_]+) ([0-9,]+)", line)}


def mouse(t, button, column, row):
    """A press, and a release, as terminals send them."""
    place = chr(33 + column) + chr(33 + row)
    text = f"\x1b[M{chr(32 + button)}{place}" + ("" if button >= 64 else f"\x1b[M#{place}")
    return text.encode().hex(" ").split(" ")


with Scenario() as s:
    start_server(s, s.directory / "data", "tcp://127.0.0.1:*", "--demo")
    for width, height in ((80, 24), (200, 60)):
        with Terminal(s, columns=width, rows=height) as t:
            wait_until(lambda: len(t.rows_of_list()) >= 12, "a dozen rows", 60)
            t.wait_for(re.compile(r" [1-9]\d* events  \d+/s  lag \d+"))
            t.keys("Space")
            t.wait_for("paused")
            rows = t.rows_of_list()
            wait_until(lambda: len(query(s)) >= len(rows), "recorded")
            check_rows(rows, query(s), width)
            t.wait_for(re.compile(r"paused, [2-9] new"))
            equal(t.rows_of_list(), rows, "rows while it is paused")
            t.keys("End")
            t.wait_for("● live")
            t.wait(lambda lines, r=rows: t.rows_of_list()[-1] != r[-1], "newer rows")
            lines = t.wait(lambda lines: len(counts(lines[1])) >= 3 and BARS.search(lines[1]),
                           "domains and a sparkline")
            t.wait(lambda lines: BARS.search(lines[2]), "a time line")
            total = int(re.search(r"([0-9,]+) events", lines[0])[1].replace(",", ""))
            assert sum(counts(lines[1]).values()) <= total, lines[:2]

            t.tmux("send-keys", "-H", *mouse(t, 64, 5, 10))  # wheel
            t.wait_for("paused")
            t.keys("End")
            t.wait_for("● live")
            t.tmux("send-keys", "-H", *mouse(t, 0, 5, 8))
            t.wait_for("paused")
            row = t.screen()[8]
            t.tmux("send-keys", "-H", *mouse(t, 0, 5, 8), *mouse(t, 0, 5, 8))
            lines = t.wait_for("Header")
            assert row.split()[1].rstrip("…") in lines[2], f"{row} opened {lines[2]}"
            t.keys("Escape")
            t.wait_for("belongs to")
            t.resize(120, 40)
            t.wait(lambda lines: len(lines) == 40 and "quit" in lines[-1], "resized")
            t.quit()
        if QUICK:
            break
