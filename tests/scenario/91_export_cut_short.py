# SPDX-License-Identifier: MIT
"""An export that is cut short leaves no half database: interrupted, on a full disk, without a server
or killed; after a kill the next one to the same file writes over what was left. Two exports to one
file do not mix, and lines that cannot be written are told."""
import os
import resource
import select
import signal
import sqlite3
import subprocess

from counted import counted
from harness import BIN, Scenario, equal, wait_until
from record import start_server

COUNT = 3000
SMALL = 64 * 1024


def files(s):
    """What there is of any export."""
    return sorted(path.name for path in s.directory.glob("*.db*"))


def start_waiting(s, server, name):
    """An export that has begun its file and waits for a server that is stopped."""
    server.send_signal(signal.SIGSTOP)
    export = s.start_oyez("export", "--format", "sqlite", "--timeout", "60000", name)
    wait_until(lambda: f"{name}.partial" in files(s), "the export has begun")
    return export


def small_files_only():
    resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, SMALL))


def is_complete(s, name):
    database = sqlite3.connect(s.directory / name)
    equal(database.execute("SELECT count(*) FROM events").fetchone()[0], COUNT, f"rows of {name}")
    equal(database.execute("PRAGMA integrity_check").fetchone()[0], "ok", f"integrity of {name}")
    database.close()
    (s.directory / name).unlink()


def interrupted(s, server):
    for number in (signal.SIGINT, signal.SIGTERM):
        export = start_waiting(s, server, "interrupted.db")
        export.send_signal(number)
        server.send_signal(signal.SIGCONT)
        export.ends_with(-number)
        equal(files(s), [], f"files after {number.name}")


def killed(s, server):
    export = start_waiting(s, server, "killed.db")
    second = s.oyez("export", "--format", "sqlite", "killed.db", expect=5)
    equal("killed.db.partial is being written by another process" in second.stderr(), True,
          second.stderr())
    export.kill()
    server.send_signal(signal.SIGCONT)
    equal(files(s), ["killed.db.partial"], "files after SIGKILL")
    (s.directory / "killed.db.partial").write_bytes(b"half of something" * 1000)
    s.oyez("export", "--format", "sqlite", "killed.db")
    equal(files(s), ["killed.db"], "files after the next one")
    is_complete(s, "killed.db")


def without_a_server(s, server):
    server.send_signal(signal.SIGSTOP)
    s.oyez("export", "--format", "sqlite", "--timeout", "100", "nobody.db", expect=3)
    server.send_signal(signal.SIGCONT)
    equal(files(s), [], "files without a server")


def another_comes_first(s, server):
    export = start_waiting(s, server, "taken.db")
    (s.directory / "taken.db").write_bytes(b"mine")
    server.send_signal(signal.SIGCONT)
    export.ends_with(5)
    equal("taken.db is there already" in export.stderr(), True, export.stderr())
    equal(files(s), ["taken.db"], "files when another came first")
    equal((s.directory / "taken.db").read_bytes(), b"mine", "the other file")
    (s.directory / "taken.db").unlink()


def full_disk(s, data):
    # The signal of the limit is ignored, so that it is an error like that of a full disk.
    full = s.start_oyez("export", "--format", "sqlite", "--dir", data, "full.db",
                        preexec_fn=small_files_only, restore_signals=False)
    full.ends_with(5)
    equal("full.db" in full.stderr(), True, full.stderr())
    equal(files(s), [], "files on a full disk")
    for form in ("jsonl", "cloudevents"):
        with open("/dev/full", "wb") as out:
            run = subprocess.run([BIN / "oyez", "export", "--format", form, "--dir", data],
                                 stdout=out, stderr=subprocess.PIPE, env=s.environment, check=False)
        equal((run.returncode, b"No space left on device" in run.stderr), (5, True),
              f"{form}: {run.stderr}")


def reader_has_seen_enough(s, data):
    with subprocess.Popen([BIN / "oyez", "export", "--dir", data], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=s.environment) as export:
        export.stdout.readline()
        export.stdout.close()
        equal(export.stderr.read(), b"", "what it says when nobody reads on")
        equal(export.wait() in (0, -signal.SIGPIPE), True, f"status {export.returncode}")


def shows_progress(s, data):
    """On a terminal, as long as it takes; the terminal is left clean."""
    ours, theirs = os.openpty()
    with subprocess.Popen([BIN / "oyez", "export", "--dir", data], stdout=subprocess.PIPE,
                          stderr=theirs, env=s.environment) as export:
        lines = 0
        # Read so slowly that it takes long: the export waits for its reader.
        while not select.select([ours], [], [], 0.001)[0]:
            lines += len(export.stdout.readline()) > 0
        lines += export.stdout.read().count(b"\n")
        equal(export.wait(), 0, "status")
    os.close(theirs)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    equal(lines, COUNT, "lines beside the bar")
    equal("] " in shown and " events" in shown and shown.endswith("\r\x1b[K"), True, repr(shown))


with Scenario() as s:
    data = s.directory / "data"
    server = start_server(s, data)
    events = (counted(n, text="x" * 200) for n in range(COUNT))
    s.oyez("emit", "--from", s.write_jsonl("events.jsonl", events), "--level", "recorded")
    interrupted(s, server)
    killed(s, server)
    without_a_server(s, server)
    another_comes_first(s, server)
    full_disk(s, data)
    reader_has_seen_enough(s, data)
    shows_progress(s, data)
