# SPDX-License-Identifier: MIT
"""Events are erased, segments archived and removed while backups are made: each backup is a journal of one
moment, that verifies, and nothing is in it of who was erased before it was begun."""
import json
import pathlib
import subprocess
import threading

from counted import counted
from harness import QUICK, Scenario, equal
from record import start_recorder, verify

PEOPLE = [f"person-{n}" for n in range(3 if QUICK else 5)]
EACH = 30


def personal(person, number):
    return {"event_type": "github.push", "user_id": f"user-of-{person}",
            "details": {"text": f"secret-of-{person}-{number}", "filling": "x" * 300}}


def emit_all(s, name):
    lines = [line for n in range(EACH) for line in
             [counted(n)] + [personal(person, n) for person in PEOPLE]]
    s.oyez("emit", "--from", s.write_jsonl(name, lines), "--level", "checkpointed", "--timeout", "60000")


def holds(directory, person):
    """Whether anything of a person is in a file, archived segments as they were."""
    for path in sorted(pathlib.Path(directory).rglob("*")):
        if not path.is_file():
            continue
        data = path.read_bytes()
        if path.suffix == ".zst":
            data = subprocess.run(["zstd", "-dcq", path], check=True, stdout=subprocess.PIPE).stdout
        if f"-of-{person}".encode() in data:
            return True
    return False


class Acting:
    """Erases one person after the other, archives what is sealed in between, and once removes most of it."""

    def __init__(self, s, data):
        self.s = s
        self.data = data
        self.erased = []
        self.failed = None
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        try:
            for number, person in enumerate(PEOPLE):
                self.s.oyez("erase", "--where", f"user_id=user-of-{person}", "--reason", "asked",
                            "--yes", "--dir", self.data)
                self.erased.append(person)
                emit_all(self.s, f"more-{number}.jsonl")
                # Those that come later are erased with them, too.
                self.s.oyez("erase", "--where", f"user_id=user-of-{person}", "--reason", "asked",
                            "--yes", "--dir", self.data)
                self.s.oyez("archive", "--all", "--dir", self.data)
                if number == len(PEOPLE) // 2:
                    self.s.oyez("retention", "--keep-size", "8000", "--yes", "--dir", self.data)
        except AssertionError as error:
            self.failed = error

    def is_running(self):
        return self.thread.is_alive()

    def end(self):
        self.thread.join()
        if self.failed is not None:
            raise self.failed


def back_up_meanwhile(s, data, to):
    emit_all(s, "first.jsonl")
    acting = Acting(s, data)
    backups = 0
    try:
        while acting.is_running():
            s.oyez("backup", to, "--dir", data)
            told = json.loads(verify_json(s, to)[-1])
            equal(told["good"], True, told)
            backups += 1
    finally:
        acting.end()
    return backups


def verify_json(s, directory):
    return s.oyez("verify", directory, "--json").stdout().splitlines()


with Scenario() as s:
    data, to = s.directory / "journal", s.directory / "backup"
    broker = s.start_broker("tcp://127.0.0.1:*", "--recorder", "wait")
    recorder = start_recorder(s, data, "--segment-size", "32768")
    backups = back_up_meanwhile(s, data, to)
    equal(backups > 3, True, f"{backups} backups")
    s.oyez("backup", to, "--dir", data)
    gone = {person: holds(data, person) for person in PEOPLE}
    equal({person: holds(to, person) for person in PEOPLE}, gone, "the backup holds what the journal does")
    equal([gone[PEOPLE[-1]], holds(to, PEOPLE[-1])], [False, False], "who was erased last is nowhere")
    equal((to / "archive" / "00000000000000000000.seg.zst").exists() or
          (to / "00000000000000000000.seg").exists(), False, "what has expired")
    equal(any((to / "archive").iterdir()), True, "what is archived is archived in the backup")
    verify(s, to)
    s.oyez("restore", to, s.directory / "restored")
