# SPDX-License-Identifier: MIT
"""The checker's own test: one line of a good ledger or journal is dropped, doubled or swapped, and
the checker must say so."""
import checker
from ledgers import EVENT_KINDS, Ledger

NEAR, TRIES, FIRST_LINES = 1000, 200, 20


def drop(lines, at):
    return lines[:at] + lines[at + 1:]


def double(lines, at):
    return lines[:at + 1] + lines[at:]


def swap(lines, at, other):
    changed = list(lines)
    changed[at], changed[other] = lines[other], lines[at]
    return changed


def next_like(lines, at, *columns):
    """The next line that is equal in these columns, not too far away."""
    for other in range(at + 1, min(len(lines), at + NEAR)):
        if len(lines[other]) == len(lines[at]) and \
                all(lines[at][c] == lines[other][c] for c in columns):
            return other
    return None


def other_line(ledger, journal, at):
    """Where the line stands with which this one may be swapped; None: it is none to be spoiled.

    Of a subscriber only events are, that are recorded where they were seen, with another one of type
    and epoch behind: the loss of the last one of an epoch may be told as possible. And seen only once:
    who listens live sees the repeats of an event whose id its emitter gave.
    """
    line = ledger.lines[at]
    if line[0] == "E":
        return next_like(ledger.lines, at, 0, 5)
    if line[0] != "S":
        return None
    if sum(other[0] == "S" and other[4] == line[4] for other in ledger.lines) > 1:
        return None
    record = journal.by_id.get(line[4])
    if record is None or (record.epoch, record.position) != (int(line[1]), int(line[2])):
        return None
    return next_like(ledger.lines, at, 0, 1, 5)


def pick(random, ledger, journal):
    """Two lines of the middle: the first ones may be where a late subscriber began."""
    for _ in range(TRIES):
        if len(ledger.lines) > FIRST_LINES:
            at = random.randrange(FIRST_LINES, len(ledger.lines))
            other = other_line(ledger, journal, at)
            if other is not None:
                return at, other
    return None


def mutate_ledger(ledger, journal, random):
    """(what was done, the lines) or None where the ledger is too short."""
    lines = ledger.lines
    picked = pick(random, ledger, journal)
    if picked is None:
        return None
    at, other = picked
    kind = random.choice(("drop", "double", "swap"))
    if kind == "drop":
        return f"{kind} {lines[at]}", drop(lines, at)
    if kind == "double":
        return f"{kind} {lines[at]}", double(lines, at)
    return f"{kind} {lines[at]} {lines[other]}", swap(lines, at, other)


def mutate_journal(journal, random):
    places = [i for i, r in enumerate(journal.records) if r.kind in EVENT_KINDS]
    at = random.choice(places[:-1])
    kind = random.choice(("drop", "double"))
    records = drop(journal.records, at) if kind == "drop" else double(journal.records, at)
    return f"{kind} record {journal.records[at].index}", checker.Journal(records)


def unseen_mutations(ledgers, journal, random, count):
    """What the checker does not find, of so many mutations of each ledger and of the journal."""
    done, unseen = 0, []
    for ledger in ledgers:
        for _ in range(count):
            mutation = mutate_ledger(ledger, journal, random)
            if mutation is None:
                break
            what, lines = mutation
            changed = Ledger(ledger.name, lines)
            check = checker.check_emitter if ledger.promise[0] == "emitter" else \
                checker.check_subscriber
            done += 1
            if next(check(changed, journal), None) is None:
                unseen.append(f"{ledger.name}: {what}")
    for _ in range(count):
        what, changed = mutate_journal(journal, random)
        done += 1
        if next(checker.check_places(changed), None) is None:
            unseen.append(what)
    return done, unseen
