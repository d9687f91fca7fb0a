# SPDX-License-Identifier: MIT
"""Indexes are made as segments are sealed. One that is damaged, missing, cut, of another segment or of
another journal, or half-written when its writer was killed, is told of, made anew, and never changes
an answer; neither in a directory nor under a recorder that has it in use."""
import random
import shutil
import time

from counted import counted
from harness import QUICK, Scenario, equal, wait_until
from record import start_recorder

SEGMENT = 65536
COUNT = 3000
PARTS = 6
KILLS = 10 if QUICK else 60
CONDITION = ("--where", "plan_id=P7")


def emit_events(s, plans):
    """In parts: a segment ends only where a group commit does."""
    for first in range(0, COUNT, COUNT // PARTS):
        numbers = range(first, first + COUNT // PARTS)
        path = s.write_jsonl(f"{plans}-{first}.jsonl", (
            dict(counted(n), plan_id=f"P{n % plans}", tags={"n": str(n)}) for n in numbers))
        s.oyez("emit", "--from", path, "--level", "recorded")


def start(s, data):
    broker = s.start_broker("tcp://127.0.0.1:*", "--recorder", "wait")
    return broker, start_recorder(s, data, "--segment-size", str(SEGMENT))


def sealed(data):
    """The segments that another follows."""
    return sorted(data.glob("*.seg"))[:-1]


def indexes(data):
    return sorted(data.glob("*.idx"))


def ids(process):
    return [e["event_id"] for e in process.events()]


def ask(s, data, *arguments):
    return s.oyez("query", "--json", *CONDITION, *arguments, "--dir", data)


def check(s, data, expected, name, told):
    """The answer, that the index was told of and made anew, and the answer after that."""
    query = ask(s, data)
    equal(ids(query), expected, f"the answer beside {name}")
    equal(query.stderr().count(".idx") > 0, told, f"{name} is told of: {query.stderr()}")
    s.oyez("reindex", "--check", "--dir", data)
    equal(len(indexes(data)), len(sealed(data)), f"indexes after {name}")
    again = ask(s, data)
    equal((ids(again), again.stderr()), (expected, ""), f"the answer after {name}")


def flip(path, place):
    content = bytearray(path.read_bytes())
    content[place % len(content)] ^= 0x40
    path.write_bytes(content)


def damage(s, data, expected):
    chance = random.Random(7)
    index = indexes(data)[1]
    good = index.read_bytes()
    other = indexes(data)[2].read_bytes()
    index.unlink()
    check(s, data, expected, "a missing index", told=False)
    equal(index.read_bytes() == good, True, "an index is made from its segment alone")
    index.write_bytes(b"")
    check(s, data, expected, "an empty index", told=True)
    index.write_bytes(good[:len(good) // 2])
    check(s, data, expected, "half an index", told=True)
    index.write_bytes(other)
    check(s, data, expected, "the index of another segment", told=True)
    flip(index, 9)
    check(s, data, expected, "a flipped bit in the header", told=True)
    for _ in range(5 if QUICK else 40):
        flip(index, chance.randrange(len(good)))
        # Where the question does not look, it need not be told.
        equal(ids(ask(s, data)), expected, "the answer beside a flipped bit")
        s.oyez("reindex", "--check", "--dir", data)
        equal(index.read_bytes() == good, True, "it is made anew")


def foreign(s, data, expected, other_data):
    """Indexes of another journal, whose segments begin at other records with the same names at best."""
    for index in indexes(data):
        strange = other_data / index.name
        if not strange.exists():
            strange = indexes(other_data)[0]
        shutil.copyfile(strange, index)
    check(s, data, expected, "indexes of another journal", told=True)


def killed(s, data, expected):
    """The writer of indexes is killed at some moment, again and again."""
    chance = random.Random(11)
    for _ in range(KILLS):
        writer = s.start_oyez("reindex", "--all", "--dir", data)
        # Which moment it is, is chance; every one will do.
        time.sleep(chance.random() * 0.05)
        writer.kill()
        s.processes.remove(writer)
        equal(ids(ask(s, data)), expected, "the answer after a kill")
    # One that was left beside a good index, whatever chance did above.
    indexes(data)[0].with_suffix(".idx.new").write_bytes(b"half")
    s.oyez("reindex", "--check", "--dir", data)
    left = [p.name for p in data.iterdir() if ".idx" in p.name and not p.name.endswith(".idx")]
    equal(left, [], "files that a kill left behind")


def under_a_recorder(s, data, expected):
    _, recorder = start(s, data)
    equal(ids(s.oyez("query", "--json", *CONDITION)), expected, "the recorder's answer")
    damaged = indexes(data)
    for index in damaged:
        index.write_bytes(index.read_bytes()[:100])
    equal(ids(s.oyez("query", "--json", *CONDITION)), expected, "the answer beside cut indexes")
    # What it has in memory serves it on; the next one looks at the files first, and makes one more, of
    # the segment that was open.
    recorder.kill()
    next_one = start_recorder(s, data, "--segment-size", str(SEGMENT))
    wait_until(lambda: next_one.stderr().count(".idx") >= len(damaged), "it says so of each")
    equal(ids(s.oyez("query", "--json", *CONDITION)), expected, "the answer of new ones")
    s.oyez("reindex", "--check", "--json", "--dir", data)


with Scenario() as s:
    journals = []
    for plans in (10, 13):
        data = s.directory / f"data-{plans}"
        broker, recorder = start(s, data)
        emit_events(s, plans)
        # Nobody has asked anything.
        wait_until(lambda d=data: len(sealed(d)) == len(indexes(d)), "indexes are made")
        equal(len(indexes(data)) > 3, True, "there are some segments")
        expected = ids(s.oyez("query", "--json", *CONDITION, "--no-index"))
        equal(ids(s.oyez("query", "--json", *CONDITION)), expected, "with and without indexes")
        equal(recorder.stop(), 0, "exit status of the recorder")
        equal(broker.stop(), 0, "exit status of the broker")
        journals.append((data, expected))
    (data, expected), (other_data, _) = journals
    equal(len(expected), COUNT // 10, "events of the plan")
    damage(s, data, expected)
    foreign(s, data, expected, other_data)
    killed(s, data, expected)
    under_a_recorder(s, data, expected)
