# SPDX-License-Identifier: MIT
"""Holds the ledgers of a chaos run against its journal. Every violation is one line of text.

Kinds of subscribers, the second word of their promise:
  told        in order, and what it lost was told (the promise without a recorder)
  live        every recorded event that matches, once; of each type in order
  recorded    exactly the journal, in its order
A name that begins with late- began somewhere in the run; the others before the first event.
"""
import collections

from ledgers import (EPOCH_END, EVENT_KINDS, FLAG_CONFLICT, FLAG_FAST, GAP, REPEAT_KINDS,
                     matcher)


class Journal:
    """The records, and where they are found."""

    def __init__(self, records):
        self.records = records
        self.events = [r for r in records if r.kind in EVENT_KINDS and not r.flags & FLAG_CONFLICT]
        self.by_id = {r.event_id: r for r in self.events}
        self.by_index = {r.index: r for r in records}
        self.stamped = {(r.epoch, r.position): r for r in records
                        if r.kind in EVENT_KINDS + REPEAT_KINDS}
        self.gaps = [(r.epoch, r.position, r.last) for r in records if r.kind == GAP]
        self.ends = {r.epoch: r for r in records if r.kind == EPOCH_END}


def twice(items):
    return [item for item, count in collections.Counter(items).items() if count > 1]


def check_places(journal):
    """Each position of each epoch has a leaf, lies in a gap, or is beyond the epoch's end."""
    epoch, position, ended = 0, 0, True
    for record in journal.records:
        if record.kind not in EVENT_KINDS + REPEAT_KINDS + (GAP, EPOCH_END):
            continue
        if record.epoch != epoch:
            if record.epoch < epoch or not ended:
                yield f"record {record.index}: epoch {record.epoch} after {epoch}, which has no end"
            if epoch in journal.ends and journal.ends[epoch].next != record.epoch:
                yield f"epoch {epoch}: its end names {journal.ends[epoch].next} as the next one"
            epoch, position, ended = record.epoch, 0, False
        if record.kind == EPOCH_END:
            if record.position != position or record.last < position:
                yield f"epoch {epoch}: ends at {record.position}, highest {record.last}, after " \
                      f"position {position}"
            ended = True
            continue
        if ended or record.position != position + 1:
            yield f"record {record.index}: {epoch}:{record.position} after position {position}"
        position = record.last if record.kind == GAP else record.position


def check_once(journal):
    for event_id in twice(r.event_id for r in journal.events):
        yield f"event {event_id} is in the journal twice"
    for key in twice((r.emitter.hex(), r.flags & FLAG_FAST, r.number) for r in journal.events):
        yield f"emitter, lane and number {key} are in the journal twice"
    for record in journal.records:
        if record.flags & FLAG_CONFLICT:
            yield f"record {record.index}: event {record.event_id} is flagged as a conflict"
        if record.kind == 3:
            first = journal.by_index.get(record.last)
            if first is None or first.event_id != record.event_id or first.index >= record.index:
                yield f"record {record.index} repeats {record.last}, which is not the same event"


def check_gaps(journal, allowed):
    """Gap records exactly where a recorder was away for too long."""
    if not allowed:
        for epoch, first, last in journal.gaps:
            yield f"gap record {epoch}:{first} to {last}, though no recorder was away for long"


def check_receipts(ledger, journal):
    """What was receipted is in the journal, where the receipt says."""
    through = max((int(line[1]) for line in ledger.of("F")), default=0)
    for _, event_id, number, _, lane, stream in ledger.of("E"):
        if stream == "many" and lane == "durable" and int(number) <= through and \
                event_id not in journal.by_id:
            yield f"{ledger.name}: event {event_id}, number {number}, is receipted and not recorded"
    for _, event_id, epoch, position, index, duplicate in ledger.of("R"):
        if event_id not in journal.by_id:
            yield f"{ledger.name}: event {event_id} has a receipt and is not recorded"
            continue
        if int(position) == 0:
            continue
        # 0: whoever knew its place was killed before it could tell.
        if int(index) not in (0, journal.by_id[event_id].index + 1):
            yield f"{ledger.name}: event {event_id}: its receipt says index {index}, it is " \
                  f"{journal.by_id[event_id].index + 1}"
        place = journal.stamped.get((int(epoch), int(position)))
        if place is None or place.event_id != event_id:
            yield f"{ledger.name}: event {event_id} is not at {epoch}:{position}, as receipted"


