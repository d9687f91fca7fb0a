#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Verifies what tests/oracle/tlog_journal.c made, with hashlib and openssl, from the specifications.

usage: tlog_verify.py DIRECTORY

Signatures are checked by the openssl program, one process each: of sizes above 40 every 25th.
"""
import base64
import hashlib
import pathlib
import struct
import subprocess
import sys
import tempfile

EVERY_SIGNATURE = 40
SPKI = bytes.fromhex("302a300506032b6570032100")  # what DER puts before an Ed25519 public key
PEM = "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n"


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def leaf_hash(leaf):
    return sha256(b"\x00", leaf)


def node_hash(left, right):
    return sha256(b"\x01", left, right)


def require(holds, what):
    if not holds:
        sys.exit(f"tlog_verify.py: {what}")


class Key:
    """A verifier key: NAME+ID+BASE64."""

    def __init__(self, text, directory):
        self.name, key_id, encoded = text.strip().split("+", 2)
        decoded = base64.b64decode(encoded, validate=True)
        require(decoded[0] == 1 and len(decoded) == 33, "not an Ed25519 key")
        self.key_id = bytes.fromhex(key_id)
        require(sha256(self.name.encode(), b"\n", decoded)[:4] == self.key_id, "key id")
        self.file = directory / "key.pem"
        self.file.write_text(PEM.format(base64.b64encode(SPKI + decoded[1:]).decode()))
        self.directory = directory
        self.checked = 0

    def check(self, text, signature):
        message, sealed = self.directory / "text", self.directory / "signature"
        message.write_bytes(text)
        sealed.write_bytes(signature)
        subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", self.file, "-rawin",
                        "-in", message, "-sigfile", sealed], check=True, stdout=subprocess.DEVNULL)
        self.checked += 1


def open_checkpoint(note, key, always=False):
    text, signatures = note[:note.rindex(b"\n\n") + 1], note[note.rindex(b"\n\n") + 2:]
    origin, size, root, end = text.decode().split("\n")
    require(origin == key.name and end == "" and str(int(size)) == size, f"checkpoint {text!r}")
    found = False
    for line in signatures.decode().splitlines():
        dash, name, encoded = line.split(" ")
        blob = base64.b64decode(encoded, validate=True)
        if dash == "\u2014" and name == key.name and blob[:4] == key.key_id:
            found = len(blob) == 68
            if always or int(size) <= EVERY_SIGNATURE or int(size) % 25 == 0:
                key.check(text, blob[4:])
    require(found, "no signature of the key")
    return int(size), base64.b64decode(root, validate=True)


def each(path):
    """(word, numbers, bytes) of a file of lines that say how many bytes follow."""
    with open(path, "rb") as file:
        while line := file.readline():
            word, *numbers = line.split()
            *numbers, size = map(int, numbers)
            yield word.decode(), numbers, file.read(size)


def tile_path(number):
    groups = [f"{number % 1000:03d}"]
    while number >= 1000:
        number //= 1000
        groups.append(f"x{number % 1000:03d}")
    return "/".join(reversed(groups))


def read_tile(export, level, number, size):
    """A tile's bytes, and its width; None where the tree has none."""
    width = min(256, (size >> 8 * max(0, level if isinstance(level, int) else 0)) - 256 * number)
    if width <= 0:
        return None, 0
    partial = "" if width == 256 else f".p/{width}"
    return (export / "tile" / str(level) / (tile_path(number) + partial)).read_bytes(), width


