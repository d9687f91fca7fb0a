# SPDX-License-Identifier: MIT
"""While the recorder does not answer, whoever waits for it sleeps, though events keep coming in."""
import pathlib
import signal

from counted import counted_details
from harness import Scenario, SLOW, wait_until
from record import start_broker_and_recorder

CPU_TICKS_MAX = 12 * SLOW  # of a hundredth of a second: a thread that spins has 50 and more


def cpu_ticks(process):
    """Of user and system."""
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


with Scenario() as s:
    _, recorder = start_broker_and_recorder(s, s.directory / "data")
    s.emit("tool.invoked", counted_details(0), "--level", "recorded")
    recorder.send_signal(signal.SIGSTOP)
    tail = s.start_oyez("tail", "--json", "--from", "first", "--timeout", "60000")
    wait_until(lambda: s.counters()["asks"] >= 1, "the tail has asked the record")
    s.emit("tool.invoked", counted_details(1))
    before = cpu_ticks(tail)
    # Each takes a program's start and end, so this is a while.
    for number in range(2, 40):
        s.emit("tool.invoked", counted_details(number))
    used = cpu_ticks(tail) - before
    recorder.send_signal(signal.SIGCONT)
    wait_until(lambda: tail.line_count() == 40, "everything arrives")
    if used > CPU_TICKS_MAX:
        raise AssertionError(f"waiting took {used} hundredths of a second of CPU")
    print(f"waiting took {used} hundredths of a second of CPU")
