# SPDX-License-Identifier: MIT
"""Checkpoints, proofs and exported tiles of every size hold for verifiers that have nothing of ours:
Go's own packages, and hashlib with openssl. And they notice what was changed."""
import os
import random
import shutil
import subprocess

from harness import BIN, QUICK, ROOT, Scenario, skip

PACKAGES = "/usr/share/gocode"  # where Debian puts them
SIZES = ["1", "255", "256", "257"]
CHANGES = 3  # of each file, for each verifier


def build_go(s):
    if shutil.which("go") is None or not os.path.isdir(f"{PACKAGES}/src/golang.org/x/mod/sumdb"):
        skip("no go, or no golang.org/x/mod")
    program = s.directory / "tlog_verify"
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": PACKAGES, "GOFLAGS": "",
                   "GOCACHE": str(s.directory / "go-cache")}
    subprocess.run(["go", "build", "-o", program, ROOT / "tests" / "decode" / "tlog_verify.go"],
                   env=environment, check=True)
    return program


def flip_one(path, draw):
    """Flips a bit somewhere in a file and gives its bytes as they were."""
    before = path.read_bytes()
    changed = bytearray(before)
    at = draw.randrange(len(changed))
    changed[at] ^= 1 << draw.randrange(8)
    path.write_bytes(changed)
    return before, f"{path.name}, byte {at}"


def notices(verifier, made, draw):
    export = made / "tiles-257"
    files = [made / "notes", made / "proofs", export / "checkpoint", export / "tile" / "0" / "000",
             export / "tile" / "1" / "000.p" / "1", export / "tile" / "entries" / "001.p" / "1"]
    for path in files:
        for _ in range(CHANGES):
            before, what = flip_one(path, draw)
            ended = subprocess.run([*verifier, made], capture_output=True, check=False)
            path.write_bytes(before)
            assert ended.returncode != 0, f"{what}: {verifier[0]} finds nothing"


with Scenario() as s:
    verifiers = [[build_go(s)], ["/usr/bin/python3", ROOT / "tests" / "decode" / "tlog_verify.py"]]
    made = s.directory / "made"
    made.mkdir()
    # Every size from 0 to 1,025, and one that needs three levels of tiles.
    sizes = SIZES if QUICK else [*SIZES, "1025", "70000"]
    subprocess.run([BIN / "tlog_journal", made, *sizes], check=True)
    for verifier in verifiers:
        subprocess.run([*verifier, made], check=True)
    small = s.directory / "small"
    small.mkdir()
    subprocess.run([BIN / "tlog_journal", small, "257"], check=True)
    for verifier in verifiers:
        notices(verifier, small, random.Random(81))
