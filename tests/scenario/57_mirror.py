# SPDX-License-Identifier: MIT
"""Mirrors keep the journal of their primary, leaf by leaf, whatever happens to whom; and a primary
that changes, drops or replaces what came over the bus is named, and not followed."""
import concurrent.futures
import re
import shutil
import signal

from attacker import Forged
from counted import FAST, counted
from harness import BIN, QUICK, Scenario, equal, free_port, wait_until
from mirrored import agree, differences, read_checkpoint
from record import (EPOCH_END, copy_of, cursor, gaps_among, journal, records,
                    start_broker_and_recorder, start_recorder, verify, when_ready)

COUNT = 300 if QUICK else 3000
KEY_ROTATED = 19
EVENT_ID = "019a0000-1111-7222-8333-444444444444"
PADDING = "x" * 250_000
LARGE = 320  # events of that size: 80 MB, and the broker's ring holds 64 MiB


def emit_file(s, number, count):
    """The primary's checkpoint covers them when this returns."""
    lines = (counted(n, ("tool.invoked", FAST)[n % 2], file=number) for n in range(count))
    s.oyez("emit", "--from", s.write_jsonl(f"load-{number}.jsonl", lines), "--level",
           "checkpointed", "--timeout", "60000")


def emit_files(s, numbers, count=COUNT):
    with concurrent.futures.ThreadPoolExecutor(3) as three:
        list(three.map(lambda number: emit_file(s, number, count), numbers))


def start_mirror(s, data, *arguments):
    return s.start("mirror", BIN / "oyez-recorder", "--data", data, "--mirror", *arguments)


def check_equal(s, primary, mirrors, seconds=60):
    """Both running: until they agree. Then they are stopped, and read leaf by leaf."""
    for process, data in mirrors:
        wait_until(lambda d=data: agree(primary[1], d), f"{data.name} has the root of the primary",
                   seconds)
    for process, _ in [primary, *mirrors]:
        equal(process.stop(30), 0, f"exit status of {process.name}: {process.stderr()[-500:]}")
    verify(s, primary[1])
    for process, data in mirrors:
        verify(s, data)
        equal(process.stderr().count("not follow"), 0, process.stderr())
    # They agree with one another; one of them is read leaf by leaf.
    equal(list(differences(primary[1], mirrors[0][1])), [], "differences")


def from_the_start():
    with Scenario() as s:
        first, second, third = (s.directory / name for name in ("first", "second", "third"))
        _, recorder = start_broker_and_recorder(s, first)
        mirror = start_recorder(s, second, "--mirror", "--segment-size", "200000")
        # A second primary is not wanted.
        s.start("oyez-recorder", BIN / "oyez-recorder", "--data", s.directory / "no").ends_with(4)
        emit_files(s, range(3))
        for details in ({}, {}, {"locale": "de"}):
            s.emit("session.created", details, "--event-id", EVENT_ID, "--level", "checkpointed")
        # The primary's key is another from here on; the mirrors keep theirs.
        recorder.stop()
        s.oyez("key", "rotate", "--dir", first)
        recorder = start_recorder(s, first)
        emit_file(s, 3, 10)
        late = start_recorder(s, third, "--mirror")
        check_equal(s, (recorder, first), [(mirror, second), (late, third)])
        equal(len(list(second.glob("*.seg"))) > 1, True, "where the files end makes no difference")
        acts = [r.kind for r in records(first) if r.kind >= 16]
        equal([r.kind for r in records(third) if r.kind >= 16], acts, "acts")
        equal(acts.count(KEY_ROTATED), 1, "rotations of the key among them")
        # The mirror that was there from the start saw every event itself.
        events = sum(r.kind <= 4 for r in records(first))
        equal(f"; {events} events among them came over the bus too" in mirror.stderr(), True,
              mirror.stderr())


