# SPDX-License-Identifier: MIT
"""An exported journal is a C2SP tiled log: entries, tiles and checkpoint are what the specification
says, by hashlib and openssl alone."""
import base64
import hashlib
import pathlib
import subprocess
import tempfile

from attacker import tree_root
from counted import counted
from harness import Scenario, equal
from record import records, start_server

COUNT = 600
SPKI = bytes.fromhex("302a300506032b6570032100")


def tile_name(number, width):
    groups = []
    while True:
        groups.insert(0, f"{number % 1000:03}")
        number //= 1000
        if number == 0:
            break
    path = "/".join([f"x{g}" for g in groups[:-1]] + groups[-1:])
    return path if width == 256 else f"{path}.p/{width}"


def tiles(size):
    """(number, width) of the tiles of a level with so many hashes."""
    return [(n, min(256, size - 256 * n)) for n in range((size + 255) // 256)]


def read_entries(out, size):
    found = []
    for number, width in tiles(size):
        data, at = (out / "tile" / "entries" / tile_name(number, width)).read_bytes(), 0
        while at < len(data):
            length = int.from_bytes(data[at:at + 2], "big")
            found.append(data[at + 2:at + 2 + length])
            at += 2 + length
    return found


def check_signature(note, vkey):
    text, _, signatures = note.rpartition(b"\n\n")
    text += b"\n"
    _, _, key = vkey.partition("+")[2].partition("+")
    blob = base64.b64decode(signatures.split(b" ")[2])
    with tempfile.TemporaryDirectory() as directory:
        files = [pathlib.Path(directory) / name for name in ("key.der", "text", "signature")]
        for path, data in zip(files, (SPKI + base64.b64decode(key)[1:], text, blob[4:])):
            path.write_bytes(data)
        subprocess.run(["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER",
                        "-inkey", files[0], "-in", files[1], "-sigfile", files[2]], check=True,
                       capture_output=True)


with Scenario() as s:
    data = s.directory / "data"
    server = start_server(s, data)
    lines = (counted(n, "tool.invoked") for n in range(COUNT))
    s.oyez("emit", "--from", s.write_jsonl("events.jsonl", lines), "--level", "checkpointed")
    out = s.directory / "log"
    s.oyez("export", "--format", "tlog-tiles", out, "--dir", data)
    note = (out / "checkpoint").read_bytes()
    size = int(note.split(b"\n")[1])
    equal(size >= COUNT, True, f"{size} records")
    vkey = s.oyez("key", "show", "--dir", data).stdout().strip()
    check_signature(note, vkey)

    entries = read_entries(out, size)
    equal(entries, [r.leaf() for r in records(data)][:size], "entries are the leaves")
    hashes = [hashlib.sha256(b"\0" + entry).digest() for entry in entries]
    equal(base64.b64encode(tree_root(hashes)), note.split(b"\n")[2], "root")
    level, expected = 0, {"checkpoint"}
    expected |= {f"tile/entries/{tile_name(*tile)}" for tile in tiles(size)}
    while hashes:
        for number, width in tiles(len(hashes)):
            name = f"tile/{level}/{tile_name(number, width)}"
            expected.add(name)
            equal((out / name).read_bytes(), b"".join(hashes[256 * number:256 * number + width]),
                  name)
        hashes = [tree_root(hashes[at:at + 256]) for at in range(0, len(hashes) // 256 * 256, 256)]
        level += 1
    found = {str(p.relative_to(out)) for p in out.rglob("*") if p.is_file()}
    equal(found, expected, "files")
    refused = s.oyez("export", "--format", "tlog-tiles", out, "--dir", data, expect=5)
    equal("is not empty" in refused.stderr(), True, refused.stderr())
    server.stop()
