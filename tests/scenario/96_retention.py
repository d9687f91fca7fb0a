# SPDX-License-Identifier: MIT
"""Old segments go and every proof stays: a hold keeps what it covers, a consumer and a subscriber in the
middle of what went are told the range and go on behind it, mirrors follow, and a kill at any moment leaves
the journal whole."""
import json
import pathlib
import random
import subprocess

from counted import counted, number_of
from harness import BIN, QUICK, SLOW, Scenario, equal, wait_until
from mirrored import agree
from record import query, start_recorder, start_server, verify

SEGMENTS = ("--segment-size", "8192")
COUNT = 200
GROUP = 25
KILLS = 3 if QUICK else 12


def emit(s, first, last, event_type="tool.invoked", level="checkpointed"):
    """In groups that are smaller than a segment; only the last one waits for more than its recording."""
    for begin in range(first, last + 1, GROUP):
        lines = [counted(n, event_type) for n in range(begin, min(begin + GROUP, last + 1))]
        s.oyez("emit", "--from", s.write_jsonl("events.jsonl", lines), "--level",
               level if begin + GROUP > last else "recorded")


def retention(s, *arguments, expect=0):
    return s.oyez("retention", "--json", *arguments, expect=expect)


def told(s, *arguments):
    return json.loads(retention(s, *arguments).stdout())


def segments(data):
    return sorted(int(path.name[:20]) for path in pathlib.Path(data).glob("*.seg"))


def size_of(path):
    try:
        return path.stat().st_size
    except FileNotFoundError:  # it went since
        return 0


def sealed_bytes(data):
    return sum([size_of(path) for path in sorted(pathlib.Path(data).glob("*.seg"))][:-1])


def old_enough(s, *arguments):
    """All sealed segments are older than a second."""
    sealed = len(segments(s.environment["OYEZ_DATA"])) - 1
    wait_until(lambda: told(s, "--keep-for", "1s", *arguments)["segments"] >= sealed,
               "every sealed segment is old")


def verdict(s, data, expect=0):
    return json.loads(s.oyez("verify", data, "--json", expect=expect).lines()[-1])


def with_a_hold_a_consumer_and_a_proof():
    with Scenario() as s:
        data = s.directory / "oyez-data"
        server = start_server(s, data, "tcp://127.0.0.1:*", *SEGMENTS)
        emit(s, 1, 120)
        emit(s, 121, 121, "tool.retried")
        emit(s, 122, COUNT)
        events = query(s)
        equal(len(events), COUNT, "recorded events")
        old_id, new_id = events[2]["event_id"], events[-1]["event_id"]
        proof = s.directory / "old.proof"
        proof.write_text(s.oyez("prove", old_id).stdout())
        consumer = s.start("consume", BIN / "example-consume", "billing", "tool.invoked",
                           stdin=subprocess.PIPE)
        consumer.stdin.write(b"\n" * 4)
        consumer.stdin.flush()
        wait_until(lambda: consumer.line_count() >= 5, "four are handled, and the fifth is shown")
        consumer.stdin.close()
        consumer.ends_with(0)
        # Legal hold: what it covers is not removed.
        hold = s.oyez("hold", "set", "suit-7", "tool.re*", "toll.*", "--where",
                      "details.changed.n=121", "--reason", "a letter of 3 May")
        equal(hold.stderr(), "oyez hold: toll.* matches no event type of the catalogs here\n",
              "a misspelt pattern holds nothing, and is told")
        s.oyez("hold", "set", "suit-7", "--reason", "again", expect=4)
        held = s.oyez("hold", "list", "--json").events()
        equal([(h["name"], h["patterns"], h["reason"]) for h in held],
              [("suit-7", ["tool.re*", "toll.*"], "a letter of 3 May")], "holds")
        wait_until(lambda: told(s, "--keep-for", "1s")["hold"] == "suit-7", "it keeps something")
        before = segments(data)
        plan = told(s, "--keep-for", "1s")
        equal(segments(data), before, "nothing goes before it is wanted")
        done = told(s, "--keep-for", "1s", "--yes", "--reason", "older than they may be")
        equal((done["records"], done["hold"]), (plan["records"], "suit-7"), "what was removed")
        begins = segments(data)[0]
        equal(begins > 60, True, f"the journal begins with {begins}")
        kept = query(s)
        equal(121 in [number_of(e) for e in kept], True, "what is held is there")
        check_readers(s, kept)
        check_proofs(s, data, proof, old_id, new_id)
        # Released, it goes; the hold's own acts went with it.
        s.oyez("hold", "release", "suit-7", "--reason", "settled")
        s.oyez("hold", "release", "suit-7", "--reason", "settled", expect=1)
        wait_until(lambda: told(s, "--keep-for", "1s")["hold"] == "", "nothing is held")
        told(s, "--keep-for", "1s", "--yes")
        rest = query(s)
        equal(121 in [number_of(e) for e in rest], False, "it went")
        emit(s, COUNT + 1, COUNT + 30)
        equal([number_of(e) for e in query(s)][-30:], list(range(COUNT + 1, COUNT + 31)), "goes on")
        # What was typed is still read: its catalog was recorded once more.
        equal(number_of(query(s, "--dir", data)[-1]), COUNT + 30, "details")
        equal(server.stop(), 0, "exit status of the server")
        s.broker = None
        equal(verdict(s, data)["expired"], segments(data)[0], "expired records")
        # Somebody else who removes one is named.
        (data / f"{segments(data)[0]:020d}.seg").unlink()
        equal("no act of the journal removed them" in
              s.oyez("verify", data, expect=1).stdout(), True, "tampering")


