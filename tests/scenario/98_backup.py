# SPDX-License-Identifier: MIT
"""A journal is backed up while it is written, again and again and killed at it; elsewhere it is
restored and verifies, has the root of the backup's size, and the recorder goes on behind it; and
whatever is no backup, no empty directory or no journal is left alone."""
import json
import random
import shutil
import subprocess
import threading
import time

from counted import counted, counted_details, number_of
from harness import BIN, QUICK, SLOW, Scenario, equal, wait_until
from record import (copy_of, query, records, start_recorder, start_server, verify)

KILLS = 3 if QUICK else 5
BATCH = 200
RANDOM = random.Random(20261120)


class Load:
    """Emits numbered events, one file of them after the other."""

    def __init__(self, s):
        self.s = s
        self.recorded = 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.over.is_set():
            lines = "".join(json.dumps(counted(self.recorded + n)) + "\n" for n in range(BATCH))
            done = subprocess.run([BIN / "oyez", "emit", "--from", "-", "--level", "recorded",
                                   "--timeout", str(int(20000 * SLOW))],
                                  input=lines.encode(), env=self.s.environment,
                                  capture_output=True, check=False)
            equal(done.returncode, 0, done.stderr.decode())
            self.recorded += BATCH

    def more(self, batches=1):
        goal = self.recorded + batches * BATCH
        wait_until(lambda: self.recorded >= goal, "more is recorded")

    def end(self):
        self.over.set()
        self.thread.join()


def backup(s, data, to, *arguments, expect=0):
    done = s.oyez("backup", to, "--dir", data, "--json", *arguments, expect=expect)
    return done.events()[0] if expect == 0 else done


def leaves(data):
    return [record.bytes for record in records(data)]


def verify_with(s, data, checkpoint):
    """The journal begins with what a checkpoint covers."""
    s.oyez("verify", data, "--checkpoint", checkpoint)


def under_load(s, data, to):
    """Each backup is a journal of its own, a beginning of the whole, and more than the one before."""
    load = Load(s)
    try:
        load.more()
        before = 0
        for _ in range(3):
            load.more(2)
            made = backup(s, data, to)
            equal((made["before"], made["records"] > before), (before, True), "it goes on")
            before = made["records"]
            verdict = verify(s, to)
            equal("not closed cleanly" in verdict.stderr(), False, "it is closed cleanly")
        found = [number_of(e) for e in query(s, "--dir", to, "--reverse", "--limit", "1")]
        equal(len(found), 1, "it can be asked")
        equal(made["copied"] < made["segments"], True, f"only what is new is copied: {made}")
        killed(s, data, to, load)
        return backup(s, data, to, "--verify")
    finally:
        load.end()


def killed(s, data, to, load):
    for _ in range(KILLS):
        load.more()
        process = s.start_oyez("backup", to, "--dir", data)
        time.sleep(RANDOM.uniform(0, 0.03))  # the moment is what is random
        process.kill()
        # What a killed one leaves is a backup.
        target = s.directory / "after-a-kill"
        s.oyez("restore", to, target)
        verify_with(s, data, target / "checkpoint")
        shutil.rmtree(target)


def restored_elsewhere(s, data, to, made):
    target = s.directory / "elsewhere"
    told = s.oyez("restore", to, target)
    equal(f"the key that signs as {made['origin']}, at {target}.key" in told.stderr(), True,
          told.stderr())
    equal(any(path.name.endswith(".key") for path in to.iterdir()), False, "no key in the backup")
    shutil.rmtree(target)
    shutil.copy(f"{data}.key", f"{target}.key")
    found, verdict = s.oyez("restore", to, target, "--json").events()
    equal((found["records"], found["root"]), (made["records"], made["root"]), "what is restored")
    equal(verdict["root"], made["root"], "the root of the tree made anew")
    equal(len(leaves(target)), made["records"], "its records")
    equal(leaves(target), leaves(data)[:made["records"]], "and each of them")
    # The checkpoint of the backup vouches for the beginning of the original.
    verify_with(s, data, to / "checkpoint")
    return target


