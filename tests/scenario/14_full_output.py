# SPDX-License-Identifier: MIT
"""Output that goes nowhere is told, exit 5, whenever it failed; a reader who leaves is no failure."""
import subprocess

from counted import counted
from harness import BIN, Scenario, equal
from record import start_server


def to_full(s, *words):
    """The words with a full device as output: how it ended and what it said."""
    with open("/dev/full", "wb") as full:
        ended = subprocess.run([BIN / "oyez", *map(str, words)], stdout=full,
                               stderr=subprocess.PIPE, text=True, env=s.environment,
                               cwd=s.directory, timeout=60, check=False)
    equal(ended.returncode, 5, f"exit status of {words}: {ended.stderr}")
    equal(f"oyez {words[0]}: standard output: No space left on device" in ended.stderr, True,
          f"{words} says why: {ended.stderr}")


with Scenario() as s:
    to_full(s, "serve", "--listen", "tcp://127.0.0.1:*", "--for", "0.2", "--data", s.directory / "a")
    start_server(s, s.directory / "data")
    events = (counted(n) for n in range(500))
    s.oyez("emit", "--from", s.write_jsonl("events.jsonl", events), "--level", "recorded")
    for words in (("--from", "first", "--count", "3"), ("--from", "first", "--count", "500"),
                  ("--from", "last:3", "--count", "3", "--json"),
                  ("--from", "first", "--for", "1")):
        to_full(s, "tail", *words)
    to_full(s, "query")
    to_full(s, "query", "--limit", "1")
    to_full(s, "catalog", "list")
    to_full(s, "emit", "session.created")
    leaves = subprocess.run(["sh", "-c", f"'{BIN}/oyez' query | head -1 > seen"], cwd=s.directory,
                            env=s.environment, stderr=subprocess.PIPE, text=True, check=False)
    equal(leaves.stderr, "", "a reader who leaves")
