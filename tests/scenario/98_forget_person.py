# SPDX-License-Identifier: MIT
"""The commands of docs/life-of-a-record.md for a person who asks to be forgotten do what the page says."""
import json
import os

from counted import counted
from harness import BIN, ROOT, Scenario, equal
from record import query, start_server

PERSON, OTHER = "user-17", "user-18"


def personal(person, number):
    return {"event_type": "github.push", "user_id": person,
            "details": {"text": f"secret {number} of {person}"}}


with Scenario() as s:
    data, backup = s.directory / "journal", s.directory / "backup"
    server = start_server(s, data)
    lines = [line for n in range(10) for line in (counted(n), personal(PERSON, n), personal(OTHER, n))]
    s.oyez("emit", "--from", s.write_jsonl("events.jsonl", lines), "--level", "checkpointed")
    s.oyez("backup", backup, "--dir", data)
    told = s.start("forget_person", ROOT / "client" / "examples" / "shell" / "forget_person.sh",
                   environment={"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "DATA": str(data),
                                "BACKUP": str(backup), "PERSON": PERSON, "REQUEST": "17"}).ends_with(0)
    handed = [json.loads(line) for line in (s.directory / "person.jsonl").read_text().splitlines()]
    equal({event["user_id"] for event in handed}, {PERSON}, "what is handed over")
    equal(len(handed), 10, "all of it")
    equal("10 events redacted, proof intact" in told.stdout(), True, told.stdout())
    equal(query(s, "--where", f"user_id={PERSON}"), [], "what is left of the person")
    equal(len(query(s, "--where", f"user_id={OTHER}")), 10, "of the other")
    for directory in (data, backup):
        for path in directory.rglob("*"):
            if path.is_file():
                equal(f"of {PERSON}".encode() in path.read_bytes(), False, f"{path} has it")
    equal(server.stop(), 0, "exit status of the server")
