#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A reader of the journal's files, written from docs/journal.md alone.

usage: journal.py DIRECTORY    prints one line for each record up to the last commit

Ends 1 with a message at the first bytes that contradict the specification before that.
"""
import hashlib
import os
import re
import struct
import subprocess
import sys

KINDS = {1: "event", 2: "personal_event", 3: "repeat", 4: "personal_repeat", 5: "gap",
         6: "epoch_end", 16: "erased", 17: "archived", 18: "expired", 19: "key_rotated",
         20: "catalog_added", 21: "held", 22: "released"}
COMMIT, CLOSE, SEAL = 64, 65, 66
MARK_SIZES = {COMMIT: 56, CLOSE: 56, SEAL: 104}
NO_ID = 65535


class Damage(Exception):
    pass


def make_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ 0x82F63B78 if value & 1 else value >> 1
        table.append(value)
    return table


TABLE = make_table()


def crc32c(so_far, data):
    state = so_far ^ 0xFFFFFFFF
    for byte in data:
        state = state >> 8 ^ TABLE[(state ^ byte) & 0xFF]
    return state ^ 0xFFFFFFFF


def u16(data, at):
    return struct.unpack_from("<H", data, at)[0]


def u32(data, at):
    return struct.unpack_from("<I", data, at)[0]


def u64(data, at):
    return struct.unpack_from("<Q", data, at)[0]


def demand(holds, what):
    if not holds:
        raise Damage(what)


class Frame:
    """A frame whose checksums and sizes are good."""

    def __init__(self, data, at, seed):
        demand(at + 28 <= len(data), "frame ends beyond the file")
        self.size = u32(data, at)
        demand(self.size % 8 == 0 and 56 <= self.size <= 2097152, "impossible frame size")
        demand(at + self.size <= len(data), "frame ends beyond the file")
        self.bytes = data[at:at + self.size]
        self.index = u64(self.bytes, 16)
        self.kind = self.bytes[25]
        self.kept_end = self.find_kept_end()
        demand(self.kept_end <= self.size, "impossible frame size")
        head = crc32c(crc32c(seed, self.bytes[:4]), self.bytes[16:self.kept_end])
        demand(head == u32(self.bytes, 4), "head checksum does not match")
        body = crc32c(crc32c(seed, self.bytes[12:16]), self.bytes[self.kept_end:])
        demand(body == u32(self.bytes, 8), "body checksum does not match")
        demand(self.bytes[24] == 1, "unknown version")
        self.form = self.bytes[12]

    def find_kept_end(self):
        if self.kind in MARK_SIZES:
            demand(self.size == MARK_SIZES[self.kind], "impossible size of a mark")
            return self.size
        demand(1 <= self.kind <= 6 or 16 <= self.kind <= 31, "unknown kind")
        demand(self.size >= 96, "impossible frame size")
        self.format = self.bytes[83]
        self.header_size = u16(self.bytes, 84)
        self.place = u16(self.bytes, 86)
        self.salt_size = u16(self.bytes, 88)
        self.signature_size = u16(self.bytes, 90)
        self.details_size = u32(self.bytes, 92)
        return 96 + {1: self.header_size, 2: 24 + self.place, 3: 8 + self.header_size,
                     4: 32 + self.place, 5: 9, 6: 17}.get(self.kind, self.details_size)

    def kept(self):
        return self.bytes[96:self.kept_end]

    def parts(self):
        """Salt, signature, header if it is in the body, details: form 0."""
        sizes = [self.salt_size, self.signature_size, self.details_size]
        if self.kind == 2:
            sizes.insert(2, self.header_size)
        at = self.kept_end
        for size in sizes:
            yield self.bytes[at:at + size]
            at += size
        demand(not any(self.bytes[at:]), "no zeros behind the body")

    def commitment(self):
        if self.form == 1:
            demand(not any(self.bytes[self.kept_end + 32:]), "no zeros behind the commitment")
            return self.bytes[self.kept_end:self.kept_end + 32]
        demand(self.kind in (1, 2), "a repeat in form 0")
        fed = bytes([self.format])
        for part in self.parts():
            fed += struct.pack("<I", len(part)) + part
        return hashlib.sha256(fed).digest()

    def leaf(self):
        if self.kind in (1, 3):
            header = self.kept()[8 if self.kind == 3 else 0:]
            return self.bytes[24:83] + self.commitment() + header
        if self.kind in (2, 4):
            shown = self.kept()[8 if self.kind == 4 else 0:]
            return self.bytes[24:83] + shown + self.commitment()
        return self.bytes[24:50] + self.kept()

    def event_id(self):
        if self.kind in (2, 4):
            start = 0 if self.kind == 2 else 8
            return self.kept()[start:start + 16]
        if self.place == NO_ID:
            return bytes(16)
        start = self.place + (0 if self.kind == 1 else 8)
        return self.kept()[start:start + 16]

    def line(self):
        epoch, position, time = u64(self.bytes, 26), u64(self.bytes, 34), u64(self.bytes, 42)
        text = f"{self.index} {KINDS.get(self.kind, self.kind)} {epoch}:{position} {time}"
        if self.kind <= 4:
            flags = self.bytes[66]
            text += f" emitter={self.bytes[50:66].hex()} number={u64(self.bytes, 67)}"
            text += f" type_seq={u64(self.bytes, 75)} flags={flags} id={self.event_id().hex()}"
            if self.kind in (3, 4):
                text += f" first={u64(self.kept(), 0)}"
            elif self.form == 1:
                text += " erased"
            else:
                text += f" details={list(self.parts())[-1].hex()}"
        elif self.kind == 5:
            text += f" last={u64(self.kept(), 0)} why={self.kept()[8]}"
        elif self.kind == 6:
            kept = self.kept()
            text += f" highest={u64(kept, 0)} next={u64(kept, 8)} clean={kept[16]}"
        else:
            text += f" bytes={self.kept().hex()}"
        return text + f" leaf={hashlib.sha256(bytes(1) + self.leaf()).hexdigest()}"


class Segment:
    def __init__(self, name, data):
        demand(len(data) >= 64 and data[:8] == b"OYEZSEG\0", "does not begin as a segment")
        self.seed = u32(data, 12)
        demand(self.seed == crc32c(crc32c(0, data[:12]), data[16:64]), "header checksum")
        demand(u32(data, 8) == 1, "unknown format version")
        self.first = u64(data, 32)
        demand(self.first == int(os.path.basename(name)[:20]), "name and first index differ")
        self.journal_id = data[16:32]
        self.chain_before = u32(data, 48)
        self.data = data
        self.chain = self.seed
        self.next = self.first
        self.sealed = False
        self.records = []
        self.read()

    def read(self):
        """Up to the last commit; what follows it is in self.rest."""
        at = 64
        self.rest = None
        while not self.sealed:
            try:
                at = self.read_group(at)
            except Damage as damage:
                self.rest = str(damage) if any(self.data[at:]) else None
                return
        demand(not any(self.data[at:]), "bytes behind the seal")

    def read_group(self, start):
        at, chain, index, records = start, self.chain, self.next, []
        while True:
            frame = Frame(self.data, at, self.seed)
            demand(frame.index == index, "index out of order")
            if frame.kind in MARK_SIZES:
                break
            chain = crc32c(chain, frame.bytes[4:8])
            index += 1
            at += frame.size
            records.append(frame)
        demand(u32(frame.bytes, 28) == len(records) and u64(frame.bytes, 32) == start and
               u32(frame.bytes, 48) == chain, "mark does not match its group")
        self.sealed = frame.kind == SEAL
        self.chain, self.next = chain, index
        self.records += records
        return at + frame.size


def segment_names(directory):
    """Of files of their own and of archived ones; where there are both, the former."""
    names = {}
    archive = os.path.join(directory, "archive")
    for name in os.listdir(archive) if os.path.isdir(archive) else []:
        if re.fullmatch(r"\d{20}\.seg\.zst", name):
            names[name[:20]] = os.path.join("archive", name)
    for name in os.listdir(directory):
        if re.fullmatch(r"\d{20}\.seg", name):
            names[name[:20]] = name
    return [names[first] for first in sorted(names)]


def segment_bytes(path):
    if not path.endswith(".zst"):
        with open(path, "rb") as file:
            return file.read()
    unpacked = subprocess.run(["zstd", "-dc", path], capture_output=True, check=False)
    demand(unpacked.returncode == 0, unpacked.stderr.decode(errors="replace").strip())
    return unpacked.stdout


def read_directory(directory):
    names = segment_names(directory)
    before = None
    for name in names:
        try:
            segment = Segment(name, segment_bytes(os.path.join(directory, name)))
            if before is not None:
                demand(before.sealed, "the segment before it has no seal")
                demand(segment.first == before.next, "records are missing before it")
                demand(segment.chain_before == before.chain, "chain does not continue")
                demand(segment.journal_id == before.journal_id, "another journal")
        except Damage as damage:
            raise Damage(f"{name}: {damage}") from damage
        yield from segment.records
        before = segment
    if before is not None and before.rest is not None:
        print(f"{names[-1]}: not closed cleanly: {before.rest}", file=sys.stderr)


def main():
    try:
        for frame in read_directory(sys.argv[1]):
            print(frame.line())
    except Damage as damage:
        print(damage, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
