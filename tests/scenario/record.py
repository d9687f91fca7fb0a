# SPDX-License-Identifier: MIT
"""The recorded side of a scenario: journals, what is asked of them, and their bytes."""
import importlib.util
import json
import pathlib
import re
import shutil
import struct

from harness import BIN, ROOT, equal, skip, wait_until

if not (BIN / "oyez-recorder").exists():
    skip(f"{BIN / 'oyez-recorder'} is not built")

spec = importlib.util.spec_from_file_location("journal", ROOT / "tests" / "decode" / "journal.py")
journal = importlib.util.module_from_spec(spec)
spec.loader.exec_module(journal)

# Loaded before a program: tests/fault/preload. Not built where a sanitizer must be loaded first.
FAILING_DISK = BIN.parent / "tests" / "libfailing_disk.so"
KILLING_DISK = BIN.parent / "tests" / "libkilling_disk.so"

EVENTS = (1, 2)
REPEATS = (3, 4)
GAP, EPOCH_END = 5, 6
CONFLICT = 2  # of a record's flags


def start_server(s, data, listen="tcp://127.0.0.1:*", *arguments, **options):
    """`oyez serve` with a recorder, ready; the scenario's endpoint from now on."""
    server = s.start_oyez("serve", "--listen", listen, "--data", data, *arguments, **options)
    s.endpoint = s.ready_endpoint(server)
    s.environment["OYEZ_ENDPOINT"] = s.endpoint
    s.broker = server
    return server


def start_recorder(s, data, *arguments):
    """`oyez-recorder`, attached and caught up."""
    recorder = s.start("oyez-recorder", BIN / "oyez-recorder", "--data", data, *arguments)
    return when_ready(recorder)


def when_ready(recorder):
    def is_ready():
        if not recorder.is_running():
            raise AssertionError(f"{recorder.name} ended before it was ready")
        return re.search(r"^ready ", recorder.stdout(), re.M)
    wait_until(is_ready, f"{recorder.name} says ready")
    return recorder


def start_broker_and_recorder(s, data, *arguments):
    """The two as processes of their own."""
    # The broker is ready when it listens; it welcomes nobody before its recorder is there.
    broker = s.start_broker("tcp://127.0.0.1:*", "--recorder", "wait", *arguments)
    return broker, start_recorder(s, data)


def query(s, *arguments):
    """Recorded events, as `oyez query --json` prints them."""
    return s.oyez("query", "--json", *arguments).events()


def verify(s, data, expect=0):
    """`oyez verify`, to its end."""
    return s.oyez("verify", data, expect=expect)


def receipt(process):
    """What `oyez emit --json` printed."""
    return json.loads(process.stdout())


def records(data):
    """All records up to the last commit, read by the reader in Python."""
    return list(journal.read_directory(data))


def cursor(record):
    return journal.u64(record.bytes, 26), journal.u64(record.bytes, 34)


def flags(record):
    return record.bytes[66]


def gaps_among(read):
    """(first, last) missing position of each gap."""
    return [(cursor(r)[1], journal.u64(r.kept(), 0)) for r in read if r.kind == GAP]


def gaps(data):
    return gaps_among(records(data))


def last_segment(data):
    return sorted(pathlib.Path(data).glob("*.seg"))[-1]


def frames(path):
    """(offset, size, kind) of all frames of a segment, marks too, up to the zeros behind them."""
    data = path.read_bytes()
    found, at = [], 64
    while at + 8 <= len(data):
        size, = struct.unpack_from("<I", data, at)
        if size == 0 or at + size > len(data):
            break
        found.append((at, size, data[at + 25]))
        at += size
    return found


def frame_behind(path):
    """A whole record that would follow the last frame of a segment: the last record once more,
    under the next index, with checksums that are right."""
    data = path.read_bytes()
    seed, = struct.unpack_from("<I", data, 12)
    all_frames = frames(path)
    at, size, _ = [f for f in all_frames if f[2] < 64][-1]
    index = journal.u64(data, all_frames[-1][0] + 16)
    kept_end = journal.Frame(data, at, seed).kept_end
    frame = bytearray(data[at:at + size])
    struct.pack_into("<Q", frame, 16, index)
    head = journal.crc32c(journal.crc32c(seed, frame[:4]), frame[16:kept_end])
    struct.pack_into("<I", frame, 4, head)
    return bytes(frame)


def copy_of(data, name):
    """The files as a crash would leave them now."""
    copy = pathlib.Path(data).parent / name
    # A socket is no file: a crash leaves nothing of it that counts.
    shutil.copytree(data, copy, ignore=shutil.ignore_patterns("admin"))
    key = pathlib.Path(f"{data}.key")
    if key.exists():
        shutil.copy(key, f"{copy}.key")
    return copy


def check_each_once(events, event_ids, what):
    """Every id is among the events, and none of the events is there twice."""
    found = [e["event_id"] for e in events]
    equal(len(set(found)), len(found), f"{what}: events that are there twice")
    equal(set(event_ids) - set(found), set(), f"{what}: events that are missing")