def whatever_happens():
    with Scenario() as s:
        first, second, third = (s.directory / name for name in ("first", "second", "third"))
        listen = f"tcp://127.0.0.1:{free_port()}"
        broker = ["--recorder", "wait", "--hold-max", "1"]
        s.start_broker(listen, *broker)
        recorder = start_recorder(s, first)
        mirror, other = (start_recorder(s, data, "--mirror") for data in (second, third))
        emit_file(s, 1, COUNT)
        # A gap: nobody records, and the bus goes on. The mirrors see it, and wait.
        recorder.kill()
        s.oyez("emit", "--from", s.write_jsonl("large.jsonl", (
            counted(n, FAST, p=PADDING) for n in range(LARGE))), "--timeout", "120000", seconds=180)
        wait_until(lambda: s.counters()["events"] >= COUNT + LARGE, "all of it is stamped", 60)
        wait_until(lambda: "no primary answers" in mirror.stderr(), "the mirror says that it waits")
        mirror.kill()
        recorder = start_recorder(s, first)
        emit_file(s, 2, COUNT)
        # An end that is not clean, and one mirror away.
        s.broker.kill()
        s.start_broker(listen, *broker)
        emit_file(s, 3, COUNT)
        # One that is clean, in which the other stands still.
        other.send_signal(signal.SIGSTOP)
        equal(s.broker.stop(), 0, "exit status of the broker")
        s.start_broker(listen, *broker)
        emit_file(s, 4, COUNT)
        other.send_signal(signal.SIGCONT)
        # An epoch that the mirrors never see, and the primary restarted in it.
        other.kill()
        equal(s.broker.stop(), 0, "exit status of the broker")
        s.start_broker(listen, *broker)
        recorder.kill()
        recorder = start_recorder(s, first)
        emit_file(s, 5, COUNT)
        mirror, other = (start_mirror(s, data) for data in (second, third))
        when_ready(mirror)
        emit_file(s, 6, COUNT)
        check_equal(s, (recorder, first), [(mirror, second), (other, third)], 120)
        read = records(second)
        ends = [r.kept()[16] for r in read if r.kind == EPOCH_END]
        # The primary that was killed does not vouch for the last one.
        equal(ends, [0, 1, 0], "ends of epochs, clean or not")
        equal(len(gaps_among(read)) > 0, True, "there is a gap")
        print(f"gaps {gaps_among(read)}, {len(read)} records")
        change_places(s, first, second)


def change_places(s, first, second):
    """The mirror becomes the primary, and the primary its mirror."""
    before = read_checkpoint(first)[0]
    recorder = start_recorder(s, second)
    mirror = start_recorder(s, first, "--mirror")
    emit_file(s, 7, COUNT)
    wait_until(lambda: agree(first, second), "they have the same root", 60)
    for process in (recorder, mirror):
        equal(process.stop(30), 0, f"exit status of {process.name}: {process.stderr()[-500:]}")
    roots = [re.search("root of .*", verify(s, data).stdout())[0] for data in (first, second)]
    equal(roots[0], roots[1], "what verify says")
    equal(read_checkpoint(first)[0] > before, True, "there is more than before")


def change_details(forged, index):
    frame = forged.record(index)
    at = frame.rindex(b'"n":')
    frame[at + 4] ^= 1


def drop(forged, index):
    forged.drop(index)


def drop_and_renumber(forged, index):
    forged.drop(index)
    forged.renumber_positions()


def lose_the_end(forged, index):
    forged.cut(index - 20)


def change_the_past(forged, index):
    change_details(forged, index - 11)


def change_long_ago(forged, index):
    change_details(forged, index - 25)


FORGERIES = [
    (change_details, "record of {place} is not the event that came over the bus there"),
    (drop, "is of {behind}, but the one before it ends at {before}"),
    (drop_and_renumber, "record of {place} is not the event that came over the bus there"),
    (change_the_past, "is not the one that this mirror has: another journal"),
    (change_long_ago, "its checkpoint over "),
    # Last, because the broker that could give the end once more is gone then.
    (lose_the_end, "another journal, or one that has lost its end"),
]


def forged_primaries():
    with Scenario() as s:
        first, second = s.directory / "first", s.directory / "second"
        _, recorder = start_broker_and_recorder(s, first)
        mirror = start_recorder(s, second, "--mirror")
        emit_file(s, 1, 30)
        wait_until(lambda: agree(first, second), "the mirror has all of it")
        mirror.stop()
        emit_file(s, 2, 20)
        recorder.stop()
        behind = len(records(second))
        for change, says in FORGERIES:
            one, other = copy_of(first, f"{change.__name__}-1"), copy_of(second,
                                                                         f"{change.__name__}-2")
            forged = Forged(one)
            # The eleventh that the mirror does not have; the last that it has is eleven before.
            index = behind + 10
            epoch, position = cursor(journal_record(forged, index))
            change(forged, index)
            forged.write()
            for path in [*one.glob("checkpoint*"), *one.glob("hash.*"), *one.glob("*.state")]:
                path.unlink()
            if change is lose_the_end:
                s.broker.kill()
                s.start_broker(s.endpoint, "--recorder", "wait")
            recorder = start_recorder(s, one)
            mirror = start_mirror(s, other).ends_with(5)
            wanted = says.format(place=f"{epoch}:{position}", behind=f"{epoch}:{position + 1}",
                                 before=f"{epoch}:{position - 1}")
            line = next((line for line in mirror.stderr().split("\n") if "not follow" in line), "")
            print(f"{change.__name__}: {line}")
            equal(wanted in line, True, f"{mirror.stderr()} names {wanted}")
            if change is not change_long_ago:
                equal(len(records(other)) <= index, True, "the forged record is not taken")
            verify(s, other)
            recorder.stop()
            shutil.rmtree(one)


def journal_record(forged, index):
    return journal.Frame(bytes(forged.record(index)), 0, seed_of(forged, index))


def seed_of(forged, index):
    for header, groups in forged.segments:
        count = sum(len(group.records) for group in groups)
        if index < count:
            return journal.u32(header, 12)
        index -= count
    raise IndexError(index)


from_the_start()
whatever_happens()
forged_primaries()
