# SPDX-License-Identifier: MIT
"""`oyez repair` says what is wrong with a journal and offers what can be done; each offer does what it
says and no more, and what is left is a journal that verifies."""
import re

from counted import counted
from harness import Scenario, equal
from record import (copy_of, frame_behind, frames, last_segment, records, start_recorder,
                    start_server, verify)

GROUPS = 8


def emit(s, count):
    path = s.write_jsonl("events.jsonl", (counted(n) for n in range(count)))
    s.oyez("emit", "--from", path, "--level", "recorded")


def repair(s, data, *arguments, expect=0):
    return s.oyez("repair", data, *arguments, expect=expect)


def bytes_of(data):
    # The lock tells who had it last.
    return {path.name: path.read_bytes() for path in data.iterdir() if path.name != "lock"}


def flip(path, at):
    changed = bytearray(path.read_bytes())
    changed[at] ^= 0x40
    path.write_bytes(changed)


def leaves(data):
    return [record.bytes for record in records(data)]


def a_sound_one_has_nothing_to_repair(s, sound):
    copy = copy_of(sound, "sound-copy")
    before = bytes_of(copy)
    equal(repair(s, copy).stdout(), f"{copy}: nothing to repair\n", "a sound journal")
    equal(bytes_of(copy), before, "looking changes nothing")
    repair(s, copy, "--cut-tail")
    equal(leaves(copy), leaves(sound), "no tail: no record is cut")
    verify(s, copy)


def a_tail_is_cut(s, killed):
    segment = last_segment(killed)
    at, size, _ = frames(segment)[-1]
    kept = leaves(killed)
    added = frame_behind(segment)
    with open(segment, "r+b") as file:
        file.seek(at + size)
        file.write(added)
    told = repair(s, killed).stdout()
    size, = re.findall(r"--cut-tail cuts (\d+) bytes behind the last commit of "
                       rf"{segment.name}, with 1 events", told)
    told = repair(s, killed, "--cut-tail").stdout()
    equal(f"cut {size} bytes and 1 uncommitted events; closed cleanly with {len(kept)} "
          "records" in told, True, told)
    equal(leaves(killed), kept, "what was committed")
    equal("closed cleanly" in verify(s, killed).stderr(), False, "no tail is told of any more")
    equal(repair(s, killed).stdout(), f"{killed}: nothing to repair\n", "after --cut-tail")


def hashes_are_made_anew(s, sound):
    copy = copy_of(sound, "hashes")
    wrong = b"\0" * 64 + (copy / "hash.L0").read_bytes()[64:]
    (copy / "hash.L0").write_bytes(wrong)
    told = repair(s, copy).stdout()
    equal("hash.L0: offset 0, record 0: notice: " in told, True, told)
    equal("can be done: --rebuild-hashes" in told and "accept-loss" not in told, True, told)
    # Without the key none could be made, so the old ones stay.
    before = bytes_of(copy)
    repair(s, copy, "--rebuild-hashes", "--key", s.directory / "no.key", expect=1)
    equal(bytes_of(copy), before, "without a key nothing is touched")
    told = repair(s, copy, "--rebuild-hashes").stdout()
    equal("moved aside: " in told, True, told)
    equal(f"hashed {len(leaves(sound))} records" in told, True, told)
    equal((copy / "hash.L0.damaged").read_bytes() == wrong, True, "what was moved aside")
    equal((copy / "hash.L0").read_bytes(), (sound / "hash.L0").read_bytes(), "the hashes")
    equal("notice" in verify(s, copy).stdout(), False, "nothing to be told of any more")