def goes_on(s, target, to, consumed):
    """A recorder on the restored journal; its old beginning is the backup still."""
    kept = leaves(target)
    server = start_server(s, target)
    s.emit("tool.invoked", counted_details(1000000), "--level", "recorded")
    equal([number_of(e) for e in query(s, "--reverse", "--limit", "1")], [1000000], "the newest")
    consumers = {c["name"]: c for c in s.oyez("consumer", "list", "--json").events()}
    equal(consumers["billing"]["cursor"], consumed, "where the consumer stood")
    equal(server.stop(), 0, "exit status of the server")
    equal(leaves(target)[:len(kept)], kept, "what was restored is the beginning")
    equal(len(leaves(target)) > len(kept), True, "and more follows")
    verify(s, target)
    verify_with(s, target, to / "checkpoint")


def consume(s):
    """A consumer that has handled two events; its cursor."""
    consumer = s.start("consume", BIN / "example-consume", "billing", "tool.*",
                       stdin=subprocess.PIPE)
    path = s.write_jsonl("first.jsonl", (counted(n) for n in range(3)))
    s.oyez("emit", "--from", path, "--level", "recorded")
    wait_until(lambda: consumer.line_count() >= 1, "the first event")
    consumer.stdin.write(b"\n\n")
    consumer.stdin.flush()
    wait_until(lambda: consumer.line_count() >= 3, "two are handled")
    cursor = consumer.events()[1]["cursor"]
    wait_until(lambda: [c["cursor"] for c in s.oyez("consumer", "list", "--json").events()] ==
               [cursor], "the second is committed")
    consumer.kill()
    return cursor


def bytes_of(directory):
    return {p: p.read_bytes() for p in directory.rglob("*") if p.is_file() and p.name != "lock"}


def refused(s, data, to):
    other = s.directory / "other"
    other.mkdir()
    (other / "file").write_text("mine")
    backup(s, data, other, expect=4)
    s.oyez("restore", to, other, expect=4)
    s.oyez("restore", other, s.directory / "nothing", expect=5)
    backup(s, data, data / "within", expect=4)
    backup(s, s.directory / "nowhere", s.directory / "nothing", expect=5)
    equal((s.directory / "nothing").exists(), False, "nothing is made")
    equal([p.name for p in other.iterdir()], ["file"], "nothing is touched")
    s.oyez("backup", expect=2)
    # The journal lost its end, which the backup still has.
    before = bytes_of(to)
    shorter = copy_of(data, "shorter")
    s.oyez("repair", shorter, "--accept-loss-after", "100", expect=0)
    s.oyez("repair", shorter, "--cut-tail")  # makes a checkpoint of what is left
    done = backup(s, shorter, to, expect=4)
    equal("the backup is what is left of the others" in done.stderr(), True, done.stderr())
    equal(bytes_of(to), before, "the backup is what it was")


def damaged(s, to):
    copy = copy_of(to, "damaged-backup")
    segment = sorted(copy.glob("*.seg"))[0]
    changed = bytearray(segment.read_bytes())
    changed[200] ^= 0x40
    segment.write_bytes(changed)
    target = s.directory / "from-damage"
    done = s.oyez("restore", copy, target, expect=1)
    equal("is not to be used" in done.stderr(), True, done.stderr())
    equal((target / "restoring").exists(), True, "it is marked")


with Scenario() as s:
    data, to = s.directory / "journal", s.directory / "backups" / "journal"
    to.parent.mkdir()
    broker = s.start_broker("tcp://127.0.0.1:*", "--recorder", "wait")
    recorder = start_recorder(s, data, "--segment-size", "65536")
    consumed = consume(s)
    made = under_load(s, data, to)
    equal(recorder.stop(), 0, "exit status of the recorder")
    equal(broker.stop(), 0, "exit status of the broker")

    # At rest it has all.
    made = backup(s, data, to)
    equal((made["newer"], made["records"]), (0, len(leaves(data))), "a journal at rest")
    target = restored_elsewhere(s, data, to, made)
    goes_on(s, target, to, consumed)
    refused(s, data, to)
    damaged(s, to)
