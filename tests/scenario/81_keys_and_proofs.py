# SPDX-License-Identifier: MIT
"""An event is proven by a file, the key and its bytes alone; the key is rotated while the recorder
writes, and what the old key signed goes on to be proven by it."""
import json
import os
import socket
import stat

from counted import counted_details
from harness import Scenario, equal
from record import copy_of, receipt, start_server, verify


def emit(s, number, level="checkpointed"):
    return receipt(s.emit("tool.invoked", counted_details(number), "--level", level, "--json"))


def ask_admin(data, line):
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(str(data / "admin"))
        one.sendall(line.encode() + b"\n")
        return json.loads(one.makefile().readline())


with Scenario() as s:
    data = s.directory / "data"
    key = s.directory / "journal.key"
    server = start_server(s, data, "tcp://127.0.0.1:*", "--key", key, "--origin", "example.org/log")
    equal(stat.S_IMODE(os.stat(key).st_mode), 0o600, "mode of the key")
    equal(stat.S_IMODE(os.stat(data / "admin").st_mode), 0o600, "mode of the socket")
    vkey = s.oyez("key", "show", "--key", key).stdout().strip()
    equal(vkey.startswith("example.org/log+"), True, vkey)

    # A proof, by the server and by the directory.
    first = emit(s, 1)
    emit(s, 2)
    raw, proof = s.directory / "event.raw", s.directory / "event.tlog-proof"
    raw.write_bytes(s.oyez("get", first["event_id"], "--raw").out.read_bytes())
    proof.write_text(s.oyez("prove", first["event_id"]).stdout())
    told = s.oyez("verify", proof, "--key", vkey, "--event", raw).stdout()
    equal("proven" in told and "to the byte" in told, True, told)
    by_directory = s.oyez("prove", first["event_id"], "--dir", data).stdout()
    (s.directory / "other.tlog-proof").write_text(by_directory)
    s.oyez("verify", s.directory / "other.tlog-proof", "--key", vkey, "--event", raw)
    s.oyez("prove", "019a0000-1111-7222-8333-444444444444", expect=1)
    s.oyez("verify", proof, expect=2)

    # What is another event, another leaf, another place or another key is not proven.
    (s.directory / "other.raw").write_bytes(
        s.oyez("get", emit(s, 3)["event_id"], "--raw").out.read_bytes())
    for change in ("event", "leaf", "index", "key"):
        text, event, with_key = proof.read_text(), raw, vkey
        if change == "event":
            event = s.directory / "other.raw"
        elif change == "leaf":
            at = text.index("extra ") + 40
            text = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1:]
        elif change == "index":
            text = text.replace("index 1\n", "index 0\n")
        else:
            with_key = s.oyez("key", "new", "--key", s.directory / "another.key", "--origin",
                              "example.org/log").stdout().strip()
        changed = s.directory / "changed.tlog-proof"
        changed.write_text(text)
        told = s.oyez("verify", changed, "--key", with_key, "--event", event, expect=1).stdout()
        equal("not proven" in told, True, f"{change}: {told}")

    # The key is rotated while events come in; a checkpoint of before still holds.
    old = s.directory / "old.checkpoint"
    old.write_text(s.oyez("checkpoint").stdout())
    coming = [s.start_oyez("emit", "tool.invoked", json.dumps(counted_details(n)), "--level",
                           "recorded") for n in range(10, 16)]
    new_vkey = s.oyez("key", "rotate", "--dir", data).stdout().strip()
    for process in coming:
        process.ends_with(0)
    equal(s.oyez("key", "show", "--key", key).stdout().strip(), new_vkey, "the key that is shown")
    equal(new_vkey != vkey, True, "another key")
    last = emit(s, 20)
    proof.write_text(s.oyez("prove", last["event_id"]).stdout())
    s.oyez("verify", proof, "--key", new_vkey)
    s.oyez("verify", proof, "--key", vkey, expect=1)
    for known in (vkey, new_vkey):
        told = s.oyez("verify", data, "--key", known, "--checkpoint", old, "--json")
        verdict = json.loads(told.stdout().splitlines()[-1])
        equal((verdict["good"], verdict["tier"], verdict["key_rotations"]), (True, "evident", 1),
              told.stdout())

    equal("error" in ask_admin(data, "erase-everything"), True, "an unknown request")
    equal(s.oyez("repair", data, "--cut-tail", expect=5).stderr() != "", True, "it is being written")

    # Two journals of one stream, and where they part.
    copy = copy_of(data, "copy")
    emit(s, 30)
    equal(server.stop(), 0, "exit status of the server")
    equal((data / "admin").exists(), False, "the socket is gone")
    told = s.oyez("verify", data, "--key", vkey, "--compare", copy, expect=1).stdout()
    equal("the second ends here, the other goes on" in told, True, told)
    told = s.oyez("verify", data, "--key", vkey, "--compare", data).stdout()
    equal("the same root" in told, True, told)
    verify(s, data)

    # Without a recorder the key is rotated on the directory.
    third = s.oyez("key", "rotate", "--dir", data, "--key", key).stdout().strip()
    told = s.oyez("verify", data, "--key", vkey, "--json").stdout()
    equal(json.loads(told.splitlines()[-1])["key_rotations"], 2, told)
    s.oyez("verify", data, "--key", third)

    # Hash files are no record: told, and made again.
    (data / "hash.L0").write_bytes(b"\0" * 64 + (data / "hash.L0").read_bytes()[64:])
    told = verify(s, data).stdout()
    equal("hash.L0: offset 0, record 0: notice: 2 hashes are not those" in told, True, told)
    s.oyez("repair", data, "--rebuild-hashes", "--key", key)
    equal((data / "hash.L0.damaged").exists(), True, "what was there was moved aside")
    equal("notice" in verify(s, data).stdout(), False, "nothing to be told any more")

    # Checkpoints that were lost are not passed over, and what is left of them is kept.
    cut = copy_of(data, "cut")
    history = (cut / "checkpoints").read_bytes()
    (cut / "checkpoints").write_bytes(history[:len(history) // 2])
    told = s.oyez("repair", cut, expect=1).stdout()
    equal(("the history was cut" in told, "--rebuild-checkpoints" in told, "--accept-loss" in told),
          (True, True, False), told)
    refused = s.oyez("repair", cut, "--cut-tail", "--key", key, expect=5).stderr()
    equal("checkpoints: offset " in refused and "`oyez repair`" in refused, True, refused)
    told = s.oyez("repair", cut, "--rebuild-checkpoints").stdout()
    equal("checkpoints are in the new history" in told, True, told)
    equal((cut / "checkpoints.damaged").read_bytes(), history[:len(history) // 2], "moved aside")
    s.oyez("repair", cut, "--cut-tail", "--key", key)
    equal("nothing to repair" in s.oyez("repair", cut).stdout(), True, "mended")

    # A loss is accepted loudly, and is seen by who holds a checkpoint.
    told = s.oyez("repair", data, "--accept-loss-after", "2", "--key", key).stdout()
    equal("LOST" in told and "under\nanother name" in told, True, told)
    equal((key.exists(), (s.directory / "journal.key.damaged").exists()), (False, True), "keys")
    equal(any(data.glob("*.seg.damaged")), True, "the records are still there")
    verify(s, data)
    told = s.oyez("verify", data, "--checkpoint", old, expect=1).stdout()
    equal("the journal was rebuilt or cut" in told, True, told)
    server = start_server(s, data)
    emit(s, 40)
    server.stop()
    verify(s, data)