def entries(export, size):
    leaves = []
    for number in range((size + 255) // 256):
        data, width = read_tile(export, "entries", number, size)
        at = 0
        for _ in range(width):
            (length,) = struct.unpack_from(">H", data, at)
            leaves.append(data[at + 2:at + 2 + length])
            at += 2 + length
        require(at == len(data), f"entries {number}: {len(data) - at} bytes too many")
    return leaves


def check_tiles(export, leaves):
    """Each hash of each tile is the one that the entries give."""
    row = [leaf_hash(leaf) for leaf in leaves]
    level = files = 0
    while row:
        for number in range((len(row) + 255) // 256):
            data, _ = read_tile(export, level, number, len(leaves))
            require(data == b"".join(row[256 * number:256 * (number + 1)]),
                    f"{export.name}: tile {level}/{number}")
            files += 1
        row = [root(row[256 * n:256 * (n + 1)]) for n in range(len(row) // 256)]
        level += 1
    found = sum(1 for path in (export / "tile").rglob("*")
                if path.is_file() and "entries" not in path.parts)
    require(found == files, f"{export.name}: {found} tiles, {files} expected")


def root(hashes):
    """The naive root: RFC 6962's definition, by halves."""
    if not hashes:
        return sha256()
    if len(hashes) == 1:
        return hashes[0]
    half = 1 << (len(hashes) - 1).bit_length() - 1
    return node_hash(root(hashes[:half]), root(hashes[half:]))


def check_inclusion(proof, index, size, leaf, expected):
    node, last, result = index, size - 1, leaf_hash(leaf)
    for sibling in proof:
        require(last > 0, "proof too long")
        if node & 1 or node == last:
            result = node_hash(sibling, result)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        node, last = node >> 1, last >> 1
    require(last == 0 and result == expected, f"record {index} in {size}")


def check_consistency(proof, old, old_root, size, expected):
    if old == size:
        require(not proof and old_root == expected, f"{old} in {size}")
        return
    proof = ([old_root] if old & (old - 1) == 0 else []) + proof
    node, last = old - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    first = second = proof[0]
    for sibling in proof[1:]:
        require(last > 0, "proof too long")
        if node & 1 or node == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        node, last = node >> 1, last >> 1
    require(last == 0 and first == old_root and second == expected, f"{old} in {size}")


def check_proof_file(text, index, size, leaf, checkpoints, key):
    head, note = text.split(b"\n\n", 1)
    magic, extra, place, *hashes = head.decode().split("\n")
    require(magic == "c2sp.org/tlog-proof@v1" and place == f"index {index}", f"proof {head!r}")
    require(base64.b64decode(extra.removeprefix("extra "), validate=True) == leaf,
            f"the leaf of {index}")
    require(note == checkpoints[size][1], f"the checkpoint of {size}")
    check_inclusion([base64.b64decode(h, validate=True) for h in hashes], index, size, leaf,
                    checkpoints[size][0])


def main(directory, scratch):
    key = Key((directory / "vkey").read_text(), scratch)
    checkpoints = {}
    for _, (size,), note in each(directory / "notes"):
        said, value = open_checkpoint(note, key)
        require(said == size, f"checkpoint of {size}")
        checkpoints[size] = value, note
    leaves = []
    exports = sorted(directory.glob("tiles-*"))
    for export in exports:
        size, value = open_checkpoint((export / "checkpoint").read_bytes(), key, always=True)
        found = entries(export, size)
        check_tiles(export, found)
        require(value == root([leaf_hash(leaf) for leaf in found]), f"{export.name}: its root")
        leaves = max(leaves, found, key=len)
    hashes = [leaf_hash(leaf) for leaf in leaves]
    for size, (value, _) in checkpoints.items():
        require(value == root(hashes[:size]), f"root of {size}")
    counts = {"record": 0, "tree": 0}
    for word, (first, size), data in each(directory / "proofs"):
        counts[word] += 1
        if word == "record":
            check_proof_file(data, first, size, leaves[first], checkpoints, key)
        else:
            check_consistency([data[i:i + 32] for i in range(0, len(data), 32)], first,
                              checkpoints[first][0], size, checkpoints[size][0])
    print(f"Python and openssl: {len(checkpoints)} checkpoints ({key.checked} signatures), "
          f"{counts['record']} proofs of records, {counts['tree']} of consistency, "
          f"{len(exports)} exports with {len(leaves)} entries: all hold")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as temporary:
        main(pathlib.Path(sys.argv[1]), pathlib.Path(temporary))
