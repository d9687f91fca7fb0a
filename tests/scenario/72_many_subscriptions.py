# SPDX-License-Identifier: MIT
"""A client with many subscriptions, each to a type of its own, lives through a kill of the broker: all
of them are active again, none is deaf. The argument is their number; by default it is small."""
import collections
import sys
import time

from harness import BIN, QUICK, Scenario, equal, free_port, skip, wait_until

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 200 if QUICK else 1000

if not (BIN / "subscriptions_probe").exists():
    skip(f"{BIN / 'subscriptions_probe'} is not built")


def lines(ledger, *words):
    read = (line.split() for line in ledger.read_text().split("\n")[:-1]) if ledger.exists() else ()
    return [line for line in read if tuple(line[:len(words)]) == words]


def emit_to_each(s, name):
    events = [{"event_type": f"github.probe_{n}", "details": {"round": name}} for n in range(COUNT)]
    s.oyez("emit", "--from", s.write_jsonl(f"{name}.jsonl", events), "--timeout", "60000")


def heard(ledger):
    return collections.Counter(int(line[1]) for line in lines(ledger, "S"))


with Scenario() as s:
    listen = f"tcp://127.0.0.1:{free_port()}"
    broker = s.start_broker(listen)
    ledger = s.directory / "probe.ledger"
    probe = s.start("probe", BIN / "subscriptions_probe", listen, ledger, COUNT)
    wait_until(lambda: lines(ledger, "B"), "all subscriptions are proved active", 60)
    emit_to_each(s, "first")
    wait_until(lambda: len(heard(ledger)) == COUNT, "all hear the first round", 60)

    broker.kill()
    began = time.monotonic()
    s.start_broker(listen)
    wait_until(lambda: lines(ledger, "N", "epoch_changed"), "the client is in the new epoch", 60)
    back = time.monotonic() - began
    # What was emitted before its subscription was proved again may have been lost, and is told.
    emit_to_each(s, "second")
    wait_until(lambda: sum(heard(ledger).values()) + len(lines(ledger, "N", "gap")) >= 2 * COUNT,
               "each subscription hears the second round, or is told", 60)
    told = {line[2] for line in lines(ledger, "N", "gap")}
    emit_to_each(s, "third")
    expected = {n: 2 if f"github.probe_{n}" in told else 3 for n in range(COUNT)}
    wait_until(lambda: sum(heard(ledger).values()) >= sum(expected.values()),
               "each subscription hears the third round", 60)
    equal(dict(heard(ledger)), expected, "events heard by each subscription")
    print(f"{COUNT} subscriptions: in the new epoch after {back:.2f} s, {len(told)} told of a loss, "
          "none deaf")