def check_readers(s, kept):
    first = next(number_of(e) for e in kept if e["event_type"] == "tool.invoked")
    tail = s.start_oyez("tail", "--json", "--from", "first")
    consumer = s.start("consume-again", BIN / "example-consume", "billing", "tool.invoked",
                       stdin=subprocess.PIPE)
    wait_until(lambda: consumer.line_count() >= 1, "the consumer goes on")
    equal(number_of(consumer.events()[0]), first, "behind what was removed")
    wait_until(lambda: "removed from the record" in consumer.stderr(), "the consumer is told")
    consumer.stdin.close()
    consumer.ends_with(0)
    wait_until(lambda: tail.line_count() >= len(kept), "a subscriber gets what is there")
    equal([number_of(e) for e in tail.events()], [number_of(e) for e in kept], "the same")
    equal("are no longer in the record" in tail.stderr(), True, tail.stderr())
    tail.stop()


def check_proofs(s, data, proof, old_id, new_id):
    key = s.directory / "key.pub"
    key.write_text(s.oyez("key", "show").stdout())
    found = verdict(s, data)
    equal((found["good"], found["expired"]), (True, segments(data)[0]), "verified")
    s.oyez("verify", proof, "--key", key)
    gone = s.oyez("prove", old_id, expect=1)
    equal(gone.stdout(), "", "no new proof of what went")
    fresh = s.directory / "fresh.proof"
    fresh.write_text(s.oyez("prove", new_id).stdout())
    s.oyez("verify", fresh, "--key", key)


def by_the_recorder_s_own_rules():
    with Scenario() as s:
        data = s.directory / "oyez-data"
        rules = ("--keep-size", "90000", "--keep-type", "tool.retried=1s", "--life-interval", "1")
        listen = "tcp://127.0.0.1:*"
        server = start_server(s, data, listen, *SEGMENTS, *rules)
        for n in range(5):
            emit(s, n * 100 + 1, n * 100 + 98, level="recorded")
            emit(s, n * 100 + 99, n * 100 + 100, "tool.retried", level="recorded")
        wait_until(lambda: segments(data)[0] > 0, "the oldest segments go")
        wait_until(lambda: sealed_bytes(data) <= 90_000, "the journal is as small as it may be")
        wait_until(lambda: query(s, "tool.retried") == [], "old events of a type are blanked")
        emit(s, 501, 510)
        server.kill()
        start_server(s, data, listen, *SEGMENTS, *rules)
        emit(s, 511, 520)
        equal([number_of(e) for e in query(s)][-20:], list(range(501, 521)), "goes on")
        equal(s.broker.stop(), 0, "exit status of the server")
        s.broker = None
        found = verdict(s, data)
        equal((found["good"], found["erased"] > 0), (True, True), "verified")
        bad = s.oyez("serve", "--listen", listen, "--data", data, "--keep-for", "soon", expect=2)
        equal("keep-for: 'soon' is no age" in bad.stderr(), True, bad.stderr())


