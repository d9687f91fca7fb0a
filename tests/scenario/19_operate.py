# SPDX-License-Identifier: MIT
"""docs/operate.md as it is followed: backups and a rotation of the key beside a running server, the
loss of the disk, and a journal of the first version that this one goes on with."""
import json
import os
import pathlib
import shutil

from counted import counted
from harness import BIN, ROOT, Scenario, equal
from record import start_recorder

STEPS = ROOT / "client" / "examples" / "shell"
GOLDEN = ROOT / "tests" / "golden"


def start(s, data):
    s.start_broker("tcp://127.0.0.1:*", "--recorder", "wait")
    return s.broker, start_recorder(s, data)


def stop(s, recorder):
    equal(recorder.stop(), 0, "exit status of the recorder")
    equal(s.broker.stop(), 0, "exit status of the broker")


def emit_events(s, first, count):
    path = s.write_jsonl(f"{first}.jsonl", (counted(n) for n in range(first, first + count)))
    s.oyez("emit", "--from", path, "--level", "recorded")


def follow(s, name, **directories):
    environment = {key: str(value) for key, value in directories.items()}
    environment["PATH"] = f"{BIN}:/usr/bin:/bin"
    return s.start(name, STEPS / name, environment=environment).ends_with(0, 120)


def ids(s, *arguments):
    return [e["event_id"] for e in s.oyez("query", "--json", *arguments).events()]


def check_lost_disk(s):
    """What is behind the last backup is lost, and nothing else."""
    data, backup, kept = (s.directory / name for name in ("data", "backup", "kept"))
    _, recorder = start(s, data)
    emit_events(s, 0, 200)
    follow(s, "operate.sh", DATA=data, BACKUP=backup, KEPT=kept)
    recorded = ids(s)
    equal(len(recorded), 200, "recorded events")
    emit_events(s, 200, 10)
    stop(s, recorder)
    shutil.rmtree(data)
    pathlib.Path(f"{data}.key").unlink()

    follow(s, "restore.sh", DATA=data, BACKUP=backup, KEPT=kept)
    _, recorder = start(s, data)
    equal(ids(s), recorded, "events of the restored journal")
    emit_events(s, 210, 50)
    equal(len(ids(s)), 250, "it goes on")
    stop(s, recorder)
    s.oyez("verify", data, "--key", kept / "key", "--checkpoint", kept / "checkpoint-1")


def check_version(s, golden):
    """A journal with all that a version leaves in one: it verifies, answers as it did, and goes on."""
    data = s.directory / golden.name
    shutil.copytree(golden / "journal", data)
    shutil.copy(golden / "journal.key", f"{data}.key")
    os.chmod(f"{data}.key", 0o600)  # the checkout does not keep it
    outside = ("--key", golden / "key", "--checkpoint", golden / "checkpoint")
    s.oyez("verify", data, *outside)
    expected = [json.loads(line) for line in (golden / "events.jsonl").read_text().splitlines()]
    equal(s.oyez("query", "--json", "--dir", data).events(), expected, "events of the directory")
    _, recorder = start(s, data)
    equal(s.oyez("query", "--json").events(), expected, "events by the recorder")
    equal("audit-20" in s.oyez("hold", "list", "--dir", data).stdout(), True, "the hold stands")
    emit_events(s, 0, 20)
    equal(len(ids(s)), len(expected) + 20, "old and new events")
    stop(s, recorder)
    s.oyez("verify", data, *outside)


def check_first_format(s):
    """The first journal there was: read, gone on with, and its old part unchanged."""
    data = s.directory / "first-version"
    data.mkdir()
    old = {p.stem: bytes.fromhex(p.read_text()) for p in (GOLDEN / "journal-v1" / "example").glob("*.seg.hex")}
    for name, content in old.items():
        (data / name).write_bytes(content)
    before = ids(s, "--dir", data)
    equal(len(before) > 0, True, "the old journal has events")
    _, recorder = start(s, data)
    equal(ids(s), before, "events of the old journal")
    emit_events(s, 0, 20)
    equal(ids(s)[:len(before)], before, "the old events, before the new ones")
    equal(len(ids(s)), len(before) + 20, "old and new events")
    stop(s, recorder)
    for name, content in old.items():
        equal((data / name).read_bytes()[:len(content)] == content, True, f"{name} is as it was")
    s.oyez("verify", data)


with Scenario() as s:
    check_lost_disk(s)
    check_first_format(s)
    versions = sorted(GOLDEN.glob("journal-*.*.*"))
    equal(len(versions) > 0, True, "there is a journal of a version")
    for version in versions:
        check_version(s, version)
