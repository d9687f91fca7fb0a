# SPDX-License-Identifier: MIT
"""A person's events are erased while the recorder writes: nothing of them is found in any file of the
journal, its archive, its indexes or its mirror, questions no longer find them, and every proof that
was made before still holds. A kill -9 at any moment leaves them erased, or as they were."""
import json
import pathlib
import shutil
import subprocess
import time

from counted import counted
from harness import QUICK, Scenario, equal, wait_until
from mirrored import agree
from record import copy_of, query, start_recorder, verify

PEOPLE = ("anna", "boris", "chidi", "dana")
EACH = 40 if QUICK else 80  # personal events of each of them
KILLS = 2 if QUICK else 5


def secrets(person):
    """What must not be left: of the details, and of the header."""
    return [f"secret-of-{person}".encode(), f"user-{person}".encode(), f"tag-{person}".encode()]


def personal(person, number):
    return {"event_type": "github.push", "user_id": f"user-{person}", "actor_type": "user",
            "actor_id": f"user-{person}", "actor_name": f"tag-{person}",
            "tags": {"who": f"tag-{person}"},
            "details": {"text": f"secret-of-{person}-{number}", "filling": "x" * (number * 37 % 900)}}


def emit_all(s, name, numbers):
    lines = [personal(person, n) for n in numbers for person in PEOPLE]
    lines += [counted(n) for n in numbers]
    s.oyez("emit", "--from", s.write_jsonl(name, lines), "--level", "checkpointed",
           "--timeout", "60000")


def bytes_of(directory):
    """Every file below, archived segments as they were before they were compressed."""
    for path in sorted(pathlib.Path(directory).rglob("*")):
        if path.is_file():
            yield path, path.read_bytes()
        if path.suffix == ".zst":
            yield path, subprocess.run(["zstd", "-dcq", path], check=True,
                                       stdout=subprocess.PIPE).stdout


def found_in(directory, person):
    return sorted({f"{path.name}: {text.decode()}" for path, data in bytes_of(directory)
                   for text in secrets(person) if text in data})


def verdict(s, data, *arguments):
    told = s.oyez("verify", data, "--json", *arguments).stdout().splitlines()
    found = json.loads(told[-1])
    equal((found["good"], found["being_erased"]), (True, 0), told)
    return found


def prove(s, event):
    """Proof, event and leaf of one event, kept elsewhere."""
    raw = s.directory / f"{event['event_id']}.raw"
    proof = s.directory / f"{event['event_id']}.tlog-proof"
    raw.write_bytes(s.oyez("get", event["event_id"], "--raw").out.read_bytes())
    proof.write_text(s.oyez("prove", event["event_id"]).stdout())
    return proof, raw


