# SPDX-License-Identifier: MIT
"""A full disk, and a disk that fails on write and on sync: the server says which file and why and
ends with 5, acknowledges nothing more, and everything that had a receipt is in the journal."""
import contextlib
import json
import os
import re
import subprocess

from counted import counted_details
from harness import SANITIZED, Scenario, equal, skip
from record import FAILING_DISK, check_each_once, query, receipt, start_server, verify

PADDING = "x" * 20_000


def emit(s, number, *arguments, **options):
    return s.oyez("emit", "tool.invoked", json.dumps(counted_details(number, p=PADDING)),
                  "--level", "recorded", "--json", *arguments, **options)


def emit_until_it_fails(s):
    """The receipts of all that were acknowledged."""
    receipts = []
    for number in range(10_000):
        details = json.dumps(counted_details(number, p=PADDING))
        process = s.start_oyez("emit", "tool.invoked", details, "--level", "recorded", "--json",
                               "--timeout", "3000")
        if process.wait() != 0:
            equal(process.popen.returncode, 3, "no receipt: exit status of the emitter")
            return receipts
        receipts.append(receipt(process))
    raise AssertionError("the disk never failed")


def check_the_end(s, server, data, receipts, reason):
    """What is stated of a journal that cannot be written any more."""
    server.ends_with(5)
    s.broker = None
    lines = [line for line in server.stderr().splitlines() if "the journal has failed" in line]
    equal(len(lines), 1, f"it is said once: {server.stderr()!r}")
    equal(bool(re.search(r"\d{20}\.seg", lines[0])), True, f"which file: {lines[0]}")
    equal(reason in lines[0], True, f"and why: {lines[0]}")
    verify(s, data)
    check_each_once(query(s, "--dir", data), [r["event_id"] for r in receipts], "the journal")


def goes_on(s, data, receipts):
    """Once the disk is well again, the journal is."""
    server = start_server(s, data)
    receipts.append(receipt(emit(s, 99_999)))
    check_each_once(query(s), [r["event_id"] for r in receipts], "the journal after a restart")
    equal(server.stop(), 0, "exit status of the server")
    verify(s, data)


@contextlib.contextmanager
def small_disk(s, size):
    place = s.directory / "disk"
    place.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "oyez", place],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        yield None, done.stderr.strip()
        return
    try:
        yield place, None
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def full_disk():
    with Scenario() as s, small_disk(s, "3m") as (place, why_not):
        if place is None:
            return why_not
        data = place / "data"
        server = start_server(s, data)
        receipts = emit_until_it_fails(s)
        equal(len(receipts) > 20, True, "some were acknowledged before")
        check_the_end(s, server, data, receipts, "No space left on device")
        # There is still no room: said again, and nothing is worse.
        again = s.start_oyez("serve", "--data", data, "--listen", "tcp://127.0.0.1:*", "--for", "1")
        equal(again.wait() in (0, 5), True, "exit status of a server without room")
        verify(s, data)
        subprocess.run(["mount", "-o", "remount,size=30m", place], check=True)
        goes_on(s, data, receipts)
    return None


def failing_disk(call):
    with Scenario() as s:
        data, trigger = s.directory / "data", s.directory / "failing"
        disk = {"LD_PRELOAD": str(FAILING_DISK), "OYEZ_FAILING_DISK": str(trigger)}
        server = start_server(s, data, environment=disk)
        receipts = [receipt(emit(s, n)) for n in range(10)]
        trigger.write_text(call)
        receipts += emit_until_it_fails(s)
        check_the_end(s, server, data, receipts, "Input/output error")
        trigger.unlink()
        goes_on(s, data, receipts)


reasons = []
if SANITIZED or not FAILING_DISK.exists():
    reasons.append(f"no failing disk: {FAILING_DISK} is not built, or a sanitizer must come first")
else:
    for call in ("pwrite", "fdatasync"):
        failing_disk(call)
reason = full_disk() if os.geteuid() == 0 else "only root can mount a small disk"
if reason:
    reasons.append(f"no full disk: {reason}")
for reason in reasons:
    print(reason)
if len(reasons) == 2:
    skip("neither can be tried here")
