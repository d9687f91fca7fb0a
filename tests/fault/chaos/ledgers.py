# SPDX-License-Identifier: MIT
"""What the processes of the chaos tests wrote down, and what the journal has, made ready to be held
against each other."""
import collections
import functools
import pathlib
import re
import struct

EVENT_KINDS, REPEAT_KINDS, GAP, EPOCH_END = (1, 2), (3, 4), 5, 6
COMMIT, CLOSE, SEAL = 64, 65, 66
FLAG_FAST, FLAG_CONFLICT = 1, 2

Record = collections.namedtuple(
    "Record", "index kind epoch position flags emitter number type_seq event_id type last next")


class Ledger:
    """The complete lines of one process, split into words."""

    def __init__(self, name, lines):
        self.name = name
        self.lines = lines

    @classmethod
    def read(cls, path):
        text = path.read_text(encoding="ascii")
        return cls(path.stem, [line.split() for line in text.split("\n")[:-1]])

    def of(self, *words):
        return [line for line in self.lines if tuple(line[:len(words)]) == words]

    @property
    def is_ended(self):
        return bool(self.lines) and self.lines[-1] == ["END"]

    @property
    def promise(self):
        """(emitter | subscriber, name or kind, patterns)"""
        line = self.of("P")[0]
        return line[1], line[2], line[3:]


def read_ledgers(directory):
    found = [Ledger.read(path) for path in sorted(pathlib.Path(directory).glob("*.ledger"))]
    return [ledger for ledger in found if ledger.of("P")]


def event_type(header, at):
    """The type stands behind the id in a header."""
    if header[at] != 0x12:
        return "?"
    return header[at + 2:at + 2 + header[at + 1]].decode("ascii", "replace")


def make_record(data, at):
    """A frame of docs/journal.md; its checksums are for `oyez verify` to judge."""
    index, = struct.unpack_from("<Q", data, at + 16)
    kind = data[at + 25]
    epoch, position = struct.unpack_from("<QQ", data, at + 26)
    flags, number, type_seq, emitter, event_id, name, last, following = 0, 0, 0, b"", "", "", 0, 0
    if kind in EVENT_KINDS + REPEAT_KINDS:
        emitter, flags = data[at + 50:at + 66], data[at + 66]
        number, type_seq = struct.unpack_from("<QQ", data, at + 67)
        place, = struct.unpack_from("<H", data, at + 86)
        start = at + 96 + place + (8 if kind == 3 else 0)
        event_id = data[start:start + 16].hex()
        name = event_type(data, start + 16)
        if kind == 3:
            last, = struct.unpack_from("<Q", data, at + 96)
    elif kind in (GAP, EPOCH_END):
        last, = struct.unpack_from("<Q", data, at + 96)
        if kind == EPOCH_END:
            following, = struct.unpack_from("<Q", data, at + 104)
    return Record(index, kind, epoch, position, flags, emitter, number, type_seq, event_id, name,
                  last, following)


def read_segment(path):
    """The records up to the last commit."""
    data = path.read_bytes()
    committed, group, at = [], [], 64
    while at + 32 <= len(data):
        size, = struct.unpack_from("<I", data, at)
        if size == 0 or at + size > len(data):
            break
        if data[at + 25] in (COMMIT, CLOSE, SEAL):
            committed += group
            group = []
        else:
            group.append(make_record(data, at))
        at += size
    return committed


def read_journal(directory):
    segments = sorted(pathlib.Path(directory).glob("*.seg"))
    return [record for path in segments for record in read_segment(path)]


def matcher(patterns):
    """Whether any of the globs matches a type."""
    parts = ["".join(".*" if c == "*" else re.escape(c) for c in glob) for glob in patterns]
    compiled = re.compile("|".join(f"(?:{part})" for part in parts))
    return functools.lru_cache(lambda name: compiled.fullmatch(name) is not None)
