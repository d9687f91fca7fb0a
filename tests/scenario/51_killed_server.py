# SPDX-License-Identifier: MIT
"""The server is killed again and again under recorded load, and its journal's tail is damaged: every
event that had a receipt is there, once; what was never acknowledged is told and cut; damage before
that is named and left alone."""
import json
import random
import subprocess
import threading
import time

from counted import counted_details
from harness import BIN, QUICK, SLOW, Scenario, equal, free_port, wait_until
from record import (check_each_once, copy_of, frame_behind, frames, last_segment, query,
                    receipt, start_server, verify)

KILLS = 5 if QUICK else 20
EMITTERS = 4
RANDOM = random.Random(20261120)


class Load:
    """One-shot emitters, one after the other on each thread."""

    def __init__(self, s):
        self.s = s
        self.receipts = []
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self.emit, args=(n,)) for n in range(EMITTERS)]
        for thread in self.threads:
            thread.start()

    def emit(self, thread):
        number = 0
        while not self.over.is_set():
            number += 1
            done = subprocess.run(
                [BIN / "oyez", "emit", "tool.invoked",
                 json.dumps(counted_details(number, thread=thread)),
                 "--level", "recorded", "--json", "--timeout", str(int(20000 * SLOW))],
                env=self.s.environment, capture_output=True, check=False)
            # What ends otherwise has an unknown outcome, and no receipt.
            if done.returncode == 0:
                self.receipts.append(json.loads(done.stdout))

    def end(self):
        self.over.set()
        for thread in self.threads:
            thread.join()


def kill_again_and_again(s, data):
    listen = f"tcp://127.0.0.1:{free_port()}"
    server = start_server(s, data, listen)
    load = Load(s)
    try:
        for _ in range(KILLS):
            known = len(load.receipts)
            wait_until(lambda k=known: len(load.receipts) > k, "a receipt between two kills")
            time.sleep(RANDOM.uniform(0, 0.3))  # the moment is what is random
            server.kill()
            verify(s, data)
            server = start_server(s, data, listen)
    finally:
        load.end()
    equal(len(load.receipts) > KILLS, True, "receipts")
    # Three commits at least in the last segment: what the first holds is surely vouched for.
    for _ in range(3):
        last = s.emit("session.created", {}, "--level", "recorded", "--json")
        load.receipts.append(receipt(last))
    verify(s, data)
    check_each_once(query(s), [r["event_id"] for r in load.receipts], "the journal after kills")
    server.kill()
    return load.receipts


def told(process):
    return [line for line in process.stderr().splitlines() if "not closed cleanly" in line]


def damage_the_tail(s, data, event_ids):
    """What a crash can leave behind the last commit, each on a copy."""
    plain = copy_of(data, "plain")
    equal(told(verify(s, plain)),
          [line for line in told(verify(s, plain)) if " 0 whole uncommitted events" in line],
          "a killed server's journal")

    garbage = copy_of(data, "garbage")
    segment = last_segment(garbage)
    last = frames(segment)[-1]
    with open(segment, "r+b") as file:
        file.seek(last[0] + last[1])
        file.write(bytes(RANDOM.randrange(1, 256) for _ in range(100)))
    equal(told(verify(s, garbage)),
          ["oyez verify: not closed cleanly: 100 bytes and 0 whole uncommitted events follow the last commit in "
           + segment.name], "garbage behind the last commit")

    whole = copy_of(data, "whole")
    segment = last_segment(whole)
    added = frame_behind(segment)
    with open(segment, "r+b") as file:
        file.seek(last[0] + last[1])
        file.write(added)
    notice, = told(verify(s, whole))
    equal("1 whole uncommitted events" in notice, True, notice)

    cut = copy_of(data, "cut")
    # A checkpoint may cover the last record already: then its loss is more than a torn tail.
    for name in ("checkpoint", "checkpoints"):
        (cut / name).unlink(missing_ok=True)
    segment = last_segment(cut)
    with open(segment, "r+b") as file:
        file.truncate(last[0] + last[1] - 24)
    notice, = told(verify(s, cut))
    equal(" 0 whole" in notice, False, f"a commit cut in two leaves whole events: {notice}")

    for name, directory in (("garbage", garbage), ("whole", whole)):
        server = start_server(s, directory)
        equal("commit" in server.stderr(), True, f"the recovery is told: {server.stderr()!r}")
        check_each_once(query(s), event_ids, f"a journal recovered from {name}")
        equal(server.stop(), 0, "exit status of the server")
        verify(s, directory)


def damage_an_earlier_frame(s, data):
    copy = copy_of(data, "damaged")
    segment = last_segment(copy)
    with open(segment, "r+b") as file:
        at, size, _ = frames(segment)[0]
        file.seek(at + size // 2)
        byte = file.read(1)[0]
        file.seek(at + size // 2)
        file.write(bytes((byte ^ 0x40,)))
    before = segment.read_bytes()
    verdict = verify(s, copy, expect=1)
    equal(f"{segment.name}: offset 64, record " in verdict.stdout(), True, verdict.stdout())
    equal(segment.read_bytes() == before, True, "verify changes nothing")


with Scenario() as s:
    data = s.directory / "data"
    receipts = kill_again_and_again(s, data)
    ids = [r["event_id"] for r in receipts]
    damage_the_tail(s, data, ids)
    damage_an_earlier_frame(s, data)