def damage(segment):
    """Damages its first record."""
    at, size, _ = [f for f in frames(segment) if f[2] < 64][0]
    flip(segment, at + size // 2)


def offered_loss(s, data, segment):
    before = bytes_of(data)
    told = repair(s, data, expect=1).stdout()
    equal(f"{segment.name}: offset " in told, True, told)
    equal("first of all: put the damaged files back from a copy or a mirror" in told, True, told)
    index, = re.findall(r"--accept-loss-after (\d+) keeps", told)
    equal(bytes_of(data), before, "looking changes nothing")
    # Nothing smaller helps. Only the last segment is read to find a tail.
    repair(s, data, "--cut-tail", expect=5 if segment == last_segment(data) else 0)
    equal({n: b for n, b in bytes_of(data).items() if n.endswith(".seg")},
          {n: b for n, b in before.items() if n.endswith(".seg")}, "the record")
    return int(index)


def a_loss_is_accepted(s, data, covered):
    """As offered; what is kept is a beginning of what there was."""
    whole = leaves(data)
    # What is sealed is covered by a checkpoint.
    segment = sorted(data.glob("*.seg"))[1] if covered else last_segment(data)
    damage(segment)
    index = offered_loss(s, data, segment)
    damaged = segment.read_bytes()
    told = repair(s, data, "--accept-loss-after", str(index)).stdout()
    kept, = map(int, re.findall(r"LOST: every record from (\d+) on", told))
    equal(0 < kept <= index < len(whole), True, f"{kept} of {len(whole)} are kept of {index}")
    equal(leaves(data), whole[:kept], "what is kept")
    equal("A checkpoint vouched for" in told, covered, told)
    key = data.parent / f"{data.name}.key"
    equal(key.exists(), not covered, "a key that has vouched for more is not used again")
    equal(any(f.read_bytes() == damaged for f in data.glob(f"{segment.name}*.damaged")), True,
          "the damaged segment stays beside it")
    verify(s, data)
    equal("accept-loss" in repair(s, data).stdout(), False, "nothing is lost any more")


def what_is_no_choice(s, sound):
    before = bytes_of(sound)
    repair(s, sound, "--cut-tail", "--rebuild-hashes", expect=2)
    repair(s, sound, "--cut-tail", "--accept-loss-after", "3", expect=2)
    for index in ("", "x", "3x", "+3", "99999999999999999999999"):
        repair(s, sound, "--accept-loss-after", index, expect=2)
    equal(bytes_of(sound), before, "a wrong command line changes nothing")
    empty = s.directory / "empty"
    empty.mkdir()
    for choice in ((), ("--cut-tail",), ("--rebuild-hashes",), ("--accept-loss-after", "3")):
        repair(s, empty, *choice, expect=5)
        repair(s, s.directory / "nowhere", *choice, expect=5)
    equal(list(empty.iterdir()), [], "nothing is made where no journal is")
    equal((s.directory / "nowhere").exists(), False, "nor a directory")


with Scenario() as s:
    sound = s.directory / "sound"
    s.start_broker("tcp://127.0.0.1:*", "--recorder", "wait")
    recorder = start_recorder(s, sound, "--segment-size", "4096", "--checkpoint-interval",
                              "86400000")
    for _ in range(GROUPS):
        emit(s, 20)
    for _ in range(3):  # several commits in one segment: only behind the last can a tail be torn
        emit(s, 2)
    # No checkpoint has vouched for the last segment yet; one does when the recorder ends.
    uncovered = copy_of(sound, "uncovered")
    equal(recorder.stop(), 0, "exit status of the recorder")
    equal(len(list(sound.glob("*.seg"))) > 2, True, "segments")
    verify(s, sound)

    a_sound_one_has_nothing_to_repair(s, sound)
    what_is_no_choice(s, sound)
    hashes_are_made_anew(s, sound)
    a_tail_is_cut(s, copy_of(uncovered, "killed"))
    a_loss_is_accepted(s, uncovered, covered=False)
    covered = copy_of(sound, "covered")
    a_loss_is_accepted(s, covered, covered=True)

    # Both go on.
    s.broker.stop()
    for data in (uncovered, covered):
        server = start_server(s, data)
        emit(s, 2)
        equal(server.stop(), 0, "exit status of the server")
        verify(s, data)
        equal(leaves(data)[-1] != leaves(sound)[-1], True, "new records")