def mirrors_follow():
    with Scenario() as s:
        first, second = s.directory / "first", s.directory / "second"
        s.environment["OYEZ_DATA"] = str(first)
        s.start_broker("tcp://127.0.0.1:*", "--recorder", "wait")
        recorder = start_recorder(s, first, *SEGMENTS)
        mirror = start_recorder(s, second, "--mirror", "--segment-size", "5000")
        emit(s, 1, COUNT)
        wait_until(lambda: agree(first, second), "the mirror is there")
        old_enough(s)
        told(s, "--keep-for", "1s", "--yes")
        begins = segments(first)[0]
        emit(s, COUNT + 1, COUNT + 50)
        wait_until(lambda: agree(first, second), "the mirror has the root of the primary", 30)
        theirs = segments(second)[0]
        equal(0 < theirs <= begins, True, f"the mirror begins with {theirs}, the primary {begins}")
        refused = s.oyez("retention", "--keep-for", "1s", "--yes", "--dir", second, expect=4)
        equal("mirror" in refused.stderr(), True, refused.stderr())
        # Away while more goes, and back.
        equal(mirror.stop(), 0, "exit status of the mirror")
        emit(s, COUNT + 51, COUNT + 100)
        mirror = start_recorder(s, second, "--mirror", "--segment-size", "5000")
        wait_until(lambda: agree(first, second), "the mirror is there again", 30)
        # A new one has no way to what went.
        third = s.start("third", BIN / "oyez-recorder", "--data", s.directory / "third", "--mirror")
        wait_until(lambda: "have expired here" in third.stderr() or not third.is_running(),
                   "a new mirror is told to begin with a backup")
        third.kill()
        for process in (mirror, recorder):
            equal(process.stop(), 0, f"exit status of {process.name}")
        for data in (first, second):
            verify(s, data)
        compared = s.oyez("verify", first, "--compare", second)
        equal("the same root" in compared.stdout(), True, compared.stdout())


def with_a_file_that_a_repair_set_aside():
    with Scenario() as s:
        data = s.directory / "oyez-data"
        server = start_server(s, data, "tcp://127.0.0.1:*", *SEGMENTS)
        emit(s, 1, 25)
        emit(s, 26, 30, "tool.retried")
        emit(s, 31, 80)
        aside = data / "00000000000000000000.seg.damaged"
        aside.write_bytes(b"")
        by_type = ("--keep-type", "tool.retried=1s")
        by_size = ("--keep-size", str(sealed_bytes(data) - 1))  # the oldest segment goes
        wait_until(lambda: told(s, *by_type)["blanks"] == 5, "events are old")
        for rules in (by_type + by_size, by_type):
            refused = retention(s, *rules, "--yes", expect=4)
            equal("events were not blanked: files that a repair set aside (….seg.damaged) may hold"
                  in refused.stderr(), True, refused.stderr())
            equal(json.loads(refused.stdout())["unblanked"], 5, refused.stdout())
            equal(segments(data)[0] > 0, True, "segments went")
            if s.broker is not None:
                equal(server.stop(), 0, "exit status of the server")
                s.broker = None
        aside.unlink()
        done = told(s, *by_type, "--yes")
        equal((done["blanked"], done["unblanked"]), (5, 0), "it went on")
        equal(verdict(s, data)["good"], True, "verified")


def killed_at_any_moment():
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    dice = random.Random(seed)
    with Scenario() as s:
        data = s.directory / "oyez-data"
        server = start_server(s, data, "tcp://127.0.0.1:*", *SEGMENTS)
        emit(s, 1, COUNT)
        equal(server.stop(), 0, "exit status of the server")
        s.broker = None
        old_enough(s)
        for _ in range(KILLS):
            begun = segments(data)[0]
            process = s.start_oyez("retention", "--keep-size", str(max(1, sealed_bytes(data) - 9000)),
                                   "--yes")
            try:
                process.popen.wait(dice.uniform(0, 0.03) * SLOW)
            except subprocess.TimeoutExpired:
                process.kill()
            s.processes.remove(process)
            found = json.loads(s.oyez("verify", data, "--json").lines()[-1])
            equal(found["good"], True, "verified as the kill left it")
            equal(found["expired"] >= begun, True, "nothing comes back")
        start_server(s, data, "tcp://127.0.0.1:*", *SEGMENTS)
        emit(s, COUNT + 1, COUNT + 10)
        equal([number_of(e) for e in query(s)][-10:], list(range(COUNT + 1, COUNT + 11)), "goes on")
        equal((data / "unfinished").exists(), False, "nothing is under way")


with_a_hold_a_consumer_and_a_proof()
by_the_recorder_s_own_rules()
mirrors_follow()
with_a_file_that_a_repair_set_aside()
killed_at_any_moment()
