# SPDX-License-Identifier: MIT
"""Through four failing and four healthy handlers the healthy ones see every event, the counters equal
the ledger exactly, dead letters equal the failures, and a pool keeps the order of each key.

usage: 76_handler_ledger.py [EVENTS]    1000000 takes minutes
"""
import sys

from harness import BIN, QUICK, SANITIZED, Scenario, equal

events = int(sys.argv[1]) if len(sys.argv) > 1 else 5000 if QUICK else 20000

with Scenario() as scenario:
    # Over inproc ThreadSanitizer takes what libzmq hands from thread to thread for races.
    listen = ["tcp://127.0.0.1:*"] if SANITIZED else []
    ledger = scenario.start("ledger", BIN / "handler_ledger", scenario.directory / "data", events,
                            *listen)
    ledger.wait(60 + events / 1000)
    last = ledger.stdout().splitlines()[-2:]
    letters = 3 * (events // 100) + 2
    equal(last, [f"letters: {letters}", f"events: {events}, differences: 0"], "the ledger")
