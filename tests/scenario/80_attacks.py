# SPDX-License-Identifier: MIT
"""Whoever can write every file of a journal, and makes all checksums again, is named by `oyez
verify`; with a stolen key too, where an older checkpoint was kept elsewhere."""
import re
import shutil

from attacker import Forged, History, Key, commitment_of, kept_end_of, swap_events
from counted import counted
from harness import Scenario, equal
from record import copy_of, start_broker_and_recorder, start_recorder

EVENTS = 40
NAMED = {}


def emit_some(s, first, count, level):
    lines = (counted(n, "tool.invoked", text="x" * 40) for n in range(first, first + count))
    s.oyez("emit", "--from", s.write_jsonl(f"some-{first}.jsonl", lines), "--level", level)


def shown(s, data, *arguments, expect):
    return s.oyez("verify", data, *arguments, expect=expect).stdout()


def names(s, attack, data, pattern, *arguments):
    """verify ends with 1 and a line of it names the attack."""
    text = shown(s, data, *arguments, expect=1)
    lines = [line for line in text.splitlines() if re.search(pattern, line)]
    if not lines:
        raise AssertionError(f"{attack}: no line has {pattern!r}:\n{text}")
    print(f"{attack}: {lines[0].replace(str(s.directory) + '/', '')}")
    NAMED[attack] = lines[0]


def not_seen(s, data, *arguments):
    """What a journal cannot know by itself."""
    text = shown(s, data, *arguments, expect=0)
    equal("tamper-evident" in text, "--key" in arguments, text)


