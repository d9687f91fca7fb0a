# SPDX-License-Identifier: MIT
"""A mirror that is there from the start writes the same leaves as its primary, one by one."""
import concurrent.futures

from counted import FAST, counted
from harness import BIN, QUICK, Scenario, equal, wait_until
from record import records, start_broker_and_recorder, start_recorder, verify

COUNT = 500 if QUICK else 5000
EVENT_ID = "019a0000-1111-7222-8333-444444444444"


def leaves(data):
    return [record.leaf() for record in records(data)]


with Scenario() as s:
    first, second = s.directory / "first", s.directory / "second"
    start_broker_and_recorder(s, first)
    start_recorder(s, second, "--mirror", "--segment-size", "200000")
    # A second primary is not wanted.
    s.start("oyez-recorder", BIN / "oyez-recorder", "--data", s.directory / "third").ends_with(4)

    def emit_file(number):
        lines = (counted(n, ("tool.invoked", FAST)[n % 2], file=number) for n in range(COUNT))
        s.oyez("emit", "--from", s.write_jsonl(f"load-{number}.jsonl", lines), "--level",
               "recorded", "--timeout", "60000")

    with concurrent.futures.ThreadPoolExecutor(3) as three:
        list(three.map(emit_file, range(3)))
    for details in ({}, {}, {"locale": "de"}):
        s.emit("session.created", details, "--event-id", EVENT_ID, "--level", "recorded")

    primary = leaves(first)
    equal(len(primary), 3 * COUNT + 3 + 2, "records of the primary: events and two catalogs")
    wait_until(lambda: len(leaves(second)) >= len(primary), "the mirror has as many")
    mirrored = leaves(second)
    for index, (one, other) in enumerate(zip(primary, mirrored)):
        equal(other.hex(), one.hex(), f"leaf {index}")
    equal(len(mirrored), len(primary), "leaves")
    verify(s, first)
    verify(s, second)
    equal(len(list(second.glob("*.seg"))) > 1, True, "where the files end makes no difference")