def check_emitter_order(ledger, journal):
    """Events of one stream and lane are in the order in which they were emitted."""
    if ledger.of("N", "reemitted"):
        return
    for lane in ("durable", "fast"):
        before, last = (0, 0), "-"
        for _, event_id, number, _, of_lane, stream in ledger.of("E"):
            record = journal.by_id.get(event_id)
            if stream != "many" or of_lane != lane or record is None:
                continue
            if (record.epoch, record.position) < before:
                yield f"{ledger.name}: {lane} number {number} is recorded before {last}"
            before, last = (record.epoch, record.position), number


def check_emitter_ledger(ledger):
    """The ledger in itself: nothing was dropped from it, and it did not end before its time."""
    for stream in ("many", "own"):
        numbers = [int(line[2]) for line in ledger.of("E") if line[5] == stream]
        if numbers != list(range(1, len(numbers) + 1)):
            yield f"{ledger.name}: numbers of the stream {stream} are not 1, 2, 3, …"
    for event_id in twice(line[1] for line in ledger.of("E")):
        yield f"{ledger.name}: event {event_id} was emitted twice"
    own = [line for line in ledger.lines if line[0] == "R" or line[0] == "E" and line[5] == "own"]
    for one, other in zip(own, own[1:]):
        if one[0] == other[0] or other[0] == "R" and one[1] != other[1]:
            yield f"{ledger.name}: {' '.join(other)} follows {' '.join(one)}"
    for line in ledger.of("X"):
        yield f"{ledger.name}: {' '.join(line[1:])}"
    for kind in ("refused", "unsent", "malformed"):
        for line in ledger.of("N", kind):
            yield f"{ledger.name}: {' '.join(line[1:])}"
    many = [int(line[2]) for line in ledger.of("E") if line[5] == "many"]
    flushed = [int(line[1]) for line in ledger.of("F")]
    if ledger.is_ended and (max(many, default=0) != max(flushed, default=0)):
        yield f"{ledger.name}: ended with {max(many, default=0)} emitted and " \
              f"{max(flushed, default=0)} flushed"


def check_strangers(emitters, journal):
    """Nothing is recorded that nobody emitted. Who is killed may not have written its last one."""
    known = {line[1] for ledger in emitters for line in ledger.of("E")}
    unknown = [r for r in journal.events if r.event_id not in known]
    killed = sum(not ledger.is_ended for ledger in emitters)
    if len(unknown) > killed:
        yield f"{len(unknown)} recorded events that nobody emitted, with {killed} emitters " \
              f"killed: {unknown[0].event_id} and others"


def wanted_of(ledger, journal):
    """The recorded events that a subscriber must have seen: of one that came late from the first one
    it saw, of one that was killed up to the last."""
    matches = matcher(ledger.promise[2])
    places = [(int(line[1]), int(line[2])) for line in ledger.of("S")]
    first, last = (0, 0), (2 ** 64, 0)
    if ledger.name.startswith("late-"):
        first = min(places, default=last)
    if not ledger.is_ended:
        last = max(places, default=first)
    return [r for r in journal.events if matches(r.type) and first <= (r.epoch, r.position) <= last]


def check_sequences(ledger):
    """Nothing twice; epochs only grow; of each type the sequence too."""
    last, epoch, matches = {}, 0, matcher(ledger.promise[2])
    for line in ledger.of("S"):
        of_epoch, type_seq, name = int(line[1]), int(line[3]), line[5]
        if not matches(name):
            yield f"{ledger.name}: {name} does not match"
        if of_epoch < epoch:
            yield f"{ledger.name}: event {line[4]} of epoch {of_epoch} after epoch {epoch}"
        if (of_epoch, type_seq) <= last.get(name, (0, 0)):
            yield f"{ledger.name}: {name} {of_epoch}/{type_seq} after {last[name]}"
        epoch = of_epoch
        last[name] = (of_epoch, type_seq)


def told_gaps(ledger):
    """(epoch, type) -> ranges of type sequences that were told to be lost."""
    told = collections.defaultdict(list)
    for line in ledger.of("N"):
        if line[1] in ("gap", "overflow"):
            told[int(line[6]), line[2]].append((int(line[3]), int(line[4])))
    return told


def last_seen(ledger):
    """epoch -> type -> the last sequence seen or told."""
    seen = collections.defaultdict(lambda: collections.defaultdict(int))
    for line in ledger.of("S"):
        seen[int(line[1])][line[5]] = int(line[3])
    return seen


