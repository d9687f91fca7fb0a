# SPDX-License-Identifier: MIT
"""`oyez reindex`, and the explanation of a query as docs/queries.md shows it."""
import json
import re

from counted import counted_details
from harness import ROOT, Scenario, equal
from record import query, start_recorder

EVENTS = 120


def record_segments(s, data):
    """Events in many small segments; each tenth is about another thing."""
    s.start_broker("tcp://127.0.0.1:*", "--recorder", "wait")
    recorder = start_recorder(s, data, "--segment-size", "4096")
    for number in range(EVENTS):
        s.emit("tool.invoked", counted_details(number), "--level", "recorded", "--correlation-id",
               "odd" if number % 10 == 3 else "even")
    return recorder


def report(s, data, *arguments, **options):
    return json.loads(s.oyez("reindex", "--dir", data, "--json", *arguments, **options).stdout())


def explained(s, *arguments):
    """Events, and what finding them took."""
    asked = s.oyez("query", "--json", "--explain", *arguments)
    return asked.events(), json.loads(asked.stderr().splitlines()[-1])


def looks_as_documented(s, data):
    """Each line has the words of the page, whatever the numbers."""
    page = (ROOT / "docs" / "queries.md").read_text()
    shown = re.search(r"^plan: .*?(?=^```)", page, re.S | re.M).group().splitlines()
    told = s.oyez("query", "--dir", data, "--where", "correlation_id=odd", "--explain").stderr()
    shape = [re.sub(r"\d+", "N", line.split("index of")[0]) for line in shown]
    equal([re.sub(r"\d+", "N", line.split("index of")[0]) for line in told.splitlines()], shape,
          "the explanation on the page")


with Scenario() as s:
    data = s.directory / "data"
    recorder = record_segments(s, data)
    made = report(s, data)
    equal(made["segments"] > 5, True, made)
    equal(made["good"] + made["written"], made["segments"], made)
    equal(report(s, data, "--check")["good"] >= made["segments"], True, "all are good")

    # By the server and by the directory, with an index and without: the same events.
    everything = query(s)
    odd = [e for e in everything if e["correlation_id"] == "odd"]
    equal(len(odd), EVENTS // 10, "events of one correlation")
    condition = ("--where", "correlation_id=odd")
    for source in ((), ("--dir", data)):
        found, took = explained(s, *source, *condition)
        equal(found, odd, "by index")
        equal(took["plan"], "correlation_id=odd", took)
        equal(took["records_read"], len(odd), took)
        equal(took["skipped_by_filter"] + took["looked_at"], took["segments"], took)
        found, took = explained(s, *source, *condition, "--no-index")
        equal(found, odd, "by reading")
        equal(took["records_read"] >= EVENTS, True, took)  # the catalogs' acts too
    looks_as_documented(s, data)

    counted = s.oyez("stats", "tool.*", "--dir", data, "--by", "domain", "--json", "--explain")
    equal(sum(json.loads(line)["count"] for line in counted.lines()), EVENTS, "a count")
    equal(json.loads(counted.stderr().splitlines()[-1])["records_read"], 0, "records to count")

    # Whatever happens to the files, and when the recorder is at rest.
    equal(recorder.stop(), 0, "exit status of the recorder")
    sealed = sorted(data.glob("*.idx"))
    sealed[0].unlink()
    sealed[1].write_bytes(sealed[1].read_bytes()[:100])
    sealed[2].write_bytes(sealed[3].read_bytes())
    again = report(s, data, "--check")
    equal((again["missing"], again["bad"], again["written"]), (1, 2, 3), again)
    equal(report(s, data, "--all")["written"], again["segments"], "all anew")
    equal(query(s, "--dir", data, *condition), odd, "with new indexes")

    segment = sorted(data.glob("*.seg"))[2]
    content = segment.read_bytes()
    segment.write_bytes(content[:1500] + bytes(100) + content[1600:])
    damaged = s.oyez("reindex", "--dir", data, "--all", "--json", expect=1)
    equal(json.loads(damaged.stdout())["unwritten"], 1, damaged.stdout())
    equal(segment.name in damaged.stderr(), True, damaged.stderr())
    s.oyez("reindex", "--dir", s.directory / "nothing", expect=5)
    s.oyez("reindex", "--some", expect=2)
