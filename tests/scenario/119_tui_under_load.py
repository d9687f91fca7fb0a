# SPDX-License-Identifier: MIT
"""Under a load of many events a second `oyez tui` counts every one of them, stays within its memory and
answers keys at once. With numbers: 119_tui_under_load.py RATE SECONDS prints what it measured."""
import re
import statistics
import sys
import time

from counted import FAST, counted
from harness import BIN, QUICK, SANITIZED, Scenario, equal, wait_until
from record import start_server
from terminal import Terminal

RATE = int(sys.argv[1]) if len(sys.argv) > 1 else 2000 if QUICK else 10000
SECONDS = int(sys.argv[2]) if len(sys.argv) > 2 else 4 if QUICK else 6
FILE_EVENTS = min(RATE * SECONDS, 50000)
# What docs/tui.md states: the model's and liboyez's bounds, and what any process takes.
MEMORY_MIB_MAX = 160


def counted_in_header(t):
    found = re.search(r"([0-9,]+) events", t.screen()[0])
    return int(found[1].replace(",", "")) if found else -1


def resident_mib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s+(\d+) kB", file.read())[1]) / 1024


def time_key(t, key, text):
    """Milliseconds from a key to the screen that it makes."""
    start = time.monotonic()
    t.keys(key)
    while text not in "\n".join(t.screen()):
        if time.monotonic() - start > 30:
            raise AssertionError(f"{text} never came after {key}")
    return (time.monotonic() - start) * 1000


with Scenario() as s:
    start_server(s, s.directory / "data")
    path = s.write_jsonl("load.jsonl", [counted(n, FAST) for n in range(FILE_EVENTS)])
    with Terminal(s, columns=200, rows=60) as t:
        t.wait_for("no event yet")
        times = []
        most = 0
        total = RATE * SECONDS
        began = time.monotonic()
        load = s.start("load", "bash", "-c",
                       f"for ((i = 0; i < {total // FILE_EVENTS}; i++)); do cat {path}; done | "
                       f"oyez emit --from - --rate {RATE} --level sent",
                       environment={"PATH": f"{BIN}:{s.environment['PATH']}"})
        sampled = False
        while load.is_running():
            times.append(time_key(t, "?", "Everywhere"))
            times.append(time_key(t, "q", "belongs to"))
            most = max(most, resident_mib(t.pid))
            sampled = sampled or "all are counted" in t.screen()[0]
        took = time.monotonic() - began
        load.ends_with(0)
        emitted = int(re.search(r"(\d+) events emitted", load.stdout() + load.stderr())[1])
        lost = s.counters()["fast_lost"]
        wait_until(lambda: counted_in_header(t) >= emitted - lost, "all are counted", 60)
        equal(counted_in_header(t), emitted - lost, "the header and the ledger")
        equal(s.counters()["events"], emitted - lost, "the broker and the ledger")
        most = max(most, resident_mib(t.pid))
        times.sort()
        print(f"{emitted} events in {took:.1f} s, {emitted / took:.0f}/s; key to redraw: median "
              f"{statistics.median(times):.0f} ms, 99 % {times[int(len(times) * 0.99)]:.0f} ms, "
              f"most {times[-1]:.0f} ms of {len(times)}; memory {most:.0f} MiB; "
              f"a sample was drawn and said so: {sampled}")
        if not SANITIZED:
            assert most < MEMORY_MIB_MAX, f"{most} MiB"
            assert statistics.median(times) < 1000, times
        t.quit()