def while_it_is_written():
    with Scenario() as s:
        data, mirror_data = s.directory / "data", s.directory / "mirror"
        s.start_broker("tcp://127.0.0.1:*", "--recorder", "wait")
        recorder = start_recorder(s, data, "--segment-size", "20000")
        mirror = start_recorder(s, mirror_data, "--mirror", "--segment-size", "30000")
        vkey = s.oyez("key", "show", "--dir", data).stdout().strip()
        emit_all(s, "one.jsonl", range(EACH))
        s.oyez("archive", "--all", "--dir", data)
        emit_all(s, "two.jsonl", range(EACH, 2 * EACH))
        equal(len(list((data / "archive").glob("*.zst"))) > 0, True, "archived segments")
        mine = query(s, "--where", "user_id=user-anna")
        equal(len(mine), 2 * EACH, "events of one person")
        proofs = [prove(s, mine[i]) for i in (0, EACH, -1)]
        before = verdict(s, data)["root"]
        s.oyez("stats", "--by", "actor")
        wait_until(lambda: agree(data, mirror_data), "the mirror has all of it")
        equal(len(found_in(data, "anna")) > 3, True, "what is to go is there")

        # First it shows what it would do, and does nothing.
        shown = s.oyez("erase", "--where", "user_id=user-anna", "--dir", data).stdout()
        equal(f"{2 * EACH} personal events would be erased" in shown, True, shown)
        equal(len(query(s, "--where", "user_id=user-anna")), 2 * EACH, "nothing was erased")
        s.oyez("erase", "--dir", data, expect=2)
        s.oyez("erase", "github.push", "--yes", "--dir", data, expect=2)
        told = s.oyez("erase", "tool.*", "--dir", data).stdout()
        equal("0 personal events" in told and "not personal" in told, True, told)

        coming = s.start_oyez("emit", "--from", s.write_jsonl(
            "more.jsonl", (counted(n, file=7) for n in range(EACH))), "--level", "recorded")
        told = s.oyez("erase", "--where", "user_id=user-anna", "--reason", "request 17", "--yes",
                      "--dir", data, "--json").events()[-1]
        equal((told["done"], told["erased"]), (True, 2 * EACH), told)
        coming.ends_with(0)

        # Live questions, to an engine that had all of it in memory.
        equal(query(s, "--where", "user_id=user-anna"), [], "events that are still shown")
        equal(len(query(s, "github.*")), 6 * EACH, "those of the others")
        stats = s.oyez("stats", "--by", "actor").stdout()
        equal("tag-anna" in stats or "user-anna" in stats, False, stats)
        equal(s.oyez("get", mine[3]["event_id"], expect=1).stdout(), "", "an erased event")
        equal(found_in(data, "anna"), [], "what is left of it")
        equal(len(found_in(data, "boris")) > 3, True, "the others are there")

        # The record is what it was, and says what was done.
        found = verdict(s, data)
        equal((found["erased"], found["events"] > 8 * EACH), (2 * EACH, True), found)
        text = verify(s, data).stdout()
        equal(f"{2 * EACH} events redacted, proof intact" in text, True, text)
        for proof, raw in proofs:
            told = s.oyez("verify", proof, "--key", vkey, "--event", raw).stdout()
            equal("proven" in told and "to the byte" in told, True, told)
        equal(found["root"] != before, True, "an act was added")

        # The mirror has followed.
        wait_until(lambda: agree(data, mirror_data), "the mirror has the acts too")
        wait_until(lambda: found_in(mirror_data, "anna") == [], "nothing is left in the mirror")
        one = mine[5]["event_id"]
        s.oyez("erase", one, "--dir", data, expect=1)
        theirs = query(s, "--where", "user_id=user-dana")[7]["event_id"]
        told = s.oyez("erase", theirs, "--reason", "request 18", "--yes", "--dir", data).stdout()
        equal("1 personal event erased" in told, True, told)
        wait_until(lambda: agree(data, mirror_data), "the mirror has this act too")
        equal(mirror.stop(30), 0, mirror.stderr()[-800:])
        equal(verdict(s, mirror_data)["erased"], 2 * EACH + 1, "erased in the mirror")
        equal(recorder.stop(30), 0, recorder.stderr()[-800:])
        compared = s.oyez("verify", data, "--compare", mirror_data).stdout()
        equal("the same root" in compared, True, compared)


def whatever_happens():
    with Scenario() as s:
        data = s.directory / "data"
        s.start_broker("tcp://127.0.0.1:*", "--recorder", "wait")
        recorder = start_recorder(s, data, "--segment-size", "20000")
        emit_all(s, "one.jsonl", range(EACH))
        s.oyez("archive", "--all", "--dir", data)
        emit_all(s, "two.jsonl", range(EACH, 2 * EACH))
        equal(recorder.stop(30), 0, recorder.stderr()[-800:])
        states = set()
        for attempt in range(KILLS):
            copy = copy_of(data, f"copy-{attempt}")
            erasing = s.start_oyez("erase", "--where", "user_id=user-boris", "--reason", "r",
                                   "--yes", "--dir", copy)
            unfinished = copy / "unfinished"
            # At the beginning, and further and further into it.
            while erasing.is_running() and not unfinished.exists():
                pass
            time.sleep(attempt * 0.004)
            erasing.kill()
            told = verify(s, copy).stdout()
            equal("being erased" in told or "redacted" in told or "erased" not in told, True, told)
            # The next writer ends what was begun.
            s.oyez("key", "rotate", "--dir", copy)
            equal(unfinished.exists(), False, "nothing is unfinished any more")
            erased = verdict(s, copy)["erased"]
            states.add(erased)
            # Act by act: what one names is gone, and what none names is there, and found again.
            left = len(query(s, "--where", "user_id=user-boris", "--dir", copy))
            equal(erased + left, 2 * EACH, "erased, or as they were")
            equal(found_in(copy, "boris") == [], left == 0, f"{left} are left")
            if left > 0:
                s.oyez("erase", "--where", "user_id=user-boris", "--reason", "r", "--yes", "--dir",
                       copy)
            equal(found_in(copy, "boris"), [], "what is left")
            equal(verdict(s, copy)["erased"], 2 * EACH, "all are erased")
            shutil.rmtree(copy)
        print(f"killed {KILLS} times: {sorted(states)} of {2 * EACH} erased")


while_it_is_written()
whatever_happens()