def make(s):
    """A journal of some segments and checkpoints; the second of them was kept elsewhere."""
    data = s.directory / "data"
    broker, recorder = start_broker_and_recorder(s, data, "--hold-max", "0")
    recorder.stop()
    recorder = start_recorder(s, data, "--segment-size", "4096")
    emit_some(s, 0, EVENTS // 2, "checkpointed")
    old = s.directory / "old.checkpoint"
    old.write_text(s.oyez("checkpoint").stdout())
    emit_some(s, EVENTS // 2, EVENTS // 2, "checkpointed")
    newer = s.directory / "newer.checkpoint"
    newer.write_text(s.oyez("checkpoint").stdout())
    recorder.stop()
    broker.stop()
    vkey = s.oyez("key", "show", "--dir", data).stdout().strip()
    return data, old, newer, vkey


def forge(data, name):
    copy = copy_of(data, name)
    return copy, Forged(copy)


def change_details(forged, index):
    frame = forged.record(index)
    at = frame.rindex(b"xxxx")
    frame[at:at + 4] = b"YYYY"


with Scenario() as s:
    data, old, newer, vkey = make(s)
    before = Forged(data)
    equal(len(before.segments) >= 3, True, "segments")
    events = before.events()
    victim = events[4]
    text = shown(s, data, "--key", vkey, "--checkpoint", old, "--checkpoint", newer, expect=0)
    equal("tamper-evident" in text, True, text)
    # What the attacker writes without changing anything is what was there.
    copy, forged = forge(data, "unchanged")
    forged.write()
    shown(s, copy, "--key", vkey, "--checkpoint", old, expect=0)

    another_root = r"checkpoint over \d+ records has another root: one of the records \d+ to \d+"
    copy, forged = forge(data, "edited")
    change_details(forged, victim)
    forged.write()
    names(s, "edit with recomputed checksums", copy, another_root)
    names(s, "the same, where the hash files were left", copy,
          rf"record {victim} is not the one that the checkpoint covers: .* 1 records differ")

    copy, forged = forge(data, "swapped")
    swap_events(forged.record(victim), forged.record(events[5]))
    forged.write()
    names(s, "two events swapped", copy, another_root)

    copy, forged = forge(data, "dropped")
    forged.drop(victim)
    forged.write()
    names(s, "one dropped, the rest moved up", copy, "positions are missing before this record")
    forged.renumber_positions()
    forged.write()
    names(s, "one dropped, positions made dense", copy, another_root)

    copy, forged = forge(data, "segment")
    segments = sorted(copy.glob("*.seg"))
    segments[1].unlink()
    names(s, "a segment dropped", copy, r"begins with record \d+, the one before it ends with \d+")
    del forged.segments[1]
    forged.renumber_positions()
    forged.write()
    # The last one of them is the end.
    names(s, "a segment dropped, the rest made to fit", copy,
          rf"{another_root}|the journal holds \d+: its end was lost or removed")

    copy, forged = forge(data, "cut")
    size = History.size_of(old.read_bytes())
    forged.cut(size)
    forged.write()
    names(s, "cut to an old checkpoint, which is not put back", copy,
          r"covers \d+ records, the journal holds \d+: its end was lost or removed")
    history = History(copy)
    history.notes = [(t, n) for t, n in history.notes if History.size_of(n) <= size]
    history.write()
    for path in copy.glob("hash.L*"):
        path.unlink()
    not_seen(s, copy)
    names(s, "cut to an old checkpoint, with it put back", copy,
          r"rebuilt or cut: this checkpoint covers \d+ records, the journal holds \d+",
          "--checkpoint", newer)

    stolen = Key(f"{data}.key")
    copy, forged = forge(data, "rebuilt")
    change_details(forged, victim)
    forged.write()
    History(copy).sign_again(forged, stolen, stolen.name)
    not_seen(s, copy, "--key", vkey)
    names(s, "rebuilt and signed with the stolen key", copy,
          r"old.checkpoint: .*the journal was rebuilt or cut: this checkpoint vouches for another",
          "--key", vkey, "--checkpoint", old)

    own = Key(name=stolen.name)
    copy, forged = forge(data, "own-key")
    change_details(forged, victim)
    forged.write()
    History(copy).sign_again(forged, own, own.name)
    names(s, "rebuilt and signed with a key of the attacker's", copy,
          "is signed by none of the journal's keys", "--key", vkey)
    own.id = stolen.id
    History(copy).sign_again(forged, own, own.name)
    names(s, "the same, with the key's id borrowed", copy, "has a forged signature", "--key", vkey)

    copy, forged = forge(data, "replayed")
    shutil.copy(old, copy / "checkpoint")
    names(s, "an old checkpoint put in the place of the newest", copy,
          "an old checkpoint, over .* records, was put in the place of the newest")
    history = History(copy)
    history.notes.append((history.notes[-1][0] + 1, old.read_bytes()))
    history.write()
    names(s, "an old checkpoint put into the history again", copy,
          r"stands behind one over \d+: an old one was put in again")

    copy = copy_of(data, "rotated")
    s.oyez("key", "rotate", "--dir", copy)
    shown(s, copy, "--key", vkey, expect=0)
    later = Key(f"{copy}.key")
    forged = Forged(copy)
    change_details(forged, victim)
    forged.write()
    History(copy).sign_again(forged, later, later.name)
    names(s, "sealed again with a later key", copy,
          "was signed with a key that the journal got only later: it was sealed again",
          "--key", vkey)
    names(s, "the same, with the key beside it", copy, "got only later: it was sealed again")

    copy, forged = forge(data, "inserted")
    forged.insert(victim, forged.record(victim))
    forged.renumber_positions()
    forged.write()
    names(s, "a forged event with a number that was used", copy,
          "emitter number was recorded before")
    copy, forged = forge(data, "appended")
    frame = bytearray(forged.record(events[-1]))
    frame[67] = 250  # an emitter number that is free
    forged.append(frame)
    forged.renumber_positions()
    forged.write()
    names(s, "a forged event behind the last", copy,
          r"covers \d+ of \d+ records, and the journal was closed")

    copy, forged = forge(data, "blanked")
    frame = forged.record(victim)
    frame[12] = 1
    at = kept_end_of(frame)
    frame[at:] = commitment_of(before.record(victim)) + bytes(len(frame) - at - 32)
    forged.write()
    names(s, "an event blanked without an act of erasure", copy,
          "the event was blanked, and no act of erasure covers it")
    print(f"{len(NAMED)} attacks named")