def check_told(ledger, journal):
    """What was not seen was told: as a gap, or as what an epoch may have had after the last seen."""
    yield from check_sequences(ledger)
    places = {(int(line[1]), int(line[2])) for line in ledger.of("S")}
    changed = {int(line[7]) for line in ledger.of("N", "epoch_changed")}
    changed |= {epoch for epoch in journal.ends if any(e > epoch for e, _ in places)}
    told, seen = told_gaps(ledger), last_seen(ledger)
    for record in wanted_of(ledger, journal):
        if (record.epoch, record.position) in places:
            continue
        if any(first <= record.type_seq <= last for first, last in told[record.epoch, record.type]):
            continue
        if record.epoch in changed and record.type_seq > seen[record.epoch][record.type]:
            continue
        yield f"{ledger.name}: {record.type} {record.epoch}/{record.type_seq} at position " \
              f"{record.position} was neither seen nor told"


def check_all_seen(ledger, journal):
    """Every recorded event once; unrecorded ones only where that was told.

    A caller's own retry with the same id has another number. To who listens live it is another event,
    to the record a repeat; what the library sends again keeps its number.
    """
    seen = set()
    for line in ledger.of("S"):
        if (line[4], line[6]) in seen:
            yield f"{ledger.name}: event {line[4]}, number {line[6]}, was seen twice"
        seen.add((line[4], line[6]))
    seen = {event_id for event_id, _ in seen}
    for record in wanted_of(ledger, journal):
        if record.event_id not in seen:
            yield f"{ledger.name}: event {record.event_id} of {record.epoch}:{record.position} " \
                  "was not seen"
    ends = {int(line[1]): int(line[5]) for line in ledger.of("C") if line[7] != "0"}
    for line in ledger.of("S"):
        epoch, position = int(line[1]), int(line[2])
        if line[4] not in journal.by_id and not position > ends.get(epoch, 2 ** 64):
            yield f"{ledger.name}: event {line[4]} of {epoch}:{position} was seen, is not " \
                  "recorded, and that was not told"


def check_told_gaps(ledger, journal):
    """The gaps told are those of the record; nothing else was lost."""
    for _, kind, _, epoch, first, last in ledger.of("G"):
        if kind != "unrecorded":
            yield f"{ledger.name}: {kind} {epoch}: {first} to {last}, though there is a recorder"
        elif not any(e == int(epoch) and a <= int(first) and int(last) <= b
                     for e, a, b in journal.gaps):
            yield f"{ledger.name}: told of a gap {epoch}: {first} to {last} that is none"
    for line in ledger.of("N", "malformed"):
        yield f"{ledger.name}: {' '.join(line[1:])}"


def check_exact(ledger, journal):
    """Exactly the journal, in its order."""
    seen = [line[4] for line in ledger.of("S")]
    wanted = [r.event_id for r in wanted_of(ledger, journal)]
    if seen == wanted:
        return
    for place, (one, other) in enumerate(zip(seen, wanted)):
        if one != other:
            yield f"{ledger.name}: saw {one} as number {place}, the journal has {other}"
            return
    yield f"{ledger.name}: saw {len(seen)} events, the journal has {len(wanted)}"


def check_subscriber(ledger, journal):
    if not ledger.of("B"):
        return
    kind = ledger.promise[1]
    if kind == "told":
        yield from check_told(ledger, journal)
        return
    yield from check_sequences(ledger)
    yield from check_told_gaps(ledger, journal)
    if kind == "recorded":
        yield from check_exact(ledger, journal)
    else:
        yield from check_all_seen(ledger, journal)


def check_emitter(ledger, journal):
    yield from check_emitter_ledger(ledger)
    yield from check_receipts(ledger, journal)
    yield from check_emitter_order(ledger, journal)


def check_all(ledgers, journal, gaps_allowed=False):
    """All violations, in any order."""
    yield from check_places(journal)
    yield from check_once(journal)
    yield from check_gaps(journal, gaps_allowed)
    emitters = [ledger for ledger in ledgers if ledger.promise[0] == "emitter"]
    yield from check_strangers(emitters, journal)
    for ledger in ledgers:
        if ledger in emitters:
            yield from check_emitter(ledger, journal)
        else:
            yield from check_subscriber(ledger, journal)
