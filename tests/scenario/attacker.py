# SPDX-License-Identifier: MIT
"""Somebody who can write all files of a journal and knows the format by heart: checksums, chains
and marks are made again after each change; signatures with whatever key there is."""
import base64
import hashlib
import pathlib
import struct
import subprocess
import tempfile

from record import journal

PKCS8 = bytes.fromhex("302e020100300506032b657004220420")
DASH = "\u2014".encode()


class Group:
    def __init__(self, records, mark):
        self.records = records  # bytearrays
        self.mark = mark


class Forged:
    """The segments of a directory, to be changed and written again as if they had always been so."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.segments = [self.load(path) for path in sorted(self.directory.glob("*.seg"))]

    @staticmethod
    def load(path):
        data = path.read_bytes()
        seed, at, groups, records = journal.u32(data, 12), 64, [], []
        while at + 8 <= len(data) and journal.u32(data, at) != 0:
            frame = journal.Frame(data, at, seed)
            if frame.kind in journal.MARK_SIZES:
                groups.append(Group(records, bytearray(frame.bytes)))
                records = []
            else:
                records.append(bytearray(frame.bytes))
            at += frame.size
        return bytearray(data[:64]), groups

    def places(self):
        """(group, number in it) of each record, in order."""
        return [(group, i) for _, groups in self.segments for group in groups
                for i in range(len(group.records))]

    def record(self, index):
        group, i = self.places()[index]
        return group.records[i]

    def events(self):
        """Indexes of ordinary events that are stored whole."""
        return [n for n, (group, i) in enumerate(self.places())
                if group.records[i][25] == 1 and group.records[i][12] == 0]

    def drop(self, index):
        group, i = self.places()[index]
        del group.records[i]

    def insert(self, index, frame):
        group, i = self.places()[index]
        group.records.insert(i, bytearray(frame))

    def append(self, frame):
        """A record behind the last one, in a group of its own, before the journal was closed."""
        commit = next(bytearray(g.mark) for _, groups in self.segments for g in groups
                      if g.mark[25] == journal.COMMIT)
        groups = self.segments[-1][1]
        groups.insert(len(groups) - 1, Group([bytearray(frame)], commit))

    def cut(self, count):
        """Only the first records stay, closed cleanly."""
        for group, i in reversed(self.places()[count:]):
            del group.records[i]
        while self.segments and not any(g.records for g in self.segments[-1][1]):
            self.segments.pop()
        header, groups = self.segments[-1]
        groups = [g for g in groups if g.records]
        close = bytearray(groups[-1].mark[:56])
        struct.pack_into("<I", close, 0, 56)
        close[25], close[26:28] = journal.CLOSE, bytes(2)
        self.segments[-1] = header, [*groups, Group([], close)]

    def renumber_positions(self):
        """Positions of each epoch without holes again."""
        epoch, position = None, 0
        for group, i in self.places():
            frame = group.records[i]
            if frame[25] > 4:
                continue
            if journal.u64(frame, 26) != epoch:
                epoch, position = journal.u64(frame, 26), 0
            position += 1
            struct.pack_into("<Q", frame, 34, position)

    def write(self):
        """Everything that a checksum or a number says, made again."""
        for path in self.directory.glob("*.seg"):
            path.unlink()
        for path in self.directory.glob("*.ids"):
            path.unlink()
        index, chain = 0, 0
        for header, groups in self.segments:
            struct.pack_into("<Q", header, 32, index)
            struct.pack_into("<I", header, 48, chain)
            seed = journal.crc32c(journal.crc32c(0, bytes(header[:12])), bytes(header[16:]))
            struct.pack_into("<I", header, 12, seed)
            name = f"{index:020}.seg"
            body, chain = bytearray(header), seed
            for group in groups:
                index, chain = self.write_group(body, group, index, chain, seed)
            (self.directory / name).write_bytes(body)

    @staticmethod
    def write_group(body, group, index, chain, seed):
        start = len(body)
        for frame in group.records:
            struct.pack_into("<Q", frame, 16, index)
            finish(frame, seed)
            chain = journal.crc32c(chain, bytes(frame[4:8]))
            body += frame
            index += 1
        mark = group.mark
        struct.pack_into("<Q", mark, 16, index)
        struct.pack_into("<IQQI", mark, 28, len(group.records), start,
                         len(body) if mark[25] != journal.COMMIT else start, chain)
        finish(mark, seed)
        body += mark
        return index, chain

    def root(self, size):
        """Of the first records."""
        leaves = []
        for group, i in self.places()[:size]:
            frame = bytearray(group.records[i])
            finish(frame, 0)
            leaves.append(journal.Frame(bytes(frame), 0, 0).leaf())
        return tree_root([hashlib.sha256(b"\0" + leaf).digest() for leaf in leaves])


def tree_root(hashes):
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    middle = 1
    while middle * 2 < len(hashes):
        middle *= 2
    return hashlib.sha256(b"\1" + tree_root(hashes[:middle]) + tree_root(hashes[middle:])).digest()


def kept_end_of(frame):
    """Where what an erasure may overwrite begins; the fields may contradict the checksums yet."""
    probe = journal.Frame.__new__(journal.Frame)
    probe.bytes, probe.size, probe.kind = bytes(frame), len(frame), frame[25]
    return probe.find_kept_end()


def finish(frame, seed):
    kept_end = kept_end_of(frame)
    head = journal.crc32c(journal.crc32c(seed, bytes(frame[:4])), bytes(frame[16:kept_end]))
    struct.pack_into("<I", frame, 4, head)
    body = journal.crc32c(journal.crc32c(seed, bytes(frame[12:16])), bytes(frame[kept_end:]))
    struct.pack_into("<I", frame, 8, body)


def commitment_of(frame):
    frame = bytearray(frame)
    finish(frame, 0)
    return journal.Frame(bytes(frame), 0, 0).commitment()


def swap_events(one, other):
    """What was recorded at two positions changes places; positions, times and numbers stay."""
    start = 83
    first, second = bytes(one[start:]), bytes(other[start:])
    for frame, rest in ((one, second), (other, first)):
        frame[start:] = rest
        struct.pack_into("<I", frame, 0, len(frame))


class Key:
    """A signing key, from its file or from nothing."""

    def __init__(self, path=None, name=None):
        if path is None:
            seed = hashlib.sha256(b"the attacker's own").digest()
            self.name = name
        else:
            _, _, self.name, _, text = pathlib.Path(path).read_text().strip().split("+", 4)
            seed = base64.b64decode(text)[1:]
        self.file = tempfile.NamedTemporaryFile(suffix=".der")
        self.file.write(PKCS8 + seed)
        self.file.flush()
        public = subprocess.run(["openssl", "pkey", "-inform", "DER", "-in", self.file.name,
                                 "-pubout", "-outform", "DER"], check=True, capture_output=True)
        self.public = public.stdout[-32:]
        self.id = hashlib.sha256(self.name.encode() + b"\n\1" + self.public).digest()[:4]

    def sign(self, text):
        """The note of a text."""
        with tempfile.NamedTemporaryFile() as message:
            message.write(text)
            message.flush()
            done = subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-keyform", "DER",
                                   "-inkey", self.file.name, "-in", message.name], check=True,
                                  capture_output=True)
        line = base64.b64encode(self.id + done.stdout)
        return text + b"\n" + DASH + b" " + self.name.encode() + b" " + line + b"\n"


class History:
    """The file of all checkpoints."""

    def __init__(self, directory):
        self.path = pathlib.Path(directory) / "checkpoints"
        data = self.path.read_bytes()
        self.header, self.seed, self.notes, at = data[:32], journal.u32(data, 12), [], 32
        while at < len(data):
            self.notes.append((journal.u64(data, at + 16),
                               data[at + 32:at + 32 + journal.u32(data, at + 24)]))
            at += journal.u32(data, at)

    @staticmethod
    def size_of(note):
        return int(note.split(b"\n")[1])

    def write(self):
        data = bytearray(self.header)
        for time, note in self.notes:
            size = (32 + len(note) + 7) // 8 * 8
            entry = bytearray(struct.pack("<IIQQII", size, 0, len(data), time, len(note), 0) + note)
            entry += bytes(size - len(entry))
            checksum = journal.crc32c(journal.crc32c(self.seed, bytes(entry[:4])), bytes(entry[8:]))
            struct.pack_into("<I", entry, 4, checksum)
            data += entry
        self.path.write_bytes(data)
        # What the newest says stands beside it.
        (self.path.parent / "checkpoint").write_bytes(self.notes[-1][1])

    def sign_again(self, forged, key, origin):
        """Every checkpoint, for the records as they are now."""
        notes = []
        for time, note in self.notes:
            size = self.size_of(note)
            root = base64.b64encode(forged.root(size)).decode()
            notes.append((time, key.sign(f"{origin}\n{size}\n{root}\n".encode())))
        self.notes = notes
        self.write()
